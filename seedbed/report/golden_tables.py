"""Table 1 of Good Seed, beside what the paper reports.

A difference to the paper (Δ) is only shown where model and metric are the paper's own;
otherwise each side stands with its own relative effect.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed.report.tables import MISSING, Cells, percent

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


def table1(
    models: dict[str, dict],
    metrics: dict[str, dict],
    parts: dict[str, str],
    judged: dict[str, tuple[pd.DataFrame, pd.DataFrame]],
    paper: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Golden, random and fresh seeds: mean ± sd over trials, difference to random, paper.

    Args:
        models: per model {``column``, ``same``}: where it stands in the paper's table.
        metrics: ``fd`` and ``preference``, each {``name``, ``column``, ``same``}.
        parts: readable names of ``test`` and ``transfer``.
        judged: per model (trials, differences) of ``seeds.judge``.
        paper: the paper's Table 1.

    Returns:
        (full, printed).
    """
    rows = []
    for model, entry in models.items():
        trials, differences = judged[model]
        for metric, about in metrics.items():
            same = entry["same"] and about["same"]
            for part, part_name in parts.items():
                values = trials[trials["part"] == part]
                if values[metric].isna().all():
                    continue
                means = values.groupby("arm")[metric].agg(["mean", "std"])
                column = entry["column"]
                baseline = _paper_value(paper, column, "random", about["column"], part)[0]
                for arm in ("random", "golden", "fresh"):
                    difference = differences[
                        (differences["part"] == part)
                        & (differences["arm"] == arm)
                        & (differences["metric"] == metric)
                    ]
                    has = not difference.empty
                    theirs, their_sd = _paper_value(paper, column, arm, about["column"], part)
                    ours = float(means.loc[arm, "mean"])
                    rows.append(
                        {
                            "model": model,
                            "metric": about["name"],
                            "measure": metric,
                            "prompts": part_name,
                            "arm": arm,
                            "n_seeds": int(values.loc[values["arm"] == arm, "n_seeds"].iloc[0]),
                            "n_prompts": int(values["n"].iloc[0]),
                            "n_trials": int(values["trial"].nunique()),
                            "ours": ours,
                            "ours_sd": float(means.loc[arm, "std"]),
                            "difference": float(difference["difference"].iloc[0])
                            if has
                            else np.nan,
                            "low": float(difference["low"].iloc[0]) if has else np.nan,
                            "high": float(difference["high"].iloc[0]) if has else np.nan,
                            "effect": _effect(ours, float(means.loc["random", "mean"]))
                            if has
                            else np.nan,
                            "paper_model": column,
                            "paper_metric": about["column"],
                            "paper": theirs,
                            "paper_sd": their_sd,
                            "paper_effect": _effect(theirs, baseline)
                            if arm != "random"
                            else np.nan,
                            "delta": ours - theirs if same else np.nan,
                        }
                    )
    full = pd.DataFrame(rows)
    return full, _print_table1(full)


def _print_table1(full: pd.DataFrame) -> pd.DataFrame:
    printed = []
    for row in full.itertuples(index=False):
        cells = DIGITS[row.measure]
        theirs = cells.with_sd(row.paper, row.paper_sd)
        line = {
            "Model": row.model,
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


def table1_caption(level: float) -> str:
    """What Table 1 shows and under which conditions."""
    return (
        "Golden, random and fresh seeds on prompts that chose none of them: mean ± sd over "
        "trials, one seed drawn per prompt. Golden seeds are in the top share of both rankings "
        "on Set 1; random seeds are drawn from the whole ranked pool, fresh ones from outside "
        f"it. Differences are paired by prompt, with a {100 * level:.0f} % bootstrap interval "
        "over prompts. n = prompts × trials; the number behind each kind of seeds counts the "
        "different seeds drawn. The paper's numbers come from other models and metrics, named "
        "beside them: compare effects, not levels."
    )
