"""How well pictures keep to their layout: Lottery Ticket, section 4.3, tables 1 and 2.

R_suc is the share of controlled boxes (``comparison.objects``) in per cent. Objects of one picture
succeed and fail together, so pictures are what is resampled, and the pictures of two methods
are paired by their layout.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from seedbed.layouts.table import SIZES
from seedbed.lottery_ticket.comparison.objects import KEYS
from seedbed.statistics.bootstrap import bootstrap_counts, percentile_interval

MEASURES = {"iou": 1.0, "success": 100.0}
"""Columns of an object table that are averaged, and what their means are multiplied by."""
GROUPS = ("all", *SIZES)


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
