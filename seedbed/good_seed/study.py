"""Score every seed of a pool on two prompt sets, and say what chance alone would show.

Good Seed, section 3.4: per-seed Fréchet distance to real images and per-seed preference,
on Prompt Set 1 and again on the disjoint Set 2. Beside each score stands its bootstrap
interval over prompts; beside each ranking its agreement between the sets, the gap that
permuted seed labels give, and the seed effects shrunk against the winner's curse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.good_seed.rank import spearman, split_half
from seedbed.statistics import frechet, nulls, per_seed

SETS = ("set1", "set2")
KEYS = ("seed", "prompt_id")


def feature_cube(
    index: pd.DataFrame, features: np.ndarray, seeds: list[int], prompt_ids: list[str]
) -> np.ndarray:
    """(seeds, prompts, d) features, every seed with every prompt exactly once.

    Raises:
        ValueError: a (seed, prompt) cell is missing or doubled.
    """
    rows = index.assign(features=np.arange(len(index)))
    order = per_seed.to_matrix(rows, "features", seeds, prompt_ids).astype(np.int64)
    return features[order]


@dataclass(frozen=True)
class Measured:
    """What evaluators made of images: features, scores, or both.

    Attributes:
        index: ``seed`` and ``prompt_id`` of each row of ``features``.
        features: (n, d), or ``None`` without an extractor.
        reference: (m, d) features of real images, or ``None``.
        scores: ``seed``, ``prompt_id``, ``score``, or ``None`` without a scorer.
    """

    index: pd.DataFrame | None
    features: np.ndarray | None
    reference: np.ndarray | None
    scores: pd.DataFrame | None

    @classmethod
    def read(
        cls, features: Sequence[str], scores: Sequence[str], reference: Sequence[str]
    ) -> Measured:
        """From shards; no feature shards or no score shards where a ranking has none.

        Raises:
            ValueError: neither is given.
        """
        if not features and not scores:
            raise ValueError("neither features nor scores to rank seeds by: name an evaluator")
        index = arrays = real = None
        if features:
            index, found = store.read_features(features)
            arrays = found["features"]
            real = store.read_features(reference)[1]["features"]
        parts = [store.read_table(path, KEYS, finite=["score"]) for path in scores]
        return cls(index, arrays, real, pd.concat(parts, ignore_index=True) if parts else None)

    def refuse_others(self, seeds: Sequence[int], prompt_ids: Sequence[str]) -> None:
        """Refuse images of other seeds and prompts than were asked for; fewer are noticed later.

        Raises:
            ValueError: the first such image, and how many there are.
        """
        for rows in (self.index, self.scores):
            if rows is None:
                continue
            known = rows["seed"].isin(list(seeds)) & rows["prompt_id"].isin(list(prompt_ids))
            if not known.all():
                seed, prompt = rows.loc[~known, list(KEYS)].iloc[0]
                raise ValueError(
                    f"the image of seed {seed}, prompt {prompt} was not asked for "
                    f"({int((~known).sum())} such images): delete what measured it and run again"
                )


def _distances(cube: np.ndarray, reference: frechet.Reference, statistics: dict):
    n_boot, level, seed = (statistics[k] for k in ("bootstrap", "level", "seed"))
    fd = frechet.per_seed(cube, reference)
    low, high = frechet.interval(
        fd, frechet.bootstrap_per_seed(cube, reference, n_boot, seed), level
    )
    gap = nulls.permuted_gap_fd(cube, reference, statistics["permutations"], seed)
    return {"fd": fd, "fd_low": low, "fd_high": high}, _gap(gap)


def _preferences(matrix: np.ndarray, statistics: dict):
    n_boot, level, seed = (statistics[k] for k in ("bootstrap", "level", "seed"))
    mean, low, high = per_seed.per_seed_interval(matrix, n_boot, seed, level)
    shrunk = nulls.shrunken(matrix)
    columns = {
        "preference": mean,
        "preference_low": low,
        "preference_high": high,
        "preference_shrunk": shrunk.shrunk,
    }
    found = _gap(nulls.permuted_gap(matrix, statistics["permutations"], seed))
    found["reliability"] = shrunk.reliability
    found["variance_share"] = asdict(nulls.variance_share(matrix))
    return columns, found


def _gap(gap: nulls.PermutedGap) -> dict:
    return {
        "gap": gap.observed,
        "gap_null_95": gap.bound(0.95),
        "gap_p_value": gap.p_value,
    }


def score(
    prompts: pd.DataFrame, measured: Measured, seeds: Sequence[int], statistics: dict
) -> tuple[pd.DataFrame, dict]:
    """Scores and evidence of every seed of the pool.

    Args:
        prompts: the ranking prompts with their ``split`` (``set1`` or ``set2``).
        measured: features, scores or both of every seed with every prompt, neither fewer nor more.
        seeds: the pool.
        statistics: ``bootstrap``, ``permutations``, ``level``, ``seed``.

    Returns:
        (frame, evidence). The frame has one row per (split, seed), with the columns of the
        metrics that there are; the evidence is a JSON-ready dict with, per set and metric, the
        gap between best and worst seed beside its permutation null, and across sets the rank
        correlations.

    Raises:
        ValueError: an image of a seed and a prompt is missing, doubled or was not asked for.
    """
    seeds = [int(seed) for seed in seeds]
    measured.refuse_others(seeds, prompts["prompt_id"])
    by_distance, by_preference = measured.features is not None, measured.scores is not None
    reference = frechet.Reference.from_features(measured.reference) if by_distance else None
    frames, evidence = {}, {}
    for name in SETS:
        ids = prompts.loc[prompts["split"] == name, "prompt_id"].tolist()
        columns, found = {}, {}
        if by_distance:
            cube = feature_cube(measured.index, measured.features, seeds, ids)
            some, found["fd"] = _distances(cube, reference, statistics)
            columns |= some
        if by_preference:
            matrix = per_seed.to_matrix(measured.scores, "score", seeds, ids)
            some, found["preference"] = _preferences(matrix, statistics)
            columns |= some
        frames[name] = pd.DataFrame(columns).assign(seed=seeds, split=name, n_prompts=len(ids))
        evidence[name] = found
    metrics = [m for m, there in (("fd", by_distance), ("preference", by_preference)) if there]
    evidence |= {
        "n_seeds": len(seeds),
        "n_prompts": {name: int(frames[name]["n_prompts"].iloc[0]) for name in SETS},
        "n_reference": len(measured.reference) if by_distance else 0,
        **_agreement(frames, metrics, statistics),
        "statistics": dict(statistics),
    }
    return pd.concat(frames.values(), ignore_index=True), evidence


def _agreement(frames: dict[str, pd.DataFrame], metrics: list[str], statistics: dict) -> dict:
    """Rank correlations between the sets, and between the metrics where there are two."""
    both = {name: frame.set_index("seed") for name, frame in frames.items()}
    options = {"seed": statistics["seed"], "level": statistics["level"]}
    found = {
        "set1_against_set2": {
            metric: asdict(split_half(both["set1"][metric], both["set2"][metric], **options))
            for metric in metrics
        }
    }
    if len(metrics) == 2:
        # A low distance and a high preference are both good: the sign is turned.
        found["fd_against_preference"] = {
            name: asdict(spearman(-both[name]["fd"], both[name]["preference"], **options))
            for name in SETS
        }
    return found
