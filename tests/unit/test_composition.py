"""The composition of an image: where its object is, how large and how near, from known masks."""

import numpy as np
import pandas as pd
import pytest

from seedbed import store
from seedbed.evaluators import composition
from seedbed.storybook.world import draw_scene, sample_scene

SIDE = 16


class Segmenter:
    """Says what it is told, of as many images as come."""

    names = ("apple", "boat")

    def __init__(self, objects, masks):
        self.metadata = {"segmenter": "told"}
        self.objects, self.masks = objects, masks

    def __call__(self, images):
        frame = pd.DataFrame(self.objects, columns=["image", "class", "confidence"])
        return frame, np.array(self.masks, dtype=bool).reshape(-1, *images.shape[1:3])


class Depths:
    """Says of every image the depth that it is told."""

    def __init__(self, depth):
        self.metadata = {"depth": "told"}
        self.depth = depth

    def __call__(self, images):
        return np.broadcast_to(self.depth, images.shape[:3]).astype(np.float32)


def square(x, y, side):
    mask = np.zeros((SIDE, SIDE), dtype=bool)
    mask[y : y + side, x : x + side] = True
    return mask


def composed(objects, masks, asked, confidence=0.5, depth=None):
    depth = np.linspace(2, 6, SIDE)[:, None] * np.ones(SIDE) if depth is None else depth
    images = np.zeros((len(asked), SIDE, SIDE, 3), dtype=np.uint8)
    looking = Segmenter(objects, masks), Depths(depth)
    return composition.compose(images, asked, *looking, confidence)


def test_measures_of_a_square_are_those_on_paper():
    (row,) = composed([(0, "apple", 0.9)], [square(4, 8, 2)], ["apple"]).to_dict("records")
    assert (row["object"], row["found"], row["score"]) == ("apple", True, 0.9)
    assert (row["x"], row["y"]) == (5 / SIDE, 9 / SIDE)
    assert row["size"] == 4 / SIDE**2
    # Depth runs from 0 to 1 down the image, and rows 8 and 9 of 0..15 are inside.
    assert row["depth"] == pytest.approx(8.5 / 15)


def test_a_whole_frame_has_its_centroid_in_the_middle():
    full = np.ones((SIDE, SIDE), dtype=bool)
    assert composition.measures_of(full, np.zeros((SIDE, SIDE)))[:3] == (0.5, 0.5, 1.0)


def test_it_takes_the_largest_sure_mask_of_the_prompted_class():
    objects = [(0, "apple", 0.9), (0, "apple", 0.6), (0, "apple", 0.3), (0, "boat", 0.99)]
    masks = [square(0, 0, 2), square(4, 4, 3), square(0, 0, 9), square(0, 0, 12)]
    (row,) = composed(objects, masks, ["apple"]).to_dict("records")
    assert (row["size"], row["score"]) == (9 / SIDE**2, 0.6)


def test_an_object_not_found_has_a_row_without_numbers():
    objects = [(0, "boat", 0.9), (1, "apple", 0.4), (2, "apple", 0.9)]
    masks = [square(0, 0, 2), square(0, 0, 2), square(0, 0, 0)]
    table = composed(objects, masks, ["apple"] * 3)
    assert list(table["found"]) == [False] * 3
    assert table[["x", "y", "size", "depth", "score"]].isna().all(axis=None)


def test_relative_depth_runs_from_0_to_1_and_a_flat_one_is_0():
    depth = np.random.default_rng(0).normal(5, 3, (2, 4, 4)).astype(np.float32)
    depth[1] = 7
    relative = composition.relative_depth(depth)
    assert (relative[0].min(), relative[0].max()) == (0, 1) and not relative[1].any()
    np.testing.assert_allclose(composition.relative_depth(3 * depth + 2)[0], relative[0], atol=1e-5)


def test_a_depth_that_is_no_number_is_told():
    depth = np.full((SIDE, SIDE), np.nan)
    with pytest.raises(ValueError, match="told: not a finite depth everywhere"):
        composed([], [], ["apple"], depth=depth)


def test_the_truth_of_a_drawn_scene_comes_back():
    scene = next(
        s
        for s in (sample_scene(np.random.default_rng((5, i)), 1) for i in range(50))
        if s.objects[0].kind == "apple" and s.habit == "none"
    )
    drawing = draw_scene(scene)
    looking = Segmenter([(0, "apple", 1.0)], drawing.masks), Depths(drawing.depth)
    table = composition.compose(drawing.image[None], ["apple"], *looking, 0.5)
    (row,) = table.to_dict("records")
    (apple,) = scene.objects
    x0, y0, x1, y1 = drawing.boxes[0] / 64
    assert abs(row["x"] - apple.cx) < 0.02 and y0 < row["y"] < y1
    assert 0.4 * (x1 - x0) * (y1 - y0) < row["size"] < (x1 - x0) * (y1 - y0)
    assert row["depth"] == pytest.approx(1), "the only object is the nearest"


class TestShard:
    def write(self, path, prompts):
        with store.atomic(path) as partial, store.ImageShardWriter(partial, "png") as writer:
            n = len(prompts)
            pixels = np.zeros((n, SIDE, SIDE, 3), dtype=np.uint8)
            writer.add(list(range(n)), prompts, pixels, ["0"] * n)
        return str(path)

    def measure(self, shard, prompts, tmp_path):
        looking = Segmenter([(0, "apple", 0.9)], [square(4, 8, 2)]), Depths(np.eye(SIDE))
        output = str(tmp_path / "composition.parquet")
        composition.measure(shard, prompts, output, looking, 0.5)
        return store.read_table(output, composition.COLUMNS)

    def test_every_image_has_its_row(self, tmp_path):
        shard = self.write(tmp_path / "shard.parquet", ["a", "b", "a"])
        prompts = pd.DataFrame({"prompt_id": ["a", "b"], "object": ["apple", "boat"]})
        table = self.measure(shard, prompts, tmp_path)
        assert list(table["seed"]) == [0, 1, 2] and list(table["found"]) == [True, False, False]
        assert list(table["object"]) == ["apple", "boat", "apple"]

    @pytest.mark.parametrize(
        ("prompts", "said"),
        [
            ({"prompt_id": ["a"], "object": ["house"]}, "told: knows no class 'house'"),
            ({"prompt_id": ["a"], "object": [None]}, "told: knows no class 'None'"),
            ({"prompt_id": ["z"], "object": ["apple"]}, "no such prompt in the prompt table"),
        ],
    )
    def test_prompts_that_do_not_fit_are_told(self, tmp_path, prompts, said):
        shard = self.write(tmp_path / "shard.parquet", ["a"])
        with pytest.raises(ValueError, match=said):
            self.measure(shard, pd.DataFrame(prompts), tmp_path)
