"""Two-way analysis of variance of scores (seeds, prompts): y_sp = mu + seed_s + prompt_p + e_sp.

All seeds share all prompts, so prompts cancel from the differences between seeds. A one-way
share, which leaves the prompts in the error, comes out negative where prompts differ much. With
mean squares MS of seeds and of the residual:

    F = MS_seed / MS_res with (S - 1) and (S - 1)(P - 1) degrees of freedom
    var_seed = (MS_seed - MS_res) / P, var_res = MS_res
    share = var_seed / (var_seed + var_res), of what is no prompt's
    reliability of a seed's mean = 1 - 1 / F

Both are rising functions of F, so the interval of the ratio of variances (Searle, Casella and
McCulloch 1992, 3.6) carries over; it is exact for normal effects and was tried on skewed ones.
Without an effect the estimates are as often negative as not, and are given as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import f

from seedbed.statistics.per_seed import score_matrix


@dataclass(frozen=True)
class TwoWay:
    """Variance components, and what the F test of the seeds says.

    Attributes:
        seed, prompt, residual: variances, by moments; may be negative.
        share: of the seeds in what is no prompt's, with its interval ``share_low``, ``share_high``.
        reliability: of a seed's mean over these prompts, with ``reliability_low`` and ``_high``.
        f, p_value: of the hypothesis that no seed differs.
        prompts_for_80: prompts that a reliability of .8 needs; ``None`` without a seed variance.
        n_seeds, n_prompts: the table's size.
    """

    seed: float
    prompt: float
    residual: float
    share: float
    share_low: float
    share_high: float
    reliability: float
    reliability_low: float
    reliability_high: float
    f: float
    p_value: float
    prompts_for_80: int | None
    n_seeds: int
    n_prompts: int


def mean_squares(table: np.ndarray) -> tuple[float, float, float]:
    """Mean squares of seeds, prompts and residual of scores (S, P)."""
    s, p = table.shape
    rows, columns, grand = table.mean(axis=1), table.mean(axis=0), table.mean()
    residual = table - rows[:, None] - columns + grand
    seeds = p * np.square(rows - grand).sum() / (s - 1)
    prompts = s * np.square(columns - grand).sum() / (p - 1)
    return float(seeds), float(prompts), float(np.square(residual).sum() / ((s - 1) * (p - 1)))


def two_way(table: np.ndarray, level: float = 0.95) -> TwoWay:
    """Components of scores (S, P), at least two of each.

    Raises:
        ValueError: a score is missing, or there are too few seeds or prompts, or no variance that
            is no prompt's.
    """
    table = score_matrix(table)
    s, p = table.shape
    if s < 2 or p < 2:
        raise ValueError(f"components need two seeds and two prompts at least, not {s} and {p}")
    seeds, prompts, residual = mean_squares(table)
    if not residual > 1e-12 * np.square(table).mean():
        raise ValueError("seeds differ alike for all prompts: no residual to compare them with")
    ratio, freedom = seeds / residual, (s - 1, (s - 1) * (p - 1))
    tail = (1 - level) / 2
    bounds = ratio / f.ppf(1 - tail, *freedom), ratio / f.ppf(tail, *freedom)
    variance = (seeds - residual) / p
    return TwoWay(
        seed=variance,
        prompt=(prompts - residual) / s,
        residual=residual,
        share=_share(ratio, p),
        share_low=_share(bounds[0], p),
        share_high=_share(bounds[1], p),
        reliability=1 - 1 / ratio,
        reliability_low=1 - 1 / bounds[0],
        reliability_high=1 - 1 / bounds[1],
        f=ratio,
        p_value=float(f.sf(ratio, *freedom)),
        prompts_for_80=int(np.ceil(4 * residual / variance)) if variance > 0 else None,
        n_seeds=s,
        n_prompts=p,
    )


def _share(ratio: float, n_prompts: int) -> float:
    return float((ratio - 1) / (ratio - 1 + n_prompts))


def permuted_share(table: np.ndarray, n_perm: int, rng: np.random.Generator) -> np.ndarray:
    """(n_perm,) shares of the seeds where labels are permuted within every prompt."""
    table = score_matrix(table)
    found = np.empty(n_perm)
    for i in range(n_perm):
        seeds, _, residual = mean_squares(rng.permuted(table, axis=0))
        found[i] = _share(seeds / residual, table.shape[1])
    return found
