"""Score every seed of a pool on two prompt sets, and say what chance alone would show.

Good Seed, section 3.4: per-seed Fréchet distance to real images and per-seed preference, on Prompt
Set 1 and again on the disjoint Set 2. Beside them stand scores of the same features that need fewer
images (``seed_scores``). Every score has an interval for comparing seeds, components of variance by
seed and prompt, and its agreement between the sets.

That *some seeds are better* rests on the covariance of the two sets, of scores that a seed has by
itself. What its images add to a pool's distance carries over as well where seeds are equally good
and only lay pictures out differently: one that lies where others do adds more on every prompt. So
does a distance alone: both sets are compared with one sample of real pictures, and a seed that
happens to lie towards it is nearer on both. Preference, which knows no such sample, must agree
(``verdicts``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.good_seed import seed_rows
from seedbed.good_seed.halves import judging_half, ranking_half
from seedbed.good_seed.pool import SETS, Cells
from seedbed.good_seed.rank import spearman, split_half
from seedbed.good_seed.seed_scores import ALONE, Scored, by_features, by_preference, told
from seedbed.statistics import nulls, per_seed
from seedbed.statistics.components import two_way
from seedbed.statistics.cross_sets import cross_covariance
from seedbed.statistics.frechet import Reference

KEYS = ("seed", "prompt_id")
NOTHING = "neither features nor scores to rank seeds by: name an evaluator"
BETTER, CARRIES_OVER, UNDECIDED = "some are better", "carries over", "undecided"


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


@dataclass(frozen=True, eq=False)
class Ranked:
    """What the features of all ranking images said, without the features.

    Attributes:
        rows: of every seed of the pool, as ``seed_rows.measure`` has them.
        gaps: per set best to worst distance beside exchanged labels.
        n_reference: real pictures that ranked.
    """

    rows: Mapping[str, np.ndarray]
    gaps: Mapping[str, nulls.PermutedGap]
    n_reference: int

    @classmethod
    def read(cls, measured: Sequence[str], gaps: str | None, seeds: Sequence[int] | None) -> Ranked:
        """From what jobs wrote of ranges of seeds.

        Args:
            measured: of ``seed_rows.measure``.
            gaps: of ``exchanged``; ``None`` without them.
            seeds: the pool, in its order; ``None`` for all, in theirs.

        Raises:
            ValueError: other seeds were measured than the pool has.
        """
        read = [store.read_tensors(path) for path in measured]
        parts = [arrays for arrays, _ in read]
        if seeds is None:
            seeds = sorted(int(s) for part in parts for s in part["seeds"])
        told = {name: nulls.gap_of(gap) for name, gap in _gaps(gaps).items()}
        n_reference = int(read[0][1]["n_reference"])
        return cls(seed_rows.joined(parts, tuple(seeds)), told, n_reference)

    def of(self, name: str) -> dict[str, np.ndarray]:
        """The rows of a set."""
        return {
            k.removeprefix(f"{name}."): v for k, v in self.rows.items() if k.startswith(f"{name}.")
        }

    @classmethod
    def at_once(cls, measured: Measured, cells: Cells, statistics: Mapping) -> Ranked:
        """Of a small pool, whose features are all in memory."""
        real, seed = measured.reference, statistics["seed"]
        seeds, ids = list(cells.seeds), list(cells.prompt_ids)
        cube = feature_cube(measured.index, measured.features, seeds, ids)
        cubes = {name: cube[:, cells.places(name)] for name in SETS}
        gaps = exchanged(cubes, real, statistics["permutations"], seed)
        return cls(seed_rows.at_once(cube, cells, real, seed), gaps, len(ranking_half(real)))


def _gaps(path: str | None) -> dict:
    return store.read_json(path, list(SETS)) if path else {}


def exchanged(
    cubes: Mapping[str, np.ndarray], real: np.ndarray, n_perm: int, seed: int
) -> dict[str, nulls.PermutedGap]:
    """Per set best to worst distance beside exchanged labels.

    Args:
        cubes: (S, P, d) features of seeds and prompts of each set, held about thrice over.
        real: (m, d) all real pictures; the first half ranks.
        n_perm: permutations.
        seed: of them.
    """
    reference = Reference.from_features(ranking_half(real))
    return {
        name: replace(nulls.permuted_gap_fd(cube, reference, n_perm, seed), of=cube.shape[:2])
        for name, cube in cubes.items()
    }


@dataclass(frozen=True)
class Measured:
    """What evaluators made of images: features, scores, or both.

    Attributes:
        index: ``seed`` and ``prompt_id`` of each row of ``features``.
        features: (n, d), or where they lie on disk; ``None`` without an extractor.
        reference: (m, d) features of real images, or ``None``.
        scores: ``seed``, ``prompt_id``, ``score``, or ``None`` without a scorer.
        ranked: what the features said of every seed, where they are not all here.
    """

    index: pd.DataFrame | None
    features: np.ndarray | store.MappedFeatures | None
    reference: np.ndarray | None
    scores: pd.DataFrame | None
    ranked: Ranked | None = None

    @classmethod
    def read(
        cls, features: Sequence[str], scores: Sequence[str], reference: Sequence[str]
    ) -> Measured:
        """From shards; no feature shards or no score shards where a ranking has none.

        Raises:
            ValueError: neither is given.
        """
        if not features and not scores:
            raise ValueError(NOTHING)
        index = arrays = real = None
        if features:
            index, found = store.read_features(features)
            arrays = found["features"]
            real = store.read_features(reference)[1]["features"]
        return cls(index, arrays, real, _scores(scores))

    @classmethod
    def scored(cls, scores: Sequence[str], ranked: Ranked | None) -> Measured:
        """Scores from shards, beside what features said of every seed.

        Raises:
            ValueError: neither is given.
        """
        if not scores and ranked is None:
            raise ValueError(NOTHING)
        return cls(None, None, None, _scores(scores), ranked)

    @classmethod
    def mapped(
        cls,
        features: Sequence[str],
        scores: Sequence[str],
        reference: Sequence[str],
        ranked: Sequence[str],
    ) -> Measured:
        """Scores and the judging half of the real pictures from shards; features where they lie."""
        if not features:
            return cls.scored(scores, None)
        real = judging_half(store.read_features(reference)[1]["features"])
        read = Ranked.read(ranked, None, None)
        return cls(None, store.MappedFeatures(features), real, _scores(scores), read)

    @classmethod
    def some(
        cls, features: Sequence[str], scores: Sequence[str], reference: Sequence[str], cells: Cells
    ) -> Measured:
        """Of some seeds and prompts alone; the judging half of the real pictures."""
        index = rows = real = None
        if features:
            cube = cells.cube(store.MappedFeatures(features))
            grid = pd.MultiIndex.from_product([cells.seeds, cells.prompt_ids], names=list(KEYS))
            index, rows = grid.to_frame(index=False), cube.reshape(-1, cube.shape[-1])
            real = judging_half(store.read_features(reference)[1]["features"])
        return cls(index, rows, real, _scores(scores))

    def pictures(
        self, seeds: Sequence[int], prompt_ids: Sequence[str], places: np.ndarray
    ) -> np.ndarray:
        """(n, d) features of some pictures, and no others where they lie on disk.

        Args:
            seeds, prompt_ids: every seed with every prompt, seed by seed.
            places: (n,) of the pictures among these.

        Raises:
            ValueError: one of them is missing or doubled.
        """
        if isinstance(self.features, np.ndarray):
            cube = feature_cube(self.index, self.features, list(seeds), list(prompt_ids))
            return cube.reshape(-1, cube.shape[-1])[places]
        of_seed, of_prompt = np.divmod(places, len(prompt_ids))
        return self.features.take(np.asarray(seeds)[of_seed], np.asarray(prompt_ids)[of_prompt])

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


def _scores(paths: Sequence[str]) -> pd.DataFrame | None:
    parts = [store.read_table(path, KEYS, finite=["score"]) for path in paths]
    return pd.concat(parts, ignore_index=True) if parts else None


def score(
    prompts: pd.DataFrame,
    measured: Measured,
    seeds: Sequence[int],
    statistics: dict,
    scored: int | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame, dict]:
    """Scores and evidence of every seed of the pool.

    Args:
        prompts: the ranking prompts with their ``split`` (``set1`` or ``set2``).
        measured: features, scores or both of every seed with every prompt, neither fewer nor more;
            the first half of its real images ranks.
        seeds: the pool.
        statistics: ``bootstrap``, ``permutations``, ``level``, ``seed``.
        scored: prompts of each set that scorers saw, the first; ``None`` for all.

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
    cells = Cells.of(seeds, prompts)
    measured.refuse_others(cells.seeds, cells.prompt_ids)
    ranked = measured.ranked
    if ranked is None and measured.features is not None:
        ranked = Ranked.at_once(measured, cells, statistics)
    return told_of(cells, ranked, measured.scores, statistics, scored)


