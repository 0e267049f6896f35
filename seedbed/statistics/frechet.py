"""Frechet distance between Gaussians fitted to feature vectors, per seed.

Good Seed Makes a Good Crop, sec. 3.4, ranks seeds by the distance between the images of
one seed and real images. With means m and covariances S (ddof 1) of the generated (g) and
reference (r) features,

    FD = |m_g - m_r|^2 + Tr S_g + Tr S_r - 2 Tr (S_g S_r)^(1/2).

The last trace is the sum of the square roots of the eigenvalues of S_g S_r. For any factor
A with A A^T = S_r these are the eigenvalues of the symmetric A^T S_g A (plus zeros), and, with
the centred rows X of the seed, those of the n x n matrix of products of Y = X A / sqrt(n - 1). So A
is computed once for the reference and each seed costs one symmetric eigenproblem, of the smaller:

    covariance route   sum sqrt eigvalsh(A^T S_g A)    r x r, r columns of A
    sample route       sum sqrt eigvalsh(Y Y^T)        n x n, no covariance is made

Covariances of n points have rank at most n - 1, so only that many eigenvalues are kept: the
others are rounding, and their square roots would add up. Singular values of X X_r^T are a third
way (`frechet_distance_small_n`), slower and without squares: what the others are checked against.
`scipy.linalg.sqrtm` is slow (benchmarks/frechet.py) and loses digits on singular products.

The distance is biased upward by an amount that falls with n, so seeds are compared at equal
n only, and never with a set of mixed seeds. It is named FID only when the features are the
Inception network's; nothing here knows, so the caller names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np
from scipy.linalg import eigh, svdvals

from seedbed.statistics.bootstrap import percentile_interval

# Relative to the largest eigenvalue. Rounding in float64 left -4e-16 when tried at d = 512,
# covariances accumulated in one pass in float32 -3e-9 to -2e-6: those are refused.
NEGATIVE_TOLERANCE = 1e-10
CHUNK = 8192


@dataclass(frozen=True, eq=False)
class GaussianStats:
    """Count, mean and scatter (sum of centred outer products) of feature vectors.

    Two of them add up to the statistics of both sets together, so shards can be measured
    apart and merged.
    """

    n: int
    mean: np.ndarray
    scatter: np.ndarray

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError(f"statistics need at least one feature vector, not {self.n}")
        if self.mean.ndim != 1 or self.scatter.shape != (len(self.mean),) * 2:
            raise ValueError(f"mean {self.mean.shape} does not fit scatter {self.scatter.shape}")
        if self.mean.dtype != np.float64 or self.scatter.dtype != np.float64:
            raise ValueError(
                f"statistics must be float64, not {self.mean.dtype} and {self.scatter.dtype}"
            )
        if not (np.isfinite(self.mean).all() and np.isfinite(self.scatter).all()):
            raise ValueError("statistics hold NaN or infinity: measure the features again")

    @classmethod
    def from_features(cls, x: np.ndarray, chunk: int = CHUNK) -> GaussianStats:
        """Statistics of features (n, d) of any float type, accumulated in float64."""
        x = _features(x)
        parts = (cls._of_chunk(x[i : i + chunk]) for i in range(0, len(x), chunk))
        return reduce(cls.merge, parts)

    @classmethod
    def _of_chunk(cls, x: np.ndarray) -> GaussianStats:
        x = x.astype(np.float64)
        mean = x.mean(axis=0)
        x -= mean
        return cls(len(x), mean, x.T @ x)

    def merge(self, other: GaussianStats) -> GaussianStats:
        """Statistics of the union, by the pairwise formula of Chan, Golub and LeVeque."""
        _same_dimension(self, other)
        n = self.n + other.n
        shift = other.mean - self.mean
        mean = self.mean + shift * (other.n / n)
        scatter = self.scatter + other.scatter
        scatter += np.outer(shift, shift * (self.n * other.n / n))
        return GaussianStats(n, mean, scatter)

    __add__ = merge

    @property
    def d(self) -> int:
        return len(self.mean)

    @property
    def cov(self) -> np.ndarray:
        """Covariance with ddof = 1, as `numpy.cov` has it."""
        if self.n < 2:
            raise ValueError("a covariance needs at least two feature vectors")
        return self.scatter / (self.n - 1)


@dataclass(frozen=True, eq=False)
class Reference:
    """What all seeds are compared with: its statistics, and A (d, r) with A A^T = S_r."""

    stats: GaussianStats
    root: np.ndarray
    trace: float

    @classmethod
    def from_features(cls, x: np.ndarray) -> Reference:
        """From features (n, d); while n <= d the centred features themselves are the factor."""
        stats = GaussianStats.from_features(x)
        if stats.n > stats.d:
            return cls.from_stats(stats)
        root = (np.asarray(x, dtype=np.float64) - stats.mean).T / np.sqrt(_freedom(stats.n))
        return cls(stats, root, float(np.trace(stats.cov)))

    @classmethod
    def from_stats(cls, stats: GaussianStats) -> Reference:
        """From statistics alone, through the eigenvectors of the covariance."""
        cov = stats.cov
        values, vectors = eigh(cov)
        _refuse_negative(values[0], values[-1])
        rank = min(stats.d, stats.n - 1)
        root = vectors[:, -rank:] * np.sqrt(values[-rank:].clip(min=0))
        return cls(stats, root, float(np.trace(cov)))


def frechet_distance(a: GaussianStats, reference: Reference) -> float:
    """Distance from statistics, by the covariance route."""
    _same_dimension(a, reference.stats)
    cov = a.cov
    root = reference.root
    product = root.T @ cov @ root
    # The supports of the two may hardly overlap: rounding goes with the norms of the
    # factors, of which the largest eigenvalue can be a small part.
    scale = np.linalg.norm(cov) * np.square(root).sum(axis=0).max()
    cross = _trace_sqrt(product, min(a.n - 1, reference.stats.n - 1), scale)
    return _distance(a.mean - reference.stats.mean, np.trace(cov), reference.trace, cross)


def frechet_distance_small_n(x: np.ndarray, reference_features: np.ndarray) -> float:
    """Distance from samples alone, by singular values of their products: none is squared."""
    x, x_r = _features(x).astype(np.float64), _features(reference_features).astype(np.float64)
    if x.shape[1] != x_r.shape[1]:
        raise ValueError(f"features have {x.shape[1]} dimensions, the reference {x_r.shape[1]}")
    mean, mean_r = x.mean(axis=0), x_r.mean(axis=0)
    x, x_r = (x - mean) / np.sqrt(_freedom(len(x))), (x_r - mean_r) / np.sqrt(_freedom(len(x_r)))
    cross = svdvals(x @ x_r.T).sum()
    return _distance(mean - mean_r, np.square(x).sum(), np.square(x_r).sum(), cross)


def distance(features: np.ndarray, reference: Reference) -> float:
    """Distance of features (n, d) from the reference, by the route of the smaller matrix."""
    features = _features(features)
    n, d = features.shape
    if d != reference.stats.d:
        raise ValueError(f"features have {d} dimensions, the reference {reference.stats.d}")
    if n >= reference.root.shape[1]:
        return frechet_distance(GaussianStats.from_features(features), reference)
    mean = features.mean(axis=0, dtype=np.float64)
    x = (features - mean) / np.sqrt(_freedom(n))
    projected = x @ reference.root
    cross = _trace_sqrt(projected @ projected.T, min(n - 1, reference.stats.n - 1))
    return _distance(mean - reference.stats.mean, np.vdot(x, x), reference.trace, cross)


def per_seed(features: Mapping[int, np.ndarray] | np.ndarray, reference: Reference) -> np.ndarray:
    """Distance of every seed, in the order of the mapping or of the first axis.

    Raises if seeds have different numbers of images: the bias of the distance depends on n.
    """
    if not isinstance(features, Mapping):
        features = dict(enumerate(_features_by_seed(features)))
    if not features:
        raise ValueError("no seed to measure")
    sizes = {seed: len(x) for seed, x in features.items()}
    first = next(iter(sizes))
    for seed, n in sizes.items():
        if n != sizes[first]:
            raise ValueError(
                f"seed {seed} has {n} images and seed {first} has {sizes[first]}: Frechet "
                "distances compare at equal n only; generate the missing images"
            )
    return np.array([distance(x, reference) for x in features.values()])


def interval(
    point: np.ndarray, boots: np.ndarray, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Centred interval: point + quantiles of (boots - mean(boots)), over the last axis.

    Distances of resamples lie above the point: they hold about 63 % different prompts, and the
    distance is biased upward as n falls. They tell the spread, not the level. For the difference
    of two arms; of a single seed's distance they spread too far (``jackknife``).
    """
    point, boots = np.asarray(point, dtype=np.float64), np.asarray(boots, dtype=np.float64)
    low, high = percentile_interval(boots - boots.mean(axis=-1, keepdims=True), level)
    return point + low, point + high


