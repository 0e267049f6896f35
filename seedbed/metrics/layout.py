"""How well pictures keep to their layout: Lottery Ticket, section 4.3, tables 1 and 2.

Per guidance box: the best intersection over union with a detected box of its class, 0 if
there is none ("max IoU" and "same class": methods.md B7; the paper speaks of the detected
box). A box is controlled if that exceeds ``SUCCESS``. R_suc is the share of
controlled boxes in per cent. Objects of one picture succeed and fail together, so pictures
are what is resampled, and the pictures of two methods are paired by their layout.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pandas as pd

from seedbed.layouts.table import BOX, SIZES
from seedbed.metrics.bootstrap import bootstrap_counts, percentile_interval

SUCCESS = 0.5
"""An IoU above this is a success; paper, section 4.3."""
CONFIDENCES = (0.25, 0.001)
"""Lowest confidence of the detections counted; the paper states none (methods.md B7)."""
MEASURES = {"iou": 1.0, "success": 100.0}
"""Columns of an object table that are averaged, and what their means are multiplied by."""
GROUPS = ("all", *SIZES)
KEYS = ["confidence", "layout_id", "position"]


def iou_matrix(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of each box of ``a`` with each of ``b``.

    Args:
        a: (n, 4) x0 y0 x1 y1 in any one unit.
        b: (m, 4).

    Returns:
        (n, m) float64 in 0..1; 0 where neither box has an area.
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != 4 or b.shape[1] != 4:
        raise ValueError(f"boxes must be (n, 4) and (m, 4), not {a.shape} and {b.shape}")
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    inter = np.clip(high - low, 0, None).prod(axis=-1)
    area_a, area_b = ((x[:, 2:] - x[:, :2]).prod(axis=1) for x in (a, b))
    union = area_a[:, None] + area_b[None] - inter
    return np.divide(inter, union, out=np.zeros_like(inter), where=union > 0)


def object_table(
    layouts: pd.DataFrame,
    images: pd.DataFrame,
    detections: pd.DataFrame,
    classes: Collection[str],
    confidences: Sequence[float] = CONFIDENCES,
) -> pd.DataFrame:
    """Best IoU and success of every guidance box, at each confidence.

    Args:
        layouts: a layout table (``seedbed.layouts.table``).
        images: column ``layout_id``, one row per picture that the detector saw, those in
            which it found nothing among them.
        detections: ``layout_id``, ``class``, ``confidence``, ``x0``, ``y0``, ``x1``, ``y1`` in
            shares of the frame.
        classes: every class that the detector knows.
        confidences: lowest confidence of the detections counted, inclusive.

    Returns:
        ``confidence``, ``layout_id``, ``position``, ``category``, ``size``, ``iou`` (float64,
        0..1), ``success`` (bool); len(confidences) × len(layouts) rows, layouts in their order.

    Raises:
        ValueError: layouts and pictures do not match one to one, a detection belongs to no
            picture, or a category is none of the detector's classes.
    """
    _check_images(layouts, images, detections)
    unknown = sorted(set(layouts["category"]) - set(classes))
    if unknown:
        raise ValueError(f"the detector does not know {', '.join(unknown)}: no box could be found")
    found = {
        key: (part["confidence"].to_numpy(), part[list(BOX)].to_numpy())
        for key, part in detections.groupby(["layout_id", "class"], sort=False)
    }
    best = np.zeros((len(confidences), len(layouts)))
    keys = zip(layouts["layout_id"], layouts["category"], strict=True)
    for i, (key, box) in enumerate(zip(keys, layouts[list(BOX)].to_numpy(), strict=True)):
        if key in found:
            confidence, boxes = found[key]
            ious = iou_matrix(box[None], boxes)[0]
            for t, threshold in enumerate(confidences):
                best[t, i] = ious[confidence >= threshold].max(initial=0.0)
    kept = layouts[["layout_id", "position", "category", "size"]]
    parts = [
        kept.assign(iou=row, success=row > SUCCESS, confidence=threshold)
        for threshold, row in zip(confidences, best, strict=True)
    ]
    columns = [*KEYS, "category", "size", "iou", "success"]
    return pd.concat(parts, ignore_index=True)[columns]


def _check_images(layouts: pd.DataFrame, images: pd.DataFrame, detections: pd.DataFrame) -> None:
    wanted, seen = set(layouts["layout_id"]), images["layout_id"]
    faults = {
        "has two pictures or more": seen[seen.duplicated()],
        "has no picture": wanted - set(seen),
        "is drawn but is not among the layouts": set(seen) - wanted,
        "has detections but no picture": set(detections["layout_id"]) - set(seen),
    }
    for fault, names in faults.items():
        if len(names):
            raise ValueError(f"layout {min(names)!r} {fault} ({len(set(names))} such layouts)")


def _groups(objects: pd.DataFrame) -> Iterator[tuple[float, str, pd.DataFrame]]:
    """(confidence, size group, its rows) in the order of the report."""
    for confidence in objects["confidence"].unique():
        part = objects[objects["confidence"] == confidence]
        for size in GROUPS:
            yield float(confidence), size, part if size == "all" else part[part["size"] == size]


def _per_image(part: pd.DataFrame, values: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Sums of ``values`` (images, columns) and numbers of objects (images,)."""
    grouped = values.groupby(part["layout_id"], sort=False)
    return grouped.sum().to_numpy(dtype=np.float64), grouped.size().to_numpy(dtype=np.float64)


