"""Figures 6 and 7 of Good Seed, and the same by another score: seeds on both prompt sets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.render import style


def sorted_seeds(
    models: list[str], metric: str, metric_name: str, scores: list[str], evidence: list[str]
):
    """The figure from files.

    Args:
        models: names.
        metric: a score of ``good_seed.seed_scores``.
        metric_name: honest name for the axis.
        scores: per-seed scores per model.
        evidence: its evidence per model.
    """
    return ranking(
        dict(zip(models, map(store.read_table, scores), strict=True)),
        dict(zip(models, map(store.read_json, evidence), strict=True)),
        metric,
        metric_name,
        lower_is_better=metric != "preference",
    )


def ranking(
    scores: dict[str, pd.DataFrame],
    evidence: dict[str, dict],
    metric: str,
    metric_name: str,
    lower_is_better: bool,
):
    """A column per model: seeds sorted by Set 1 as in the paper, and Set 1 against Set 2.

    Above, the band is each seed's interval on Set 1; below, bars are its intervals on both sets: of
    its difference to the other seeds. A sorted curve rises even if seeds do nothing: what chance
    does not raise is the agreement of the sets, which stands in the titles.

    Args:
        scores: per model the frame of ``good_seed.study``.
        evidence: per model its evidence.
        metric: a score.
        metric_name: honest name for the axis.
        lower_is_better: sorts the best seeds to the left.
    """
    plt = style.pyplot()
    figure, axes = plt.subplots(
        2, len(scores), figsize=(style.PAGE, 5.4), squeeze=False, layout="constrained"
    )
    level = next(iter(evidence.values()))["statistics"]["level"]
    arrow = "lower is better" if lower_is_better else "higher is better"
    for column, (model, frame) in enumerate(scores.items()):
        one, two = (frame[frame["split"] == s].set_index("seed") for s in ("set1", "set2"))
        order = one[metric].sort_values(ascending=lower_is_better).index
        one, two = one.loc[order], two.loc[order]
        _sorted(axes[0, column], one, two, metric, lower_is_better)
        across = evidence[model]["set1_against_set2"][metric]
        rho, verdict = across["correlation"], across["verdict"]
        axes[0, column].set_title(f"{model}, {len(order)} seeds: {verdict}", fontsize=8)
        _scatter(axes[1, column], one, two, metric)
        axes[1, column].set_title(
            f"Spearman ρ = {rho['rho']:.2f} [{rho['low']:.2f}, {rho['high']:.2f}]\n"
            f"reliability {_reliability(evidence[model], metric)}",
            fontsize=7,
        )
    axes[0, 0].set_ylabel(f"{metric_name}\n({arrow}; {100 * level:.0f} % intervals)")
    axes[1, 0].set_ylabel(f"{metric_name}\non Prompt Set 2")
    return figure


def _reliability(evidence: dict, metric: str) -> str:
    both = evidence["both_sets"][metric]
    value, low, high = (both[f"reliability{end}"] for end in ("", "_low", "_high"))
    return f"{value:.2f} [{low:.2f}, {high:.2f}] with {both['n_prompts']} prompts"


def _sorted(axis, one: pd.DataFrame, two: pd.DataFrame, metric: str, lower_is_better: bool) -> None:
    rank = np.arange(1, len(one) + 1)
    low, high = one[f"{metric}_low"], one[f"{metric}_high"]
    axis.fill_between(rank, low, high, color=style.BLUE, alpha=0.2, lw=0)
    n_one, n_two = (int(part["n_prompts"].iloc[0]) for part in (one, two))
    axis.plot(rank, one[metric], color=style.BLUE, lw=1.5, label=f"Prompt Set 1 (n = {n_one})")
    name = f"Prompt Set 2 (n = {n_two})"
    axis.plot(rank, two[metric], color=style.ORANGE, marker="o", ms=2.5, lw=0.6, label=name)
    axis.set_xlabel("seeds, sorted by their score on Set 1")
    axis.legend(loc="upper left" if lower_is_better else "upper right", fontsize=6)
    bottom, top = axis.get_ylim()
    axis.set_ylim(bottom, top + 0.2 * (top - bottom))


def _scatter(axis, one: pd.DataFrame, two: pd.DataFrame, metric: str) -> None:
    around = [
        np.abs([part[metric] - part[f"{metric}_low"], part[f"{metric}_high"] - part[metric]])
        for part in (one, two)
    ]
    axis.errorbar(
        one[metric],
        two[metric],
        xerr=around[0],
        yerr=around[1],
        fmt="o",
        ms=2.5,
        color=style.BLUE,
        ecolor=style.GREY,
        elinewidth=0.4,
        alpha=0.7,
    )
    # Sets of different prompts differ in level: where they agree, seeds lie along this line.
    shift = float(two[metric].mean() - one[metric].mean())
    sign = "+" if shift >= 0 else "−"
    axis.axline(
        (one[metric].mean(), two[metric].mean()),
        slope=1,
        color=style.ORANGE,
        lw=0.8,
        ls="--",
        label=f"y = x {sign} {abs(shift):.3g}",
    )
    axis.set_xlabel("on Prompt Set 1")
    axis.legend(loc="upper left", fontsize=6)
