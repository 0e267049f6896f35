"""Detection: the wrapper against ultralytics' own prediction, and the detector's training."""

import dataclasses
import socket
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from seedbed import store
from seedbed.evaluators import registry, shards
from seedbed.evaluators.detectors import ultralytics as detect
from seedbed.evaluators.detectors.ultralytics import UltralyticsDetector
from seedbed.models.batching import Place
from seedbed.storybook import detector
from seedbed.storybook.detector import CLASSES, TEXT, LabelledScenes
from seedbed.storybook.prompts import HELD_OUT
from seedbed.storybook.training import Schedule
from seedbed.storybook.world import FRAME, Scene, SceneObject, draw_scene, sample_scene

REPOSITORY = Path(__file__).resolve().parents[2]
SHIPPED = REPOSITORY / "resources" / "storybook" / "storybook-yolo" / "storybook-yolo.pt"
BOX = ["x0", "y0", "x1", "y1"]


@pytest.fixture(scope="module")
def pictures():
    return detector.draw_labelled(12, seed=HELD_OUT).images


@pytest.fixture(scope="module")
def weights(tmp_path_factory, pictures):
    """An untrained network that, unlike a fresh one, sees something in every picture."""
    model = detector.build(seed=0)
    x = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
    torch.optim.swa_utils.update_bn([x], model)
    generator = torch.Generator().manual_seed(0)
    head = model.model[-1]
    with torch.no_grad():
        for layer in (branch[-1] for heads in (head.cv2, head.cv3) for branch in heads):
            layer.weight.copy_(torch.randn(layer.weight.shape, generator=generator) / 4)
            layer.bias.fill_(-3.0)
    path = tmp_path_factory.mktemp("untrained") / "untrained.pt"
    detector.save(model, path)
    return str(path)


class TestWrapper:
    @pytest.mark.parametrize("height", [64, 48])
    def test_equals_ultralytics_prediction_of_bgr_arrays(self, weights, pictures, height):
        from ultralytics import YOLO

        pictures = pictures[:4, :height]
        found = UltralyticsDetector(weights)(pictures)
        yolo = YOLO(weights)
        for i, picture in enumerate(pictures):
            bgr = np.ascontiguousarray(picture[..., ::-1])
            boxes = yolo.predict(bgr, conf=0.001, iou=0.65, verbose=False)[0].boxes
            mine = found[found["image"] == i]
            assert len(mine) == len(boxes) > 0
            np.testing.assert_allclose(mine["confidence"], boxes.conf, atol=1e-4)
            assert mine["class"].tolist() == [CLASSES[int(c)] for c in boxes.cls]
            np.testing.assert_allclose(mine[BOX], boxes.xyxyn, atol=1e-4)

    def test_order_of_the_colours_matters(self, weights, pictures):
        detector_ = UltralyticsDetector(weights)
        a, b = detector_(pictures), detector_(np.ascontiguousarray(pictures[..., ::-1]))
        assert not a.equals(b)

    def test_table(self, weights, pictures):
        found = UltralyticsDetector(weights)(pictures)
        assert list(found.columns) == ["image", *detect.COLUMNS]
        assert found["confidence"].between(0.001, 1).all()
        assert (found["confidence"] < 0.25).any()
        assert found[BOX].ge(0).all(axis=None) and found[BOX].le(1).all(axis=None)
        assert (found["x0"] <= found["x1"]).all() and (found["y0"] <= found["y1"]).all()
        for _, part in found.groupby("image"):
            assert part["confidence"].is_monotonic_decreasing

    def test_repeats_exactly(self, weights, pictures):
        a, b = (UltralyticsDetector(weights)(pictures) for _ in range(2))
        pd.testing.assert_frame_equal(a, b)

    def test_batches_do_not_matter(self, weights, pictures):
        a, b = (UltralyticsDetector(weights, place=Place(batch=n))(pictures) for n in (5, 64))
        assert a["class"].tolist() == b["class"].tolist()
        np.testing.assert_allclose(a[["confidence", *BOX]], b[["confidence", *BOX]], atol=1e-4)

    def test_less_suppression_keeps_more(self, weights, pictures):
        few, many = (UltralyticsDetector(weights, iou=v)(pictures) for v in (0.3, 0.9))
        assert len(few) < len(many)

    def test_a_slow_machine_loses_nothing(self, weights, pictures, monkeypatch):
        wrapper = UltralyticsDetector(weights)
        expected = wrapper(pictures)
        began = time.time()
        clock = iter(began + 1000.0 * np.arange(1, 100_000))
        monkeypatch.setattr("ultralytics.utils.nms.time.time", lambda: next(clock))
        pd.testing.assert_frame_equal(wrapper(pictures), expected)

    def test_silent_and_offline(self, weights, pictures, capfd, monkeypatch):
        def refuse(*_, **__):
            raise AssertionError("asked the network")

        monkeypatch.setattr(socket, "getaddrinfo", refuse)
        monkeypatch.setattr(socket.socket, "connect", refuse)
        UltralyticsDetector(weights)(pictures[:2])
        assert capfd.readouterr() == ("", "")

    def test_import_leaves_telemetry_off(self):
        detect.import_ultralytics()
        import ultralytics.utils

        assert ultralytics.utils.ONLINE is False
        assert ultralytics.utils.VERBOSE is False

    def test_metadata_name_the_weights(self, weights):
        metadata = UltralyticsDetector(weights, "mine", iou=0.5).metadata
        assert metadata["detector"] == "mine"
        assert metadata["weights_sha256"] == store.sha256_of(weights)
        assert "0.5" in metadata["suppression"]

    def test_faulty_sources(self, tmp_path):
        with pytest.raises(ValueError, match=r"absent\.pt: no such file"):
            UltralyticsDetector(str(tmp_path / "absent.pt"))
        path = tmp_path / "words.pt"
        path.write_text("no weights")
        with pytest.raises(ValueError, match=r"words\.pt: not the weights"):
            UltralyticsDetector(str(path))
        with pytest.raises(ValueError, match="'yolor' is unknown"):
            entry = {"kind": "yolor", "source": "a.pt", "nms_iou": 0.65, "batch": 4}
            registry.load("detectors", entry, "mine")

    def test_config_entry(self, weights):
        entry = {"kind": "ultralytics", "source": weights, "nms_iou": 0.3, "batch": 5}
        found = registry.load("detectors", entry, "mine")
        assert (found.iou, found.place.batch) == (0.3, 5)
        assert found.names == CLASSES


