"""Why tickets win or not: what scores are made of, what travels, what goes with success."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed.lottery_ticket.tickets.score_sources import SOURCES
from seedbed.statistics.bootstrap import (
    bootstrap_counts,
    correlation_interval,
    percentile_interval,
)

TRAVEL = "another place and noise"
"""The test of ``tickets.properties`` that leaves a block nothing but its values."""
ARMS = {"sd": "random noise", "semi": "SemI"}
CARRIED = {"lean": "what the blocks carry", "home": "where the box is"}
COLUMNS = ["part", "name", "value", "low", "high", "chance", "n", "unit"]


def mean_over(
    values: pd.Series, units: pd.Series, n_boot: int, seed: int, level: float
) -> tuple[float, float, float, int]:
    """Mean of values, their units resampled: (value, low, high, number of units)."""
    grouped = values.groupby(units.to_numpy(), sort=False)
    sums, counts = grouped.sum().to_numpy(), grouped.size().to_numpy()
    drawn = bootstrap_counts(len(sums), n_boot, np.random.default_rng(seed))
    low, high = percentile_interval((drawn @ sums) / (drawn @ counts), level)
    return float(sums.sum() / counts.sum()), float(low), float(high), len(sums)


def rank_correlation(
    table: pd.DataFrame, x: str, y: str, n_boot: int, seed: int, level: float
) -> tuple[float, float, float, int]:
    """Spearman's rho of two columns within sizes of objects, images resampled with their ranks.

    Large boxes are hit more easily, whatever they hold; ranks within a size leave that out.

    Args:
        table: ``layout_id``, ``size``, x and y; rows where one of them is missing do not count.
        x, y: columns.
        n_boot, seed, level: of the interval.

    Returns:
        rho, low, high, objects; NaN where a column is constant or fewer than three images are left.
    """
    known = table.dropna(subset=[x, y])
    ranks = known.groupby("size", sort=False)[[x, y]].rank(pct=True)
    # Correlations of resamples follow from how often each image was drawn.
    parts = pd.DataFrame({"n": 1.0, "x": ranks[x], "y": ranks[y]})
    parts = parts.assign(xx=ranks[x] ** 2, yy=ranks[y] ** 2, xy=ranks[x] * ranks[y])
    sums = parts.groupby(known["layout_id"].to_numpy(), sort=False).sum().to_numpy()
    if len(sums) < 3:
        return np.nan, np.nan, np.nan, len(known)
    boots = _correlations(bootstrap_counts(len(sums), n_boot, np.random.default_rng(seed)) @ sums)
    (rho,), boots = _correlations(sums.sum(axis=0)[None]), boots[np.isfinite(boots)]
    if not np.isfinite(rho) or not len(boots):
        return np.nan, np.nan, np.nan, len(known)
    low, high = percentile_interval(boots, level)
    return float(rho), float(low), float(high), len(known)


def _correlations(sums: np.ndarray) -> np.ndarray:
    """Pearson's r from rows of n and sums of x, y, xx, yy, xy; NaN where one is constant."""
    n, x, y, xx, yy, xy = sums.T
    spread = np.maximum(n * xx - x**2, 0) * np.maximum(n * yy - y**2, 0)
    # Sums of equal values cancel but for their last digits.
    known = spread > 1e-12 * (n * xx) * (n * yy)
    norm = np.sqrt(np.where(known, spread, 1))
    return np.where(known, (n * xy - x * y) / norm, np.nan)


