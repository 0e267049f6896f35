"""Resampling: percentile intervals, paired differences, rank correlations.

The resampled units are whatever a claim generalises over: prompts when one seed's
score is in question, seeds when a ranking is. Values measured on the same unit move
together in every resample, so that differences between them are paired. Every function
takes an integer seed or a `numpy.random.Generator`; none touches numpy's global state.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Estimate:
    """A number with its bootstrap interval and the count of units it rests on."""

    value: float
    low: float
    high: float
    n: int


def bootstrap_indices(n: int, n_boot: int, rng: np.random.Generator) -> np.ndarray:
    """`n_boot` resamples of `n` units with replacement, as indices (n_boot, n)."""
    if n < 1 or n_boot < 1:
        raise ValueError(f"cannot draw {n_boot} resamples of {n} units: both must be at least 1")
    return rng.integers(n, size=(n_boot, n))


def bootstrap_counts(n: int, n_boot: int, rng: np.random.Generator) -> np.ndarray:
    """The same resamples as how often each unit was drawn, (n_boot, n); rows sum to n."""
    indices = bootstrap_indices(n, n_boot, rng) + n * np.arange(n_boot)[:, None]
    return np.bincount(indices.ravel(), minlength=n * n_boot).reshape(n_boot, n)


def counts_in_parts(
    n: int, n_boot: int, rng: np.random.Generator, values: int = 2**22
) -> Iterator[np.ndarray]:
    """``bootstrap_counts`` in parts of at most about ``values`` numbers, so that memory is bound.

    Yields:
        (resamples, n) float64; ``n_boot`` resamples in all.
    """
    most = max(1, values // n)
    for start in range(0, n_boot, most):
        yield bootstrap_counts(n, min(most, n_boot - start), rng).astype(np.float64)


def ratio_resamples(
    sums: np.ndarray, counts: np.ndarray, n_boot: int, rng: np.random.Generator
) -> np.ndarray:
    """Means over objects where what holds them is resampled: sum / count of each resample.

    Args:
        sums: (n, columns) of each unit.
        counts: (n,) objects of each unit, above 0.
        n_boot: resamples, the same for all columns.
        rng: the only source of randomness.

    Returns:
        (n_boot, columns).
    """
    parts = counts_in_parts(len(counts), n_boot, rng)
    return np.concatenate([(drawn @ sums) / (drawn @ counts)[:, None] for drawn in parts])


def percentile_interval(boots: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles (1 - level)/2 and (1 + level)/2 over the last axis."""
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    low, high = np.quantile(boots, [(1 - level) / 2, (1 + level) / 2], axis=-1)
    return low, high


def expanded_level(level: float, n: int) -> float:
    """The level at which a percentile interval of n units covers as often as ``level`` says.

    Resamples of few units spread too little, by sqrt(n / (n - 1)) and by what tells Student's t
    from the normal distribution; the quantiles are taken further out for it (Hesterberg, The
    American Statistician 69, 2015, 371-386: the expanded percentile interval).

    Raises:
        ValueError: fewer than 2 units, which have no spread.
    """
    from scipy.stats import norm, t

    if n < 2:
        raise ValueError(f"{n} units have no spread: an interval needs at least 2")
    # Of two units it would round to 1: then all resamples lie in the interval.
    outside = norm.sf(np.sqrt(n / (n - 1)) * t.ppf((1 + level) / 2, n - 1))
    return float(1 - 2 * max(outside, 1e-12))


def paired_difference(
    a: np.ndarray, b: np.ndarray, n_boot: int, seed: int, level: float = 0.95
) -> Estimate:
    """mean(a - b) over units measured under both conditions, resampling the units."""
    a, b = _pair(a, b)
    difference = a - b
    rng = np.random.default_rng(seed)
    boots = bootstrap_counts(len(a), n_boot, rng) @ difference / len(a)
    low, high = percentile_interval(boots, level)
    return Estimate(float(difference.mean()), float(low), float(high), len(a))


def correlation_interval(
    x: np.ndarray, y: np.ndarray, n_boot: int, seed: int, level: float = 0.95
) -> Estimate:
    """Spearman's rho between two scores of the same seeds, resampling the seeds.

    A resample that draws one value only has no correlation; such resamples (frequent
    only with a handful of seeds) are left out of the quantiles.
    """
    x, y = _pair(x, y)
    if len(x) < 3:
        raise ValueError(f"a rank correlation needs at least 3 seeds, not {len(x)}")
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        raise ValueError("a rank correlation needs scores that differ: one side is constant")
    parts = counts_in_parts(len(x), n_boot, np.random.default_rng(seed), values=2**18)
    boots = np.concatenate([_spearman(x, y, drawn) for drawn in parts])
    boots = boots[np.isfinite(boots)]
    if not len(boots):
        raise ValueError(f"none of {n_boot} resamples has a correlation: raise n_boot")
    low, high = percentile_interval(boots, level)
    rho = _spearman(x, y, np.ones((1, len(x))))[0]
    return Estimate(float(rho), float(low), float(high), len(x))


def _spearman(x: np.ndarray, y: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Spearman's rho of each resample; NaN where it holds one value only.

    Args:
        x, y: (n,) scores.
        counts: (resamples, n) how often each was drawn.
    """
    a, b = _centred_ranks(x, counts), _centred_ranks(y, counts)
    norm = np.sqrt((counts * a * a).sum(axis=-1) * (counts * b * b).sum(axis=-1))
    cross = (counts * a * b).sum(axis=-1)
    return np.divide(cross, norm, out=np.full_like(norm, np.nan), where=norm > 0)


def _centred_ranks(x: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Midranks of every unit in each resample, less their mean, without sorting anew."""
    order = np.argsort(x, kind="stable")
    _, starts, inverse = np.unique(x[order], return_index=True, return_inverse=True)
    drawn = np.add.reduceat(counts[:, order], starts, axis=1)
    ranks = np.cumsum(drawn, axis=1) - (drawn - 1) / 2
    of_unit = np.empty_like(counts)
    of_unit[:, order] = ranks[:, inverse]
    return of_unit - (counts.sum(axis=1, keepdims=True) + 1) / 2


def _pair(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.ndim != 1 or a.shape != b.shape or not len(a):
        raise ValueError(f"paired values must be two equal vectors, not {a.shape} and {b.shape}")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError("paired values hold NaN or infinity: a missing unit must not shrink n")
    return a, b
