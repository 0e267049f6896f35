"""What each image does to a pooled Fréchet distance, to first order.

With pooled mean m and covariance S, real mean m_r and covariance S_r = A A^T, giving image x a
little more weight moves the distance |m - m_r|^2 + Tr S + Tr S_r - 2 Tr (A^T S A)^(1/2) at the rate

    I(x) = 2 (m - m_r)·(x - m) + |x - m|^2 - Tr S - (x - m)^T T (x - m) + Tr (A^T S A)^(1/2),
    T = A (A^T S A)^(-1/2) A^T,

whose mean over the pool is 0. Low is good. A scalar per image, so that seeds' means do not hang on
their number of images as a distance of few images does.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh

from seedbed.statistics.frechet import Reference

RELATIVE = 1e-10
"""Eigenvalues below this share of the largest are rounding and have no inverse."""


def influence(features: np.ndarray, reference: Reference) -> np.ndarray:
    """(n,) float64 influence of every image on the distance of all of them.

    Args:
        features: (n, d), the pool.
        reference: the real images.

    Raises:
        ValueError: another number of dimensions than the reference's.
    """
    x = np.asarray(features, dtype=np.float64)
    if x.ndim != 2 or x.shape[1] != reference.stats.d:
        raise ValueError(f"features {x.shape} do not fit a reference of {reference.stats.d}")
    mean = x.mean(axis=0)
    x = x - mean
    projected = x @ reference.root
    values, vectors = eigh(projected.T @ projected / len(x))
    kept = values > RELATIVE * values[-1]
    values, vectors = values[kept], vectors[:, kept]
    # (A^T S A)^(-1/2) in its own axes.
    along = np.square(projected @ vectors) @ (1 / np.sqrt(values))
    squares = np.square(x).sum(axis=1)
    towards = 2 * x @ (mean - reference.stats.mean)
    return towards + squares - squares.mean() - along + np.sqrt(values).sum()
