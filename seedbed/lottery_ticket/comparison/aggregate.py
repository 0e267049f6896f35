"""How well pictures keep to their layout: Lottery Ticket, section 4.3, tables 1 and 2.

R_suc is the share of controlled boxes (``comparison.objects``) in per cent. Objects of one picture
succeed and fail together, so layouts are what is resampled, and the pictures of two methods
are paired by their layout. All arms of one comparison share their resamples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seedbed.layouts.table import SIZES
from seedbed.lottery_ticket.comparison.objects import KEYS
from seedbed.statistics.bootstrap import percentile_interval, ratio_resamples
from seedbed.statistics.verdicts import sign_flip_p, verdict

MEASURES = {"iou": 1.0, "success": 100.0}
"""Columns of an object table that are averaged, and what their means are multiplied by."""
GROUPS = ("all", *SIZES)


@dataclass(frozen=True)
class Resampling:
    """How intervals and p-values are found.

    Attributes:
        n_boot: resamples of the layouts, and sign patterns of each test.
        seed: of both.
        level: of the intervals.
    """

    n_boot: int
    seed: int
    level: float = 0.95


@dataclass(frozen=True)
class Group:
    """The objects of one size at one confidence, by picture.

    Attributes:
        confidence, size: of the objects; size "all" for all.
        sums: (images, arms, measures) over the objects of each picture, in ``MEASURES``' units.
        counts: (images,) objects of each picture that holds one.
    """

    confidence: float
    size: str
    sums: np.ndarray
    counts: np.ndarray

    @property
    def about(self) -> dict:
        """Columns that name the group and count it."""
        numbers = {"n_objects": int(self.counts.sum()), "n_images": len(self.counts)}
        return {"confidence": self.confidence, "size": self.size} | numbers

    def means(self, sums: np.ndarray) -> np.ndarray:
        """Means over the objects from (images, columns) sums; NaN where there is none."""
        return sums.sum(axis=0) / self.counts.sum() if len(self.counts) else _nan(sums.shape[1])

    def intervals(
        self, sums: np.ndarray, resampling: Resampling, levels: Sequence[float]
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """(low, high) of each column, per level.

        Where every image has the same mean, resampling knows no interval: NaN.
        """
        if not len(self.counts):
            return [(_nan(sums.shape[1]), _nan(sums.shape[1]))] * len(levels)
        rng = np.random.default_rng(resampling.seed)
        boots = ratio_resamples(sums, self.counts, resampling.n_boot, rng).T
        alike = np.ptp(sums / self.counts[:, None], axis=0) == 0
        found = [percentile_interval(boots, level) for level in levels]
        return [tuple(np.where(alike, np.nan, limit) for limit in limits) for limits in found]


def groups_of(objects: Mapping[str, pd.DataFrame]) -> Iterator[Group]:
    """All sizes at each confidence, the highest first, over arms that drew the same layouts.

    Args:
        objects: object table (``comparison.objects``) per arm.

    Raises:
        ValueError: the arms cover different objects.
    """
    measures = list(MEASURES)
    first, *others = (
        x.set_index([*KEYS, "category", "size"])[measures].astype(float).sort_index()
        for x in objects.values()
    )
    for other in others:
        _refuse_others(first.index, other.index)
    values = np.stack([x.to_numpy() for x in (first, *others)], axis=1) * list(MEASURES.values())
    confidence, layout, size = (
        first.index.get_level_values(k).to_numpy() for k in ("confidence", "layout_id", "size")
    )
    for threshold in sorted(set(confidence), reverse=True):
        for name in GROUPS:
            rows = confidence == threshold
            rows &= True if name == "all" else size == name
            # Sorted by layout, so that the objects of one are adjacent.
            _, starts, counts = np.unique(layout[rows], return_index=True, return_counts=True)
            sums = np.add.reduceat(values[rows], starts, axis=0) if len(starts) else values[:0]
            yield Group(float(threshold), name, sums, counts.astype(float))


def _refuse_others(a: pd.MultiIndex, b: pd.MultiIndex) -> None:
    if not a.equals(b):
        odd = a.symmetric_difference(b)
        which = f"{len(odd)} differ, {odd[0]} the first" if len(odd) else "one has objects twice"
        raise ValueError(f"the arms to compare cover different objects: {which}")


def _nan(n: int) -> np.ndarray:
    return np.full(n, np.nan)


def aggregate(objects: Mapping[str, pd.DataFrame], resampling: Resampling) -> pd.DataFrame:
    """Mean IoU and R_suc of every arm by confidence and size, with bootstrap intervals.

    Resamples the pictures that hold an object of the size in question.

    Args:
        objects: object table (``comparison.objects``) per arm; all of the same layouts.
        resampling: resamples, seed, level.

    Returns:
        ``arm``, ``confidence``, ``size`` ("all" and ``SIZES``), ``measure`` ("iou" 0..1, "success"
        = R_suc in per cent), ``value``, ``low``, ``high``, ``n_objects``, ``n_images``. A size
        that no object has keeps its rows, with NaN and 0. Where all images are at one end of the
        range, the other limit is Clopper and Pearson's with the images as units.

    Raises:
        ValueError: the arms cover different objects.
    """
    rows = []
    keys = [(arm, measure) for arm in objects for measure in MEASURES]
    for group in groups_of(objects):
        sums = group.sums.reshape(len(group.counts), len(keys))
        values = group.means(sums)
        ((low, high),) = group.intervals(sums, resampling, [resampling.level])
        for (arm, measure), *estimate in zip(keys, values, low, high, strict=True):
            ends = _at_the_end(estimate, MEASURES[measure], len(group.counts), resampling.level)
            found = dict(zip(("value", "low", "high"), ends, strict=True))
            rows.append({"arm": arm, "measure": measure, **found, **group.about})
    return _by_arm(rows, list(objects))


def _at_the_end(
    estimate: Sequence[float], top: float, images: int, level: float
) -> tuple[float, float, float]:
    """The estimate, with limits where all images are at 0 or all at the top of the range."""
    value, low, high = estimate
    if not np.isnan(low) or value not in (0.0, top):
        return value, low, high
    reach = top * (1 - ((1 - level) / 2) ** (1 / images))
    return (value, 0.0, reach) if value == 0 else (value, top - reach, top)


def _by_arm(rows: list[dict], arms: list[str]) -> pd.DataFrame:
    order = {arm: k for k, arm in enumerate(arms)}
    return pd.DataFrame(rows).sort_values(
        "arm", key=lambda a: a.map(order), kind="stable", ignore_index=True
    )


def compare(
    objects: Mapping[str, pd.DataFrame],
    pairs: Sequence[tuple[str, str]],
    resampling: Resampling,
    margins: Mapping[str, float],
) -> pd.DataFrame:
    """Paired differences of arms that drew the same layouts.

    Args:
        objects: object table (``comparison.objects``) per arm; all of the same layouts.
        pairs: (arm, partner), each once.
        resampling: resamples, seed, level.
        margins: of each measure, in its units: differences below it do not matter.

    Returns:
        ``arm``, ``partner``, ``confidence``, ``size``, ``measure``, ``difference`` of mean IoU or
        of R_suc (percentage points), ``low`` and ``high``, ``narrow_low`` and ``narrow_high`` (of
        level 2 level - 1, 90 % for 95 %: two one-sided tests), the two-sided ``p_value`` (NaN for
        a size that no object has), ``verdict`` (``statistics.verdicts``), counts.

    Raises:
        ValueError: the arms cover different objects.
    """
    rows, place = [], {arm: k for k, arm in enumerate(objects)}
    alpha = 1 - resampling.level
    keys = [(*pair, measure) for pair in pairs for measure in MEASURES]
    for group in groups_of(objects):
        of_pairs = [group.sums[:, place[a]] - group.sums[:, place[b]] for a, b in pairs]
        sums = np.concatenate(of_pairs, axis=1)
        wide, narrow = group.intervals(sums, resampling, [1 - alpha, 1 - 2 * alpha])
        p = _nan(len(keys))
        if len(group.counts):
            p = sign_flip_p(sums, resampling.n_boot, np.random.default_rng(resampling.seed))
        for i, ((arm, partner, measure), value) in enumerate(
            zip(keys, group.means(sums), strict=True)
        ):
            outer, inner = ((float(low[i]), float(high[i])) for low, high in (wide, narrow))
            said = verdict(outer, p[i], inner, margins[measure], alpha)
            rows.append(
                {"arm": arm, "partner": partner, "measure": measure, "difference": value}
                | dict(zip(("low", "high"), outer, strict=True))
                | dict(zip(("narrow_low", "narrow_high"), inner, strict=True))
                | {"p_value": p[i], "verdict": said, **group.about}
            )
    found = pd.DataFrame(rows)
    order = {pair: k for k, pair in enumerate(pairs)}
    at = [order[pair] for pair in zip(found["arm"], found["partner"], strict=True)]
    return found.iloc[np.argsort(at, kind="stable")].reset_index(drop=True)
