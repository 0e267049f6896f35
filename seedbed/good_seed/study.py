"""Score every seed of a pool on two prompt sets, and say what chance alone would show.

Good Seed, section 3.4: per-seed Fréchet distance to real images and per-seed preference, on Prompt
Set 1 and again on the disjoint Set 2. Beside them stand scores of the same features that need fewer
images (``seed_scores``). Every score has an interval for comparing seeds, components of variance by
seed and prompt, and its agreement between the sets.

That *some seeds are better* rests on the covariance of the two sets, of scores that a seed has by
itself. What its images add to a pool's distance carries over as well where seeds are equally good
and only lay pictures out differently: one that lies where others do adds more on every prompt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.good_seed.rank import spearman, split_half
from seedbed.good_seed.seed_scores import ALONE, Scored, by_features, by_preference, told
from seedbed.statistics import mmd, per_seed
from seedbed.statistics.components import two_way
from seedbed.statistics.cross_sets import cross_covariance
from seedbed.statistics.frechet import Reference

SETS = ("set1", "set2")
KEYS = ("seed", "prompt_id")
BETTER, CARRIES_OVER, UNDECIDED = "some are better", "carries over", "undecided"


def ranking_half(reference: np.ndarray) -> np.ndarray:
    """The half of the real pictures (m, d) that ranks seeds; the second half judges golden ones."""
    return reference[: len(reference) // 2]


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


def score(
    prompts: pd.DataFrame, measured: Measured, seeds: Sequence[int], statistics: dict
) -> tuple[pd.DataFrame, pd.DataFrame, dict]:
    """Scores and evidence of every seed of the pool.

    Args:
        prompts: the ranking prompts with their ``split`` (``set1`` or ``set2``).
        measured: features, scores or both of every seed with every prompt, neither fewer nor more;
            the first half of its real images ranks.
        seeds: the pool.
        statistics: ``bootstrap``, ``permutations``, ``level``, ``seed``.

    Returns:
        (frame, images, evidence). The frame has one row per (split, seed), with a column for each
        metric that there is and columns ``_low`` and ``_high`` (interval for comparing seeds),
        ``_shrunk`` beside it. The images have ``seed``, ``prompt_id``, ``split`` and the metrics
        that are means over images. The evidence is a JSON-ready dict: per set and metric the
        components, and the gap between best and worst seed beside exchanged labels; the components
        of both sets together; across sets rank correlation, covariance, verdict.

    Raises:
        ValueError: an image of a seed and a prompt is missing, doubled or was not asked for.
    """
    seeds = [int(seed) for seed in seeds]
    measured.refuse_others(seeds, prompts["prompt_id"])
    sets = _scored(prompts, measured, seeds, statistics)
    frames, images = [], []
    for name, found in sets.items():
        ids = prompts.loc[prompts["split"] == name, "prompt_id"].tolist()
        columns: dict[str, np.ndarray] = {}
        for metric, scored in found.items():
            columns |= scored.columns(metric)
        frame = pd.DataFrame(columns).assign(seed=seeds, split=name, n_prompts=len(ids))
        frames.append(frame)
        cells = pd.MultiIndex.from_product([seeds, ids], names=list(KEYS)).to_frame(index=False)
        values = {m: s.table.ravel() for m, s in found.items() if s.of_images}
        images.append(cells.assign(split=name, **values))
    metrics = list(sets["set1"])
    evidence = {
        **{name: {m: s.evidence() for m, s in found.items()} for name, found in sets.items()},
        "both_sets": {metric: _both(sets, metric, statistics["level"]) for metric in metrics},
        "n_seeds": len(seeds),
        "n_prompts": {name: int((prompts["split"] == name).sum()) for name in SETS},
        "n_reference": len(ranking_half(measured.reference)) if "fd" in metrics else 0,
        **_agreement(sets, seeds, statistics),
        "statistics": dict(statistics),
    }
    return pd.concat(frames, ignore_index=True), pd.concat(images, ignore_index=True), evidence


def _scored(prompts, measured, seeds, statistics) -> dict[str, dict[str, Scored]]:
    """Per set every metric that there is."""
    found: dict[str, dict[str, Scored]] = {}
    if measured.features is not None:
        real = ranking_half(measured.reference)
        reference = Reference.from_features(real)
        sigma = mmd.bandwidth(measured.features, real)
    for name in SETS:
        ids = prompts.loc[prompts["split"] == name, "prompt_id"].tolist()
        found[name] = {}
        if measured.features is not None:
            cube = feature_cube(measured.index, measured.features, seeds, ids)
            found[name] |= by_features(cube, real, reference, sigma, statistics)
        if measured.scores is not None:
            matrix = per_seed.to_matrix(measured.scores, "score", seeds, ids)
            found[name]["preference"] = by_preference(matrix, statistics)
    return found


def _both(sets: dict[str, dict[str, Scored]], metric: str, level: float) -> dict:
    """Components of both sets' prompts together."""
    parts = [sets[name][metric] for name in SETS]
    table = np.concatenate([part.table for part in parts], axis=1)
    n_prompts = sum(part.n_prompts for part in parts)
    return told(two_way(table, level), n_prompts, parts[0].of_images)


def _agreement(sets: dict[str, dict[str, Scored]], seeds: list[int], statistics: dict) -> dict:
    """Agreement of the sets, and of the paper's two metrics where both are there."""
    of = {
        (name, metric): pd.Series(scored.values, index=seeds)
        for name, found in sets.items()
        for metric, scored in found.items()
    }
    n_boot, level, seed = (statistics[k] for k in ("bootstrap", "level", "seed"))
    options = {"n_boot": n_boot, "seed": seed, "level": level}
    found = {}
    for metric in sets["set1"]:
        one, two = of["set1", metric], of["set2", metric]
        shared = cross_covariance(
            one.to_numpy(), two.to_numpy(), statistics["permutations"], seed, level
        )
        differ = shared.low > 0 and shared.p_value < 1 - level
        verdict = (BETTER if metric in ALONE else CARRIES_OVER) if differ else UNDECIDED
        found[metric] = asdict(split_half(one, two, **options)) | {
            "covariance": asdict(shared),
            "verdict": verdict,
        }
    across = {"set1_against_set2": found}
    if {"fd", "preference"} <= set(sets["set1"]):
        # A low distance and a high preference are both good: the sign is turned.
        across["fd_against_preference"] = {
            name: asdict(spearman(-of[name, "fd"], of[name, "preference"], **options))
            for name in SETS
        }
    return across
