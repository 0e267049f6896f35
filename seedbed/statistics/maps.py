"""Whether two maps put the same points at the same places.

*Procrustes correlation*: maps are centred, scaled to unit size, turned and mirrored onto each
other; r = the sum of singular values of X^T Y, 0..1, and 1 - r^2 is Procrustes disparity (Gower
1971). *Neighbour overlap*: share of a point's k nearest neighbours in one map that are among its
k nearest in the other; k / (n - 1) by chance. Both matrices hold all pairs of maps, as
``prompt_pairs`` wants them.
"""

from __future__ import annotations

import numpy as np

from seedbed.statistics.prompt_pairs import permuted


def standardised(maps: np.ndarray) -> np.ndarray:
    """(P, S, k) maps, centred and of unit size each.

    Raises:
        ValueError: all points of a map lie at one place.
    """
    maps = np.asarray(maps, dtype=np.float64)
    centred = maps - maps.mean(axis=1, keepdims=True)
    size = np.sqrt(np.square(centred).sum(axis=(1, 2), keepdims=True))
    if (size == 0).any():
        raise ValueError("a map has all its points at one place: nothing to compare")
    return centred / size


def procrustes(maps: np.ndarray) -> np.ndarray:
    """(P, P) Procrustes correlations of (P, S, k) maps."""
    return _procrustes(standardised(maps))


def _procrustes(unit: np.ndarray) -> np.ndarray:
    p, n, k = unit.shape
    side = unit.transpose(1, 0, 2).reshape(n, p * k)
    cross = (side.T @ side).reshape(p, k, p, k).transpose(0, 2, 1, 3)
    if k == 2:
        # The sum of two singular values without finding them.
        det = cross[..., 0, 0] * cross[..., 1, 1] - cross[..., 0, 1] * cross[..., 1, 0]
        return np.sqrt(np.square(cross).sum(axis=(-2, -1)) + 2 * np.abs(det))
    return np.linalg.svd(cross, compute_uv=False).sum(axis=-1)


def permuted_procrustes(maps: np.ndarray, n_perm: int, rng: np.random.Generator) -> np.ndarray:
    """(n_perm,) mean correlations of different maps, the points permuted in each."""
    unit = standardised(maps)
    p, n, _ = unit.shape
    apart = ~np.eye(p, dtype=bool)
    return np.array(
        [
            _procrustes(np.take_along_axis(unit, order[..., None], axis=1))[apart].mean()
            for order in permuted(n, p, n_perm, rng)
        ]
    )


def neighbours(points: np.ndarray, k: int) -> np.ndarray:
    """(S, k) the nearest other points of each of (S, d); ties go to the lower index.

    Raises:
        ValueError: fewer than k others.
    """
    points = np.asarray(points, dtype=np.float64)
    if not 0 < k < len(points):
        raise ValueError(f"{k} neighbours of {len(points)} points: k must lie below their number")
    squares = np.square(points).sum(axis=1)
    distances = squares[:, None] + squares - 2 * points @ points.T
    np.fill_diagonal(distances, np.inf)
    return np.argsort(distances, axis=1, kind="stable")[:, :k]


def overlaps(nearest: np.ndarray) -> np.ndarray:
    """(P, P) mean shares of common neighbours, of (P, S, k) ``neighbours``."""
    p, n, k = nearest.shape
    flat = np.zeros((p, n * n), dtype=np.float32)
    for row, near in zip(flat, nearest, strict=True):
        row[(np.arange(n)[:, None] * n + near).ravel()] = 1
    return (flat @ flat.T).astype(np.float64) / (n * k)


def permuted_overlaps(nearest: np.ndarray, n_perm: int, rng: np.random.Generator) -> np.ndarray:
    """(n_perm,) mean overlaps of different maps, the points permuted in each."""
    p, n, k = nearest.shape
    found = []
    for order in permuted(n, p, n_perm, rng):
        # Point i of a map is now called order[i], and so are its neighbours.
        named = np.take_along_axis(order, nearest.reshape(p, -1), axis=1)
        edges = np.repeat(order, k, axis=1) * n + named
        # An edge that c maps share is common to c (c - 1) ordered pairs of maps.
        common = np.bincount(edges.ravel(), minlength=n * n)
        pairs = np.square(common).sum() - p * n * k
        found.append(pairs / (p * (p - 1) * n * k))
    return np.array(found)
