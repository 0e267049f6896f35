"""Whether the labels of seeds can be exchanged, and seed effects shrunk for what chance adds.

Good Seed Makes a Good Crop, sec. 3.4, reports the distance between the best and the worst of
1,024 seeds. The extremes of 1,024 noisy means lie apart even if no seed matters. The null
model here permutes the seed labels within each prompt, apart for every prompt: it keeps each
prompt's scores and breaks every bond between a seed's images. p = (1 + #{null >= observed})
/ (1 + n_perm).

What is tested is that labels are exchangeable. Seeds of equal expected distance whose pictures
have layouts of their own are not, and are rejected as well: that some seeds are *better* rests on
two disjoint prompt sets (``cross_sets``).

A seed's mean shrinks towards the grand mean by its reliability (``components``), 0 at least:
empirical Bayes, the correction for the winner's curse, the best seed's included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from seedbed.statistics.frechet import ProjectedFeatures, Reference
from seedbed.statistics.per_seed import score_matrix


@dataclass(frozen=True, eq=False)
class PermutedGap:
    """Gap between best and worst seed, and the gaps under permuted labels.

    ``of``: seeds and prompts that it rests on, where these are not all.
    """

    observed: float
    null: np.ndarray
    p_value: float
    of: tuple[int, int] | None = None

    def bound(self, level: float = 0.95) -> float:
        """The gap that chance exceeds in a share 1 - level of permutations."""
        return float(np.quantile(self.null, level))


def permuted_gap(scores: np.ndarray, n_perm: int, seed: int) -> PermutedGap:
    """Best-to-worst gap of per-seed means of scores (S, P)."""
    scores = _two_seeds(score_matrix(scores))
    rng = np.random.default_rng(seed)
    null = [np.ptp(rng.permuted(scores, axis=0).mean(axis=1)) for _ in range(n_perm)]
    return _gap(np.ptp(scores.mean(axis=1)), null)


def permuted_gap_fd(
    features: np.ndarray, reference: Reference, n_perm: int, seed: int
) -> PermutedGap:
    """Best-to-worst gap of the Frechet distances of features (S, P, d).

    Holds all features in float64 about twice over and computes S distances per
    permutation: give it a subset of seeds or prompts at the papers' size.
    """
    features = np.asarray(features)
    if features.ndim != 3:
        raise ValueError(f"features must be (seeds, prompts, d), not of shape {features.shape}")
    n_seeds, n_prompts, d = _two_seeds(features).shape
    points = ProjectedFeatures.of(features.reshape(-1, d), reference)
    labels = np.repeat(np.arange(n_seeds)[:, None], n_prompts, axis=1)
    prompts = np.arange(n_prompts)

    def gap(labels: np.ndarray) -> float:
        return float(np.ptp(points.distances(labels * n_prompts + prompts)))

    rng = np.random.default_rng(seed)
    null = [gap(rng.permuted(labels, axis=0)) for _ in range(n_perm)]
    return _gap(gap(labels), null)


def gap_of(stored: Mapping) -> PermutedGap:
    """From ``observed``, ``null`` and ``of`` as JSON has them."""
    return replace(_gap(stored["observed"], stored["null"]), of=tuple(stored["of"]))


def shrunken(means: np.ndarray, reliability: float) -> np.ndarray:
    """Per-seed means (S,) drawn to their grand mean by their reliability.

    Args:
        means: of every seed.
        reliability: as ``components.two_way`` estimates it; below 0 counts as 0.
    """
    grand = means.mean()
    return grand + max(0.0, reliability) * (means - grand)


def _gap(observed: float, null: list[float]) -> PermutedGap:
    if not null:
        raise ValueError("n_perm must be at least 1")
    # A permutation that leaves the table as it was must count, whatever the last digit.
    at_least = np.asarray(null) >= observed * (1 - 1e-12)
    p_value = (1 + int(at_least.sum())) / (1 + len(null))
    return PermutedGap(float(observed), np.asarray(null), p_value)


def _two_seeds(table: np.ndarray) -> np.ndarray:
    if len(table) < 2:
        raise ValueError("a comparison of seeds needs at least two of them")
    return table
