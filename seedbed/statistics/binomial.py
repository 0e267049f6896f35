"""Intervals of shares of yes and no."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm


def wilson(hits: np.ndarray | int, n: int, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's interval of a binomial share (Wilson 1927), for each count of ``hits`` of ``n``.

    Args:
        hits: 0..n, a number or an array.
        n: at least 1.
        level: coverage.

    Returns:
        Low and high ends, of the shape of ``hits``.
    """
    z = norm.ppf((1 + level) / 2)
    share = np.asarray(hits) / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    # At none and at all, the ends are 0 and 1 but for the last bit.
    low = np.where(share == 0, 0.0, middle - half)
    return low, np.where(share == 1, 1.0, middle + half)
