"""Golden seeds, and a fair trial of them.

Good Seed Makes a Good Crop, sec. 4.1: the golden seeds are those in both the best 256 of
1,024 by FID and the best 256 by HPS v2. They are then tried on other prompts against random
seeds, one seed drawn per prompt, in three trials.

What chance gives: two independent rankings that each keep K of N share a hypergeometric
number of seeds, mean K^2 / N and variance K^2 (N - K)^2 / (N^2 (N - 1)): 64.0 +- 6.0 for 256
of 1,024. The paper's 65 and 67 are therefore no sign that the two metrics agree.

Seeds picked as the best on some prompts look too good on those prompts; `assert_fair` makes
sure that they are judged on others.

Beside them stand the top lists of each score alone, whichever scores there are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd
from scipy.stats import hypergeom

from seedbed.good_seed.rank import best, ranks, same_seeds

LOW_IS_GOOD = {"fd": True, "mmd": True, "preference": False}
"""Every score that seeds can be chosen by, and whether a low value is a good one."""
PAPERS = ("fd", "preference")
"""The scores whose top lists the paper's golden seeds share."""


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
    tops: dict[str, tuple[int, ...]]  # per score the best seeds by it alone, best first
    n_pool: int


def select(scores: Mapping[str, pd.Series], quantile: float = 0.25) -> Golden:
    """Seeds among the best by Frechet distance (low) and by preference (high).

    Each list holds the whole part of quantile * N seeds.

    Args:
        scores: by seed, for each name of ``LOW_IS_GOOD`` that there is; other names are ignored.
        quantile: share of the pool in each list.

    Raises:
        ValueError: neither of the paper's scores, seeds scored by one alone, or a quantile that
            selects none.
    """
    given = {name: scores[name] for name in LOW_IS_GOOD if name in scores}
    chosen_by = [name for name in PAPERS if name in given]
    if not chosen_by:
        raise ValueError("golden seeds need a Frechet distance or a preference to be chosen by")
    for name in given:
        same_seeds(given[chosen_by[0]], given[name])
    n = len(given[chosen_by[0]])
    if not 0 < quantile <= 1:
        raise ValueError(f"quantile must lie in (0, 1], not {quantile}")
    n_top = int(quantile * n + 1e-9)
    if n_top < 1:
        raise ValueError(f"a quantile of {quantile} of {n} seeds selects none")
    tops = {name: best(given[name], n_top, LOW_IS_GOOD[name]) for name in given}
    summed = sum(ranks(given[name], LOW_IS_GOOD[name]) for name in chosen_by)
    in_all = set.intersection(*(set(tops[name]) for name in chosen_by))
    shared = summed.loc[sorted(in_all)].sort_values(kind="stable")
    chance = hypergeom(n, n_top, n_top) if len(chosen_by) == 2 else None
    return Golden(
        seeds=tuple(int(seed) for seed in shared.index),
        k=len(shared),
        k_expected=float(chance.mean()) if chance else None,
        k_sd=float(chance.std()) if chance else None,
        p_at_least_k=float(chance.sf(len(shared) - 1)) if chance else None,
        tops=tops,
        n_pool=n,
    )


def select_on(frame: pd.DataFrame, split: str, quantile: float) -> Golden:
    """``select`` by the scores of one prompt set.

    Args:
        frame: per-seed scores of ``good_seed.study``: ``seed``, ``split`` and a column per score.
        split: ``set1`` or ``set2``.
        quantile: share of the pool in each list.
    """
    on = frame[frame["split"] == split].set_index("seed")
    return select({name: on[name] for name in LOW_IS_GOOD if name in on}, quantile)


def spreads(frame: pd.DataFrame) -> dict[str, float]:
    """Per score the standard deviation over seeds, root mean square over the prompt sets.

    What one seed differs from another by, their noise at this number of prompts included: the
    unit of standardised effects.
    """
    names = [name for name in LOW_IS_GOOD if name in frame]
    variances = frame.groupby("split")[names].var(ddof=1)
    return {name: float(variances[name].mean() ** 0.5) for name in names}


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