@dataclass(frozen=True, eq=False)
class ProjectedFeatures:
    """Features prepared for many distances of weighted subsets from one reference.

    With z = x - m_r, the squared norms of z and the projection y = z A suffice: a subset
    then costs one weighted covariance of y and its eigenvalues, in the smaller of the two
    shapes, rows x rows or r x r.
    """

    reference: Reference
    shifted: np.ndarray
    squares: np.ndarray
    projected: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray, reference: Reference) -> ProjectedFeatures:
        x = _features(x)
        if x.shape[1] != reference.stats.d:
            raise ValueError(
                f"features have {x.shape[1]} dimensions, the reference {reference.stats.d}"
            )
        shifted = x.astype(np.float64) - reference.stats.mean
        return cls(
            reference, shifted, np.einsum("nd,nd->n", shifted, shifted), shifted @ reference.root
        )

    def distance(self, rows: np.ndarray, counts: np.ndarray | None = None) -> float:
        """Distance of the set that holds each of `rows` as often as `counts` says."""
        counts = np.ones(len(rows)) if counts is None else np.asarray(counts, dtype=np.float64)
        n = int(counts.sum())
        freedom = _freedom(n)
        mean = counts @ self.shifted[rows] / n
        trace = (counts @ self.squares[rows] - n * (mean @ mean)) / freedom
        y = self.projected[rows]
        y = (y - counts @ y / n) * np.sqrt(counts / freedom)[:, None]
        gram = y @ y.T if y.shape[0] < y.shape[1] else y.T @ y
        rank = min(len(rows) - 1, self.reference.stats.n - 1)
        return _distance(mean, trace, self.reference.trace, _trace_sqrt(gram, rank))

    def distances(self, rows: np.ndarray, values: int = 2**21) -> np.ndarray:
        """Distance of each of many sets of equal size, several at a time.

        Args:
            rows: (sets, n) the rows of each, which may repeat.
            values: numbers in memory at a time.

        Returns:
            (sets,).
        """
        n = rows.shape[1]
        freedom = _freedom(n)
        width = self.shifted.shape[1] + 2 * self.projected.shape[1]
        most = max(1, values // (n * width))
        found = []
        for start in range(0, len(rows), most):
            part = rows[start : start + most]
            means = self.shifted[part].mean(axis=1)
            shifts = np.einsum("bd,bd->b", means, means)
            traces = (self.squares[part].sum(axis=1) - n * shifts) / freedom
            y = self.projected[part]
            y = (y - y.mean(axis=1, keepdims=True)) / np.sqrt(freedom)
            turned = y.transpose(0, 2, 1)
            grams = y @ turned if n < y.shape[2] else turned @ y
            rank = min(n - 1, self.reference.stats.n - 1, grams.shape[1])
            roots = np.linalg.eigvalsh(grams)
            _refuse_negative(roots[:, 0], roots[:, -1])
            cross = np.sqrt(roots[:, len(roots[0]) - rank :].clip(min=0)).sum(axis=1)
            found.append(shifts + traces + self.reference.trace - 2 * cross)
        return np.concatenate(found)


def _distance(shift: np.ndarray, trace: float, trace_r: float, cross: float) -> float:
    return float(shift @ shift + trace + trace_r - 2 * cross)


def _trace_sqrt(matrix: np.ndarray, rank: int, scale: float = 0.0) -> float:
    """Trace of the square root of a positive semi-definite matrix of at most this rank."""
    rank = min(rank, len(matrix))
    if not rank:
        return 0.0
    values = np.linalg.eigvalsh((matrix + matrix.T) / 2)
    _refuse_negative(values[0], max(values[-1], scale))
    return float(np.sqrt(values[-rank:].clip(min=0)).sum())


def _refuse_negative(lowest: np.ndarray, scale: np.ndarray) -> None:
    """Raise unless the lowest eigenvalue, or each of several, is zero up to rounding."""
    lowest, scale = np.atleast_1d(lowest), np.atleast_1d(scale)
    below = np.flatnonzero(lowest < -NEGATIVE_TOLERANCE * scale)
    if len(below):
        raise FloatingPointError(
            f"lowest eigenvalue {lowest[below[0]]:.3g} against a scale of "
            f"{scale[below[0]]:.3g}: this is no "
            "covariance; measure the features again and accumulate in float64"
        )


def _features(x: np.ndarray) -> np.ndarray:
    x = np.asarray(x)
    if x.ndim != 2 or not x.size:
        raise ValueError(f"features must be a table (n, d), not of shape {x.shape}")
    finite = np.isfinite(x).all(axis=1)
    if not finite.all():
        row = int(np.flatnonzero(~finite)[0])
        raise ValueError(f"feature vector {row} of {len(x)} holds NaN or infinity")
    return x


def _features_by_seed(features: np.ndarray) -> np.ndarray:
    features = np.asarray(features)
    if features.ndim != 3:
        raise ValueError(f"features must be (seeds, prompts, d), not of shape {features.shape}")
    return features


def _same_dimension(a: GaussianStats, b: GaussianStats) -> None:
    if a.d != b.d:
        raise ValueError(f"features of {a.d} and of {b.d} dimensions cannot be compared")


def _freedom(n: int) -> int:
    if n < 2:
        raise ValueError("a covariance needs at least two feature vectors")
    return n - 1
