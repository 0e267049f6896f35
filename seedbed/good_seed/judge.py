"""Judge golden seeds on prompts that chose none of them (Good Seed, section 4.1, Table 1).

Three arms draw one seed per test prompt: the golden seeds, random seeds of the ranked
pool, fresh seeds outside it. Each arm is drawn anew in every trial. Distances compare
mixed-seed sets of equal n only. Differences to the random arm are paired by prompt.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed.good_seed.golden import assert_fair
from seedbed.good_seed.study import Measured
from seedbed.statistics import frechet
from seedbed.statistics.bootstrap import bootstrap_counts, percentile_interval
from seedbed.statistics.per_seed import to_matrix

PARTS = ("test", "transfer")


def _joined(measured: Measured) -> pd.DataFrame:
    """``seed``, ``prompt_id``, and of what was measured ``features`` (their row), ``score``."""
    if measured.features is None:
        return measured.scores
    rows = measured.index.assign(features=np.arange(len(measured.index)))
    if measured.scores is None:
        return rows
    return rows.merge(measured.scores, on=["seed", "prompt_id"], validate="one_to_one")


def _tables(pairs: pd.DataFrame, joined: pd.DataFrame, features: np.ndarray | None, ids: list):
    """Per arm: features (trials, prompts, d) and scores (trials, prompts), as far as measured."""
    cubes, matrices = {}, {}
    found = pairs[pairs["prompt_id"].isin(ids)].merge(joined, on=["seed", "prompt_id"], how="left")
    for arm, part in found.groupby("arm"):
        trials = sorted(part["trial"].unique())
        by_trial = part.drop(columns="seed").rename(columns={"trial": "seed"})
        if features is not None:
            cubes[arm] = features[to_matrix(by_trial, "features", trials, ids).astype(np.int64)]
        if "score" in found:
            matrices[arm] = to_matrix(by_trial, "score", trials, ids)
    return cubes, matrices


def refuse_unfair(pairs: pd.DataFrame, golden: dict, prompt_ids: list[str]) -> None:
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
    due = {"random", "fresh"} | ({"golden"} if golden["seeds"] else set())
    drawn = set(pairs["arm"])
    if drawn != due:
        raise ValueError(
            f"arms {', '.join(sorted(drawn))} were drawn, {', '.join(sorted(due))} due"
        )
    of_golden = pairs.loc[pairs["arm"] == "golden", "seed"]
    if not of_golden.isin(golden["seeds"]).all():
        raise ValueError("the golden arm drew seeds that are not golden")
    sizes = pairs.groupby(["arm", "trial"])["prompt_id"].agg(["size", "nunique"])
    if set(pairs["prompt_id"]) != set(prompt_ids) or (sizes != len(prompt_ids)).any(axis=None):
        raise ValueError("not every arm and trial drew every judging prompt exactly once")


def judge(
    prompts: pd.DataFrame,
    pairs: pd.DataFrame,
    measured: Measured,
    statistics: dict,
    baseline: str = "random",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores of every arm and trial, and each arm's paired difference to the baseline.

    A picture that several arms or trials drew was made once and counts in each.

    Args:
        prompts: judging prompts with ``split`` ``test`` or ``transfer``.
        pairs: as ``trial_seeds.arm_pairs`` draws them; must include ``baseline``.
        measured: features, scores or both of every drawn picture.
        statistics: ``bootstrap``, ``level``, ``seed``.
        baseline: the arm that the others are compared with.

    Returns:
        trials: ``part``, ``arm``, ``trial``, ``fd`` (test part only), ``preference``, ``n``,
            ``n_seeds`` (different seeds the arm drew); a metric that was not measured is missing.
        differences: ``part``, ``arm``, ``metric``, ``difference``, ``low``, ``high``, ``n``.
    """
    arms = list(pairs["arm"].unique())
    by_distance = measured.features is not None
    reference = frechet.Reference.from_features(measured.reference) if by_distance else None
    joined = _joined(measured)
    used = pairs.groupby("arm")["seed"].nunique()
    trials = sorted(pairs["trial"].unique())
    trial_rows, difference_rows = [], []
    for part in PARTS:
        ids = prompts.loc[prompts["split"] == part, "prompt_id"].tolist()
        cubes, matrices = _tables(pairs, joined, measured.features, ids)
        # Reference scenes carry the test prompts' kind of content; the transfer prompts,
        # like PartiPrompts in the paper, are judged by preference alone.
        distances = {}
        if by_distance and part == "test":
            distances = {arm: frechet.per_seed(cubes[arm], reference) for arm in arms}
        for arm in arms:
            means = matrices[arm].mean(axis=1) if matrices else [np.nan] * len(trials)
            for trial, mean in enumerate(means):
                fd = distances[arm][trial] if distances else np.nan
                trial_rows.append((part, arm, trial, fd, mean, len(ids), used[arm]))
        difference_rows += _differences(
            part, arms, baseline, cubes, matrices, distances, reference, statistics, len(ids)
        )
    trials = pd.DataFrame(
        trial_rows, columns=["part", "arm", "trial", "fd", "preference", "n", "n_seeds"]
    )
    differences = pd.DataFrame(
        difference_rows, columns=["part", "arm", "metric", "difference", "low", "high", "n"]
    )
    return trials, differences


def _differences(part, arms, baseline, cubes, matrices, distances, reference, statistics, n):
    n_boot, level, seed = (statistics[k] for k in ("bootstrap", "level", "seed"))
    counts = bootstrap_counts(n, n_boot, np.random.default_rng(seed))
    boots_fd = {
        arm: frechet.bootstrap_per_seed(cubes[arm], reference, n_boot, seed).mean(axis=0)
        for arm in (arms if distances else ())
    }
    rows = []
    for arm in arms:
        if arm == baseline:
            continue
        if matrices:
            each = (matrices[arm] - matrices[baseline]).mean(axis=0)
            low, high = percentile_interval(counts @ each / n, level)
            rows.append((part, arm, "preference", each.mean(), float(low), float(high), n))
        if distances:
            point = distances[arm].mean() - distances[baseline].mean()
            low, high = frechet.interval(
                np.array([point]), (boots_fd[arm] - boots_fd[baseline])[None], level
            )
            rows.append((part, arm, "fd", point, float(low[0]), float(high[0]), n))
    return rows
