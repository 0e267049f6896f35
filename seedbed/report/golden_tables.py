"""Table 1 of Good Seed, and the evidence behind it, beside what the paper reports.

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


def evidence_table(
    models: dict[str, dict],
    metrics: dict[str, dict],
    evidence: dict[str, dict],
    golden: dict[str, dict],
    scores: dict[str, pd.DataFrame],
    paper: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What stands behind the golden seeds, per model: each quantity beside what chance gives.

    Returns:
        (full, printed) with the columns *ours*, interval, what chance gives, *paper*, n.
    """
    rows = []

    def add(model, quantity, value, digits, chance="", low=np.nan, high=np.nan, key=None, n=""):
        column = models[model]["column"]
        found = paper[(paper["model"] == column) & (paper["quantity"] == key)]
        rows.append(
            {
                "model": model,
                "quantity": quantity,
                "ours": value,
                "low": low,
                "high": high,
                "chance": chance,
                "n": n,
                "paper": float(found["value"].iloc[0]) if len(found) else np.nan,
                "digits": digits,
            }
        )

    for model in models:
        chosen, found = golden[model], evidence[model]
        n_seeds = found["n_seeds"]
        chance_k = (
            f"{chosen['k_expected']:.1f} ± {chosen['k_sd']:.1f} (independent rankings); "
            f"P(≥ k) = {chosen['p_at_least_k']:.2f}"
        )
        add(
            model,
            "golden seeds k",
            chosen["k"],
            0,
            chance_k,
            key="golden_k",
            n=f"{n_seeds} seeds",
        )
        for name, set_name in (("set1", "Set 1"), ("set2", "Set 2")):
            size = f"{n_seeds} seeds × {found['n_prompts'][name]} prompts"
            frame = scores[model][scores[model]["split"] == name]
            for metric, about in metrics.items():
                digits = DIGITS[metric].digits
                gap = found[name][metric]
                best = frame[metric].min() if metric == "fd" else frame[metric].max()
                worst = frame[metric].max() if metric == "fd" else frame[metric].min()
                both = {"fd_best": best, "fd_worst": worst}
                for label, value in (("best", best), ("worst", worst)):
                    key = f"{metric}_{label}" if name == "set1" else None
                    if f"{metric}_{label}" in both or metric == "preference":
                        add(
                            model,
                            f"{about['name']}, {label} seed, {set_name}",
                            value,
                            digits,
                            key=key,
                            n=size,
                        )
                add(
                    model,
                    f"{about['name']}, gap best to worst, {set_name}",
                    gap["gap"],
                    digits,
                    f"< {gap['gap_null_95']:.{digits}f} in 95 % of permutations; "
                    f"p = {gap['gap_p_value']:.3f}",
                    n=size,
                )
        for metric, about in metrics.items():
            agreement = found["set1_against_set2"][metric]
            rho = agreement["correlation"]
            add(
                model,
                f"{about['name']}, Spearman Set 1 against Set 2 (split-half)",
                rho["rho"],
                2,
                "0",
                rho["low"],
                rho["high"],
                n=f"{n_seeds} seeds",
            )
            if agreement["both_sets"] is not None:
                add(
                    model,
                    f"{about['name']}, reliability of both sets together (Spearman-Brown)",
                    agreement["both_sets"],
                    2,
                    "0",
                    n=f"{n_seeds} seeds",
                )
        rho = found["fd_against_preference"]["set1"]
        add(
            model,
            "Spearman of the two metrics on Set 1 (positive: they agree)",
            rho["rho"],
            2,
            "0",
            rho["low"],
            rho["high"],
            n=f"{n_seeds} seeds",
        )
    full = pd.DataFrame(rows)
    printed = pd.DataFrame(
        [
            {
                "Model": r.model,
                "Quantity": r.quantity,
                "Ours": Cells(r.digits).number(r.ours),
                "Interval": MISSING
                if np.isnan(r.low)
                else f"[{r.low:.{r.digits}f}, {r.high:.{r.digits}f}]",
                "Chance alone": r.chance or MISSING,
                "n": r.n,
                "Paper": Cells(2 if r.paper % 1 else 0).number(r.paper),
            }
            for r in full.itertuples(index=False)
        ]
    )
    return full.drop(columns="digits"), printed


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


EVIDENCE_CAPTION = (
    "What stands behind the golden seeds, beside what chance alone gives: the overlap of two "
    "independent rankings is hypergeometric; the gap between best and worst seed is compared "
    "with seed labels permuted within prompts; intervals of rank correlations resample seeds. "
    "A distance of one seed is not comparable with one of mixed seeds (Table 1)."
)