class TestShard:
    def write(self, path, pictures):
        with store.atomic(path) as partial, store.ImageShardWriter(partial, "png") as writer:
            for start in (0, 7):
                part = pictures[start : start + 7]
                rows = range(start, start + len(part))
                writer.add(list(rows), [f"p{i}" for i in rows], part, ["x"] * len(part))

    def test_pictures_without_boxes_are_counted(self, tmp_path, pictures):
        self.write(tmp_path / "images.parquet", pictures)

        def sees_the_second_of_each_batch(images):
            row = {"image": 1, "class": "apple", "confidence": 0.5, "x0": 0.0, "y0": 0.1}
            return pd.DataFrame([row | {"x1": 0.2, "y1": 0.3}] * 2)

        sees_the_second_of_each_batch.metadata = {"detector": "made up"}
        output = tmp_path / "boxes.parquet"
        seen = tmp_path / "seen.parquet"
        shard = tmp_path / "images.parquet"
        n = shards.detect(shard, output, seen, sees_the_second_of_each_batch)
        assert n == 12
        images = store.read_table(seen)
        assert images["seed"].tolist() == list(range(12))
        assert images["detections"].tolist() == [2 * (i in (1, 8)) for i in range(12)]
        boxes = store.read_table(output)
        assert list(boxes.columns) == ["seed", "prompt_id", *detect.COLUMNS]
        assert boxes["prompt_id"].tolist() == ["p1", "p1", "p8", "p8"]

    @pytest.mark.parametrize("bad", ["confidence", "x1"])
    def test_a_box_that_is_not_finite_is_named(self, tmp_path, pictures, bad):
        self.write(tmp_path / "images.parquet", pictures)

        def sees_nan(images):
            row = {"image": 1, "class": "apple", "confidence": 0.5, "x0": 0.0, "y0": 0.1}
            return pd.DataFrame([row | {"x1": 0.2, "y1": 0.3} | {bad: np.nan}])

        sees_nan.metadata = {"detector": "made up"}
        words = r"images\.parquet: what made up says of seed 1, prompt p1 is not finite \(1 such"
        with pytest.raises(store.StoreError, match=words):
            shards.detect(tmp_path / "images.parquet", tmp_path / "b", tmp_path / "s", sees_nan)

    def test_a_blind_detector_leaves_an_empty_table_and_all_pictures(self, tmp_path, pictures):
        self.write(tmp_path / "images.parquet", pictures)
        model = detector.build(seed=0).eval()  # a fresh head is sure of nothing
        detector.save(model, tmp_path / "fresh.pt")
        output = tmp_path / "boxes.parquet"
        seen = tmp_path / "seen.parquet"
        blind = UltralyticsDetector(str(tmp_path / "fresh.pt"))
        shards.detect(tmp_path / "images.parquet", output, seen, blind)
        assert (store.read_table(seen)["detections"] == 0).all()
        boxes = store.read_table(output)
        assert list(boxes.columns) == ["seed", "prompt_id", *detect.COLUMNS]
        assert len(boxes) == 0

    def test_shard_equals_arrays(self, tmp_path, pictures, weights):
        self.write(tmp_path / "images.parquet", pictures)
        wrapper = UltralyticsDetector(weights)
        paths = [tmp_path / f"{name}.parquet" for name in ("images", "boxes", "seen")]
        shards.detect(*paths, wrapper)
        boxes = store.read_table(tmp_path / "boxes.parquet")
        expected = wrapper(pictures)
        assert boxes["seed"].tolist() == expected["image"].tolist()
        np.testing.assert_allclose(boxes[BOX], expected[BOX], atol=1e-4)


