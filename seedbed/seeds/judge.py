"""Judge golden seeds on prompts that chose none of them (Good Seed, section 4.1, Table 1).

Three arms draw one seed per test prompt: the golden seeds, random seeds of the ranked
pool, fresh seeds outside it. Each arm is drawn anew in every trial. Distances compare
mixed-seed sets of equal n only. Differences to the random arm are paired by prompt.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from seedbed.metrics import frechet
from seedbed.metrics.bootstrap import bootstrap_counts, percentile_interval
from seedbed.metrics.preference import to_matrix

PARTS = ("test", "transfer")


def _tables(pairs, measured, features, ids):
    """Per arm: features (trials, prompts, d) and scores (trials, prompts)."""
    cubes, matrices = {}, {}
    joined = pairs[pairs["prompt_id"].isin(ids)].merge(
        measured, on=["seed", "prompt_id"], how="left"
    )
    for arm, part in joined.groupby("arm"):
        trials = sorted(part["trial"].unique())
        by_trial = part.drop(columns="seed").rename(columns={"trial": "seed"})
        cubes[arm] = features[to_matrix(by_trial, "row", trials, ids).astype(np.int64)]
        matrices[arm] = to_matrix(by_trial, "score", trials, ids)
    return cubes, matrices


def judge(
    arms: Sequence[str],
    prompts: pd.DataFrame,
    pairs: pd.DataFrame,
    index: pd.DataFrame,
    features: np.ndarray,
    scores: pd.DataFrame,
    reference_features: np.ndarray,
    statistics: dict,
    baseline: str = "random",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores of every arm and trial, and each arm's paired difference to the baseline.

    A picture that several arms or trials drew was made once and counts in each.

    Args:
        arms: names; must include ``baseline``.
        prompts: judging prompts with ``split`` ``test`` or ``transfer``.
        pairs: as ``arms.arm_pairs`` draws them.
        index: ``seed``, ``prompt_id`` of the feature rows.
        features: (n, d).
        scores: ``seed``, ``prompt_id``, ``score``.
        reference_features: (m, d) of real images.
        statistics: ``bootstrap``, ``level``, ``seed``.

    Returns:
        trials: ``part``, ``arm``, ``trial``, ``fd`` (test part only), ``preference``, ``n``,
            ``n_seeds`` (different seeds the arm drew).
        differences: ``part``, ``arm``, ``metric``, ``difference``, ``low``, ``high``, ``n``.
    """
    reference = frechet.Reference.from_features(reference_features)
    measured = index.assign(row=np.arange(len(index))).merge(
        scores, on=["seed", "prompt_id"], validate="one_to_one"
    )
    used = pairs.groupby("arm")["seed"].nunique()
    trial_rows, difference_rows = [], []
    for part in PARTS:
        ids = prompts.loc[prompts["split"] == part, "prompt_id"].tolist()
        cubes, matrices = _tables(pairs, measured, features, ids)
        # Reference scenes carry the test prompts' kind of content; the transfer prompts,
        # like PartiPrompts in the paper, are judged by preference alone.
        distances = (
            {arm: frechet.per_seed(cubes[arm], reference) for arm in arms} if part == "test" else {}
        )
        for arm in arms:
            for trial, mean in enumerate(matrices[arm].mean(axis=1)):
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
