"""How alike images of one prompt are: Good Seed, equation 2, and the distance beside it.

Equation 2 is the mean over prompts of the mean cosine of the pairs of a prompt's C images. The
vectors are raw and not negative (Gram matrices; place, size and depth in shares of the frame): on
such vectors a cosine stays near 1 whatever happens, so the mean distance of the same pairs stands
beside it. An image without anything to measure is in no pair.
"""

from __future__ import annotations

import numpy as np

MEASURES = ("similarity", "distance")


def pairwise(vectors: np.ndarray) -> tuple[float, float]:
    """Mean cosine and mean Euclidean distance of all pairs of some vectors.

    Args:
        vectors: (n, d); rows with NaN are left out.

    Returns:
        Both; NaN where fewer than two vectors are there.

    Raises:
        ValueError: a vector is all zeros and has no direction.
    """
    vectors = np.asarray(vectors, dtype=np.float64)
    vectors = vectors[np.isfinite(vectors).all(axis=1)]
    if len(vectors) < 2:
        return np.nan, np.nan
    cosine, distance = matrices(vectors)
    upper = np.triu_indices(len(vectors), 1)
    return float(cosine[upper].mean()), float(distance[upper].mean())


def matrices(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, n) cosines and Euclidean distances; NaN in rows and columns of vectors with NaN.

    Raises:
        ValueError: a vector is all zeros and has no direction.
    """
    vectors = np.asarray(vectors, dtype=np.float64)
    products = vectors @ vectors.T
    squared = np.diag(products)
    if (squared == 0).any():
        raise ValueError("a vector is all zeros and has no direction to compare")
    norm = np.sqrt(squared)
    cosine = np.clip(products / norm[:, None] / norm, -1, 1)
    return cosine, np.sqrt(np.maximum(squared[:, None] + squared - 2 * products, 0))
