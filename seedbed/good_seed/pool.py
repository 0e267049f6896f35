"""What all ranking images are together, gathered range by range of seeds and joined.

Scores of a picture among all others need the statistics of all, and some pictures to be held
against; no job needs all features. At the paper's size these are 168 GB of a model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seedbed.good_seed.halves import judging_half, ranking_half
from seedbed.statistics import mmd
from seedbed.statistics.frechet import GaussianStats
from seedbed.store import MappedFeatures

SETS = ("set1", "set2")
ALL = "all"
SAMPLE = 5
"""Sets the stream of the sample apart."""
Rows = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Cells:
    """Every seed of a pool with every ranking prompt.

    Attributes:
        seeds: the pool.
        prompt_ids: in the order of their table.
        split: ``set1`` or ``set2`` of each.
    """

    seeds: tuple[int, ...]
    prompt_ids: tuple[str, ...]
    split: tuple[str, ...]

    @classmethod
    def of(cls, seeds: Iterable[int], prompts: pd.DataFrame) -> Cells:
        """From the pool and the table of ranking prompts."""
        return cls(
            tuple(int(s) for s in seeds), tuple(prompts["prompt_id"]), tuple(prompts["split"])
        )

    def places(self, name: str) -> np.ndarray:
        """Places of a set's prompts in the table; of all by ``ALL``."""
        split = np.asarray(self.split)
        return np.flatnonzero(split == name) if name != ALL else np.arange(len(split))

    def ids(self, name: str) -> list[str]:
        """A set's prompts."""
        return [self.prompt_ids[i] for i in self.places(name)]

    def first(self, seeds: int | None, prompts: int | None) -> Cells:
        """The first seeds with the first prompts of each set; ``None`` for all."""
        kept = sorted(i for name in SETS for i in self.places(name)[:prompts])
        return Cells(
            self.seeds[:seeds],
            tuple(self.prompt_ids[i] for i in kept),
            tuple(self.split[i] for i in kept),
        )

    def rows(
        self, features: MappedFeatures, seeds: Iterable[int] | None = None
    ) -> Iterator[tuple[int, np.ndarray]]:
        """Seeds, each with its features (prompts, d) in the order of the table, one at a time.

        Args:
            features: where they lie.
            seeds: which; ``None`` for all.
        """
        for number in self.seeds if seeds is None else seeds:
            yield number, features.take([number] * len(self.prompt_ids), self.prompt_ids)

    def cube(self, features: MappedFeatures) -> np.ndarray:
        """(seeds, prompts, d) features of all cells at once: of few cells."""
        return np.stack([x for _, x in self.rows(features)])

    def spread(self, name: str) -> int:
        """Every how manieth picture, seed by seed, the width of a kernel is taken from."""
        n = len(self.seeds) * len(self.places(name))
        return max(1, -(-n // mmd.SAMPLE))

    def sample(self, name: str, count: int | None, seed: int) -> np.ndarray:
        """Pictures of a set that others are held against: sorted places, seed by seed.

        Args:
            name: of the set.
            count: how many, drawn at random; ``None`` for all.
            seed: of the draw.
        """
        n = len(self.seeds) * len(self.places(name))
        if count is None or count >= n:
            return np.arange(n)
        rng = np.random.default_rng([seed, SAMPLE, SETS.index(name)])
        return np.sort(rng.choice(n, size=count, replace=False))


def gather(
    rows: Iterable[tuple[int, np.ndarray]], cells: Cells, count: int | None, seed: int
) -> dict[str, np.ndarray]:
    """What some seeds add to the pool.

    Args:
        rows: seeds, each with its features (prompts, d) in the order of the table.
        cells: of the whole pool.
        count: of the sample that pictures are held against.
        seed: of its draw.

    Returns:
        Of each set ``n``, ``mean`` and ``scatter`` (float64) and ``sample``, ``sample_places``; of
        each set and of all ``spread``, ``spread_places`` (places in the pool, seed by seed).
    """
    kept: dict[str, list] = {}
    stats: dict[str, GaussianStats] = {}
    samples = {name: cells.sample(name, count, seed) for name in SETS}
    for number, x in rows:
        at = cells.seeds.index(number)
        for name in (*SETS, ALL):
            of_set = x[cells.places(name)]
            n = len(of_set)
            wanted = {"spread": np.arange(at * n, (at + 1) * n)}
            wanted["spread"] = wanted["spread"][wanted["spread"] % cells.spread(name) == 0]
            if name in SETS:
                mine = GaussianStats.from_features(of_set)
                stats[name] = stats[name].merge(mine) if name in stats else mine
                low, high = np.searchsorted(samples[name], [at * n, (at + 1) * n])
                wanted["sample"] = samples[name][low:high]
            for what, places in wanted.items():
                kept.setdefault(f"{name}.{what}", []).append(of_set[places - at * n])
                kept.setdefault(f"{name}.{what}_places", []).append(places)
    return {name: np.concatenate(parts) for name, parts in kept.items()} | _moments(stats)


def join(parts: Iterable[Rows], real: np.ndarray) -> dict[str, np.ndarray]:
    """The pool of all seeds.

    Args:
        parts: of ``gather``, each seed in one of them; taken one at a time, since the statistics
            of all of them together are some gigabytes at the paper's size.
        real: (m, d) features of all real images: the first half ranks, the second judges.

    Returns:
        Of each set ``n``, ``mean``, ``scatter``, ``sample`` and ``sample_places``; ``sigma``, the
        width of the kernel that ranks, and ``judging_sigma`` of each set's that judges.
    """
    stats: dict[str, GaussianStats] = {}
    kept: dict[str, list] = {}
    for part in parts:
        for name in SETS:
            mine = stats_of(part, name)
            stats[name] = stats[name].merge(mine) if name in stats else mine
        for name, what in (*((s, w) for s in SETS for w in ("sample", "spread")), (ALL, "spread")):
            for key in (f"{name}.{what}", f"{name}.{what}_places"):
                kept.setdefault(key, []).append(part[key])
    found = _moments(stats)
    for name in SETS:
        found[f"{name}.sample"], found[f"{name}.sample_places"] = _in_order(kept, name, "sample")
        spread, _ = _in_order(kept, name, "spread")
        found[f"{name}.judging_sigma"] = np.array([mmd.bandwidth(spread, judging_half(real))])
    spread, _ = _in_order(kept, ALL, "spread")
    return found | {"sigma": np.array([mmd.bandwidth(spread, ranking_half(real))])}


def stats_of(rows: Rows, name: str) -> GaussianStats:
    """The statistics of a set."""
    n, mean, scatter = (rows[f"{name}.{what}"] for what in ("n", "mean", "scatter"))
    return GaussianStats(int(n[0]), mean, scatter)


def _moments(stats: Mapping[str, GaussianStats]) -> dict[str, np.ndarray]:
    found = {}
    for name, each in stats.items():
        found |= {f"{name}.n": np.array([each.n]), f"{name}.mean": each.mean}
        found[f"{name}.scatter"] = each.scatter
    return found


def _in_order(
    kept: Mapping[str, Sequence[np.ndarray]], name: str, what: str
) -> tuple[np.ndarray, np.ndarray]:
    rows, places = (np.concatenate(kept[f"{name}.{what}{end}"]) for end in ("", "_places"))
    order = np.argsort(places, kind="stable")
    return rows[order], places[order]
