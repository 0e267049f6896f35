"""Preference per seed: the mean of one score per (seed, prompt) over identical prompts.

Good Seed Makes a Good Crop, sec. 3.4: each seed's HPS v2 score is averaged over the same
1,000 prompts. Such scores are comparable only on the same prompt, so a table in which one
seed lacks a prompt is refused, and intervals resample the prompts for all seeds at once,
which leaves the differences between seeds paired.

Nothing here knows which scorer wrote the column: HPS v2 and its stand-in go the same way,
and the caller keeps the name honest.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from seedbed.statistics.bootstrap import bootstrap_counts, percentile_interval


def to_matrix(
    frame: pd.DataFrame, value: str, seeds: Sequence[int], prompt_ids: Sequence
) -> np.ndarray:
    """Pivot a long table [seed, prompt_id, value] into float64 (seeds, prompts).

    Rows of other seeds or prompts are ignored; a missing, duplicate or non-finite cell
    among those asked for raises and is named.
    """
    absent = [column for column in ("seed", "prompt_id", value) if column not in frame]
    if absent:
        raise ValueError(f"the table lacks column {absent[0]!r}; it has {list(frame.columns)}")
    rows, columns = pd.Index(seeds, name="seed"), pd.Index(prompt_ids, name="prompt_id")
    for index in (rows, columns):
        if not index.is_unique:
            twice = index[index.duplicated()][0]
            raise ValueError(f"{index.name} {twice!r} is asked for twice")
    i, j = rows.get_indexer(frame["seed"]), columns.get_indexer(frame["prompt_id"])
    wanted = (i >= 0) & (j >= 0)
    i, j = i[wanted], j[wanted]
    counts = np.zeros((len(rows), len(columns)), dtype=np.int64)
    np.add.at(counts, (i, j), 1)
    _refuse(counts > 1, "appears more than once", value, rows, columns)
    _refuse(counts == 0, "is missing", value, rows, columns)
    matrix = np.empty(counts.shape)
    matrix[i, j] = frame[value].to_numpy(dtype=np.float64, na_value=np.nan)[wanted]
    _refuse(~np.isfinite(matrix), "is not finite", value, rows, columns)
    return matrix


def per_seed_mean(scores: np.ndarray) -> np.ndarray:
    """Mean over prompts of scores (S, P), per seed."""
    return score_matrix(scores).mean(axis=1)


def bootstrap_per_seed(scores: np.ndarray, n_boot: int, seed: int) -> np.ndarray:
    """Per-seed means (S, n_boot) under prompts resampled jointly for all seeds."""
    scores = score_matrix(scores)
    n_prompts = scores.shape[1]
    counts = bootstrap_counts(n_prompts, n_boot, np.random.default_rng(seed))
    return scores @ counts.T / n_prompts


def per_seed_interval(
    scores: np.ndarray, n_boot: int, seed: int, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per-seed mean with the low and high end of its percentile interval."""
    low, high = percentile_interval(bootstrap_per_seed(scores, n_boot, seed), level)
    return per_seed_mean(scores), low, high


def relative_interval(
    scores: np.ndarray, n_boot: int, seed: int, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Interval of each seed's mean less the mean over seeds, laid around the seed's mean.

    What all seeds share on a prompt cancels: for a comparison of seeds, not for a seed alone.

    Returns:
        (S,) low and high ends.
    """
    scores = score_matrix(scores)
    centred = scores - scores.mean(axis=0)
    low, high = percentile_interval(bootstrap_per_seed(centred, n_boot, seed), level)
    return low + scores.mean(), high + scores.mean()


def score_matrix(scores: np.ndarray) -> np.ndarray:
    """Scores as float64 (S, P), refused if a cell is missing."""
    scores = np.asarray(scores, dtype=np.float64)
    if scores.ndim != 2 or not scores.size:
        raise ValueError(f"scores must be a table (seeds, prompts), not of shape {scores.shape}")
    if not np.isfinite(scores).all():
        row, column = np.argwhere(~np.isfinite(scores))[0]
        raise ValueError(f"score of seed row {row}, prompt column {column} is not finite")
    return scores


def _refuse(bad: np.ndarray, complaint: str, value: str, rows: pd.Index, columns: pd.Index) -> None:
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise ValueError(
            f"{value!r} of seed {rows[row]}, prompt {columns[column]!r} {complaint} "
            f"({int(bad.sum())} such cells): every seed needs every prompt exactly once"
        )
