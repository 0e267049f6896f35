"""Resampling: percentile intervals, paired differences, rank correlations.

The resampled units are whatever a claim generalises over: prompts when one seed's
score is in question, seeds when a ranking is. Values measured on the same unit move
together in every resample, so that differences between them are paired. Every function
takes an integer seed or a `numpy.random.Generator`; none touches numpy's global state.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata


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
    indices = bootstrap_indices(n, n_boot, rng)
    return np.stack([np.bincount(row, minlength=n) for row in indices])


def percentile_interval(boots: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles (1 - level)/2 and (1 + level)/2 over the last axis."""
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    low, high = np.quantile(boots, [(1 - level) / 2, (1 + level) / 2], axis=-1)
    return low, high


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
    indices = bootstrap_indices(len(x), n_boot, np.random.default_rng(seed))
    boots = _spearman_rows(x[indices], y[indices])
    boots = boots[np.isfinite(boots)]
    if not len(boots):
        raise ValueError(f"none of {n_boot} resamples has a correlation: raise n_boot")
    low, high = percentile_interval(boots, level)
    rho = _spearman_rows(x[None], y[None])[0]
    return Estimate(float(rho), float(low), float(high), len(x))


def _spearman_rows(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Spearman's rho of each row of x with the same row of y; NaN where one is constant."""
    a, b = rankdata(x, axis=-1), rankdata(y, axis=-1)
    a -= a.mean(axis=-1, keepdims=True)
    b -= b.mean(axis=-1, keepdims=True)
    norm = np.sqrt((a * a).sum(axis=-1) * (b * b).sum(axis=-1))
    cross = (a * b).sum(axis=-1)
    return np.divide(cross, norm, out=np.full_like(norm, np.nan), where=norm > 0)


def _pair(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.ndim != 1 or a.shape != b.shape or not len(a):
        raise ValueError(f"paired values must be two equal vectors, not {a.shape} and {b.shape}")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError("paired values hold NaN or infinity: a missing unit must not shrink n")
    return a, b
