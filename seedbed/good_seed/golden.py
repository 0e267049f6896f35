"""Golden seeds, and a fair trial of them.

Good Seed Makes a Good Crop, sec. 4.1: the golden seeds are those in both the best 256 of
1,024 by FID and the best 256 by HPS v2. They are then tried on other prompts against random
seeds, one seed drawn per prompt, in three trials.

What chance gives: two independent rankings that each keep K of N share a hypergeometric
number of seeds, mean K^2 / N and variance K^2 (N - K)^2 / (N^2 (N - 1)): 64.0 +- 6.0 for 256
of 1,024. The paper's 65 and 67 are therefore no sign that the two metrics agree.

Seeds picked as the best on some prompts look too good on those prompts; `assert_fair` makes
sure that they are judged on others.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd
from scipy.stats import hypergeom

from seedbed.good_seed.rank import best, ranks, same_seeds


@dataclass(frozen=True)
class Golden:
    """Seeds in both top lists, with the overlap expected of independent rankings.

    With one ranking alone golden seeds are its top list, and there is no overlap to expect:
    ``k_expected``, ``k_sd`` and ``p_at_least_k`` are ``None``.
    """

    seeds: tuple[int, ...]  # by the sum of their ranks, best first
    k: int
    k_expected: float | None
    k_sd: float | None
    p_at_least_k: float | None
    top_fd: tuple[int, ...]
    top_preference: tuple[int, ...]
    n_pool: int


def select(
    fd_scores: pd.Series | None, pref_scores: pd.Series | None, quantile: float = 0.25
) -> Golden:
    """Seeds among the best by Frechet distance (low) and by preference (high).

    Each list holds the whole part of quantile * N seeds.

    Args:
        fd_scores, pref_scores: by seed; one of them may be ``None``.
        quantile: share of the pool in each list.

    Raises:
        ValueError: no scores, seeds scored on one side only, or a quantile that selects none.
    """
    if fd_scores is not None and pref_scores is not None:
        fd_scores, pref_scores = same_seeds(fd_scores, pref_scores)
    given = [(s, low) for s, low in ((fd_scores, True), (pref_scores, False)) if s is not None]
    if not given:
        raise ValueError("golden seeds need a Frechet distance or a preference to be chosen by")
    n = len(given[0][0])
    if not 0 < quantile <= 1:
        raise ValueError(f"quantile must lie in (0, 1], not {quantile}")
    n_top = int(quantile * n + 1e-9)
    if n_top < 1:
        raise ValueError(f"a quantile of {quantile} of {n} seeds selects none")
    tops = [best(scores, n_top, ascending=low) for scores, low in given]
    summed = sum(ranks(scores, ascending=low) for scores, low in given)
    in_all = set.intersection(*map(set, tops))
    shared = summed.loc[sorted(in_all)].sort_values(kind="stable")
    chance = hypergeom(n, n_top, n_top) if len(given) == 2 else None
    by = dict(zip((low for _, low in given), tops, strict=True))
    return Golden(
        seeds=tuple(int(seed) for seed in shared.index),
        k=len(shared),
        k_expected=float(chance.mean()) if chance else None,
        k_sd=float(chance.std()) if chance else None,
        p_at_least_k=float(chance.sf(len(shared) - 1)) if chance else None,
        top_fd=by.get(True, ()),
        top_preference=by.get(False, ()),
        n_pool=n,
    )


def assert_fair(selection_prompts: Collection, test_prompts: Collection) -> None:
    """Raise if seeds would be judged on a prompt they were chosen on."""
    # As text, so that 7 and "7" are seen to be the same prompt.
    chosen, tested = ({str(p) for p in prompts} for prompts in (selection_prompts, test_prompts))
    if not chosen or not tested:
        raise ValueError("a fair test needs prompts to select on and prompts to test on")
    shared = sorted(chosen & tested)
    if shared:
        raise ValueError(
            f"prompt {shared[0]!r} and {len(shared) - 1} more were used to choose the golden "
            "seeds and cannot judge them: give the test a disjoint prompt set"
        )
