"""IoU and success of layouts: analytic cases, loops as oracles, paired comparison."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from seedbed.layouts import table
from seedbed.lottery_ticket.comparison.aggregate import Resampling, aggregate, compare
from seedbed.lottery_ticket.comparison.objects import iou_matrix, object_table

CATEGORIES = ("apple", "boat", "cup", "tree")
N_BOOT = 200
MARGINS = {"iou": 0.05, "success": 5.0}


def levels(objects, n_boot=N_BOOT, seed=0):
    return aggregate({"a": objects}, Resampling(n_boot, seed)).drop(columns="arm")


def difference(one, other):
    pair = {"a": one, "b": other}
    found = compare(pair, [("a", "b")], Resampling(N_BOOT, 0), MARGINS)
    return found.drop(columns=["arm", "partner"])


def random_boxes(rng, n):
    corners = np.sort(rng.uniform(0, 1, (n, 2, 2)), axis=1)
    corners[:, 1] += 1e-3
    return np.clip(corners.reshape(n, 4), 0, 1)


def random_case(seed, n_layouts=40):
    """Layouts of one and two objects, pictures of all of them, detections near some."""
    rng = np.random.default_rng(seed)
    layouts, detections = [], []
    for i in range(n_layouts):
        n = 1 + i % 2
        kinds = rng.choice(CATEGORIES, n, replace=False)
        boxes = random_boxes(rng, n)
        for position, (kind, box) in enumerate(zip(kinds, boxes, strict=True)):
            layouts.append((f"l{i:03d}", position, kind, *box))
            for _ in range(rng.integers(4)):
                said = kind if rng.random() < 0.7 else str(rng.choice(CATEGORIES))
                near = np.clip(box + rng.normal(0, 0.05, 4), 0, 1)
                near = [*np.minimum(near[:2], near[2:]), *np.maximum(near[:2], near[2:])]
                confidence = rng.choice([0.0005, 0.001, 0.1, 0.25, 0.9])
                detections.append((f"l{i:03d}", said, confidence, *near))
    box = ["x0", "y0", "x1", "y1"]
    layouts = pd.DataFrame(layouts, columns=["layout_id", "position", "category", *box])
    layouts["size"] = table.size_of(layouts[box].to_numpy())
    images = pd.DataFrame({"layout_id": layouts["layout_id"].unique()})
    columns = ["layout_id", "class", "confidence", *box]
    return layouts, images, pd.DataFrame(detections, columns=columns)


@pytest.fixture(scope="module")
def objects():
    return object_table(*random_case(1), CATEGORIES)


@pytest.fixture(scope="module")
def other():
    """Another method on the same layouts: other detections."""
    layouts, images, _ = random_case(1)
    detections = random_case(2)[2]
    return object_table(layouts, images, detections, CATEGORIES)


class TestIou:
    @pytest.mark.parametrize(
        ("a", "b", "expected"),
        [
            ((0, 0, 2, 2), (0, 0, 2, 2), 1),
            ((0, 0, 2, 2), (1, 0, 3, 2), 1 / 3),
            ((0, 0, 4, 4), (1, 1, 3, 3), 1 / 4),
            ((0, 0, 1, 1), (1, 0, 2, 1), 0),
            ((0, 0, 1, 1), (2, 2, 3, 3), 0),
            ((1, 1, 1, 1), (1, 1, 1, 1), 0),
        ],
    )
    def test_known_pairs(self, a, b, expected):
        assert iou_matrix([a], [b])[0, 0] == pytest.approx(expected, abs=1e-12)

    def test_equals_counted_pixels(self):
        rng = np.random.default_rng(3)
        boxes = np.sort(rng.integers(0, 20, (12, 2, 2)), axis=1).reshape(12, 4)
        found = iou_matrix(boxes[:5], boxes[5:])
        for i, j in product(range(5), range(7)):
            pixels = np.zeros((2, 20, 20), dtype=bool)
            for k, (x0, y0, x1, y1) in enumerate((boxes[i], boxes[5 + j])):
                pixels[k, y0:y1, x0:x1] = True
            union = pixels.any(axis=0).sum()
            expected = pixels.all(axis=0).sum() / union if union else 0
            assert found[i, j] == pytest.approx(expected, abs=1e-12)

    def test_empty_sides(self):
        assert iou_matrix(np.zeros((0, 4)), np.ones((3, 4))).shape == (0, 3)
        assert iou_matrix(np.ones((3, 4)), np.zeros((0, 4))).shape == (3, 0)

    def test_wrong_shape(self):
        with pytest.raises(ValueError, match="boxes must be"):
            iou_matrix(np.zeros((2, 3)), np.zeros((2, 4)))


class TestObjectTable:
    def test_equals_loops(self, objects):
        layouts, _, detections = random_case(1)
        rows = iter(objects.to_dict("records"))
        for confidence in (0.25, 0.001):
            for box in layouts.to_dict("records"):
                best = 0.0
                for d in detections.to_dict("records"):
                    if (
                        d["layout_id"] != box["layout_id"]
                        or d["class"] != box["category"]
                        or d["confidence"] < confidence
                    ):
                        continue
                    w = min(box["x1"], d["x1"]) - max(box["x0"], d["x0"])
                    h = min(box["y1"], d["y1"]) - max(box["y0"], d["y0"])
                    inter = max(w, 0) * max(h, 0)
                    areas = [(r["x1"] - r["x0"]) * (r["y1"] - r["y0"]) for r in (box, d)]
                    best = max(best, inter / (sum(areas) - inter))
                row = next(rows)
                assert row["iou"] == pytest.approx(best, abs=1e-12)
                assert row["success"] == (best > 0.5)
                assert (row["confidence"], row["layout_id"]) == (confidence, box["layout_id"])
                for column in ("position", "category", "size"):
                    assert row[column] == box[column]
        assert next(rows, None) is None

    def test_both_thresholds_matter(self, objects):
        strict, loose = (objects[objects["confidence"] == c]["iou"] for c in (0.25, 0.001))
        assert strict.mean() < loose.mean()

    def test_success_needs_more_than_a_half(self):
        layouts, images, _ = random_case(1, n_layouts=1)
        box = [0.0, 0.0, 0.5, 0.5]
        layouts[["x0", "y0", "x1", "y1"]] = box
        detections = pd.DataFrame(
            [[layouts["layout_id"][0], layouts["category"][0], 0.9, 0.0, 0.0, 0.5, 1.0]],
            columns=["layout_id", "class", "confidence", "x0", "y0", "x1", "y1"],
        )
        at_half = object_table(layouts, images, detections, CATEGORIES)
        assert at_half["iou"].tolist() == [0.5, 0.5]
        assert not at_half["success"].any()

    def test_no_detection_at_all_is_zero_of_every_object(self):
        layouts, images, detections = random_case(1)
        found = object_table(layouts, images, detections[:0], CATEGORIES)
        assert len(found) == 2 * len(layouts)
        assert (found["iou"] == 0).all()
        assert not found["success"].any()

    @pytest.mark.parametrize(
        ("spoil", "message"),
        [
            (lambda la, im, de: (la, im[1:], de), "'l000' has no picture"),
            (lambda la, im, de: (la[1:], im, de), "'l000' is drawn but is not among the layouts"),
            (lambda la, im, de: (la, pd.concat([im, im[:1]]), de), "has two pictures or more"),
            (
                lambda la, im, de: (la, im, de.assign(layout_id="elsewhere")),
                "'elsewhere' has detections but no picture",
            ),
        ],
    )
    def test_nothing_is_lost_silently(self, spoil, message):
        with pytest.raises(ValueError, match=message):
            object_table(*spoil(*random_case(1)), CATEGORIES)

    def test_a_category_that_no_detector_knows(self):
        with pytest.raises(ValueError, match="does not know tree"):
            object_table(*random_case(1), CATEGORIES[:3])


class TestAggregate:
    def test_values_and_counts_equal_loops(self, objects):
        found = levels(objects).to_dict("records")
        assert len(found) == 2 * 4 * 2
        for row in found:
            part = [
                o
                for o in objects.to_dict("records")
                if o["confidence"] == row["confidence"] and row["size"] in ("all", o["size"])
            ]
            if row["measure"] == "iou":
                expected = np.mean([o["iou"] for o in part])
            else:
                expected = 100 * np.mean([o["success"] for o in part])
            assert row["value"] == pytest.approx(expected, abs=1e-9)
            assert row["n_objects"] == len(part)
            assert row["n_images"] == len({o["layout_id"] for o in part})
            assert row["low"] <= row["value"] <= row["high"]

    def test_pictures_are_resampled_not_objects(self):
        """Twins that share their fate carry no more than one object each does."""
        rng = np.random.default_rng(5)
        success = rng.random(60) < 0.4
        one = pd.DataFrame(
            {
                "confidence": 0.25,
                "layout_id": [f"l{i}" for i in range(60)],
                "position": 0,
                "category": "apple",
                "size": "small",
                "iou": np.where(success, 0.8, 0.1),
                "success": success,
            }
        )
        twins = pd.concat([one, one.assign(position=1)], ignore_index=True)
        a, b = levels(one), levels(twins)
        pd.testing.assert_frame_equal(a.drop(columns="n_objects"), b.drop(columns="n_objects"))
        assert (b["n_objects"] == 2 * a["n_objects"]).all()

    def test_interval_has_the_width_of_a_binomial(self):
        rng = np.random.default_rng(6)
        n = 400
        success = rng.random(n) < 0.3
        objects = pd.DataFrame(
            {
                "confidence": 0.25,
                "layout_id": [f"l{i}" for i in range(n)],
                "position": 0,
                "category": "apple",
                "size": "large",
                "iou": success.astype(float),
                "success": success,
            }
        )
        found = levels(objects, 2000).set_index(["size", "measure"]).loc["all"]
        p = success.mean()
        half = 100 * 1.96 * np.sqrt(p * (1 - p) / n)
        row = found.loc["success"]
        assert (row["high"] - row["low"]) / 2 == pytest.approx(half, rel=0.1)

    def test_a_size_without_objects_keeps_its_rows(self, objects):
        found = levels(objects[objects["size"] != "large"])
        large = found[found["size"] == "large"]
        assert len(large) == 4
        assert large["value"].isna().all()
        assert (large[["n_objects", "n_images"]] == 0).all(axis=None)

    def test_same_seed_same_table(self, objects):
        a, b = (levels(objects, seed=9) for _ in range(2))
        pd.testing.assert_frame_equal(a, b)


class TestCompare:
    def test_difference_of_the_aggregates(self, objects, other):
        keys = ["confidence", "size", "measure"]
        tables = [levels(x).set_index(keys) for x in (objects, other)]
        found = difference(objects, other).set_index(keys)
        expected = tables[0]["value"] - tables[1]["value"]
        np.testing.assert_allclose(found["difference"], expected.loc[found.index], atol=1e-9)
        assert (found["n_objects"] == tables[0]["n_objects"].loc[found.index]).all()
        assert (found["n_images"] == tables[0]["n_images"].loc[found.index]).all()
        assert list(found.index) == list(tables[0].index)

    def test_turned_round(self, objects, other):
        a, b = difference(objects, other), difference(other, objects)
        np.testing.assert_allclose(a["difference"], -b["difference"], atol=1e-12)
        np.testing.assert_allclose(a["low"], -b["high"], atol=1e-9)
        np.testing.assert_allclose(a["p_value"], b["p_value"])

    def test_a_method_against_itself(self, objects):
        found = difference(objects, objects)
        assert (found["difference"] == 0).all()
        assert found[["low", "high"]].isna().all(axis=None), "no spread to resample"
        assert (found["p_value"] == 1).all()

    def test_order_of_rows_does_not_matter(self, objects, other):
        shuffled = other.sample(frac=1, random_state=0)
        a, b = (difference(objects, x) for x in (other, shuffled))
        pd.testing.assert_frame_equal(a, b)

    def test_pairing_narrows_the_interval(self, objects):
        better = objects.assign(iou=objects["iou"] + 0.01)
        row = difference(better, objects).iloc[0]
        alone = levels(objects).iloc[0]
        assert row["difference"] == pytest.approx(0.01)
        assert row["high"] - row["low"] < 1e-9 < alone["high"] - alone["low"]
        assert row["p_value"] < 0.01

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda x: x.iloc[1:],
            lambda x: x.assign(category=x["category"].replace("apple", "pear")),
            lambda x: x.assign(confidence=x["confidence"].replace(0.25, 0.3)),
            lambda x: pd.concat([x, x.iloc[:1]]),
        ],
    )
    def test_different_objects(self, objects, spoil):
        with pytest.raises(ValueError, match="cover different objects"):
            difference(objects, spoil(objects))
