"""Score every seed of a pool on two prompt sets, and say what chance alone would show.

Good Seed, section 3.4: per-seed Fréchet distance to real images and per-seed preference,
on Prompt Set 1 and again on the disjoint Set 2. Beside each score stands its bootstrap
interval over prompts; beside each ranking its agreement between the sets, the gap that
permuted seed labels give, and the seed effects shrunk against the winner's curse.
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd

from seedbed.metrics import frechet, preference
from seedbed.seeds import nulls
from seedbed.seeds.rank import spearman, split_half

SETS = ("set1", "set2")
METRICS = ("fd", "preference")


def feature_cube(
    index: pd.DataFrame, features: np.ndarray, seeds: list[int], prompt_ids: list[str]
) -> np.ndarray:
    """(seeds, prompts, d) features, every seed with every prompt exactly once.

    Raises:
        ValueError: a (seed, prompt) cell is missing or doubled.
    """
    rows = index.assign(row=np.arange(len(index)))
    order = preference.to_matrix(rows, "row", seeds, prompt_ids).astype(np.int64)
    return features[order]


def _scores_of_set(cube, matrix, reference, statistics) -> tuple[pd.DataFrame, dict]:
    n_boot, level, seed = (statistics[k] for k in ("bootstrap", "level", "seed"))
    fd = frechet.per_seed(cube, reference)
    fd_low, fd_high = frechet.interval(
        fd, frechet.bootstrap_per_seed(cube, reference, n_boot, seed), level
    )
    mean, low, high = preference.per_seed_interval(matrix, n_boot, seed, level)
    shrunk = nulls.shrunken(matrix)
    frame = pd.DataFrame(
        {
            "fd": fd,
            "fd_low": fd_low,
            "fd_high": fd_high,
            "preference": mean,
            "preference_low": low,
            "preference_high": high,
            "preference_shrunk": shrunk.shrunk,
        }
    )
    n_perm = statistics["permutations"]
    gaps = {
        "fd": nulls.permuted_gap_fd(cube, reference, n_perm, seed),
        "preference": nulls.permuted_gap(matrix, n_perm, seed),
    }
    evidence = {
        metric: {
            "gap": gap.observed,
            "gap_null_95": gap.bound(0.95),
            "gap_p_value": gap.p_value,
        }
        for metric, gap in gaps.items()
    }
    evidence["preference"]["reliability"] = shrunk.reliability
    evidence["preference"]["variance_share"] = asdict(nulls.variance_share(matrix))
    return frame, evidence


def score(
    prompts: pd.DataFrame,
    index: pd.DataFrame,
    features: np.ndarray,
    scores: pd.DataFrame,
    reference_features: np.ndarray,
    statistics: dict,
) -> tuple[pd.DataFrame, dict]:
    """Scores and evidence of every seed in ``index``.

    Args:
        prompts: the ranking prompts with their ``split`` (``set1`` or ``set2``).
        index: ``seed`` and ``prompt_id`` of each row of ``features``.
        features: (n, d).
        scores: ``seed``, ``prompt_id``, ``score``.
        reference_features: (m, d) of real images.
        statistics: ``bootstrap``, ``permutations``, ``level``, ``seed``.

    Returns:
        (frame, evidence). The frame has one row per (split, seed); the evidence is a
        JSON-ready dict with, per set and metric, the gap between best and worst seed
        beside its permutation null, and across sets the rank correlations.
    """
    seeds = sorted(int(s) for s in index["seed"].unique())
    reference = frechet.Reference.from_features(reference_features)
    frames, evidence = {}, {}
    for name in SETS:
        ids = prompts.loc[prompts["split"] == name, "prompt_id"].tolist()
        cube = feature_cube(index, features, seeds, ids)
        matrix = preference.to_matrix(scores, "score", seeds, ids)
        frame, found = _scores_of_set(cube, matrix, reference, statistics)
        frames[name] = frame.assign(seed=seeds, split=name, n_prompts=len(ids))
        evidence[name] = found
    both = {name: frame.set_index("seed") for name, frame in frames.items()}
    options = {"seed": statistics["seed"], "level": statistics["level"]}
    agreement = {
        metric: asdict(split_half(both["set1"][metric], both["set2"][metric], **options))
        for metric in METRICS
    }
    # A low distance and a high preference are both good: the sign is turned.
    between = {
        name: asdict(spearman(-both[name]["fd"], both[name]["preference"], **options))
        for name in SETS
    }
    evidence |= {
        "n_seeds": len(seeds),
        "n_prompts": {name: int(frames[name]["n_prompts"].iloc[0]) for name in SETS},
        "n_reference": len(reference_features),
        "set1_against_set2": agreement,
        "fd_against_preference": between,
        "statistics": dict(statistics),
    }
    return pd.concat(frames.values(), ignore_index=True), evidence
