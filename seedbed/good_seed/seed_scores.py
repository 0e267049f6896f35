"""Scores of every seed on one prompt set, by features and by preference.

- ``fd``: Fréchet distance of a seed's images from the real ones, the paper's.
- ``mmd_alone``: squared maximum mean discrepancy of the same, unbiased.
- ``fdi``, ``mmd``: what a seed's images add to the Fréchet distance and to the discrepancy of all
  seeds' images together, means of a scalar per image.
- ``preference``: mean of a scorer's numbers, the paper's.

Low is good by all but the last. The first two, and the last, a seed has by itself; what it adds to
a pool depends on the other seeds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import numpy as np

from seedbed.statistics import jackknife, nulls, per_seed
from seedbed.statistics.components import TwoWay, two_way

ALONE = ("fd", "mmd_alone", "preference")
"""Scores that a seed has whatever the other seeds are."""
OF_IMAGES = ("prompt", "residual", "share", "share_low", "share_high")
"""Components that only means over images have."""


@dataclass(frozen=True, eq=False)
class Scored:
    """One metric's scores of all seeds on one prompt set.

    Attributes:
        values: (S,).
        low, high: (S,) ends of an interval for comparing seeds with each other.
        table: (S, units) what the analysis of variance takes, with ``values`` as means of rows:
            images, or the jackknife's groups of prompts.
        n_prompts: of the set.
        of_images: whether it is a mean over images.
        level: of intervals.
        gap: best to worst, beside what exchanged labels give; ``None`` where it was not drawn.
        more: further columns, by what follows the metric's name.
    """

    values: np.ndarray
    low: np.ndarray
    high: np.ndarray
    table: np.ndarray
    n_prompts: int
    of_images: bool
    level: float
    gap: nulls.PermutedGap | None = None
    more: Mapping[str, np.ndarray] = field(default_factory=dict)

    def columns(self, metric: str) -> dict[str, np.ndarray]:
        """Of the table of seeds."""
        reliability = two_way(self.table, self.level).reliability
        return {
            metric: self.values,
            f"{metric}_low": self.low,
            f"{metric}_high": self.high,
            f"{metric}_shrunk": nulls.shrunken(self.values, reliability),
            **{f"{metric}{name}": values for name, values in self.more.items()},
        }

    def evidence(self) -> dict:
        """JSON-ready: components, and the gap where it was drawn."""
        found = told(two_way(self.table, self.level), self.n_prompts, self.of_images)
        if self.gap is not None:
            found["gap"] = self.gap.observed
            found["gap_null_95"] = self.gap.bound(0.95)
            found["gap_p_value"] = self.gap.p_value
            if self.gap.of not in (None, (len(self.values), self.n_prompts)):
                found["gap_of"] = list(self.gap.of)
        return found


def told(components: TwoWay, n_prompts: int, of_images: bool) -> dict:
    """Components as JSON has them, counted in prompts.

    Args:
        components: by seed and image, or by seed and group of prompts.
        n_prompts: that they rest on.
        of_images: only then are there components of single images.
    """
    found = asdict(components) | {"n_prompts": n_prompts}
    if components.prompts_for_80 is not None:
        per_unit = n_prompts / components.n_prompts
        found["prompts_for_80"] = int(np.ceil(per_unit * components.prompts_for_80))
    return found if of_images else found | dict.fromkeys(OF_IMAGES)


def by_features(
    rows: Mapping[str, np.ndarray], gap: nulls.PermutedGap | None, statistics: Mapping
) -> dict[str, Scored]:
    """All scores of features.

    Args:
        rows: of every seed of the pool on one set, as ``seed_rows.Yardstick.measure`` has them of
            one seed.
        gap: of distances, beside exchanged labels; ``None`` where it was not drawn.
        statistics: ``bootstrap``, ``permutations``, ``level``, ``seed``.
    """
    n_prompts, level = rows["fdi"].shape[1], statistics["level"]
    fd, deleted = rows["fd"], rows["fd_deleted"]
    _, low, high = jackknife.interval(fd, deleted, level, relative=False)
    total = {"_total_low": low, "_total_high": high}
    alone = rows["mmd_alone"], rows["mmd_alone_deleted"]
    return {
        "fd": _jackknifed(fd, deleted, n_prompts, level, gap, total),
        "fdi": _of_images(rows["fdi"], statistics),
        "mmd": _of_images(rows["mmd"], statistics),
        "mmd_alone": _jackknifed(*alone, n_prompts, level),
    }


def by_preference(scores: np.ndarray, statistics: Mapping) -> Scored:
    """Mean of scores (S, P)."""
    return _of_images(scores, statistics)


def _jackknifed(values, deleted, n_prompts, level, gap=None, more=()) -> Scored:
    _, low, high = jackknife.interval(values, deleted, level)
    table = jackknife.pseudo_values(values, deleted)
    return Scored(values, low, high, table, n_prompts, False, level, gap, dict(more))


def _of_images(table: np.ndarray, statistics: Mapping) -> Scored:
    n_boot, n_perm, level, seed = (
        statistics[k] for k in ("bootstrap", "permutations", "level", "seed")
    )
    low, high = per_seed.relative_interval(table, n_boot, seed, level)
    gap = nulls.permuted_gap(table, n_perm, seed)
    return Scored(table.mean(axis=1), low, high, table, table.shape[1], True, level, gap)
