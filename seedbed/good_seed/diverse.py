"""Seeds that differ: farthest-point sampling (Good Seed, section 4.2, equation 1).

The first seed is drawn from the pool; each next one is the seed whose nearest chosen seed is
farthest away, until C are chosen. Seeds are points by what their images of the same prompts show:

- *style*: their Gram vectors of all survey prompts, one after the other, less each prompt's mean
  over the seeds (which cancels from distances). The paper takes two t-SNE coordinates per prompt
  from the same vectors; those depend on a random start and keep neighbours, not distances.
- *composition*: x, y, size and depth of the object in all survey prompts, each attribute in units
  of its standard deviation about the prompts' means. Where the object was not found, the prompt's
  mean stands; how often is counted.

Only distances between seeds are kept, summed prompt by prompt, so that no matrix of all features
of all seeds is made twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.good_seed.composition_shares import PLACED, read_composition
from seedbed.good_seed.diversity_arms import COMPOSITION, STYLE
from seedbed.good_seed.survey_cells import SurveyCells


@dataclass(frozen=True, eq=False)
class Points:
    """Images of the same prompts by every seed, as vectors.

    Attributes:
        seeds: (S,) in rising order.
        prompt_ids: (P,) in the order of the survey.
        vectors: (P, S, d) float; NaN in a cell whose image shows nothing to measure. Or where
            these lie on disk, which lacks none.
    """

    seeds: np.ndarray
    prompt_ids: tuple[str, ...]
    vectors: np.ndarray | SurveyCells

    @classmethod
    def read(cls, aim: str, paths: Sequence[str], prompt_ids: Sequence[str]) -> Points:
        """From shards of a survey: Gram vectors where they lie, compositions in memory.

        Args:
            aim, paths: as of ``read_vectors``.
            prompt_ids: those wanted.

        Raises:
            ValueError: as ``of``.
        """
        if aim != STYLE:
            return cls.of(*read_vectors(aim, paths), prompt_ids)
        cells = SurveyCells.of(paths, prompt_ids)
        return cls(np.array(cells.seeds), cells.prompt_ids, cells)

    @classmethod
    def of(cls, index: pd.DataFrame, vectors: np.ndarray, prompt_ids: Sequence[str]) -> Points:
        """From one row per image.

        Args:
            index: ``seed``, ``prompt_id`` of each row.
            vectors: (rows, d).
            prompt_ids: those wanted; other rows are left out.

        Raises:
            ValueError: a seed lacks an image of a prompt, or has two.
        """
        seeds = np.sort(index["seed"].unique())
        column = pd.Index(prompt_ids).get_indexer(index["prompt_id"])
        row = pd.Index(seeds).get_indexer(index["seed"])
        wanted = column >= 0
        counts = np.zeros((len(prompt_ids), len(seeds)), dtype=np.int64)
        np.add.at(counts, (column[wanted], row[wanted]), 1)
        if (counts != 1).any():
            prompt, seed = np.argwhere(counts != 1)[0]
            raise ValueError(
                f"seed {seeds[seed]} has {counts[prompt, seed]} images of prompt "
                f"{prompt_ids[prompt]}, not one; delete them and run again"
            )
        cells = np.empty((*counts.shape, vectors.shape[1]), dtype=vectors.dtype)
        cells[column[wanted], row[wanted]] = vectors[wanted]
        return cls(seeds, tuple(prompt_ids), cells)

    @property
    def missing(self) -> np.ndarray:
        """(P, S) bool: cells without anything to measure."""
        if isinstance(self.vectors, SurveyCells):
            return np.zeros((len(self.prompt_ids), len(self.seeds)), dtype=bool)
        return ~np.isfinite(self.vectors[..., 0])

    def among(self, places: Sequence[int]) -> Points:
        """Those of the prompts at these places alone."""
        ids = tuple(self.prompt_ids[i] for i in places)
        lazy = isinstance(self.vectors, SurveyCells)
        vectors = self.vectors.among(places) if lazy else self.vectors[list(places)]
        return Points(self.seeds, ids, vectors)


def read_vectors(aim: str, paths: Sequence[str]) -> tuple[pd.DataFrame, np.ndarray]:
    """What an aim compares, of every image of some shards.

    Args:
        aim: of ``diversity_arms.AIMS``.
        paths: features of the style's extractor, or composition tables.

    Returns:
        ``seed``, ``prompt_id`` of each row; (rows, d) Gram vectors, those of one shard where they
        lie on disk, or (rows, 4) place, size and depth, NaN where the object was not found.
    """
    if aim == STYLE:
        if len(paths) == 1:
            index = store.read_table(store.index_path(paths[0]), ["seed", "prompt_id"])
            return index[["seed", "prompt_id"]], store.map_tensors(paths[0])[0]["features"]
        index, arrays = store.read_features(paths)
        return index[["seed", "prompt_id"]], arrays["features"]
    table = pd.concat([read_composition(path) for path in paths], ignore_index=True)
    return table[["seed", "prompt_id"]], table[list(PLACED)].to_numpy(dtype=np.float64)


def distances(points: Points, standardise: bool) -> np.ndarray:
    """Euclidean distances (S, S) float64 between seeds over all prompts and components.

    Args:
        points: a missing cell counts as its prompt's mean.
        standardise: components in units of their sd about the prompts' means.
    """
    scale = 1.0
    if standardise:
        spread = np.concatenate([_centred(cells) for cells in points.vectors])
        sd = np.sqrt(np.nanmean(np.square(spread), axis=0))
        scale = np.where(sd > 0, sd, 1.0)
    squared = np.zeros((len(points.seeds),) * 2)
    for cells in points.vectors:
        centred = np.nan_to_num(_centred(cells)) / scale
        own = np.square(centred).sum(axis=1)
        squared += own[:, None] + own - 2 * centred @ centred.T
    np.fill_diagonal(squared, 0)
    return np.sqrt(np.maximum(squared, 0))


def _centred(cells: np.ndarray) -> np.ndarray:
    """(S, d) float64 less the mean of those that are there."""
    cells = cells.astype(np.float64)
    found = np.isfinite(cells[:, :1])
    mean = np.where(found, cells, 0).sum(axis=0) / max(int(found.sum()), 1)
    return cells - mean


def farthest(apart: np.ndarray, first: int, count: int) -> list[int]:
    """Equation 1: places of ``count`` points, each as far as can be from those before it.

    Of equally far ones the first is taken.

    Args:
        apart: (S, S) distances.
        first: place of the point to begin with.
        count: at most S.

    Raises:
        ValueError: more points are asked for than there are.
    """
    if count > len(apart):
        raise ValueError(f"{count} diverse seeds asked for, the pool has {len(apart)}")
    chosen = [first]
    nearest = apart[first].copy()
    while len(chosen) < count:
        nearest[chosen] = -1
        chosen.append(int(np.argmax(nearest)))
        nearest = np.minimum(nearest, apart[chosen[-1]])
    return chosen


def select(
    points: Points, aim: str, count: int, trials: int, rng: np.random.Generator
) -> dict[str, object]:
    """Diverse seeds of each trial, with what they rest on.

    Args:
        points: of the whole survey.
        aim: of ``diversity_arms.AIMS``.
        count: seeds of a trial.
        trials: how many, each from another first seed.
        rng: draws the first seeds.

    Returns:
        ``trials``: seeds in the order of their choice; ``nearest``: the least distance within
        each; ``n_seeds``, ``n_prompts``, ``n_missing`` and ``n_images`` of the survey.
    """
    apart = distances(points, standardise=aim == COMPOSITION)
    firsts = rng.choice(len(apart), size=trials, replace=False)
    sets = [farthest(apart, int(first), count) for first in firsts]
    inside = [apart[np.ix_(s, s)][np.triu_indices(count, 1)].min() for s in sets]
    return {
        "trials": [[int(points.seeds[place]) for place in s] for s in sets],
        "nearest": [float(value) for value in inside],
        "n_seeds": len(points.seeds),
        "n_prompts": len(points.prompt_ids),
        "n_missing": int(points.missing.sum()),
        "n_images": int(points.missing.size),
    }
