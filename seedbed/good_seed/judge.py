"""Judge golden seeds on prompts that chose none of them (Good Seed, section 4.1, Table 1).

Every arm draws one seed per test prompt, anew in every trial (``trial_seeds``). Distances compare
mixed-seed sets of equal n only, with real pictures that took no part in the choice. Beside them
stands the witness of the maximum mean discrepancy, a mean over pictures, against all that the arms
drew. Each arm is set against the whole pool, golden seeds also against as many seeds at random.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from seedbed.good_seed.contrasts import Sets, contrasts, decided
from seedbed.good_seed.golden import LOW_IS_GOOD, assert_fair
from seedbed.good_seed.study import Measured
from seedbed.statistics import frechet
from seedbed.statistics.mmd import witness
from seedbed.statistics.per_seed import to_matrix

PARTS = ("test", "transfer")
ALWAYS = {"pool", "fresh"}
BASELINE, AS_MANY = "pool", "random_k"


def pairs_of(arms) -> list[tuple[str, str]]:
    """What is set against what."""
    found = [(arm, BASELINE) for arm in arms if arm != BASELINE]
    return found + ([("golden", AS_MANY)] if "golden" in arms else [])


def refuse_unfair(pairs: pd.DataFrame, golden: Mapping, prompt_ids: list[str]) -> None:
    """Refuse a trial that is not the whole one: arms without golden seeds where some were chosen.

    Args:
        pairs: ``arm``, ``trial``, ``seed``, ``prompt_id``.
        golden: as ``trial_seeds.read_golden`` reads it.
        prompt_ids: judging prompts; none of them may have chosen seeds.

    Raises:
        ValueError: an arm or a prompt is missing, an arm drew a seed that it does not hold, or a
            prompt chose the seeds that it judges.
    """
    assert_fair(golden["selection_prompts"], prompt_ids)
    holds = {f"best_{score}": seeds for score, seeds in golden["tops"].items()}
    holds = {arm: seeds for arm, seeds in holds.items() if set(seeds) != set(golden["seeds"])}
    if golden["seeds"]:
        holds["golden"] = golden["seeds"]
    due = ALWAYS | set(holds) | ({AS_MANY} if golden["seeds"] else set())
    drawn = set(pairs["arm"])
    if drawn != due:
        raise ValueError(
            f"arms {', '.join(sorted(drawn))} were drawn, {', '.join(sorted(due))} due"
        )
    for arm, seeds in holds.items():
        if not pairs.loc[pairs["arm"] == arm, "seed"].isin(seeds).all():
            raise ValueError(f"the arm {arm} drew seeds that are not its own")
    sizes = pairs.groupby(["arm", "trial"])["prompt_id"].agg(["size", "nunique"])
    if set(pairs["prompt_id"]) != set(prompt_ids) or (sizes != len(prompt_ids)).any(axis=None):
        raise ValueError("not every arm and trial drew every judging prompt exactly once")


def judge(
    prompts: pd.DataFrame,
    pairs: pd.DataFrame,
    measured: Measured,
    spread: Mapping[str, float],
    statistics: Mapping,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores of every arm and trial, and how far arms lie apart.

    A picture that several arms or trials drew was made once and counts in each.

    Args:
        prompts: judging prompts with ``split`` ``test`` or ``transfer``.
        pairs: as ``trial_seeds.arm_pairs`` draws them.
        measured: features, scores or both of every drawn picture; its reference is the half that
            judges.
        spread: per metric the standard deviation over seeds (``golden.spreads``).
        statistics: ``bootstrap``, ``permutations``, ``level``, ``margin``, ``seed``.

    Returns:
        trials: ``part``, ``arm``, ``trial``, ``fd`` and ``mmd`` (test part only), ``preference``,
            ``n``, ``n_seeds`` (different seeds the arm drew in a trial); a metric that was not
            measured is missing.
        differences: ``part`` and the columns of ``contrasts.decided``.
    """
    points = None
    if measured.features is not None:
        reference = frechet.Reference.from_features(measured.reference)
        points = frechet.ProjectedFeatures.of(measured.features, reference)
    rng = np.random.default_rng(statistics["seed"])
    trials, differences = [], []
    for part in PARTS:
        ids = prompts.loc[prompts["split"] == part, "prompt_id"].tolist()
        # Real pictures carry the test prompts' kind of content; the transfer prompts, like
        # PartiPrompts in the paper, are judged by preference alone.
        sets = _sets(pairs, measured, points if part == "test" else None, ids)
        if not sets.scores:
            continue
        trials.append(_levels(sets).assign(part=part))
        arms = list(pairs["arm"].unique())
        found = contrasts(sets, pairs_of(arms), statistics, rng)
        found = decided(found, spread, statistics["margin"], statistics["level"])
        differences.append(found.assign(part=part))
    used = pairs.groupby(["arm", "trial"])["seed"].nunique().rename("n_seeds").reset_index()
    trials = pd.concat(trials, ignore_index=True).merge(used, on=["arm", "trial"])
    return trials, pd.concat(differences, ignore_index=True)


def _sets(pairs, measured: Measured, points, ids: list[str]) -> Sets:
    """What the arms drew on these prompts: rows and scores, (trials, prompts) each."""
    here = pairs[pairs["prompt_id"].isin(ids)]
    rows, scores = {}, {}
    if points is not None:
        index = measured.index[["seed", "prompt_id"]].assign(value=np.arange(len(measured.index)))
        rows = {arm: found.astype(np.int64) for arm, found in _drawn(here, index, ids).items()}
        used = np.unique(np.concatenate([found.ravel() for found in rows.values()]))
        found = np.full(len(index), np.nan)
        found[used] = witness(measured.features[used], measured.reference)
        scores["mmd"] = {arm: found[of_arm] for arm, of_arm in rows.items()}
    if measured.scores is not None and len(here):
        known = measured.scores[["seed", "prompt_id"]].assign(value=measured.scores["score"])
        scores["preference"] = _drawn(here, known, ids)
    return Sets(scores, rows, points, len(ids))


def _drawn(pairs: pd.DataFrame, known: pd.DataFrame, ids: list[str]) -> dict[str, np.ndarray]:
    """Per arm the ``value`` of each picture it drew, (trials, prompts)."""
    found = {}
    for arm, mine in pairs.groupby("arm", sort=False):
        told = mine.merge(known, on=["seed", "prompt_id"], how="left")
        told = told.drop(columns="seed").rename(columns={"trial": "seed"})
        found[arm] = to_matrix(told, "value", sorted(mine["trial"].unique()), ids)
    return found


def levels(sets: Sets, arm: str) -> dict[str, np.ndarray]:
    """An arm's own value by every metric, (repetitions,); NaN by one that was not measured."""
    found = {metric: by_arm[arm].mean(axis=1) for metric, by_arm in sets.scores.items()}
    if sets.points is not None:
        found["fd"] = sets.distance(arm)
    return {metric: found.get(metric, np.array([np.nan])) for metric in LOW_IS_GOOD}


def _levels(sets: Sets) -> pd.DataFrame:
    """``arm``, ``trial``, a column per metric, ``n``."""
    found = []
    for arm in next(iter(sets.scores.values())):
        values = levels(sets, arm)
        n = max(map(len, values.values()))
        values = {metric: np.broadcast_to(each, n) for metric, each in values.items()}
        found.append(pd.DataFrame({"arm": arm, "trial": np.arange(n), **values, "n": sets.n}))
    return pd.concat(found, ignore_index=True)