def scene_of(objects, habit="none"):
    return Scene("plain", tuple(objects), habit, (0.0, 0.0, 0.0), 0.6, 3)


def one(kind, cx, cy, height):
    return SceneObject(kind, "red", "red", None, None, cx, cy, height)


class TestLabels:
    def test_whole_silhouettes_and_hidden_objects(self):
        behind, before = one("apple", 0.5, 0.5, 0.15), one("house", 0.5, 0.5, 0.6)
        classes, boxes = detector.label_scene(*(s := scene_of([behind, before]), draw_scene(s)))
        assert [CLASSES[c] for c in classes] == ["house"]
        peeping = dataclasses.replace(behind, cx=0.2)
        drawing = draw_scene(s := scene_of([peeping, before]))
        classes, boxes = detector.label_scene(s, drawing)
        assert [CLASSES[c] for c in classes] == ["apple", "house"]
        alone = draw_scene(scene_of([peeping]))
        assert drawing.masks[0].sum() < alone.masks[0].sum()
        np.testing.assert_array_equal(boxes[0], alone.boxes[0])

    def test_visible_share_equals_the_silhouettes(self):
        """Against both silhouettes drawn alone, for every object of many scenes."""
        hidden = 0
        for i in range(60):
            rng = np.random.default_rng(i)
            kinds = rng.choice(CLASSES[:TEXT], 3, replace=False)
            scene = scene_of([one(str(k), *rng.uniform(0.4, 0.6, 2), 0.4) for k in kinds])
            drawing = draw_scene(scene)
            expected = [
                CLASSES.index(o.kind)
                for o, mask in zip(scene.objects, drawing.masks, strict=True)
                if mask.sum() >= 0.15 * draw_scene(scene_of([o])).masks[0].sum()
            ]
            hidden += 3 - len(expected)
            assert detector.label_scene(scene, drawing)[0].tolist() == expected
        assert hidden > 5

    def test_lettering(self):
        scene = scene_of([one("apple", 0.5, 0.5, 0.3)], habit="lettering")
        classes, boxes = detector.label_scene(scene, drawing := draw_scene(scene))
        assert classes.tolist() == [CLASSES.index("apple"), TEXT]
        x0, y0, x1, y1 = boxes[1].astype(int)
        outside = np.ones((FRAME, FRAME), dtype=bool)
        outside[y0:y1, x0:x1] = False
        bare = draw_scene(dataclasses.replace(scene, habit="none")).image
        np.testing.assert_array_equal(drawing.image[outside], bare[outside])
        assert 0.1 * FRAME < y1 - y0 < 0.3 * FRAME < x1 - x0

    def test_scene_depends_on_its_own_index(self):
        few, many = detector.draw_labelled(3, seed=7), detector.draw_labelled(5, seed=7)
        np.testing.assert_array_equal(few.images, many.images[:3])
        kept = many.scene < 3
        np.testing.assert_array_equal(few.boxes, many.boxes[kept])
        np.testing.assert_array_equal(few.classes, many.classes[kept])
        scene = sample_scene(np.random.default_rng((7, 4)))
        np.testing.assert_array_equal(many.images[4], draw_scene(scene).image)

    def test_cache_gives_the_same(self, tmp_path):
        drawn = detector.draw_labelled(4, seed=8)
        for _ in range(2):
            cached = detector.cached_labelled(tmp_path, 4, seed=8)
            for field in dataclasses.fields(LabelledScenes):
                a, b = getattr(drawn, field.name), getattr(cached, field.name)
                np.testing.assert_array_equal(a, b)


