"""What paired differences decide: sign-flip tests, adjustment for many, equivalence.

A difference is *higher* or *lower* where its interval excludes 0 and its p-value is below alpha.
That a difference was not found does not make two methods level: they are *level* where the
interval of level 1 - 2 alpha lies within a margin stated before (two one-sided tests, Schuirmann
1987). All else is *undecided*. With a standard error below margin / (z(1 - alpha/2) +
z(1 - alpha)), 0.28 margins at alpha = 0.05, hardly any outcome is.
"""

from __future__ import annotations

import numpy as np

HIGHER, LOWER, LEVEL, UNDECIDED = "higher", "lower", "level", "undecided"


def sign_flip_p(
    differences: np.ndarray, n_perm: int, rng: np.random.Generator, values: int = 2**22
) -> float | np.ndarray:
    """Two-sided p-value of a sum of paired differences under random signs.

    If two methods are alike, each pair's difference is as likely to have the other sign.
    p = (1 + #{|sum of flipped| >= |sum|}) / (1 + n_perm).

    Args:
        differences: (n,) one per independent unit, or (n, columns), all with the same signs.
        n_perm: random sign patterns.
        rng: the only source of randomness.
        values: signs in memory at a time.

    Returns:
        One p-value, or (columns,).
    """
    table = np.asarray(differences, dtype=np.float64)
    columns = table if table.ndim == 2 else table[:, None]
    observed = np.abs(columns.sum(axis=0))
    # Equal sums taken in another order differ in their last digits.
    bound = observed - 1e-9 * np.abs(columns).sum(axis=0)
    extreme = np.zeros(columns.shape[1])
    most = max(1, values // max(len(columns), 1))
    for start in range(0, n_perm, most):
        size = (min(most, n_perm - start), len(columns))
        signs = 1.0 - 2.0 * rng.integers(2, size=size, dtype=np.int8)
        extreme += (np.abs(signs @ columns) >= bound).sum(axis=0)
    p = (1 + extreme) / (1 + n_perm)
    return p if table.ndim == 2 else float(p[0])


def holm(p_values: np.ndarray) -> np.ndarray:
    """p-values adjusted for being many (Holm 1979): all of them hold at once.

    Args:
        p_values: (n,); NaN for what was not tested, which stays and does not count.
    """
    p = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(p.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * p[order]), 1)
    return adjusted


def verdict(
    interval: tuple[float, float],
    p_value: float,
    narrow: tuple[float, float],
    margin: float,
    alpha: float = 0.05,
) -> str:
    """``higher``, ``lower``, ``level`` or ``undecided``.

    Args:
        interval: of the difference, of level 1 - alpha; NaN where no spread is known.
        p_value: that there is none.
        narrow: interval of level 1 - 2 alpha.
        margin: above 0; differences below it do not matter.
        alpha: error of a verdict where its contrary holds.
    """
    low, high = interval
    if p_value < alpha and (low > 0 or high < 0):
        return HIGHER if low > 0 else LOWER
    if -margin < narrow[0] and narrow[1] < margin:
        return LEVEL
    return UNDECIDED
