"""Segmenters and depth estimators: what they return and refuse, their training, their quality."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from seedbed import store
from seedbed.evaluators import registry
from seedbed.evaluators.depths.depth_anything import DepthAnything
from seedbed.evaluators.detectors.ultralytics import import_ultralytics
from seedbed.evaluators.segmenters.ultralytics import UltralyticsSegmenter
from seedbed.models.batching import Place
from seedbed.storybook import depth, mask_quality, segmenter
from seedbed.storybook.prompts import HELD_OUT
from seedbed.storybook.segmenter import CLASSES, MaskedScenes
from seedbed.storybook.world import FRAME, draw_scene, sample_scene

SHIPPED = Path(__file__).resolve().parents[2] / "resources" / "storybook"
SEG = SHIPPED / "storybook-seg" / "storybook-seg.pt"
SCHEDULE = {"steps": 2, "batch": 4, "lr": 1e-3}


@pytest.fixture(scope="module")
def scenes():
    return segmenter.draw_masked(24, HELD_OUT + 1)


def iou(a, b):
    return (a & b).sum() / (a | b).sum()


class TestSegmenter:
    def test_equals_ultralytics_prediction(self, scenes):
        # Whoever imports ultralytics first decides whether it asks networks and runs pickles.
        import_ultralytics()
        from ultralytics import YOLO

        found, masks = UltralyticsSegmenter(str(SEG))(scenes.images[:4])
        yolo = YOLO(SEG)
        for i in range(4):
            bgr = np.ascontiguousarray(scenes.images[i, ..., ::-1])
            theirs = yolo.predict(bgr, conf=0.05, iou=0.65, verbose=False)[0]
            own = (found["image"] == i).to_numpy()
            assert own.sum() == len(theirs) > 0
            confidences = theirs.boxes.conf.numpy()
            np.testing.assert_allclose(found["confidence"][own], confidences, atol=1e-3)
            assert [theirs.names[int(k)] for k in theirs.boxes.cls] == list(found["class"][own])
            for a, b in zip(masks[own], theirs.masks.data.numpy() > 0.5, strict=True):
                assert iou(a, b) > 0.98

    def test_batches_do_not_matter(self, scenes):
        few, all_ = (UltralyticsSegmenter(str(SEG), place=Place(batch=n)) for n in (3, 7))
        one, many = few(scenes.images[:7]), all_(scenes.images[:7])
        pd.testing.assert_frame_equal(one[0], many[0], atol=1e-4)
        assert (one[1] == many[1]).mean() > 0.9999

    def test_a_picture_without_objects_has_no_row(self):
        found, masks = UltralyticsSegmenter(str(SEG))(np.full((2, 64, 64, 3), 214, np.uint8))
        assert masks.shape == (len(found), 64, 64)
        assert found.dtypes["image"] == np.int64
        assert not (found["confidence"] > 0.5).any()

    def test_shipped_masks_are_not_displaced(self, scenes):
        found, masks = UltralyticsSegmenter(str(SEG))(scenes.images)
        assert np.mean(mask_quality.mask_quality(scenes, found, masks)["seg_iou"]) > 0.85
        gaps = []
        for i, k in zip(*np.nonzero(scenes.classes >= 0), strict=True):
            name = CLASSES[scenes.classes[i, k]]
            own = masks[((found["image"] == i) & (found["class"] == name)).to_numpy()]
            if len(own) and own[0].any():
                truth = scenes.owners[i] == k + 1
                gaps.append(np.mean(np.nonzero(own[0]), 1) - np.mean(np.nonzero(truth), 1))
        assert np.abs(np.median(gaps, axis=0)).max() < 0.2, "pixels, down and across"

    def test_faulty_sources(self, tmp_path):
        words, yolo = tmp_path / "words.pt", SHIPPED / "storybook-yolo" / "storybook-yolo.pt"
        words.write_text("no weights")
        for source, said in (
            (tmp_path / "absent.pt", r"absent\.pt: no such file"),
            (words, r"words\.pt: not the weights of an ultralytics model"),
            (yolo, r"storybook-yolo\.pt: a model for 'detect', not for 'segment'"),
        ):
            with pytest.raises(ValueError, match=said):
                UltralyticsSegmenter(str(source))

    def test_config_entry(self):
        entry = {"kind": "ultralytics", "source": str(SEG), "nms_iou": 0.3, "batch": 5}
        found = registry.load("segmenters", entry, "mine")
        assert (found.iou, found.place.batch, found.names) == (0.3, 5, CLASSES)
        assert found.metadata["segmenter"] == "mine"
        assert found.metadata["weights_sha256"] == store.sha256_of(SEG)


@pytest.fixture(scope="module")
def depths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("depth")
    depth.build(seed=0).half().save_pretrained(folder)
    return folder


class TestDepths:
    def test_every_picture_has_its_own(self, depths, scenes):
        found = DepthAnything(str(depths), place=Place(batch=3))(scenes.images[:5])
        assert found.shape == (5, FRAME, FRAME) and found.dtype == np.float32
        assert np.isfinite(found).all() and found.min() >= 0
        np.testing.assert_allclose(
            DepthAnything(str(depths))(scenes.images[4:5])[0], found[4], atol=1e-5
        )

    def test_objects_are_nearer_than_what_is_behind(self, scenes):
        found = DepthAnything(str(SHIPPED / "storybook-depth"))(scenes.images)
        objects = scenes.owners > 0
        assert found[objects].mean() > 0.6 and found[~objects].mean() < 0.3

    def test_another_size_comes_back_in_its_own(self, depths):
        pictures = np.zeros((1, 32, 48, 3), dtype=np.uint8)
        assert DepthAnything(str(depths))(pictures).shape == (1, 32, 48)

    def test_faulty_sources(self, depths, tmp_path):
        entry = {"kind": "depth_anything", "batch": 4}
        (tmp_path / "empty").mkdir()
        other = tmp_path / "other"
        other.mkdir()
        (other / "config.json").write_text(json.dumps({"model_type": "clip"}))
        lacking = tmp_path / "lacking"
        lacking.mkdir()
        (lacking / "config.json").write_text((depths / "config.json").read_text())
        (other / "model.safetensors").write_bytes((depths / "model.safetensors").read_bytes())
        for source, said in (
            (tmp_path / "empty", "it holds no config.json"),
            (other, "config.json: a 'clip', not a 'depth_anything'"),
            (lacking, "it holds no weights"),
            (other / "config.json", "a file; name a model's folder"),
        ):
            with pytest.raises(ValueError, match=rf"^depths\.mine\.source: {source}.*{said}"):
                registry.load("depths", entry | {"source": str(source)}, "mine")

    def test_config_entry(self, depths):
        entry = {"kind": "depth_anything", "source": str(depths), "batch": 5}
        found = registry.load("depths", entry, "mine")
        assert found.place.batch == 5 and found.metadata["depth"] == "mine"
        assert found.metadata["weights"]


class TestTraining:
    def test_masks_and_boxes_follow_the_mirrored_pixels(self):
        n = 40
        images = np.zeros((n, FRAME, FRAME, 3), dtype=np.uint8)
        owners = np.zeros((n, FRAME, FRAME), dtype=np.uint8)
        owners[:, 10:31, 5:20] = 1
        images[owners > 0] = 255
        data = MaskedScenes(images, owners, np.tile(np.int8([3, -1, -1]), (n, 1)))
        batch = segmenter.training_batch(data, np.arange(n), torch.Generator().manual_seed(0))
        assert batch["masks"].shape == (n, FRAME, FRAME)
        white = batch["img"].mean(1) > 0.55
        # Softened corners may fall away.
        assert (white != batch["masks"].bool()).sum(dim=(1, 2)).max() <= 4
        left = torch.tensor([12.5, 20.5, 15, 21]) / FRAME
        right = torch.tensor([51.5, 20.5, 15, 21]) / FRAME
        boxes = batch["bboxes"]
        sides = [any(torch.allclose(box, side) for side in (left, right)) for box in boxes]
        assert all(sides)
        mirrored = (boxes[:, 0] > 0.5).sum()
        assert 10 < mirrored < 30 and (batch["cls"] == 3).all()

    def test_hidden_objects_are_no_target(self, scenes):
        data = MaskedScenes(scenes.images, scenes.owners, np.full_like(scenes.classes, -1))
        batch = segmenter.training_batch(data, np.arange(4), torch.Generator().manual_seed(0))
        assert batch["bboxes"].shape == (0, 4) and not batch["masks"].any()

    def test_a_scene_depends_on_its_seed_and_number_alone(self):
        few, many = segmenter.draw_masked(3, 7), segmenter.draw_masked(5, 7)
        assert (few.owners == many.owners[:3]).all() and (few.classes == many.classes[:3]).all()
        few, many = depth.draw_depths(3, 7), depth.draw_depths(5, 7)
        assert all((a == b[:3]).all() for a, b in zip(few, many, strict=True))

    def test_objects_brought_together_overlap_and_stay_inside(self):
        rng = np.random.default_rng(0)
        hidden = 0
        for _ in range(60):
            scene = depth.brought_together(sample_scene(rng, 2), rng)
            far, near = scene.objects
            assert 0 <= near.cx <= 1 and 0 <= near.cy <= 1
            alone = draw_scene(replace(scene, objects=(far,), habit="none")).masks[0]
            seen = draw_scene(replace(scene, habit="none")).masks[0]
            hidden += seen.sum() < 0.95 * alone.sum()
        assert hidden > 30

    def test_twins_differ_in_who_hides_whom_alone(self):
        rng = np.random.default_rng(3)
        for _ in range(20):
            one, other = depth.draw_twins(rng)
            assert depth.look_different(one.image, other.image)
            objects = one.depth > depth.BACKGROUND
            assert (objects == (other.depth > depth.BACKGROUND)).all()
            # An object's silhouette keeps its place; what shows of it is hidden at most by another.
            np.testing.assert_array_equal(one.boxes, other.boxes[::-1])
            changed = (one.image != other.image).any(axis=-1)
            inside = np.zeros_like(changed)
            for x0, y0, x1, y1 in one.boxes.astype(int):
                inside[max(0, y0 - 1) : y1 + 1, max(0, x0 - 1) : x1 + 1] = True
            assert not (changed & ~inside).any()

    def test_pictures_that_hardly_differ_look_alike(self):
        a = np.zeros((8, 8, 3), np.uint8)
        b = a.copy()
        b[0, : depth.CHANGED_PIXELS - 1, 1] = depth.CHANGED
        assert not depth.look_different(a, b) and not depth.look_different(b, a)
        b[1, 0, 2] = depth.CHANGED
        assert depth.look_different(a, b) and depth.look_different(b, a)

    def test_couples_are_mirrored_with_their_depths_and_alike(self):
        images = np.zeros((20, 2, FRAME, FRAME, 3), dtype=np.uint8)
        images[:, :, :, :20] = 255
        truth = (images[..., 0] / 255).astype(np.float16)
        x, y = depth.training_batch(images, truth, np.arange(20), torch.Generator().manual_seed(0))
        bright = x.mean(1) > 0
        assert (bright != y.bool()).float().mean() < 0.02
        assert 4 < y[::2, 0, -1].sum() < 16
        assert (x[::2] == x[1::2]).all() and (y[::2] == y[1::2]).all()

    def test_order_by_hand(self):
        truth = torch.zeros(2, 4, 8)
        truth[0, :, :3], truth[0, :, 3:5] = 0.7, 1.0
        # The other picture's objects do not touch.
        truth[1, :, :2], truth[1, :, 6:] = 0.7, 1.0
        said = torch.zeros(2, 4, 8)
        said[0, :, :3], said[0, :, 3] = 0.5, 0.8
        # Means of 0.5 and 0.4: the nearer one is said to be farther by 0.1.
        expected = np.log1p(np.exp(0.1 / depth.ORDER_SCALE))
        assert depth.order_loss(said, truth).item() == pytest.approx(expected, rel=1e-5)
        assert depth.order_loss(said[1:], truth[1:]) == 0
        assert depth.order_loss(truth, truth) < depth.order_loss(said, truth)

    def test_order_is_learned_from_touching_objects_of_every_scene(self):
        _, depths = depth.draw_depths(40, 9)
        truth = torch.from_numpy(depths[1::4].astype(np.float32)).flatten(0, 1)
        backwards = torch.where(truth > depth.BACKGROUND, 1.6 - truth, truth)
        assert depth.order_loss(truth, truth) < 0.2 < 1 < depth.order_loss(backwards, truth)

    def test_a_loss_of_nothing_and_of_one_pixel(self):
        truth = torch.zeros(1, 4, 4)
        assert depth.loss_between(truth, truth) == 0
        said = truth.clone()
        said[0, 0, 0] = 1
        # One square of 16, and one difference of 12 each across and down.
        expected = 1 / 16 + depth.GRADIENT_WEIGHT * 2 / 12
        assert depth.loss_between(said, truth).item() == pytest.approx(expected)

    @pytest.mark.parametrize(
        ("name", "make", "file"),
        [
            ("seg", segmenter.make_segmenter, "storybook-seg.pt"),
            ("depth", depth.make_depth, "model.safetensors"),
        ],
    )
    def test_again_from_the_checkpoint_gives_the_same_bytes(self, tmp_path, name, make, file):
        entry = {name: {"scenes": 12, "scene_seed": 5, "schedule": SCHEDULE}}
        make(tmp_path, entry)
        path = tmp_path / f"storybook-{name}" / file
        before = store.sha256_of(path)
        path.unlink()
        make(tmp_path, entry)
        assert store.sha256_of(path) == before
        for place in (str(tmp_path), str(Path.home())):
            assert place.encode() not in path.read_bytes()


class TestQuality:
    def told(self, scenes):
        """What a segmenter without fault would say."""
        rows, masks = [], []
        for i, k in zip(*np.nonzero(scenes.classes >= 0), strict=True):
            rows.append((i, CLASSES[scenes.classes[i, k]], 0.9))
            masks.append(scenes.owners[i] == k + 1)
        return pd.DataFrame(rows, columns=["image", "class", "confidence"]), np.array(masks)

    def test_the_truth_is_perfect(self, scenes):
        found = mask_quality.mask_quality(scenes, *self.told(scenes))
        objects = int((scenes.classes >= 0).sum())
        assert found["seg_iou"] == found["seg_found"] == [1.0] * objects
        assert found["seg_false_alarm"] == [0.0] * (len(scenes) * len(CLASSES) - objects)

    def test_misses_count_as_nothing_and_alarms_are_told(self, scenes):
        rows, masks = self.told(scenes)
        unsure = mask_quality.mask_quality(scenes, rows.assign(confidence=0.4), masks)
        assert set(unsure["seg_iou"]) == set(unsure["seg_found"]) == {0.0}
        absent = [next(c for k, c in enumerate(CLASSES) if k not in own) for own in scenes.classes]
        alarms = rows.assign(**{"class": [absent[i] for i in rows["image"]]})
        found = mask_quality.mask_quality(scenes, alarms, masks)
        assert sum(found["seg_false_alarm"]) == len(scenes) and not any(found["seg_iou"])

    def test_order_is_that_of_the_world(self):
        scenes = segmenter.draw_masked(120, HELD_OUT + 2)
        hidden = mask_quality.hidden_shares(scenes, HELD_OUT + 2)
        right = mask_quality.depth_order(scenes, hidden, scenes.owners.astype(float))
        assert set(right["depth_order"]) == set(right["depth_order_apart"]) == {1.0}
        counts = (scenes.classes >= 0).sum(1)
        assert sum(map(len, right.values())) == (counts * (counts - 1) // 2).sum()
        assert 0 < len(right["depth_order"]) < len(right["depth_order_apart"])
        wrong = mask_quality.depth_order(scenes, hidden, -scenes.owners.astype(float))
        assert set(wrong["depth_order"]) == {0.0}
