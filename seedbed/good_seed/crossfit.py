"""Golden seeds chosen on Set 1 and judged on Set 2, and back, from the ranking images themselves.

Every seed has a picture of every prompt, so that an arm needs no draws of its own. A score per
picture is averaged over all seeds of the arm. A Fréchet distance takes one seed per prompt, as the
trial on test prompts does, in a few assignments that go round the arm's seeds.

The two directions share their seeds, and each judges on the prompts that the other chose on: their
errors go together (simulated: about 0.5). How much is not known, so that the interval of their mean
is the mean of their limits, and its p-value that of the mean of their normal scores: right where
they go together wholly, wide where they do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from seedbed.good_seed.contrasts import Sets, contrasts, decided
from seedbed.good_seed.golden import Golden, select_on, spreads
from seedbed.good_seed.judge import AS_MANY, BASELINE, levels, pairs_of
from seedbed.good_seed.study import Measured
from seedbed.statistics.frechet import ProjectedFeatures, Reference
from seedbed.statistics.mmd import witness
from seedbed.statistics.per_seed import to_matrix

ASSIGNMENTS = 4
"""Of seeds to prompts, per arm: their mean distance counts."""
DIRECTIONS = (("set1", "set2"), ("set2", "set1"))
"""Chosen on, judged on."""


def going_round(seeds: Sequence[int], n: int, rng: np.random.Generator) -> np.ndarray:
    """(ASSIGNMENTS, n): one seed per prompt, each as often as any other but for remainders."""
    order, start = rng.permutation(n), rng.integers(len(seeds))
    shifts = start + np.arange(ASSIGNMENTS) * max(1, len(seeds) // ASSIGNMENTS)
    return np.asarray(seeds)[(order[None] + shifts[:, None]) % len(seeds)]


def crossfit(
    prompts: pd.DataFrame,
    measured: Measured,
    scores: pd.DataFrame,
    quantile: float,
    statistics: Mapping,
    scored: int | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Arms chosen on one set and judged on the other, both ways.

    Args:
        prompts: ranking prompts with ``split`` ``set1`` or ``set2``.
        measured: features, scores or both of every seed with every ranking prompt; its reference is
            the half that judges, and ranked nothing.
        scores: per-seed scores of ``good_seed.study`` on both sets.
        quantile: share of the pool in each top list.
        statistics: ``bootstrap``, ``permutations``, ``level``, ``margin``, ``seed``.
        scored: prompts of each set that scorers saw, the first; ``None`` for all.

    Returns:
        As ``judge.judge``, with the part ``crossfit``: a trial is a direction (0: chosen on Set 1),
        and a difference the mean of both, ``n`` the prompts of both. No golden arm where neither
        set has a golden seed; that of one direction where one has.
    """
    seeds = sorted(scores["seed"].unique().tolist())
    reference = None
    if measured.features is not None:
        reference = Reference.from_features(measured.reference)
    rng = np.random.default_rng([statistics["seed"], 1])
    trials, found = [], []
    for direction, (chosen_on, judged_on) in enumerate(DIRECTIONS):
        ids = prompts.loc[prompts["split"] == judged_on, "prompt_id"].tolist()
        arms = _arms(select_on(scores, chosen_on, quantile), seeds, rng)
        told, of_direction = None, []
        for part, on in _parts(measured, ids, scored):
            sets = _sets(arms, part, reference, seeds, on, rng, judged_on)
            mine = _levels(sets, arms)
            told = mine if told is None else told.combine_first(mine)[list(mine)]
            of_direction.append(contrasts(sets, pairs_of(arms), statistics, rng))
        trials.append(told.assign(trial=direction))
        found.append(pd.concat(of_direction, ignore_index=True))
    margin, level = statistics["margin"], statistics["level"]
    differences = decided(mean_of(found), spreads(scores), margin, level)
    trials = pd.concat(trials, ignore_index=True).assign(part="crossfit")
    return trials, differences.assign(part="crossfit")


def _levels(sets: Sets, arms: Mapping[str, list]) -> pd.DataFrame:
    """Each arm's own values in one direction, as ``judge.judge`` has them of a trial."""
    return pd.DataFrame(
        {
            "arm": arm,
            **{metric: each.mean() for metric, each in levels(sets, arm).items()},
            "n": sets.n,
            "n_seeds": len(by_turn[0]),
        }
        for arm, by_turn in arms.items()
    )


