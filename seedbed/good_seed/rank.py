"""Rank seeds by a score, and tell whether two rankings agree.

Good Seed Makes a Good Crop, sec. 3.4 and Figs 6-7, shows by eye that rankings by FID and by
HPS v2 carry over from Prompt Set 1 to the disjoint Set 2. Here the agreement is Spearman's
rho over seeds, with a bootstrap interval that resamples seeds. Scores are Series indexed by
seed. Ties share the average rank in a correlation; in a selection the lower seed number goes
first, so that a list of seeds never depends on the order of the table.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from seedbed.statistics.bootstrap import correlation_interval


@dataclass(frozen=True)
class Correlation:
    """Spearman's rho over seeds; p_value is two-sided, by the t approximation."""

    rho: float
    p_value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class SplitHalf:
    """Agreement of two prompt sets, and the reliability it implies.

    rho between the sets is the reliability of the ranking by one of them; both together
    have 2 rho / (1 + rho) (Spearman-Brown), None where rho is not positive.
    """

    correlation: Correlation
    both_sets: float | None


def ranks(scores: pd.Series, ascending: bool, ties: str = "average") -> pd.Series:
    """Rank 1 is the best seed; `ascending` when low scores are good, as distances are.

    ties: "average" for correlations; "seed" for selection (the lower seed number first).
    """
    scores = by_seed(scores)
    if ties not in ("average", "seed"):
        raise ValueError(f"ties must be 'average' or 'seed', not {ties!r}")
    method = "average" if ties == "average" else "first"
    return scores.rank(method=method, ascending=ascending)


def best(scores: pd.Series, k: int, ascending: bool) -> tuple[int, ...]:
    """The k best seeds, best first."""
    order = ranks(scores, ascending, ties="seed").sort_values()
    if not 1 <= k <= len(order):
        raise ValueError(f"cannot select {k} of {len(order)} seeds")
    return tuple(int(seed) for seed in order.index[:k])


def spearman(
    a: pd.Series, b: pd.Series, n_boot: int = 2000, seed: int = 0, level: float = 0.95
) -> Correlation:
    """Rank correlation of two scores of the same seeds, matched by seed number."""
    a, b = same_seeds(a, b)
    found = correlation_interval(a.to_numpy(), b.to_numpy(), n_boot, seed, level)
    p_value = float(spearmanr(a.to_numpy(), b.to_numpy()).pvalue)
    return Correlation(found.value, p_value, found.low, found.high, found.n)


def split_half(
    set1_scores: pd.Series,
    set2_scores: pd.Series,
    n_boot: int = 2000,
    seed: int = 0,
    level: float = 0.95,
) -> SplitHalf:
    """Agreement of one metric's per-seed scores on two disjoint prompt sets."""
    found = spearman(set1_scores, set2_scores, n_boot, seed, level)
    both = 2 * found.rho / (1 + found.rho) if found.rho > 0 else None
    return SplitHalf(found, both)


def by_seed(scores: pd.Series) -> pd.Series:
    """Scores in order of seed number, refused if a seed is doubled or has no score."""
    if not scores.index.is_unique:
        raise ValueError(f"seed {scores.index[scores.index.duplicated()][0]} has two scores")
    scores = scores.astype(np.float64).sort_index()
    bad = scores.index[~np.isfinite(scores.to_numpy())]
    if len(bad):
        raise ValueError(f"seed {bad[0]} has no finite score ({len(bad)} such seeds)")
    return scores


def same_seeds(a: pd.Series, b: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Both in order of seed number, refused if one has a seed that the other lacks."""
    a, b = by_seed(a), by_seed(b)
    odd = a.index.symmetric_difference(b.index)
    if len(odd):
        raise ValueError(f"seed {odd[0]} is scored on one side only ({len(odd)} such seeds)")
    return a, b
