"""Judge golden seeds on prompts that chose none of them (Good Seed, section 4.1, Table 1).

Every arm draws one seed per test prompt, anew in every trial (``trial_seeds``). Distances compare
mixed-seed sets of equal n only, with real pictures that took no part in the choice. Each arm is set
against the whole pool, golden seeds also against as many seeds at random.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from seedbed.good_seed.contrasts import Sets, contrasts, decided
from seedbed.good_seed.golden import assert_fair
from seedbed.good_seed.study import Measured
from seedbed.statistics import frechet
from seedbed.statistics.per_seed import to_matrix

PARTS = ("test", "transfer")
ALWAYS = {"pool", "fresh"}
BASELINE, AS_MANY = "pool", "random_k"


def judging_half(reference: np.ndarray) -> np.ndarray:
    """The half of the real pictures (m, d) that judges; the first half ranks seeds."""
    return reference[len(reference) // 2 :]


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
        trials: ``part``, ``arm``, ``trial``, ``fd`` (test part only), ``preference``, ``n``,
            ``n_seeds`` (different seeds the arm drew in a trial); a metric that was not measured is
            missing.
        differences: ``part`` and the columns of ``contrasts.decided``.
    """
    reference = points = None
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
        if not sets.rows and not sets.scores:
            continue
        trials.append(_levels(sets).assign(part=part))
        arms = list(pairs["arm"].unique())
        found = contrasts(sets, pairs_of(arms), statistics, rng)
        found = decided(found, spread, statistics["margin"], statistics["level"])
        differences.append(found.assign(part=part))
    used = pairs.groupby(["arm", "trial"])["seed"].nunique().rename("n_seeds").reset_index()
    trials = pd.concat(trials, ignore_index=True).merge(used, on=["arm", "trial"])
    return trials, pd.concat(differences, ignore_index=True)


def _sets(pairs, measured, points, ids) -> Sets:
    """What the arms drew on these prompts: rows and scores, (trials, prompts) each."""
    rows, scores = {}, {}
    for arm, mine in pairs[pairs["prompt_id"].isin(ids)].groupby("arm", sort=False):
        drawn = mine.rename(columns={"seed": "drawn", "trial": "seed"})
        trials = sorted(mine["trial"].unique())
        wanted = {"left_on": ["drawn", "prompt_id"], "right_on": ["seed", "prompt_id"]}
        if points is not None:
            index = measured.index[["seed", "prompt_id"]].assign(row=np.arange(len(measured.index)))
            found = drawn.merge(index, **wanted, how="left", suffixes=("", "_of"))
            rows[arm] = to_matrix(found, "row", trials, ids).astype(np.int64)
        if measured.scores is not None:
            known = measured.scores[["seed", "prompt_id", "score"]]
            found = drawn.merge(known, **wanted, how="left", suffixes=("", "_of"))
            scores[arm] = to_matrix(found, "score", trials, ids)
    return Sets({"preference": scores} if scores else {}, rows, points, len(ids))


def _levels(sets: Sets) -> pd.DataFrame:
    """``arm``, ``trial``, ``fd``, ``preference``, ``n``: each arm's own values."""
    found = []
    for arm in sets.rows or sets.scores["preference"]:
        distances = sets.distance(arm) if sets.points is not None else None
        means = sets.scores["preference"][arm].mean(axis=1) if sets.scores else None
        n = len(distances if means is None else means)
        found.append(
            pd.DataFrame(
                {
                    "arm": arm,
                    "trial": np.arange(n),
                    "fd": np.full(n, np.nan) if distances is None else distances,
                    "preference": np.full(n, np.nan) if means is None else means,
                    "n": sets.n,
                }
            )
        )
    return pd.concat(found, ignore_index=True)
