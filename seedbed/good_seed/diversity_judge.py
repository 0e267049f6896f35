"""Judge diverse seeds (Good Seed, section 4.2, equation 2, Table 2).

Per prompt and trial the C images of a group are compared with each other
(``statistics.similarity``) and scored for agreement with the prompt, which is what variety may
cost. Arms are compared with random groups, paired by prompt. Intervals resample prompts: they speak
of other prompts with these seeds. Whether other diverse seeds would do is asked of the survey:
there, seeds are chosen on one half of the prompts from every first seed of the pool, and judged on
the other half against every pair of seeds.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from seedbed.good_seed.diverse import Points, distances, farthest
from seedbed.good_seed.diversity_arms import COMPOSITION, RANDOM
from seedbed.statistics.bootstrap import bootstrap_counts, expanded_level, percentile_interval
from seedbed.statistics.similarity import MEASURES, matrices, pairwise
from seedbed.statistics.verdicts import sign_flip_p, verdict

AGREEMENT = "agreement"
KEYS = ["seed", "prompt_id"]


def per_group(
    groups: pd.DataFrame, index: pd.DataFrame, vectors: np.ndarray, scores: pd.DataFrame | None
) -> pd.DataFrame:
    """One row per trial and prompt of an arm.

    Args:
        groups: as ``diversity_trial`` makes them.
        index: ``seed``, ``prompt_id`` of each row of ``vectors``.
        vectors: (rows, d); NaN where an image shows nothing to measure.
        scores: ``seed``, ``prompt_id``, ``score``; ``None`` without a scorer.

    Returns:
        ``trial``, ``prompt_id``, ``similarity``, ``distance`` (NaN where fewer than two images
        can be compared), ``agreement``, ``n_images``, ``n_found``.

    Raises:
        ValueError: an image of a group was not measured or not scored.
    """
    at = groups.merge(index.assign(row=np.arange(len(index))), on=KEYS, how="left")
    if scores is not None:
        at = at.merge(scores[[*KEYS, "score"]], on=KEYS, how="left", validate="many_to_one")
    lost = at["row"].isna() | (at["score"].isna() if scores is not None else False)
    if lost.any():
        first = at[lost].iloc[0]
        raise ValueError(
            f"seed {first['seed']}, prompt {first['prompt_id']} was drawn and is not measured "
            f"({int(lost.sum())} such images)"
        )
    rows = []
    for (trial, prompt_id), part in at.groupby(["trial", "prompt_id"], sort=False):
        mine = vectors[part["row"].to_numpy(dtype=np.int64)]
        similarity, distance = pairwise(mine)
        rows.append(
            {
                "trial": trial,
                "prompt_id": prompt_id,
                "similarity": similarity,
                "distance": distance,
                AGREEMENT: part["score"].mean() if scores is not None else np.nan,
                "n_images": len(part),
                "n_found": int(np.isfinite(mine).all(axis=1).sum()),
            }
        )
    return pd.DataFrame(rows)


def judge(
    judged: dict[str, pd.DataFrame], statistics: dict, margins: dict[str, float]
) -> pd.DataFrame:
    """Means of every arm, and its differences to random groups.

    Args:
        judged: per arm as ``per_group`` returns it, ``random`` among them; the same prompts.
        statistics: ``bootstrap``, ``permutations``, ``level``, ``seed``.
        margins: differences below them do not matter: ``spread``, a share of random groups' mean
            distance and of 1 - their mean similarity; ``cost``, of their mean agreement.

    Returns:
        A row per arm and measure: ``arm``, ``measure``, ``mean``, ``sd`` (over trials),
        what ``compared`` says of the difference, ``n_prompts`` (with a value; for a difference, in
        both arms), ``n_trials``, ``n_groups`` and ``n_lost`` of them without
        two images to compare, ``n_images``, ``n_found``.
    """
    measures = [*MEASURES, AGREEMENT]
    tables = {arm: {m: _by_prompt(frame, m) for m in measures} for arm, frame in judged.items()}
    rows = []
    for arm, frame in judged.items():
        for measure in measures:
            if frame[measure].isna().all():
                continue
            by_trial = frame.groupby("trial")[measure].mean()
            mine, base = tables[arm][measure], tables[RANDOM][measure]
            each = (mine - base).dropna()
            margin = _margin(measure, float(base.mean()), margins)
            rows.append(
                {
                    "arm": arm,
                    "measure": measure,
                    "mean": float(by_trial.mean()),
                    "sd": float(by_trial.std(ddof=1)),
                    **(compared(each, margin, statistics) if arm != RANDOM else {}),
                    "n_prompts": int((mine if arm == RANDOM else each).notna().sum()),
                    "n_trials": len(by_trial),
                    "n_groups": len(frame),
                    "n_lost": int(frame[measure].isna().sum()),
                    "n_images": int(frame["n_images"].sum()),
                    "n_found": int(frame["n_found"].sum()),
                }
            )
    return pd.DataFrame(rows)


def _margin(measure: str, random_mean: float, margins: dict[str, float]) -> float:
    if measure == AGREEMENT:
        return margins["cost"] * abs(random_mean)
    return margins["spread"] * (1 - random_mean if measure == "similarity" else random_mean)


def _by_prompt(frame: pd.DataFrame, measure: str) -> pd.Series:
    """Mean over the trials that have a value, by prompt."""
    return frame.groupby("prompt_id", sort=True)[measure].mean()


def compared(each: pd.Series | np.ndarray, margin: float, statistics: dict) -> dict:
    """Two arms, by one difference per prompt.

    Percentile intervals over resampled prompts, expanded for few prompts (``expanded_level``):
    at 24 prompts plain ones are too narrow.

    Args:
        each: (n,) in the measure's unit.
        margin: differences below it do not matter, in the same unit.
        statistics: ``bootstrap``, ``permutations``, ``level``, ``seed``.

    Returns:
        ``difference``, ``low``, ``high``, ``narrow_low``, ``narrow_high`` (of the level that leaves
        twice as much outside), ``margin``, ``p_value``, ``verdict``; nothing for fewer than two
        prompts.
    """
    each = np.asarray(each, dtype=np.float64)
    n, level = len(each), statistics["level"]
    if n < 2:
        return {}
    rng = np.random.default_rng(statistics["seed"])
    means = bootstrap_counts(n, statistics["bootstrap"], rng) @ each / n
    low, high = map(float, percentile_interval(means, expanded_level(level, n)))
    narrow = tuple(map(float, percentile_interval(means, expanded_level(2 * level - 1, n))))
    p_value = sign_flip_p(each, statistics["permutations"], rng)
    return {
        "difference": float(each.mean()),
        "low": low,
        "high": high,
        "narrow_low": narrow[0],
        "narrow_high": narrow[1],
        "margin": margin,
        "p_value": p_value,
        "verdict": verdict((low, high), p_value, narrow, margin),
    }


# Every first seed, on the survey


def crossfitted(
    points: Points, aim: str, count: int, statistics: dict, margins: dict[str, float]
) -> pd.DataFrame:
    """Diverse seeds from every first seed, chosen on half of the survey, judged on the other half.

    Args:
        points: of the whole survey.
        aim: of ``diverse.AIMS``.
        count: seeds of a group.
        statistics, margins: as for ``judge``.

    Returns:
        A row per measure: ``measure``, ``mean``, ``random_mean``, what ``compared`` says of their
        difference, ``below`` (chance that a diverse group is below a random one in this measure,
        0.5 by chance), ``n_prompts``, ``n_seeds``.
    """
    rng = np.random.default_rng(statistics["seed"])
    order = rng.permutation(len(points.prompt_ids))
    halves = np.array_split(order, 2)
    diverse, random = ({m: [] for m in MEASURES} for _ in range(2))
    below: dict[str, list[float]] = {m: [] for m in MEASURES}
    for chosen_on, judged_on in (halves, halves[::-1]):
        apart = distances(points.among(chosen_on), standardise=aim == COMPOSITION)
        sets = np.array([farthest(apart, first, count) for first in range(len(apart))])
        others = np.array([rng.choice(len(apart), count, replace=False) for _ in range(2000)])
        for measure, tables in _matrices(points.among(judged_on)).items():
            mine, theirs = (np.array([_of_sets(t, s) for t in tables]) for s in (sets, others))
            diverse[measure] += np.nanmean(mine, axis=1).tolist()
            random[measure] += [float(np.nanmean(_off_diagonal(t))) for t in tables]
            below[measure].append(_below(np.nanmean(mine, axis=0), np.nanmean(theirs, axis=0)))
    rows = []
    for measure in MEASURES:
        mine, theirs = (np.array(found[measure]) for found in (diverse, random))
        mean = float(theirs.mean())
        rows.append(
            {
                "measure": measure,
                "mean": float(mine.mean()),
                "random_mean": mean,
                **compared(mine - theirs, _margin(measure, mean, margins), statistics),
                "below": float(np.mean(below[measure])),
                "n_prompts": len(mine),
                "n_seeds": len(points.seeds),
            }
        )
    return pd.DataFrame(rows)


def _matrices(points: Points) -> dict[str, list[np.ndarray]]:
    """Per measure one (S, S) table for each prompt."""
    both = [matrices(cells) for cells in points.vectors]
    return {measure: [pair[k] for pair in both] for k, measure in enumerate(MEASURES)}


def _of_sets(table: np.ndarray, sets: np.ndarray) -> np.ndarray:
    """Mean of the pairs of each set; (sets,), NaN where no pair has a value."""
    pairs = np.stack([table[sets[:, i], sets[:, j]] for i, j in _two_of(sets.shape[1])])
    known = np.isfinite(pairs)
    n = known.sum(axis=0)
    sums = np.where(known, pairs, 0).sum(axis=0)
    return np.divide(sums, n, out=np.full(len(sums), np.nan), where=n > 0)


def _two_of(count: int) -> Iterator[tuple[int, int]]:
    return ((i, j) for i in range(count) for j in range(i + 1, count))


def _off_diagonal(table: np.ndarray) -> np.ndarray:
    return table[~np.eye(len(table), dtype=bool)]


def _below(mine: np.ndarray, theirs: np.ndarray) -> float:
    """Chance that one of mine is below one of theirs, ties half."""
    ordered = np.sort(theirs[np.isfinite(theirs)])
    mine = mine[np.isfinite(mine)]
    places = (np.searchsorted(ordered, mine, "left") + np.searchsorted(ordered, mine, "right")) / 2
    return float(1 - places.mean() / len(ordered))