def told_of(
    cells: Cells,
    ranked: Ranked | None,
    scores: pd.DataFrame | None,
    statistics: dict,
    scored: int | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame, dict]:
    """What ``score`` gives, of what features and scorers said of every picture."""
    seeds = list(cells.seeds)
    sets = _scored(cells, ranked, scores, statistics, scored)
    frames, images = [], []
    for name, found in sets.items():
        columns: dict[str, np.ndarray] = {}
        for metric, each in found.items():
            columns |= each.columns(metric)
        n_prompts = len(cells.places(name))
        frames.append(pd.DataFrame(columns).assign(seed=seeds, split=name, n_prompts=n_prompts))
        images.append(_of_pictures(cells, name, found))
    metrics = list(sets["set1"])
    evidence = {
        **{name: {m: s.evidence() for m, s in found.items()} for name, found in sets.items()},
        "both_sets": {metric: _both(sets, metric, statistics["level"]) for metric in metrics},
        "n_seeds": len(seeds),
        "n_prompts": {name: len(cells.places(name)) for name in SETS},
        "n_reference": ranked.n_reference if "fd" in metrics else 0,
        **_agreement(sets, seeds, statistics),
        "statistics": dict(statistics),
    }
    return pd.concat(frames, ignore_index=True), pd.concat(images, ignore_index=True), evidence