def _arms(golden: Golden, seeds: list[int], rng: np.random.Generator) -> dict[str, list]:
    """Seeds of each arm, by assignment: those of ``random_k`` change."""
    arms = {"golden": [golden.seeds] * ASSIGNMENTS}
    arms["random_k"] = [
        rng.choice(seeds, size=golden.k, replace=False).tolist() for _ in range(ASSIGNMENTS)
    ]
    arms["pool"] = [seeds] * ASSIGNMENTS
    for score, best in golden.tops.items():
        if set(best) != set(golden.seeds):
            arms[f"best_{score}"] = [best] * ASSIGNMENTS
    return {arm: by_turn for arm, by_turn in arms.items() if len(by_turn[0])}


def _parts(measured: Measured, ids: list[str], scored: int | None) -> list:
    """What is judged on which prompts: by features on all, by a scorer on those that it saw."""
    if scored is None or scored >= len(ids) or measured.scores is None:
        return [(measured, ids)]
    if measured.features is None:
        return [(measured, ids[:scored])]
    gone = {"index": None, "features": None, "reference": None, "ranked": None}
    by_scorer = replace(measured, **gone)
    return [(replace(measured, scores=None), ids), (by_scorer, ids[:scored])]


def _sets(arms, measured, reference, seeds, ids, rng, judged_on) -> Sets:
    place = {seed: i for i, seed in enumerate(seeds)}
    places = {arm: [[place[s] for s in chosen] for chosen in turns] for arm, turns in arms.items()}
    rows, scores, points = {}, {}, None
    if measured.features is not None:
        for arm, by_turn in places.items():
            rounds = going_round(by_turn[0], len(ids), rng)
            if arm == AS_MANY:
                rounds = np.array([going_round(turn, len(ids), rng)[0] for turn in by_turn])
            rows[arm] = rounds * len(ids) + np.arange(len(ids))
        used = np.unique(np.concatenate([found.ravel() for found in rows.values()]))
        rows = {arm: np.searchsorted(used, found) for arm, found in rows.items()}
        points = ProjectedFeatures.of(measured.pictures(seeds, ids, used), reference)
        scores["mmd"] = _means(_witness(measured, seeds, ids, judged_on), places)
    if measured.scores is not None:
        scores["preference"] = _means(to_matrix(measured.scores, "score", seeds, ids), places)
    return Sets(scores, rows, points, len(ids))


def _witness(measured: Measured, seeds: list[int], ids: list[str], name: str) -> np.ndarray:
    """(seeds, prompts) of every picture of a set against all of them and the real ones."""
    if measured.ranked is not None:
        return measured.ranked.of(name)["judging_mmd"]
    pictures = measured.pictures(seeds, ids, np.arange(len(seeds) * len(ids)))
    return witness(pictures, measured.reference).reshape(len(seeds), len(ids))


def _means(table: np.ndarray, places: Mapping[str, list]) -> dict[str, np.ndarray]:
    """Per arm the mean over its seeds, (1, prompts)."""
    means = {arm: table[by_turn[0]].mean(axis=0, keepdims=True) for arm, by_turn in places.items()}
    if AS_MANY in means:
        # Over all draws, seeds at random have the pool's mean.
        means[AS_MANY] = means[BASELINE]
    return means


def mean_of(directions: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Differences of several directions as one, however their errors go together.

    Args:
        directions: of ``contrasts``; what one of them lacks is taken from the others.

    Returns:
        The same columns: means of differences and limits, p-value of the mean normal score, sum of
        ``n``.
    """
    table = pd.concat(directions, ignore_index=True)
    score = norm.isf(table["p_value"] / 2) * np.sign(table["difference"])
    groups = table.assign(score=score).groupby(["arm", "against", "metric"], sort=False)
    means = groups.mean().drop(columns=["n", "p_value"])
    means["p_value"] = 2 * norm.sf(means.pop("score").abs())
    return means.assign(n=groups["n"].sum()).reset_index()[list(table.columns)]
