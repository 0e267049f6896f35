"""Figures 6 and 7 of Good Seed: per-seed scores, sorted on Set 1, on both prompt sets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.render import style


def sorted_seeds(
    models: list[str], metric: str, metric_name: str, scores: list[str], evidence: list[str]
):
    """Figure 6 or 7 from files.

    Args:
        models: names.
        metric: ``fd`` or ``preference``.
        metric_name: honest name for the axis.
        scores: per-seed scores per model.
        evidence: its evidence per model.
    """
    return ranking(
        dict(zip(models, map(store.read_table, scores), strict=True)),
        dict(zip(models, map(store.read_json, evidence), strict=True)),
        metric,
        metric_name,
        lower_is_better=metric == "fd",
    )


def ranking(
    scores: dict[str, pd.DataFrame],
    evidence: dict[str, dict],
    metric: str,
    metric_name: str,
    lower_is_better: bool,
):
    """One panel per model: seeds sorted by Set 1, with Set 2 in the same order.

    The shaded band is each seed's bootstrap interval over the prompts of Set 1. A sorted
    curve rises even if seeds do nothing: the panel therefore prints Spearman's rho between
    the sets, which chance does not raise, and the gap against its permutation null.

    Args:
        scores: per model the frame of ``good_seed.study``.
        evidence: per model its evidence.
        metric: ``fd`` or ``preference``.
        metric_name: honest name for the axis.
        lower_is_better: sorts the best seeds to the left.
    """
    plt = style.pyplot()
    figure, axes = plt.subplots(
        1, len(scores), figsize=(style.PAGE, 2.6), squeeze=False, layout="constrained"
    )
    for axis, (model, frame) in zip(axes[0], scores.items(), strict=True):
        one = frame[frame["split"] == "set1"].set_index("seed")
        two = frame[frame["split"] == "set2"].set_index("seed")
        order = one[metric].sort_values(ascending=lower_is_better).index
        rank = np.arange(1, len(order) + 1)
        one, two = one.loc[order], two.loc[order]
        axis.fill_between(
            rank, one[f"{metric}_low"], one[f"{metric}_high"], color=style.BLUE, alpha=0.2, lw=0
        )
        n_one, n_two = int(one["n_prompts"].iloc[0]), int(two["n_prompts"].iloc[0])
        axis.plot(rank, one[metric], color=style.BLUE, lw=1.5, label=f"Prompt Set 1 (n = {n_one})")
        axis.plot(
            rank,
            two[metric],
            color=style.ORANGE,
            marker="o",
            ms=2.5,
            lw=0.6,
            label=f"Prompt Set 2 (n = {n_two})",
        )
        rho = evidence[model]["set1_against_set2"][metric]["correlation"]
        gap = evidence[model]["set1"][metric]
        level = evidence[model]["statistics"]["level"]
        digits = 2 if metric == "fd" else 3
        axis.text(
            0.03 if lower_is_better else 0.97,
            0.97,
            f"Spearman ρ = {rho['rho']:.2f} [{rho['low']:.2f}, {rho['high']:.2f}]\n"
            f"gap {gap['gap']:.{digits}f}, chance < {gap['gap_null_95']:.{digits}f}"
            f" (p = {gap['gap_p_value']:.3f})",
            transform=axis.transAxes,
            va="top",
            ha="left" if lower_is_better else "right",
            fontsize=6.5,
        )
        spread = axis.get_ylim()
        axis.set_ylim(spread[0], spread[1] + 0.28 * (spread[1] - spread[0]))
        axis.set_title(f"{model}, {len(order)} seeds", fontsize=8)
        axis.set_xlabel("seeds, sorted by their score on Set 1")
        axis.legend(loc="lower right" if lower_is_better else "lower left", fontsize=6)
    arrow = "lower is better" if lower_is_better else "higher is better"
    axes[0, 0].set_ylabel(f"{metric_name}\n({arrow}; band: {100 * level:.0f} % interval)")
    return figure