def _scored(cells, ranked, scores, statistics, scored) -> dict[str, dict[str, Scored]]:
    """Per set every metric that there is."""
    found: dict[str, dict[str, Scored]] = {}
    for name in SETS:
        found[name] = {}
        if ranked is not None:
            found[name] |= by_features(ranked.of(name), ranked.gaps[name], statistics)
        if scores is not None:
            ids = cells.ids(name)[:scored]
            matrix = per_seed.to_matrix(scores, "score", cells.seeds, ids)
            found[name]["preference"] = by_preference(matrix, statistics)
    return found


def _of_pictures(cells: Cells, name: str, found: Mapping[str, Scored]) -> pd.DataFrame:
    """A row per picture of a set: metrics that are means over pictures, missing where a scorer did
    not look."""
    n = len(cells.places(name))
    index = pd.MultiIndex.from_product([cells.seeds, cells.ids(name)], names=list(KEYS))
    frame = index.to_frame(index=False).assign(split=name)
    for metric, scored in found.items():
        if scored.of_images:
            table = np.full((len(cells.seeds), n), np.nan)
            table[:, : scored.table.shape[1]] = scored.table
            frame[metric] = table.ravel()
    return frame


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
    found, differ = {}, {}
    for metric in sets["set1"]:
        one, two = of["set1", metric], of["set2", metric]
        shared = cross_covariance(
            one.to_numpy(), two.to_numpy(), statistics["permutations"], seed, level
        )
        differ[metric] = shared.low > 0 and shared.p_value < 1 - level
        found[metric] = asdict(split_half(one, two, **options)) | {"covariance": asdict(shared)}
    for metric, verdict in verdicts(differ).items():
        found[metric]["verdict"] = verdict
    across = {"set1_against_set2": found}
    if {"fd", "preference"} <= set(sets["set1"]):
        # A low distance and a high preference are both good: the sign is turned.
        across["fd_against_preference"] = {
            name: asdict(spearman(-of[name, "fd"], of[name, "preference"], **options))
            for name in SETS
        }
    return across


def verdicts(differ: Mapping[str, bool]) -> dict[str, str]:
    """What each score says of the seeds.

    Args:
        differ: by metric, whether two disjoint sets of prompts agree on how seeds differ by it.

    Returns:
        Per metric ``BETTER`` where it is a seed's own and preference differs as well,
        ``CARRIES_OVER`` where layout alone could do as much, ``UNDECIDED`` without a difference.
    """
    better = differ.get("preference", False)
    return {
        metric: (BETTER if better and metric in ALONE else CARRIES_OVER) if differs else UNDECIDED
        for metric, differs in differ.items()
    }
