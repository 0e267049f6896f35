"""Pictures with masks: of the world and of a user's folder."""

import numpy as np
import pytest
from PIL import Image

from seedbed import inputs
from seedbed.masked_photos import arrays_of, dilate, table_of, widened
from seedbed.storybook.inpaint_pairs import draw_pairs
from seedbed.storybook.vocabulary import OBJECTS

CSV = "pair_id,category,image,mask\n"


def test_dilation_grows_a_pixel_to_a_square():
    mask = np.zeros((9, 9), bool)
    mask[4, 4] = True
    grown = dilate(mask, 2)
    assert grown.sum() == 25 and grown[2:7, 2:7].all()
    assert dilate(mask, 0) is mask


@pytest.mark.parametrize(("side", "grown"), [(512, 6), (256, 3), (64, 1), (16, 1)])
def test_masks_grow_as_three_dilations_by_5x5_at_512(side, grown):
    mask = np.zeros((side, side), bool)
    mask[side // 2, side // 2] = True
    assert widened(mask).sum() == (2 * grown + 1) ** 2


def test_a_table_holds_what_was_put_in():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)
    masks = rng.random((3, 8, 8)) < 0.5
    back = arrays_of(table_of("abc", ["x", "y", "z"], images, masks))
    assert np.array_equal(back[0], images) and np.array_equal(back[1], masks)


class TestStorybook:
    @pytest.fixture(scope="class")
    @classmethod
    def pairs(cls):
        return draw_pairs(16, 3)

    def test_kinds_take_turns_and_a_longer_table_begins_with_a_shorter(self, pairs):
        assert pairs["category"].tolist() == [*OBJECTS, *list(OBJECTS)[:2]]
        assert pairs["pair_id"].is_unique
        assert draw_pairs(3, 3).equals(pairs[:3])
        assert not draw_pairs(3, 4)["image"].equals(pairs["image"][:3])

    def test_nothing_of_the_object_is_left_outside_its_mask(self, pairs):
        """Filled with its surroundings, the picture is quiet: no outline runs around the mask."""
        images, masks = arrays_of(pairs)
        for image, mask in zip(images, masks, strict=True):
            assert 0.02 <= mask.mean() < 0.8
            ring = dilate(mask, 1) & ~mask
            inner = mask & ~dilate(~mask, 2)
            # The ring shows the background, which the object differs from.
            gap = np.abs(image[inner].astype(int).mean(0) - image[ring].astype(int).mean(0)).max()
            assert gap > 8


class TestFolder:
    @pytest.fixture
    def folder(self, tmp_path):
        rng = np.random.default_rng(0)
        Image.fromarray(rng.integers(0, 256, (40, 60, 3), dtype=np.uint8)).save(tmp_path / "a.png")
        mask = np.zeros((40, 60), np.uint8)
        mask[10:20, 20:40] = 255
        Image.fromarray(mask).save(tmp_path / "m.png")
        (tmp_path / "pairs.csv").write_text(CSV + "one,boat,a.png,m.png\n")
        return tmp_path

    def made(self, folder, side=20):
        return inputs.make("pairs", {"kind": "folder", "path": str(folder), "side": side}, "mine")

    def test_pictures_are_cut_square_and_masks_widened(self, folder):
        pairs = self.made(folder)
        assert pairs[["pair_id", "category"]].values.tolist() == [["one", "boat"]]
        images, masks = arrays_of(pairs)
        assert images.shape == (1, 20, 20, 3)
        # Rows 5..9 and columns 5..14 of the middle square at half size, and one pixel around.
        wanted = np.zeros((20, 20), bool)
        wanted[4:11, 4:16] = True
        assert np.array_equal(masks[0], wanted)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("pair_id,category,image\n", "lacks the column mask; add it"),
            (CSV, "lists no pair; add one"),
            (CSV + "one,,a.png,m.png\n", "line 2: no category; fill it in"),
            (CSV + "one,boat,a.png\n", "line 2: no mask; fill it in"),
            (CSV + "one,boat,a.png,m.png\n" * 2, "line 3: pair_id one stands twice"),
            (CSV + "one,boat,b.png,m.png\n", r"b\.png: no picture that can be read"),
            (CSV + "one,boat,a.png,small.png\n", r"small\.png: another size than"),
            (CSV + "one,boat,a.png,none.png\n", r"none\.png: it hides nothing of the central"),
            (CSV + "one,boat,a.png,all.png\n", r"all\.png: it hides all of the central"),
        ],
    )
    def test_what_is_wrong_is_said_in_one_line(self, folder, text, said):
        Image.new("L", (9, 9)).save(folder / "small.png")
        Image.new("L", (60, 40)).save(folder / "none.png")
        Image.new("L", (60, 40), 255).save(folder / "all.png")
        (folder / "pairs.csv").write_text(text)
        with pytest.raises(ValueError, match=said) as raised:
            self.made(folder)
        assert str(raised.value).startswith("pairs.mine: ") and "\n" not in str(raised.value)

    def test_a_folder_without_a_list(self, tmp_path):
        with pytest.raises(ValueError, match=r"pairs\.csv: no list of pairs"):
            self.made(tmp_path)
