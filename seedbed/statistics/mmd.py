"""Maximum mean discrepancy, one number per image (Gretton et al. 2012; KID and CMMD are kin).

The witness of a generated image x_i is its mean kernel to the other generated images less its
mean kernel to the real ones,

    w_i = mean_{j != i} k(x_i, x_j) - mean_r k(x_i, y_r),   k(a, b) = exp(-|a - b|^2 / (2 s^2)).

Up to a term of the real images alone and a factor of two, the mean of w is the unbiased estimate
of the squared discrepancy, and w_i is what image i adds to it: high where generated images crowd
and real ones do not. Low is good. It is a scalar per image: seeds' means are unbiased whatever n,
and analysis of variance and permutation apply.

What an image adds depends on the pool it is in: of seeds that are equally far from the real images,
one that happens to lie where others do adds more, on every prompt set alike. How far the images of
a seed alone are from the real ones, as its Frechet distance says with a bias that depends on n, is

    mean_{i != j} k(x_i, x_j) - 2 mean_i mean_r k(x_i, y_r)

of its own images, again up to the term of the real images, and without a bias (``alone``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

BLOCK = 1024
SAMPLE = 1000
"""Images of each kind that the bandwidth is taken from."""


def bandwidth(generated: np.ndarray, real: np.ndarray) -> float:
    """Median distance between images, generated and real together, from at most ``SAMPLE`` of each
    spread evenly over the rows.

    Raises:
        ValueError: most images are alike.
    """
    points = np.concatenate([_spread(generated), _spread(real)])
    squared = _squared(points, points)
    found = float(np.sqrt(np.median(squared[np.triu_indices(len(points), 1)])))
    if not found > 0:
        raise ValueError("a kernel needs images that differ: the median of their distances is 0")
    return found


def _spread(x: np.ndarray) -> np.ndarray:
    return np.asarray(x[:: max(1, -(-len(x) // SAMPLE))], dtype=np.float64)


def _squared(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    found = np.square(a).sum(axis=1)[:, None] + np.square(b).sum(axis=1) - 2 * a @ b.T
    return found.clip(min=0)


def witness(generated: np.ndarray, real: np.ndarray, sigma: float | None = None) -> np.ndarray:
    """(n,) float64 witness of every generated image; no n × n table is held.

    Args:
        generated: (n, d) features, n at least 2.
        real: (m, d) features.
        sigma: of the kernel; ``None`` for ``bandwidth``.

    Raises:
        ValueError: fewer than two generated images, or no real one.
    """
    if len(generated) < 2 or not len(real):
        raise ValueError(
            f"a witness needs two generated images and a real one, not {len(generated)} and "
            f"{len(real)}"
        )
    sigma = bandwidth(generated, real) if sigma is None else sigma
    # Shifted to the real mean: in float32 far-off points would lose their distances.
    centre = np.asarray(real, dtype=np.float64).mean(axis=0)
    x, y = ((np.asarray(a, np.float64) - centre).astype(np.float32) for a in (generated, real))
    found = np.empty(len(x))
    for start in range(0, len(x), BLOCK):
        rows = x[start : start + BLOCK]
        # An image's kernel to itself is 1.
        own = _kernel_sums(rows, x, sigma) - 1
        found[start : start + BLOCK] = own / (len(x) - 1) - _kernel_sums(rows, y, sigma) / len(y)
    return found


def alone(
    features: np.ndarray, real: np.ndarray, sigma: float, groups: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Squared discrepancy of each seed's own images, up to the term of the real ones.

    Args:
        features: (S, P, d).
        real: (m, d) features.
        sigma: of the kernel.
        groups: places of prompts, which together are all of them.

    Returns:
        (S,) values, and (S, G) values without each group of prompts.
    """
    n_seeds, n_prompts, _ = features.shape
    left = np.ones((len(groups) + 1, n_prompts))
    for row, group in zip(left[1:], groups, strict=True):
        row[group] = 0
    n = left.sum(axis=1)
    centre = np.asarray(real, dtype=np.float64).mean(axis=0)
    y = np.asarray(real, dtype=np.float64) - centre
    found = np.empty((n_seeds, len(left)))
    for s in range(n_seeds):
        x = features[s].astype(np.float64) - centre
        own = np.exp(_squared(x, x) / (-2 * sigma**2))
        pairs = ((left @ own) * left).sum(axis=1) - left @ own.diagonal()
        found[s] = pairs / (n * (n - 1)) - 2 * left @ _kernel_sums(x, y, sigma) / (n * len(y))
    return found[:, 0], found[:, 1:]


def _kernel_sums(rows: np.ndarray, others: np.ndarray, sigma: float) -> np.ndarray:
    total = np.zeros(len(rows))
    for start in range(0, len(others), 8 * BLOCK):
        squared = _squared(rows, others[start : start + 8 * BLOCK])
        total += np.exp(squared / squared.dtype.type(-2 * sigma**2)).sum(axis=1, dtype=np.float64)
    return total
