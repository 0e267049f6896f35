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

    mean_{i != j} k(x_i, x_j) - 2 mean_i mean_r k(x_i, y_r) + mean_{r != q} k(y_r, y_q)

of its own images, without a bias (``alone``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    return Kernel.of(generated, real, sigma)(generated, np.ones(len(generated), dtype=bool))


@dataclass(frozen=True, eq=False)
class Kernel:
    """What images are held against for their witness: generated and real ones.

    Attributes:
        others: (k, d) float32 generated images, all or a sample drawn at random.
        real: (m, d) float32.
        centre: (d,) of the real images, to which all are shifted: in float32 far-off points would
            lose their distances.
        sigma: of the kernel.
    """

    others: np.ndarray
    real: np.ndarray
    centre: np.ndarray
    sigma: float

    @classmethod
    def of(cls, others: np.ndarray, real: np.ndarray, sigma: float) -> Kernel:
        """From features as they were measured."""
        centre = np.asarray(real, dtype=np.float64).mean(axis=0)
        return cls(_shifted(others, centre), _shifted(real, centre), centre, sigma)

    def __call__(self, generated: np.ndarray, among: np.ndarray) -> np.ndarray:
        """(n,) float64 witness of images; no n × n table is held.

        Args:
            generated: (n, d) features.
            among: (n,) whether each is one of ``others``, which it is then not held against.
        """
        found = np.empty(len(generated))
        for start in range(0, len(generated), BLOCK):
            part = slice(start, start + BLOCK)
            rows = _shifted(generated[part], self.centre)
            # An image's kernel to itself is 1.
            own = _kernel_sums(rows, self.others, self.sigma) - among[part]
            found[part] = own / (len(self.others) - among[part])
            found[part] -= _kernel_sums(rows, self.real, self.sigma) / len(self.real)
        return found


def _shifted(x: np.ndarray, centre: np.ndarray) -> np.ndarray:
    return (np.asarray(x, np.float64) - centre).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Real:
    """Real images that seeds' own are held against, one seed after another.

    Attributes:
        rows: (m, d) float64, less ``centre``.
        centre: (d,) their mean, near which differences lose no digits.
        sigma: of the kernel.
        within: mean kernel of two of them.
    """

    rows: np.ndarray
    centre: np.ndarray
    sigma: float
    within: float

    @classmethod
    def of(cls, real: np.ndarray, sigma: float) -> Real:
        """From features (m, d), m at least 2."""
        rows = np.asarray(real, dtype=np.float64)
        centre = rows.mean(axis=0)
        rows = rows - centre
        within = (_kernel_sums(rows, rows, sigma).sum() - len(rows)) / (len(rows) * (len(rows) - 1))
        return cls(rows, centre, sigma, within)


def alone(
    features: np.ndarray, real: Real, groups: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Squared discrepancy of each seed's own images; without a bias, so that it may be negative.

    Args:
        features: (S, P, d).
        real: what they are held against.
        groups: places of prompts, which together are all of them.

    Returns:
        (S,) values, and (S, G) values without each group of prompts.
    """
    n_seeds, n_prompts, _ = features.shape
    left = np.ones((len(groups) + 1, n_prompts))
    for row, group in zip(left[1:], groups, strict=True):
        row[group] = 0
    n = left.sum(axis=1)
    y, sigma = real.rows, real.sigma
    found = np.empty((n_seeds, len(left)))
    for s in range(n_seeds):
        x = features[s].astype(np.float64) - real.centre
        pairs = np.zeros(len(left))
        for start in range(0, n_prompts, BLOCK):
            part = slice(start, start + BLOCK)
            own = np.exp(_squared(x, x[part]) / (-2 * sigma**2))
            pairs += ((left @ own) * left[:, part]).sum(axis=1)
            pairs -= left[:, part] @ own[part].diagonal()
        crossed = left @ _kernel_sums(x, y, sigma) / (n * len(y))
        found[s] = pairs / (n * (n - 1)) - 2 * crossed + real.within
    return found[:, 0], found[:, 1:]


def _kernel_sums(rows: np.ndarray, others: np.ndarray, sigma: float) -> np.ndarray:
    total = np.zeros(len(rows))
    for start in range(0, len(others), 8 * BLOCK):
        squared = _squared(rows, others[start : start + 8 * BLOCK])
        total += np.exp(squared / squared.dtype.type(-2 * sigma**2)).sum(axis=1, dtype=np.float64)
    return total
