"""Table 1 of Good Seed, beside what the paper reports.

A difference to the paper (Δ) is only shown where model and metric are the paper's own. Effects are
in standard deviations over seeds on both sides: a percentage of a Fréchet distance depends on n.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.good_seed.golden import LOW_IS_GOOD
from seedbed.render.tables import MISSING, Cells, Table
from seedbed.statistics.verdicts import HIGHER, LOWER

ARM_NAMES = {
    "pool": "Random seeds",
    "golden": "Golden seeds",
    "random_k": "As many at random",
    "fresh": "Fresh seeds",
}
PAPERS_ARMS = {"pool": "random", "golden": "golden"}
DIGITS = {"fd": Cells(2), "preference": Cells(4), "mmd": Cells(5)}
CROSSFIT = "crossfit"
AHEAD, BEHIND = "better", "worse"
DIFFERENCES = ["difference", "low", "high", "p_value", "p_adjusted", "effect", "verdict"]
DIFFERENCES += ["narrow_low", "narrow_high", "margin"]


def arm_name(arm: str, metrics: dict[str, dict]) -> str:
    """Readable name of an arm; those by one score alone are named by the metric."""
    if arm in ARM_NAMES:
        return ARM_NAMES[arm]
    score = arm.removeprefix("best_")
    return f"Best by {metrics.get(score, {}).get('name', score.upper())}"


def said(verdict: str, metric: str) -> str:
    """A verdict as better or worse."""
    good, bad = (LOWER, HIGHER) if LOW_IS_GOOD[metric] else (HIGHER, LOWER)
    return {good: AHEAD, bad: BEHIND}.get(verdict, verdict)


def golden_against_random(
    studies: list[dict],
    parts: dict[str, str],
    trials: list[str],
    differences: list[str],
    crossfit: list[str],
    crossfit_differences: list[str],
    paper: str,
) -> Table:
    """Table 1 from files.

    Args:
        studies, parts: see ``table1``.
        trials, differences: of ``good_seed.judge``, one file each per study.
        crossfit, crossfit_differences: of ``good_seed.crossfit``, likewise.
        paper: the paper's Table 1.
    """
    both = [
        [pd.concat([store.read_table(a), store.read_table(b)]) for a, b in zip(*of, strict=True)]
        for of in ((trials, crossfit), (differences, crossfit_differences))
    ]
    return table1(studies, parts, list(zip(*both, strict=True)), pd.read_csv(paper))


def table1(
    studies: list[dict],
    parts: dict[str, str],
    judged: list[tuple[pd.DataFrame, pd.DataFrame]],
    paper: pd.DataFrame,
) -> Table:
    """Every arm: mean ± sd over trials, difference to random seeds, what it decides, paper.

    Args:
        studies: a model under a ranking each: ``model``, ``ranking``, ``paper`` (``column`` and
            ``same``: where the model stands in the paper's table) and ``metrics``, those of ``fd``,
            ``mmd`` and ``preference`` that there are, each ``name``, ``column``, ``same``. A
            ``column`` of ``None`` stands nowhere in the paper.
        parts: readable names of ``test``, ``transfer`` and ``crossfit``.
        judged: per study (trials, differences) of ``good_seed.judge`` and ``crossfit``.
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
    names = {metric: about for study in studies for metric, about in study["metrics"].items()}
    return Table(full, _printed(full, names))


def _paper(paper: pd.DataFrame, column: str | None, arm: str, metric: str | None, part: str):
    """The paper's row for an arm, or one of missing values."""
    found = paper[
        (paper["model"] == column)
        & (paper["arm"] == PAPERS_ARMS.get(arm))
        & (paper["metric"] == metric)
        & (paper["part"] == part)
    ]
    missing = pd.Series(dict.fromkeys(["mean", "sd", "n", "pool", "sd_seeds"], np.nan))
    return missing if found.empty else found.iloc[0]


def _rows(study, metric, named_part, trials, differences, paper) -> Iterator[dict]:
    """The arms of one study under one metric on one set of prompts."""
    part, part_name = named_part
    entry, about = study["paper"], study["metrics"][metric]
    values = trials[trials["part"] == part]
    if metric not in values or values[metric].isna().all():
        return
    told = differences[(differences["part"] == part) & (differences["metric"] == metric)]
    told = told.set_index(["arm", "against"])
    column = entry["column"]
    baseline = _paper(paper, column, "pool", about["column"], part)
    named = [arm for arm in ARM_NAMES if arm in set(values["arm"])]
    arms = [(arm, "pool") for arm in named]
    # No golden row where no seed was golden.
    arms[2:2] = [("golden", "random_k")] if "golden" in named else []
    arms += [(arm, "pool") for arm in values["arm"].unique() if arm not in ARM_NAMES]
    for arm, against in arms:
        mine = values[values["arm"] == arm]
        has = told.loc[(arm, against), DIFFERENCES] if (arm, against) in told.index else None
        theirs = _paper(paper, column, arm if against == "pool" else "", about["column"], part)
        beside = theirs["mean"] - baseline["mean"] if arm != "pool" else np.nan
        ours = float(mine[metric].mean())
        same = entry["same"] and about["same"]
        yield {
            "model": study["model"],
            "ranking": study["ranking"],
            "metric": about["name"],
            "measure": metric,
            "part": part,
            "prompts": part_name,
            "arm": arm,
            "against": against if has is not None else None,
            "n_seeds": int(mine["n_seeds"].max()),
            "n_prompts": int(mine["n"].iloc[0]),
            "n_trials": len(mine),
            "ours": ours,
            # Two directions are no repetitions.
            "ours_sd": float(mine[metric].std()) if part != CROSSFIT else np.nan,
            **(dict.fromkeys(DIFFERENCES, np.nan) if has is None else has.to_dict()),
            "chance": 0.0 if has is not None else np.nan,
            "paper_model": column,
            "paper_metric": about["column"],
            "paper": theirs["mean"],
            "paper_sd": theirs["sd"],
            "paper_n": theirs["n"],
            "paper_pool": theirs["pool"],
            "paper_difference": beside,
            "paper_effect": beside / theirs["sd_seeds"],
            "delta": ours - theirs["mean"] if same else np.nan,
        }


def _printed(full: pd.DataFrame, metrics: dict[str, dict]) -> pd.DataFrame:
    printed = []
    for row in full.itertuples(index=False):
        cells = DIGITS[row.measure]
        name = f"{arm_name(row.arm, metrics)} ({row.n_seeds})"
        decided = not np.isnan(row.difference)
        line = {
            "Model": row.model,
            **({"Ranked by": row.ranking} if "ranking" in full else {}),
            "Metric (prompts)": f"{row.metric} ({row.prompts})",
            "Seeds": name + (" against as many at random" if row.against == "random_k" else ""),
            "Ours": cells.with_sd(row.ours, row.ours_sd),
            "Difference [interval]": f"{cells.signed(row.difference)} "
            f"{cells.interval(row.low, row.high)}"
            if decided
            else MISSING,
            "In sd over seeds": Cells(2).signed(row.effect),
            "p (Holm)": f"{row.p_value:.3f} ({row.p_adjusted:.3f})" if decided else MISSING,
            "Verdict": said(row.verdict, row.measure) if decided else MISSING,
            "n": f"{row.n_prompts} × {row.n_trials}",
            "Paper": _beside(row, cells),
            "Paper's difference": cells.signed(row.paper_difference)
            + ("" if np.isnan(row.paper_effect) else f" ({row.paper_effect:+.2f} sd)"),
        }
        if full["delta"].notna().any():
            line["Δ"] = cells.signed(row.delta)
        printed.append(line)
    return pd.DataFrame(printed)


def _beside(row, cells: Cells) -> str:
    theirs = cells.with_sd(row.paper, row.paper_sd)
    if theirs == MISSING:
        return MISSING
    return (
        f"{theirs} ({row.paper_model}, {row.paper_metric}; n = {row.paper_n:,.0f}, "
        f"{row.paper_pool:,.0f} seeds)"
    )
