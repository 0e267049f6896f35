"""Whether some seeds are better: the covariance of their scores on two disjoint prompt sets.

The gap between best and worst of many noisy means is large even if no seed matters, and labels
permuted within prompts also reject seeds that are equally good and only lay pictures out
differently. The covariance between two disjoint prompt sets is 0 unless seeds differ in what is
expected of them: with independent prompts, it estimates the variance between seeds without any
model of the noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seedbed.statistics.bootstrap import counts_in_parts, percentile_interval


@dataclass(frozen=True)
class CrossCovariance:
    """Covariance over seeds of two sets' scores, with interval and one-sided p.

    ``p_value``: how often seeds paired at random have as large a covariance.
    """

    covariance: float
    low: float
    high: float
    p_value: float
    n_seeds: int


def cross_covariance(
    one: np.ndarray, two: np.ndarray, n_boot: int, n_perm: int, seed: int, level: float = 0.95
) -> CrossCovariance:
    """Covariance of (S,) scores of the same seeds on two sets; seeds are resampled and paired anew.

    Raises:
        ValueError: fewer than three seeds.
    """
    one, two = np.asarray(one, dtype=np.float64), np.asarray(two, dtype=np.float64)
    if one.shape != two.shape or one.ndim != 1 or len(one) < 3:
        raise ValueError(f"a covariance needs three seeds in both sets, not {one.shape}")
    n, rng = len(one), np.random.default_rng(seed)
    a, b = one - one.mean(), two - two.mean()
    found = a @ b / (n - 1)
    parts = []
    for counts in counts_in_parts(n, n_boot, rng):
        cross = counts @ (a * b) / n - (counts @ a / n) * (counts @ b / n)
        parts.append(cross * n / (n - 1))
    low, high = percentile_interval(np.concatenate(parts), level)
    null = np.array([a @ rng.permutation(b) for _ in range(n_perm)]) / (n - 1)
    at_least = int((null >= found - 1e-12 * abs(found)).sum())
    return CrossCovariance(float(found), float(low), float(high), (1 + at_least) / (1 + n_perm), n)
