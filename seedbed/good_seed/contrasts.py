"""Two arms on the same prompts: how far apart they lie, and whether chance alone does that.

The unit is the prompt: all arms and trials of a prompt move together in every resample, so that
differences are paired. The seeds of an arm are taken as they are; a claim here is about these
seeds on other prompts.

A mean of scores per picture: percentile interval over resampled prompts, expanded for few prompts
(Hesterberg 2015), p-value by random signs of the prompts' differences. A Fréchet distance is no
mean: its interval is centred (``frechet.interval``), and instead of a sign the two arms' pictures
of a prompt change places.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seedbed.statistics.bootstrap import bootstrap_indices, expanded_level, percentile_interval
from seedbed.statistics.frechet import ProjectedFeatures, interval
from seedbed.statistics.verdicts import holm, sign_flip_p, verdict

COLUMNS = ["arm", "against", "metric", "difference", "low", "high", "narrow_low", "narrow_high"]
COLUMNS += ["p_value", "n"]


@dataclass(frozen=True)
class Sets:
    """What several arms drew on the same n prompts.

    Attributes:
        scores: per metric and arm (t, n) a score per picture; t repetitions, which may differ.
        rows: per arm (t, n) the pictures' rows in ``points``; empty without features.
        points: features of all pictures, or ``None``.
        n: prompts.
    """

    scores: Mapping[str, Mapping[str, np.ndarray]]
    rows: Mapping[str, np.ndarray]
    points: ProjectedFeatures | None
    n: int

    def distance(self, arm: str) -> np.ndarray:
        """Fréchet distance of each repetition, (t,)."""
        return self.points.distances(self.rows[arm])

    def resampled(self, arm: str, indices: np.ndarray) -> np.ndarray:
        """Mean distance over repetitions in each resample of prompts (resamples, n)."""
        return np.mean([self.points.distances(each[indices]) for each in self.rows[arm]], axis=0)

    def swapped(self, arm: str, other: str, n_perm: int, rng: np.random.Generator) -> float:
        """p-value of the difference of mean distances where pictures change places by prompt.

        Raises:
            ValueError: the arms have different numbers of repetitions.
        """
        pairs = list(zip(self.rows[arm], self.rows[other], strict=True))
        turned = rng.integers(2, size=(n_perm, self.n)).astype(bool)
        turned = np.vstack([np.zeros(self.n, dtype=bool), turned])
        gaps = sum(
            self.points.distances(np.where(turned, two, one))
            - self.points.distances(np.where(turned, one, two))
            for one, two in pairs
        )
        # Equal sets taken in another order differ in their last digits.
        observed, *null = np.abs(gaps) / len(pairs)
        extreme = np.sum(np.asarray(null) >= observed - 1e-9 * max(observed, 1.0))
        return float((1 + extreme) / (1 + n_perm))


def contrasts(
    sets: Sets, pairs: Iterable[tuple[str, str]], statistics: Mapping, rng: np.random.Generator
) -> pd.DataFrame:
    """Differences of pairs of arms by every metric.

    Args:
        sets: the arms.
        pairs: (arm, the one it is set against).
        statistics: ``bootstrap``, ``permutations``, ``level``.
        rng: the only source of randomness.

    Returns:
        ``COLUMNS``; ``low`` and ``high`` of the level, ``narrow_…`` of the level that leaves twice
        as much outside.
    """
    pairs = list(pairs)
    n_boot, n_perm, level = (statistics[k] for k in ("bootstrap", "permutations", "level"))
    indices = bootstrap_indices(sets.n, n_boot, rng)
    found = []

    def add(arm: str, against: str, metric: str, value: float, limits: Sequence, p: float) -> None:
        row = (arm, against, metric, value, *limits, p, sets.n)
        found.append(dict(zip(COLUMNS, row, strict=True)))

    if sets.points is not None:
        arms = dict.fromkeys(arm for pair in pairs for arm in pair)
        boots = {arm: sets.resampled(arm, indices) for arm in arms}
        for arm, against in pairs:
            value = sets.distance(arm).mean() - sets.distance(against).mean()
            limits = _limits(boots[arm] - boots[against], level, value)
            add(arm, against, "fd", value, limits, sets.swapped(arm, against, n_perm, rng))
    for metric, by_arm in sets.scores.items():
        for arm, against in pairs:
            each = by_arm[arm].mean(axis=0) - by_arm[against].mean(axis=0)
            limits = _limits(each[indices].mean(axis=1), level, n=sets.n)
            p = sign_flip_p(each, n_perm, rng)
            add(arm, against, metric, float(each.mean()), limits, p)
    return pd.DataFrame(found, columns=COLUMNS)


def decided(differences: pd.DataFrame, spread: Mapping, margin: float, level: float):
    """Differences with what they decide.

    Args:
        differences: of ``contrasts``, of one set of prompts.
        spread: per metric the standard deviation over seeds.
        margin: differences below that many standard deviations do not matter.
        level: of the intervals.

    Returns:
        A copy with ``p_adjusted`` (Holm, over the arms that are set against the same one by one
        metric), ``effect`` (in standard deviations over seeds), ``margin`` (in the metric's unit;
        NaN, as the effect, where no spread is known) and ``verdict`` (``statistics.verdicts``).
    """
    table = differences.copy()
    groups = table.groupby(["against", "metric"])["p_value"]
    table["p_adjusted"] = groups.transform(lambda p: holm(p.to_numpy()))
    unit = table["metric"].map(spread).astype(float)
    unit = unit.where(unit > 0)
    table["effect"] = table["difference"] / unit
    table["margin"] = margin * unit
    table["verdict"] = [
        verdict(
            (row.low, row.high),
            row.p_value,
            (row.narrow_low, row.narrow_high),
            row.margin,
            1 - level,
        )
        for row in table.itertuples()
    ]
    return table


def _limits(
    boots: np.ndarray, level: float, centre: float | None = None, n: int | None = None
) -> tuple[float, ...]:
    """Interval and narrow interval: of a mean of n, or about ``centre`` of what is no mean."""
    found = []
    for each in (level, 2 * level - 1):
        if centre is None:
            low, high = percentile_interval(boots, expanded_level(each, n))
        else:
            low, high = (v[0] for v in interval(np.array([centre]), boots[None], each))
        found += [float(low), float(high)]
    return tuple(found)