def _ratios(
    sums: np.ndarray, counts: np.ndarray, n_boot: int, seed: int, level: float
) -> list[tuple[float, float, float]]:
    """(value, low, high) per column: mean over objects, images resampled.

    Where every image has the same value, resampling knows no interval: NaN.
    """
    if not len(counts):
        return [(np.nan, np.nan, np.nan)] * sums.shape[1]
    drawn = bootstrap_counts(len(counts), n_boot, np.random.default_rng(seed))
    low, high = percentile_interval((drawn @ sums).T / (drawn @ counts), level)
    alike = np.ptp(sums / counts[:, None], axis=0) == 0
    low, high = np.where(alike, np.nan, low), np.where(alike, np.nan, high)
    return list(zip(sums.sum(axis=0) / counts.sum(), low, high, strict=True))


def _at_the_end(
    estimate: tuple[float, float, float], top: float, images: int, level: float
) -> tuple[float, float, float]:
    """The estimate, with limits where all images are at 0 or all at the top of the range."""
    value, low, _ = estimate
    if not np.isnan(low) or value not in (0.0, top):
        return estimate
    reach = top * (1 - ((1 - level) / 2) ** (1 / images))
    return (value, 0.0, reach) if value == 0 else (value, top - reach, top)


def aggregate(objects: pd.DataFrame, n_boot: int, seed: int, level: float = 0.95) -> pd.DataFrame:
    """Mean IoU and R_suc by confidence and size, with bootstrap intervals.

    Resamples the pictures that hold an object of the size in question.

    Args:
        objects: what ``object_table`` returns.
        n_boot: resamples.
        seed: of the resamples.
        level: of the intervals.

    Returns:
        ``confidence``, ``size`` ("all" and ``SIZES``), ``measure`` ("iou" 0..1, "success" = R_suc
        in per cent), ``value``, ``low``, ``high``, ``n_objects``, ``n_images``. A size that no
        object has keeps its rows, with NaN and 0. Where all images are at one end of the range,
        the other limit is Clopper and Pearson's with the images as units.
    """
    rows = []
    for confidence, size, part in _groups(objects):
        sums, counts = _per_image(part, part[list(MEASURES)] * list(MEASURES.values()))
        estimates = [
            _at_the_end(estimate, top, len(counts), level)
            for estimate, top in zip(
                _ratios(sums, counts, n_boot, seed, level), MEASURES.values(), strict=True
            )
        ]
        for measure, (value, low, high) in zip(MEASURES, estimates, strict=True):
            rows.append(
                {
                    "confidence": confidence,
                    "size": size,
                    "measure": measure,
                    "value": value,
                    "low": low,
                    "high": high,
                    "n_objects": len(part),
                    "n_images": len(counts),
                }
            )
    return pd.DataFrame(rows)


def sign_flip_p(differences: np.ndarray, n_perm: int, rng: np.random.Generator) -> float:
    """Two-sided p-value of a sum of paired differences under random signs.

    If two methods are alike, each pair's difference is as likely to have the other sign.
    p = (1 + #{|sum of flipped| >= |sum|}) / (1 + n_perm).

    Args:
        differences: (n,) one per independent unit.
        n_perm: random sign patterns.
        rng: the only source of randomness.
    """
    differences = np.asarray(differences, dtype=np.float64)
    observed = abs(differences.sum())
    # Equal sums taken in another order differ in their last digits.
    bound = observed - 1e-9 * np.abs(differences).sum()
    extreme = 0
    for _ in range(n_perm):
        signs = 1 - 2 * rng.integers(2, size=len(differences))
        extreme += abs(signs @ differences) >= bound
    return (1 + extreme) / (1 + n_perm)


def compare(
    a: pd.DataFrame, b: pd.DataFrame, n_boot: int, n_perm: int, seed: int, level: float = 0.95
) -> pd.DataFrame:
    """Paired difference a - b of two methods that drew the same layouts.

    Args:
        a, b: what ``object_table`` returns for each.
        n_boot: resamples of the pictures.
        n_perm: sign patterns over the pictures.
        seed: of both.
        level: of the intervals.

    Returns:
        As ``aggregate``, with the differences of mean IoU and of R_suc (percentage points) and
        the two-sided ``p_value`` (NaN for a size that no object has).

    Raises:
        ValueError: the two cover different objects.
    """
    a, b = (x.set_index([*KEYS, "category", "size"]).sort_index() for x in (a, b))
    if not a.index.equals(b.index):
        odd = a.index.symmetric_difference(b.index)
        which = f"{len(odd)} differ, {odd[0]} the first" if len(odd) else "one has objects twice"
        raise ValueError(f"the two methods cover different objects: {which}")
    measures = list(MEASURES)
    difference = (a[measures].astype(float) - b[measures].astype(float)).reset_index()
    # Highest confidence first, as object_table has it.
    difference = difference.sort_values("confidence", ascending=False, kind="stable")
    rows = []
    for confidence, size, part in _groups(difference):
        sums, counts = _per_image(part, part[measures] * list(MEASURES.values()))
        estimates = _ratios(sums, counts, n_boot, seed, level)
        for i, (measure, (value, low, high)) in enumerate(zip(measures, estimates, strict=True)):
            rng = np.random.default_rng(seed)
            rows.append(
                {
                    "confidence": confidence,
                    "size": size,
                    "measure": measure,
                    "difference": value,
                    "low": low,
                    "high": high,
                    "p_value": sign_flip_p(sums[:, i], n_perm, rng) if len(counts) else np.nan,
                    "n_objects": len(part),
                    "n_images": len(counts),
                }
            )
    return pd.DataFrame(rows)