class TestBatches:
    def rectangles(self, n, kind):
        """White rectangles on black at known places, left of the middle."""
        rng = np.random.default_rng(0)
        images = np.zeros((n, FRAME, FRAME, 3), dtype=np.uint8)
        boxes = []
        for image in images:
            x0, y0 = rng.integers(2, 10, 2)
            x1, y1 = rng.integers(16, 30, 2)
            image[y0:y1, x0:x1] = 255
            boxes.append((x0, y0, x1, y1))
        classes = np.full(n, kind)
        return LabelledScenes(images, np.arange(n), classes, np.array(boxes, dtype=np.float32))

    @pytest.mark.parametrize("kind", [0, TEXT])
    def test_boxes_follow_the_mirrored_pixels(self, kind):
        data = self.rectangles(40, kind)
        indices = np.arange(40)[::-1].copy()
        batch = detector.training_batch(data, indices, torch.Generator().manual_seed(1))
        right = 0
        for i in range(40):
            # A mean of a 3×3 window at an edge of white lies above a half inside alone.
            ys, xs = np.nonzero(batch["img"][i].mean(0).numpy() > 0.55)
            found = np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1])
            cx, cy, w, h = batch["bboxes"][batch["batch_idx"] == i][0].numpy() * FRAME
            expected = [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2]
            np.testing.assert_allclose(found, expected, atol=1.01)
            right += cx > FRAME / 2
        assert right == 0 if kind == TEXT else 10 < right < 30

    def test_softening_keeps_colours_and_range(self, pictures):
        scenes = np.arange(12)
        data = LabelledScenes(pictures, scenes, scenes % 3, np.tile([[1.0, 1, 9, 9]], (12, 1)))
        batch = detector.training_batch(data, scenes, torch.Generator().manual_seed(0))
        x = batch["img"]
        assert x.min() >= 0 and x.max() <= 1
        means = torch.from_numpy(pictures).float().mean(dim=(1, 2)) / 255
        torch.testing.assert_close(x.mean(dim=(2, 3)), means, atol=0.02, rtol=0)

    def test_one_row_per_box_in_a_scene_of_many(self):
        data = detector.draw_labelled(30, seed=5)
        indices = np.array([4, 9, 9, 0])
        batch = detector.training_batch(data, indices, torch.Generator().manual_seed(0))
        expected = [sorted(data.classes[data.scene == i]) for i in indices]
        found = [sorted(batch["cls"][batch["batch_idx"] == i, 0].tolist()) for i in range(4)]
        assert found == expected


ENTRY = {"yolo": {"scenes": 24, "scene_seed": 5, "schedule": {"steps": 3, "batch": 8, "lr": 1e-3}}}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("yolo-training")
    detector.make_detector(folder, ENTRY)
    return folder


class TestTraining:
    def test_the_file_is_small_and_names_no_place(self, trained):
        path = trained / "storybook-yolo" / "storybook-yolo.pt"
        data = path.read_bytes()
        assert len(data) < 3e6
        for place in (str(trained), str(REPOSITORY), str(Path.home())):
            assert place.encode() not in data
        content = torch.load(path, weights_only=False)
        assert content["train_args"]["imgsz"] == FRAME
        assert {p.dtype for p in content["model"].parameters()} == {torch.float16}

    def test_again_from_the_checkpoint_gives_the_same_bytes(self, trained):
        path = trained / "storybook-yolo" / "storybook-yolo.pt"
        before = store.sha256_of(path)
        path.unlink()
        detector.make_detector(trained, ENTRY)
        assert store.sha256_of(path) == before

    def test_training_lowers_the_loss_and_batch_norms_see_the_data(self, tmp_path):
        data = detector.draw_labelled(8, seed=5)
        fresh = detector.build(seed=0)
        schedule = Schedule(steps=10, batch=8, lr=0.003, warmup=1, decay=0.1, ema=0.5)
        model = detector.fit(data, schedule, tmp_path / "yolo.pt")
        batch = detector.training_batch(data, np.arange(8), torch.Generator().manual_seed(0))
        with torch.no_grad():
            losses = [float(m.train().loss(batch)[0].sum()) for m in (fresh, model)]
        assert losses[1] < 0.8 * losses[0]
        norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
        assert all((m.running_mean != 0).any() for m in norms)


