"""Guidance boxes against detected ones: Lottery Ticket, section 4.3.

Per guidance box: the best intersection over union with a detected box of its class, 0 if
there is none ("max IoU" and "same class": methods.md B7; the paper speaks of the detected
box). A box is controlled if that exceeds ``SUCCESS``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from seedbed.layouts.table import BOX

SUCCESS = 0.5
"""An IoU above this is a success; paper, section 4.3."""
CONFIDENCES = (0.25, 0.001)
"""Lowest confidence of the detections counted; the paper states none (methods.md B7)."""
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
    check_known(layouts, classes)
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


def check_known(layouts: pd.DataFrame, classes: Collection[str], who: str = "the detector") -> None:
    """Refuse layouts of categories that a detector does not know.

    Raises:
        ValueError: one line that names them.
    """
    unknown = sorted(set(layouts["category"]) - set(classes))
    if unknown:
        raise ValueError(f"{who} does not know {', '.join(unknown)}: no box could be found")


def objects_of(
    layouts: pd.DataFrame,
    images: pd.DataFrame,
    detections: pd.DataFrame,
    classes: Collection[str],
    confidences: Sequence[float],
) -> pd.DataFrame:
    """``object_table`` from what ``evaluators.shards.detect`` wrote, whose prompts are layouts."""
    key = {"prompt_id": "layout_id"}
    images, detections = images.rename(columns=key), detections.rename(columns=key)
    return object_table(layouts, images, detections, classes, confidences)
