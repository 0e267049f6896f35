"""What each image does to a pooled Fréchet distance, to first order.

With pooled mean m and covariance S, real mean m_r and covariance S_r = A A^T, giving image x a
little more weight moves the distance |m - m_r|^2 + Tr S + Tr S_r - 2 Tr (A^T S A)^(1/2) at the rate

    I(x) = 2 (m - m_r)·(x - m) + |x - m|^2 - Tr S - (x - m)^T T (x - m) + Tr (A^T S A)^(1/2),
    T = A (A^T S A)^(-1/2) A^T,

whose mean over the pool is 0. Low is good. A scalar per image, so that seeds' means do not hang on
their number of images as a distance of few images does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

from seedbed.statistics.frechet import GaussianStats, Reference

RELATIVE = 1e-10
"""Eigenvalues below this share of the largest are rounding and have no inverse."""


@dataclass(frozen=True, eq=False)
class Influences:
    """What images do to the distance of a pool whose statistics are known.

    Attributes:
        pool: statistics of all images.
        reference: the real images.
        axes: (r, k) eigenvectors of A^T S A that have an inverse.
        values: (k,) their eigenvalues.
    """

    pool: GaussianStats
    reference: Reference
    axes: np.ndarray
    values: np.ndarray

    @classmethod
    def of(cls, pool: GaussianStats, reference: Reference) -> Influences:
        """From the pool's statistics alone: no image is held.

        Raises:
            ValueError: another number of dimensions than the reference's.
        """
        if pool.d != reference.stats.d:
            raise ValueError(f"features of {pool.d} do not fit a reference of {reference.stats.d}")
        values, vectors = eigh(reference.root.T @ (pool.scatter / pool.n) @ reference.root)
        kept = values > RELATIVE * values[-1]
        return cls(pool, reference, vectors[:, kept], values[kept])

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """(n,) float64 influence of images (n, d) of the pool."""
        x = np.asarray(features, dtype=np.float64) - self.pool.mean
        # (A^T S A)^(-1/2) in its own axes.
        along = np.square(x @ self.reference.root @ self.axes) @ (1 / np.sqrt(self.values))
        squares = np.square(x).sum(axis=1)
        towards = 2 * x @ (self.pool.mean - self.reference.stats.mean)
        mean = np.trace(self.pool.scatter) / self.pool.n
        return towards + squares - mean - along + np.sqrt(self.values).sum()


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
    return Influences.of(GaussianStats.from_features(x), reference)(x)