@pytest.fixture(scope="module")
def truth():
    return detector.draw_labelled(40, seed=HELD_OUT)


class TestAveragePrecision:
    def as_detections(self, truth, confidence=0.9):
        frame = pd.DataFrame({"image": truth.scene})
        frame["class"] = [CLASSES[c] for c in truth.classes]
        frame["confidence"] = confidence
        frame[BOX] = truth.boxes / FRAME
        return frame

    def test_the_truth_is_perfect(self, truth):
        found = detector.average_precision(truth, self.as_detections(truth))
        np.testing.assert_allclose(found[["ap50", "ap"]], 1, atol=0.006)
        assert found["boxes"].sum() == len(truth.boxes)

    def test_wrong_classes_and_wrong_places_are_worth_nothing(self, truth):
        right = self.as_detections(truth)
        shifted = {name: CLASSES[(i + 1) % len(CLASSES)] for i, name in enumerate(CLASSES)}
        other = right.assign(**{"class": right["class"].map(shifted), "image": 39 - right["image"]})
        assert detector.average_precision(truth, other)["ap50"].mean() < 0.05
        away = right.assign(x0=0.0, x1=0.01, y0=0.0, y1=0.01)
        assert detector.average_precision(truth, away)["ap50"].max() == 0

    def test_less_confident_noise_is_free_and_confident_noise_is_not(self, truth):
        right = self.as_detections(truth)
        noise = right.assign(x0=0.0, x1=0.01, y0=0.0, y1=0.01)
        below = pd.concat([right, noise.assign(confidence=0.1)])
        above = pd.concat([right, noise.assign(confidence=0.99)])
        assert detector.average_precision(truth, below)["ap50"].min() > 0.99
        # As many false ones first: precision climbs to a half at full recall.
        assert detector.average_precision(truth, above)["ap50"].mean() == pytest.approx(
            0.5, abs=0.03
        )

    def test_a_box_counts_once(self, truth):
        right = self.as_detections(truth)
        twice = pd.concat([right, right.assign(confidence=0.95)])
        found = detector.average_precision(truth, twice)["ap50"]
        # n hits, then n repeats: full precision up to full recall.
        assert found.min() > 0.99
        late = pd.concat([right.iloc[::2], right.iloc[::2].assign(confidence=0.95)])
        assert detector.average_precision(truth, late)["ap50"].mean() < 0.75


def test_shipped_weights_reach_their_goal():
    if not SHIPPED.exists():
        pytest.skip(f"{SHIPPED.relative_to(REPOSITORY)} is not there yet")
    truth = detector.draw_labelled(200, seed=HELD_OUT + 41)
    found = UltralyticsDetector(str(SHIPPED))(truth.images)
    precision = detector.average_precision(truth, found)
    assert precision["ap50"].mean() > 0.9


def test_a_published_architecture_with_coco_s_classes(tmp_path, pictures):
    """ultralytics' own YOLO11 with random weights; categories of COCO's layouts are its classes."""
    detect.import_ultralytics()
    from ultralytics.nn.tasks import DetectionModel
    from ultralytics.utils import ROOT as PACKAGE
    from ultralytics.utils import YAML

    names = YAML.load(PACKAGE / "cfg" / "datasets" / "coco.yaml")["names"]
    model = DetectionModel("yolo11n.yaml", nc=80, verbose=False)
    model.names, model.args = names, {"imgsz": 640, "task": "detect"}
    torch.save({"model": model.half(), "train_args": {"imgsz": 640}}, tmp_path / "yolo11n.pt")
    entry = {"kind": "ultralytics", "source": str(tmp_path / "yolo11n.pt"), "nms_iou": 0.65}
    found = registry.load("detectors", entry, "mine")
    assert len(found.names) == 80 and {"person", "fire hydrant", "hair drier"} <= set(found.names)
    assert list(found(pictures[:1]).columns) == ["image", *detect.COLUMNS]
