"""How concentrated Grad-CAM's maps of seed classifiers are, beside maps that know no seed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.render.tables import MISSING, Cells, Table
from seedbed.render.wording import p_value
from seedbed.statistics.bootstrap import percentile_interval, ratio_resamples
from seedbed.statistics.verdicts import sign_flip_p, verdict

OWN = "own seed"
MARGIN = 0.05
"""Differences of area below this, in shares of the picture, do not matter."""
SHARE = Cells(2)


def gradcam_areas(models: list[str], statistics: dict, areas: list[str]) -> Table:
    """The table from files.

    Args:
        models: one for each file.
        statistics: ``bootstrap``, ``permutations``, ``level``, ``seed``.
        areas: per model, as ``good_seed.classifier.explanation`` leaves them.
    """
    tables = [store.read_table(path, ["seed", "prompt_id", "area"]) for path in areas]
    parts = [
        concentration(table, statistics).assign(model=model)
        for model, table in zip(models, tables, strict=True)
    ]
    full = pd.concat(parts, ignore_index=True)
    full = full[["model", *full.columns.drop("model")]]
    return Table(full, _printed(full))


def concentration(areas: pd.DataFrame, statistics: dict) -> pd.DataFrame:
    """Mean area per layer and kind of map, and what the own seed's maps differ by.

    Intervals and tests take seeds as units: with few prompts and many seeds, these are the many.
    Empty maps have no area; they are counted, and their pictures are left out of that mean and of
    the differences.

    Args:
        areas: ``seed``, ``prompt_id``, ``layer``, ``kind``, ``area``.
        statistics: ``bootstrap``, ``permutations``, ``level``, ``seed``.

    Returns:
        ``layer``, ``kind``, ``area``, ``low``, ``high``, ``n_pictures``, ``empty``; but for
        the own seed's maps ``difference`` (own less this), ``difference_low``,
        ``difference_high``, ``p_value`` and ``verdict`` of it.
    """
    rows = []
    for layer, part in areas.groupby("layer", sort=False):
        wide = part.pivot(index=["seed", "prompt_id"], columns="kind", values="area")
        for kind in part["kind"].unique():
            value, low, high, _ = _mean(wide[kind].dropna(), statistics)
            row = {"layer": layer, "kind": kind, "area": value, "low": low, "high": high}
            row |= {"n_pictures": len(wide), "empty": int(wide[kind].isna().sum())}
            if kind != OWN:
                row |= _difference((wide[OWN] - wide[kind]).dropna(), statistics)
            rows.append(row)
    return pd.DataFrame(rows)


def _mean(values: pd.Series, statistics: dict) -> tuple[float, float, float, np.ndarray]:
    """Mean, its interval and its resamples; seeds are drawn anew with all of their pictures."""
    if values.empty:
        return (np.nan, np.nan, np.nan, np.full(statistics["bootstrap"], np.nan))
    of_seed = values.groupby(level="seed").agg(["sum", "size"])
    rng = np.random.default_rng(statistics["seed"])
    sums, sizes = (of_seed[k].to_numpy(np.float64) for k in ("sum", "size"))
    drawn = ratio_resamples(sums[:, None], sizes, statistics["bootstrap"], rng)[:, 0]
    low, high = percentile_interval(drawn, statistics["level"])
    return float(values.mean()), float(low), float(high), drawn


def _difference(differences: pd.Series, statistics: dict) -> dict:
    value, low, high, drawn = _mean(differences, statistics)
    if np.isnan(value):
        return {"difference": value, "verdict": ""}
    level, rng = statistics["level"], np.random.default_rng(statistics["seed"] + 1)
    sums = differences.groupby(level="seed").sum().to_numpy()
    p = sign_flip_p(sums, statistics["permutations"], rng)
    narrow = percentile_interval(drawn, 2 * level - 1)
    return {
        "difference": value,
        "difference_low": low,
        "difference_high": high,
        "p_value": p,
        "verdict": verdict((low, high), p, narrow, MARGIN, 1 - level),
    }


def _printed(full: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Model": row.model,
                "Layer": row.layer,
                "Map of": row.kind,
                "Area": SHARE.number(row.area),
                "Interval": SHARE.limits(row.low, row.high),
                "Own seed less this": SHARE.signed(row.difference),
                "Its interval": SHARE.interval(row.difference_low, row.difference_high),
                "Verdict": f"{row.verdict} ({p_value(row.p_value)})" if row.verdict else MISSING,
                "n (empty maps)": f"{row.n_pictures:,} pictures ({row.empty})",
            }
            for row in full.fillna({"verdict": ""}).itertuples(index=False)
        ]
    )
