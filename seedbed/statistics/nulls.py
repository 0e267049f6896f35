"""What chance alone would show, for every claim that some seeds are better.

Good Seed Makes a Good Crop, sec. 3.4, reports the distance between the best and the worst of
1,024 seeds. The extremes of 1,024 noisy means lie apart even if no seed matters. The null
model here permutes the seed labels within each prompt, apart for every prompt: it keeps each
prompt's scores and breaks every bond between a seed's images. p = (1 + #{null >= observed})
/ (1 + n_perm).

Seed effects come from the two-way table y_sp = mu + seed_s + prompt_p + e_sp, in which all
seeds share all prompts, so that prompts cancel from the differences. With mean squares MS of
seeds and of the residual, the between-seed variance by moments is (MS_seed - MS_res) / P,
floored at 0, and the reliability of a seed's mean is 1 - MS_res / MS_seed: the factor by
which its distance from the grand mean shrinks (empirical Bayes), the best seed's
included: the correction for the winner's curse.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seedbed.statistics.frechet import ProjectedFeatures, Reference
from seedbed.statistics.per_seed import score_matrix


@dataclass(frozen=True, eq=False)
class PermutedGap:
    """Gap between best and worst seed, and the gaps under permuted labels."""

    observed: float
    null: np.ndarray
    p_value: float

    def bound(self, level: float = 0.95) -> float:
        """The gap that chance exceeds in a share 1 - level of permutations."""
        return float(np.quantile(self.null, level))


@dataclass(frozen=True, eq=False)
class Shrunken:
    """Per-seed means, their shrunken values, and the variances behind the shrinkage."""

    means: np.ndarray
    shrunk: np.ndarray
    reliability: float
    between_variance: float
    error_variance: float  # of one seed's mean, apart from what the prompts share


@dataclass(frozen=True)
class VarianceShare:
    """Share of the variance of single images that lies between seeds.

    corrected: (MS_between - MS_within) / (MS_between + (P - 1) MS_within), the intraclass
    correlation, 0 on average without an effect and left negative where chance makes it so;
    raw: SS_between / SS_total, which is raw_if_null, about 1 / P, without an effect.
    """

    corrected: float
    raw: float
    raw_if_null: float


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
        return float(np.ptp([points.distance(row * n_prompts + prompts) for row in labels]))

    rng = np.random.default_rng(seed)
    null = [gap(rng.permuted(labels, axis=0)) for _ in range(n_perm)]
    return _gap(gap(labels), null)


def shrunken(scores: np.ndarray) -> Shrunken:
    """Empirical-Bayes shrinkage of the per-seed means of scores (S, P)."""
    scores = _two_seeds(score_matrix(scores))
    n_seeds, n_prompts = scores.shape
    if n_prompts < 2:
        raise ValueError("shrinkage needs at least two prompts per seed")
    means, grand = scores.mean(axis=1), scores.mean()
    residual = scores - means[:, None] - scores.mean(axis=0) + grand
    ms_residual = np.square(residual).sum() / ((n_seeds - 1) * (n_prompts - 1))
    ms_seed = n_prompts * np.square(means - grand).sum() / (n_seeds - 1)
    between = max(0.0, (ms_seed - ms_residual) / n_prompts)
    error = ms_residual / n_prompts
    reliability = between / (between + error) if between > 0 else 0.0
    shrunk = grand + reliability * (means - grand)
    return Shrunken(means, shrunk, float(reliability), float(between), float(error))


def variance_share(scores: np.ndarray) -> VarianceShare:
    """One-way analysis of variance of scores (S, P) by seed."""
    scores = _two_seeds(score_matrix(scores))
    n_seeds, n_prompts = scores.shape
    if n_prompts < 2:
        raise ValueError("a share of variance needs at least two prompts per seed")
    means, grand = scores.mean(axis=1), scores.mean()
    ss_between = n_prompts * np.square(means - grand).sum()
    ss_within = np.square(scores - means[:, None]).sum()
    if ss_between + ss_within == 0:
        raise ValueError("all scores are equal: there is no variance to share")
    ms_between = ss_between / (n_seeds - 1)
    ms_within = ss_within / (n_seeds * (n_prompts - 1))
    return VarianceShare(
        corrected=float((ms_between - ms_within) / (ms_between + (n_prompts - 1) * ms_within)),
        raw=float(ss_between / (ss_between + ss_within)),
        raw_if_null=(n_seeds - 1) / (n_seeds * n_prompts - 1),
    )


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
