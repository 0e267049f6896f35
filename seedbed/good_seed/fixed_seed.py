"""What it costs to draw all prompts with one seed, against one seed for each prompt.

The pictures of a seed share a layout and a tint, so that a set of them is less diverse than one of
mixed seeds, however good the seed is. Both kinds of sets come from the ranking images, at equal n:
mixed ones by permuting the seed labels within each prompt, which uses every picture once.

A score per picture, as a preference is, has no such cost by design: the mean over single-seed sets
is the mean over mixed ones. It stands beside the distance as a control.

The claim is about seeds and prompts beyond those drawn. The interval adds two variances: of the
mean over seeds, and of a delete-a-group jackknife over prompts (what is left of single pictures is
in both: the interval is wide rather than narrow).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.stats import t as student

from seedbed.good_seed.study import Measured, feature_cube
from seedbed.statistics.frechet import ProjectedFeatures, Reference
from seedbed.statistics.per_seed import to_matrix

MIXED = 100
"""Permuted tables; each gives a mixed set per seed."""
GROUPS = 20
BESIDE = 4
"""Permuted tables that the jackknife compares with."""


def fixed_seed_cost(
    prompt_ids: Sequence[str],
    measured: Measured,
    seeds: Sequence[int],
    statistics: Mapping,
    scored_ids: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Single-seed sets against mixed-seed sets of the same pictures.

    Args:
        prompt_ids: all ranking prompts, or some.
        measured: features, scores or both of every seed with every prompt.
        seeds: the pool, or some of it.
        statistics: ``level``, ``seed``.
        scored_ids: those of the prompts that a scorer saw; ``None`` for all.

    Returns:
        A row per metric: ``metric``, ``single`` and ``mixed`` (means over sets), ``cost`` (their
        difference), ``low``, ``high``, ``null_sd`` (of the mean over as many mixed sets),
        ``p_value`` (one-sided, that labels do not matter), ``n_seeds``, ``n_prompts``.
    """
    seeds, ids = list(seeds), list(prompt_ids)
    rng = np.random.default_rng([statistics["seed"], 2])
    rows = []
    if measured.features is not None:
        cube = feature_cube(measured.index, measured.features, seeds, ids)
        reference = Reference.from_features(measured.reference)
        points = ProjectedFeatures.of(cube.reshape(-1, cube.shape[-1]), reference)
        found = distance_cost(points, len(seeds), len(ids), statistics["level"], rng)
        rows.append({"metric": "fd", **found})
        # No row for the discrepancy: its witness is held against all of these pictures, whichever
        # seed drew them, and its mean stays the same by construction. It would test nothing.
    if measured.scores is not None:
        scored = ids if scored_ids is None else list(scored_ids)
        mean = to_matrix(measured.scores, "score", seeds, scored).mean()
        same = {"cost": 0.0, "low": 0.0, "high": 0.0, "null_sd": 0.0, "p_value": 1.0}
        rows.append({"metric": "preference", "single": mean, "mixed": mean, **same})
    return pd.DataFrame(rows).assign(n_seeds=len(seeds), n_prompts=len(ids))


def distance_cost(
    points: ProjectedFeatures, n_seeds: int, n_prompts: int, level: float, rng: np.random.Generator
) -> dict[str, float]:
    """The row of the distance.

    Args:
        points: features of seed s with prompt p in row s · n_prompts + p.
        n_seeds, n_prompts: at least two of each.
        level: of the interval.
        rng: the only source of randomness.
    """
    own = np.arange(n_seeds * n_prompts).reshape(n_seeds, n_prompts)
    tables = [rng.permuted(own, axis=0) for _ in range(MIXED)]
    single = points.distances(own)
    null = np.array([points.distances(table).mean() for table in tables])
    cost = single.mean() - null.mean()
    groups = np.array_split(rng.permutation(n_prompts), min(GROUPS, n_prompts))
    left = []
    for group in groups:
        kept = np.setdiff1d(np.arange(n_prompts), group)
        means = [points.distances(table[:, kept]).mean() for table in (own, *tables[:BESIDE])]
        left.append(means[0] - np.mean(means[1:]))
    g = len(groups)
    of_prompts = (g - 1) / g * np.square(left - np.mean(left)).sum()
    se = np.sqrt(single.var(ddof=1) / n_seeds + of_prompts)
    half = student.ppf((1 + level) / 2, min(n_seeds, g) - 1) * se
    return {
        "single": float(single.mean()),
        "mixed": float(null.mean()),
        "cost": float(cost),
        "low": float(cost - half),
        "high": float(cost + half),
        "null_sd": float(null.std(ddof=1)),
        "p_value": float((1 + (null >= single.mean()).sum()) / (1 + MIXED)),
    }
