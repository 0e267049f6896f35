"""What the features of a seed's pictures say of it and of each picture, one seed at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from seedbed.good_seed.halves import judging_half, ranking_half
from seedbed.good_seed.pool import SETS, Cells, gather, join, stats_of
from seedbed.statistics import frechet, jackknife, mmd
from seedbed.statistics.influence import Influences

PER_SEED = ("fd", "mmd_alone")
"""With ``_deleted``: without each group of prompts."""
PER_IMAGE = ("fdi", "mmd", "judging_mmd")


@dataclass(frozen=True, eq=False)
class Yardstick:
    """What seeds of one set of prompts are measured with.

    Attributes:
        real: real images that rank, for discrepancies of seeds alone.
        reference: the same, for distances.
        influences: on the distance of all images of the set.
        kernels: what an image is held against, where it ranks and where it judges.
        places: (k,) of the images that are among the kernels' others, seed by seed.
        groups: of prompts that a jackknife deletes.
    """

    real: mmd.Real
    reference: frechet.Reference
    influences: Influences
    kernels: Mapping[str, mmd.Kernel]
    places: np.ndarray
    groups: list[np.ndarray]

    @classmethod
    def of(
        cls, pool: Mapping[str, np.ndarray], name: str, real: np.ndarray, n_prompts: int, seed: int
    ) -> Yardstick:
        """From a joined pool.

        Args:
            pool: of ``pool.join``.
            name: of the set.
            real: (m, d) all real images.
            n_prompts: of the set.
            seed: of the jackknife's groups.
        """
        ranks, judges = ranking_half(real), judging_half(real)
        reference = frechet.Reference.from_features(ranks)
        others = pool[f"{name}.sample"]
        sigma = float(pool["sigma"][0])
        kernels = {
            "mmd": mmd.Kernel.of(others, ranks, sigma),
            "judging_mmd": mmd.Kernel.of(others, judges, float(pool[f"{name}.judging_sigma"][0])),
        }
        groups = jackknife.groups_of(n_prompts, jackknife.GROUPS, np.random.default_rng(seed))
        influences = Influences.of(stats_of(pool, name), reference)
        places = pool[f"{name}.sample_places"]
        real = mmd.Real.of(ranks, sigma)
        return cls(real, reference, influences, kernels, places, groups)

    def measure(self, x: np.ndarray, at: int) -> dict[str, np.ndarray]:
        """One seed: ``PER_SEED`` (1,), their ``_deleted`` (1, groups), ``PER_IMAGE`` (1, prompts).

        Args:
            x: (prompts, d) features of the seed's images.
            at: place of the seed in the pool.
        """
        cube = x[None]
        alone = mmd.alone(cube, self.real, self.groups)
        found = {
            "fd": frechet.per_seed(cube, self.reference),
            "fd_deleted": jackknife.deleted_distances(cube, self.reference, self.groups),
            "mmd_alone": alone[0],
            "mmd_alone_deleted": alone[1],
            "fdi": self.influences(x)[None],
        }
        among = np.isin(np.arange(at * len(x), (at + 1) * len(x)), self.places)
        return found | {name: k(x, among)[None] for name, k in self.kernels.items()}


def measure(
    rows: Iterable[tuple[int, np.ndarray]],
    cells: Cells,
    pool: Mapping[str, np.ndarray],
    real: np.ndarray,
    seed: int,
) -> dict[str, np.ndarray]:
    """Some seeds of the pool on both sets.

    Args:
        rows: seeds, each with its features (prompts, d) in the order of the table.
        cells: of the whole pool.
        pool: of ``pool.join``.
        real: (m, d) features of all real images.
        seed: of the jackknife's groups.

    Returns:
        ``seeds`` (s,) and, by set, ``set1.fd`` and so on: what ``Yardstick.measure`` says of each.
    """
    sticks = {n: Yardstick.of(pool, n, real, len(cells.places(n)), seed) for n in SETS}
    seeds, parts = [], {}
    for number, x in rows:
        seeds.append(number)
        for name, stick in sticks.items():
            found = stick.measure(x[cells.places(name)], cells.seeds.index(number))
            for what, values in found.items():
                parts.setdefault(f"{name}.{what}", []).append(values)
    return {"seeds": np.array(seeds)} | {k: np.concatenate(v) for k, v in parts.items()}


def joined(parts: Iterable[Mapping[str, np.ndarray]], seeds: tuple[int, ...]) -> dict:
    """Rows of all ranges, in the order of the pool.

    Raises:
        ValueError: a seed of the pool is missing, doubled or was not asked for.
    """
    parts = list(parts)
    found = np.concatenate([part["seeds"] for part in parts])
    if sorted(found) != sorted(seeds):
        missing = sorted(set(seeds) - set(found.tolist())) or sorted(found.tolist())
        raise ValueError(
            f"{len(found)} seeds were measured, the pool has {len(seeds)} (seed {missing[0]}): "
            "delete what measured them and run again"
        )
    order = np.argsort(found)[np.argsort(np.argsort(seeds))]
    names = [name for name in parts[0] if name != "seeds"]
    return {name: np.concatenate([part[name] for part in parts])[order] for name in names}


def at_once(cube: np.ndarray, cells: Cells, real: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """All of a small pool, from its features (seeds, prompts, d) in memory."""
    rows = list(zip(cells.seeds, cube, strict=True))
    pool = join([gather(rows, cells, None, seed)], real)
    return measure(rows, cells, pool, real, seed)
