"""Table 1 of Good Seed, beside what the paper reports.

A difference to the paper (Δ) is only shown where model and metric are the paper's own;
otherwise each side stands with its own relative effect.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.render.tables import MISSING, Cells, Table, percent

ARM_NAMES = {"random": "Random seeds", "golden": "Golden seeds", "fresh": "Fresh seeds"}
DIGITS = {"fd": Cells(2), "preference": Cells(4)}


def _paper_value(paper: pd.DataFrame, column: str, arm: str, metric: str, part: str):
    found = paper[
        (paper["model"] == column)
        & (paper["arm"] == arm)
        & (paper["metric"] == metric)
        & (paper["part"] == part)
    ]
    if found.empty:
        return np.nan, np.nan
    return float(found["mean"].iloc[0]), float(found["sd"].iloc[0])


def _effect(value: float, baseline: float) -> float:
    return (value - baseline) / abs(baseline) if baseline else np.nan


def golden_against_random(
    studies: list[dict],
    parts: dict[str, str],
    trials: list[str],
    differences: list[str],
    paper: str,
) -> Table:
    """Table 1 from files.

    Args:
        studies, parts: see ``table1``.
        trials, differences: of ``good_seed.judge``, one file each per study.
        paper: the paper's Table 1.
    """
    judged = zip(map(store.read_table, trials), map(store.read_table, differences), strict=True)
    return table1(studies, parts, list(judged), pd.read_csv(paper))


def table1(
    studies: list[dict],
    parts: dict[str, str],
    judged: list[tuple[pd.DataFrame, pd.DataFrame]],
    paper: pd.DataFrame,
) -> Table:
    """Golden, random and fresh seeds: mean ± sd over trials, difference to random, paper.

    Args:
        studies: a model under a ranking each: ``model``, ``ranking``, ``paper`` (``column`` and
            ``same``: where the model stands in the paper's table) and ``metrics``, those of ``fd``
            and ``preference`` that there are, each ``name``, ``column``, ``same``. A ``column`` of
            ``None`` stands nowhere in the paper.
        parts: readable names of ``test`` and ``transfer``.
        judged: per study (trials, differences) of ``good_seed.judge``.
        paper: the paper's Table 1.
    """
    full = pd.DataFrame(
        [
            row
            for study, (trials, differences) in zip(studies, judged, strict=True)
            for metric in study["metrics"]
            for part in parts
            for row in _rows(study, metric, (part, parts[part]), trials, differences, paper)
        ]
    )
    if full["ranking"].nunique() == 1:
        full = full.drop(columns="ranking")
    return Table(full, _print_table1(full))


def _rows(study, metric, named_part, trials, differences, paper) -> Iterator[dict]:
    """The arms of one study under one metric on one set of prompts."""
    part, part_name = named_part
    entry, about = study["paper"], study["metrics"][metric]
    same = entry["same"] and about["same"]
    values = trials[trials["part"] == part]
    if values[metric].isna().all():
        return
    means = values.groupby("arm")[metric].agg(["mean", "std"])
    column = entry["column"]
    baseline = _paper_value(paper, column, "random", about["column"], part)[0]
    # No golden row where no seed was golden.
    for arm in (name for name in ("random", "golden", "fresh") if name in means.index):
        difference = differences[
            (differences["part"] == part)
            & (differences["arm"] == arm)
            & (differences["metric"] == metric)
        ]
        has = not difference.empty
        theirs, their_sd = _paper_value(paper, column, arm, about["column"], part)
        ours = float(means.loc[arm, "mean"])
        yield {
            "model": study["model"],
            "ranking": study["ranking"],
            "metric": about["name"],
            "measure": metric,
            "prompts": part_name,
            "arm": arm,
            "n_seeds": int(values.loc[values["arm"] == arm, "n_seeds"].iloc[0]),
            "n_prompts": int(values["n"].iloc[0]),
            "n_trials": int(values["trial"].nunique()),
            "ours": ours,
            "ours_sd": float(means.loc[arm, "std"]),
            "difference": float(difference["difference"].iloc[0]) if has else np.nan,
            "low": float(difference["low"].iloc[0]) if has else np.nan,
            "high": float(difference["high"].iloc[0]) if has else np.nan,
            "effect": _effect(ours, float(means.loc["random", "mean"])) if has else np.nan,
            "paper_model": column,
            "paper_metric": about["column"],
            "paper": theirs,
            "paper_sd": their_sd,
            "paper_effect": _effect(theirs, baseline) if arm != "random" else np.nan,
            "delta": ours - theirs if same else np.nan,
        }


def _print_table1(full: pd.DataFrame) -> pd.DataFrame:
    printed = []
    for row in full.itertuples(index=False):
        cells = DIGITS[row.measure]
        theirs = cells.with_sd(row.paper, row.paper_sd)
        line = {
            "Model": row.model,
            **({"Ranked by": row.ranking} if "ranking" in full else {}),
            "Metric (prompts)": f"{row.metric} ({row.prompts})",
            "Seeds": f"{ARM_NAMES[row.arm]} ({row.n_seeds})",
            "Ours": cells.with_sd(row.ours, row.ours_sd),
            "Against random [interval]": MISSING
            if np.isnan(row.difference)
            else f"{cells.signed(row.difference)} {cells.interval(row.low, row.high)}",
            "Effect": percent(row.effect),
            "n": f"{row.n_prompts} × {row.n_trials}",
            "Paper": theirs
            if theirs == MISSING
            else f"{theirs} ({row.paper_model}, {row.paper_metric})",
            "Paper's effect": percent(row.paper_effect),
        }
        if full["delta"].notna().any():
            line["Δ"] = cells.signed(row.delta)
        printed.append(line)
    return pd.DataFrame(printed)