def explained(
    variance: pd.DataFrame,
    outcomes: pd.DataFrame,
    properties: pd.DataFrame,
    layers: pd.DataFrame,
    n_boot: int,
    seed: int,
    level: float,
) -> pd.DataFrame:
    """The numbers of the figure.

    Args:
        variance: of ``tickets.score_sources.variance_shares``.
        outcomes: of ``comparison.carried``, with ``size`` and ``iou``.
        properties: of ``tickets.properties``.
        layers: of ``layer_levels``.
        n_boot, seed, level: of all intervals.

    Returns:
        ``COLUMNS``: which part of the question, what, the number with its interval, what chance
        gives, and n of which unit.
    """
    rows = []

    def add(part: str, name: str, found: tuple, chance: float, unit: str) -> None:
        value, low, high, n = found
        row = (part, name, value, low, high, chance, n, unit)
        rows.append(dict(zip(COLUMNS, row, strict=True)))

    how = (n_boot, seed, level)
    for source in SOURCES:
        told = variance.dropna(subset=[source])
        found = mean_over(told[source], told["category"], *how)
        add("variance of a score", source, found, 0.0, "categories")
    moved = properties[properties["test"] == TRAVEL]
    ranks = moved.groupby(["first", "second"], sort=False)[["before", "after", "control"]]
    ranks = ranks.rank(pct=True)
    for column, name in (("after", TRAVEL), ("control", "blocks at random")):
        rho = correlation_interval(ranks["before"].to_numpy(), ranks[column].to_numpy(), *how)
        add("score that travels", name, (rho.value, rho.low, rho.high, rho.n), 0.0, "blocks")
    for arm, label in ARMS.items():
        mine = outcomes[outcomes["arm"] == arm]
        known = mine.dropna(subset=["lean"])
        lean = mean_over(known["lean"], known["layout_id"], *how)
        add("mean lean", label, lean, 0.0, "images")
        for column, what in CARRIED.items():
            found = rank_correlation(mine, column, "iou", *how)
            add(f"IoU with {what}", label, found, 0.0, "objects")
    for row in layers.itertuples():
        auc = (row.auc, row.auc_low, row.auc_high, row.n_found)
        add("agreement of a layer", row.layer, auc, 0.5, "objects")
        gain = (row.gain, row.gain_low, row.gain_high, row.n_images)
        add("gain of SemI from a layer", row.layer, gain, 0.0, "images")
    return pd.DataFrame(rows, columns=COLUMNS)


def layer_levels(
    objects: pd.DataFrame, agreement: pd.DataFrame, n_boot: int, seed: int, level: float
) -> pd.DataFrame:
    """What each layer's maps know of places, and what SemI gains from its scores.

    Args:
        objects: of ``comparison.layers``; its first layer is random noise.
        agreement: of ``comparison.agreement``.
        n_boot, seed, level: of the intervals, images resampled.

    Returns:
        ``layer``, ``grid``, ``auc`` with limits and ``n_found``, ``gain`` (IoU over random noise on
        the same layouts) with limits and ``n_images``; layers without an agreement are left out.
    """
    first = objects[objects["confidence"] == objects["confidence"].max()]
    by_layer = dict(tuple(first.groupby("layer", sort=False)))
    random, *layers = by_layer
    keys = ["layout_id", "position"]
    plain = by_layer[random].set_index(keys)["iou"]
    rows = []
    for layer in layers:
        mine = agreement[agreement["layer"] == layer]
        if mine.empty:
            continue
        auc = mean_over(mine["auc"], mine["layout_id"], n_boot, seed, level)
        paired = by_layer[layer].set_index(keys)["iou"] - plain
        units = paired.index.get_level_values("layout_id").to_series()
        gain = mean_over(paired, units, n_boot, seed, level)
        rows.append(
            {"layer": layer, "grid": int(by_layer[layer]["grid"].iloc[0])}
            | dict(zip(("auc", "auc_low", "auc_high"), auc[:3], strict=True))
            | {"n_found": len(mine)}
            | dict(zip(("gain", "gain_low", "gain_high", "n_images"), gain, strict=True))
        )
    columns = ["layer", "grid", "auc", "auc_low", "auc_high", "n_found"]
    columns += ["gain", "gain_low", "gain_high", "n_images"]
    return pd.DataFrame(rows, columns=columns)
