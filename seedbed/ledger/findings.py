"""What a claim is decided from, and what is found: for the functions that decide claims."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from seedbed import store
from seedbed.statistics.power import (
    times_to_exclude,
    times_to_level,
    times_to_reach,
    units_needed,
)

HOLDS, FAILS, OPEN, ABSENT = "holds", "fails", "cannot be told", "not in this run"


@dataclass(frozen=True)
class File:
    """A result of the run.

    Attributes:
        path: CSV, Parquet or JSON.
        about: what it is of, in words: a model, a model and a ranking; empty where it says itself.
        settings: of the run: ``n_boot``, ``seed``, ``level`` of resampling, ``margins`` by measure;
            ``rule``, ``noises`` and ``arms`` of SemI; ``toy_models``, which draw the toy world.
    """

    path: str
    about: str = ""
    settings: Mapping = field(default_factory=dict)

    def table(self, columns: list[str]) -> pd.DataFrame:
        """Its rows.

        Raises:
            StoreError: it is not there or lacks a column.
        """
        if not self.path.endswith(".csv"):
            return store.read_table(self.path, columns)
        try:
            rows = pd.read_csv(self.path)
        except (OSError, ValueError) as error:
            raise store.StoreError(f"{self.path}: no table: {error}; {store.AGAIN}") from None
        missing = [column for column in columns if column not in rows]
        if missing:
            raise store.StoreError(f"{self.path}: lacks {', '.join(missing)}; {store.AGAIN}")
        return rows

    def values(self, keys: list[str]) -> dict:
        """Its JSON."""
        return store.read_json(self.path, keys)


ABOVE, BELOW, ALIKE, WITHIN, NOT_BELOW = 1, -1, 0, 2, 3
"""What a claim says of a number beside its null value.

``ALIKE`` goes by ``statistics.verdicts``: it holds where the number is level, and fails where it is
higher or lower, even by less than the margin. ``WITHIN`` holds likewise, and fails only where the
whole interval lies beyond the margin. ``NOT_BELOW`` holds where the number is higher or level.
"""
_HOLD = {ABOVE: (ABOVE,), BELOW: (BELOW,), ALIKE: (ALIKE,), WITHIN: (ALIKE,)}
_HOLD |= {NOT_BELOW: (ABOVE, ALIKE)}
"""What may be found of a number for each to hold: that it is above, below or level."""

ALPHA = 0.05
"""Below it a p-value decides."""


@dataclass(frozen=True)
class Estimate:
    """The number that decides a claim, with its interval.

    Attributes:
        value, low, high: in any unit; NaN limits where no interval is known.
        n: independent units that it rests on.
        unit: their name, plural.
        null: what chance or design gives, or the bound that the claim names, in the same unit.
        claimed: ``ABOVE``, ``BELOW``, ``ALIKE``, ``WITHIN`` or ``NOT_BELOW``.
        margin: effects below it do not matter, in the same unit; ``None`` where no such margin was
            stated, NaN where its unit is not known. ``WITHIN`` needs one.
        narrow: the interval for equivalence.
        p_value: of the test that has a part in the verdict, two-sided, adjusted where the verdict
            takes it so; ``None`` where the interval alone decides.
    """

    value: float
    low: float
    high: float
    n: int
    unit: str
    null: float = 0.0
    claimed: int = ABOVE
    margin: float | None = None
    narrow: tuple[float, float] | None = None
    p_value: float | None = None

    def to_decide(self) -> tuple[int | None, str]:
        """How many units would decide the claim at the same effect, and how it would come out.

        Returns:
            (units, verdict); (``None``, "") where no number of them would, or no interval is known.
        """
        effect = self.value - self.null
        half = self.value - self.low if effect > 0 else self.high - self.value
        beyond = self.margin if self.claimed == WITHIN else 0.0
        apart = times_to_exclude(effect, half, beyond)
        if self.p_value is not None:
            apart = max(apart, times_to_reach(self.p_value, ALPHA))
        level = math.inf
        if self.margin is not None and self.narrow is not None:
            far = self.narrow[1] - self.value if effect > 0 else self.value - self.narrow[0]
            level = times_to_level(effect, far, self.margin)
        units = units_needed(self.n, min(apart, level)) if half == half else None
        if units is None:
            return None, ""
        found = ALIKE if level < apart else ABOVE if effect > 0 else BELOW
        return units, HOLDS if found in _HOLD[self.claimed] else FAILS


@dataclass(frozen=True)
class Finding:
    """What the run says of a claim.

    Attributes:
        about: model, design.
        verdict: ``HOLDS``, ``FAILS``, ``OPEN`` or ``ABSENT``.
        ours: the number with its interval.
        n: what it rests on.
        chance: what chance or design alone gives.
        estimate: the number that decides, where it is one number.
        needs: what would decide it, where that is not more units of the estimate.
    """

    about: str
    verdict: str
    ours: str = ""
    n: str = ""
    chance: str = ""
    estimate: Estimate | None = None
    needs: str = ""

    @property
    def needed(self) -> str:
        """What would decide it, for what is not decided."""
        if self.verdict != OPEN or self.needs or self.estimate is None:
            return self.needs if self.verdict == OPEN else ""
        units, verdict = self.estimate.to_decide()
        if units is None:
            return f"no number of {self.estimate.unit} at this effect"
        if units <= self.estimate.n:
            return f"not more {self.estimate.unit}: this number alone is decided"
        return f"about {units:,} {self.estimate.unit} (it then {verdict})"


def by_interval(low: float, high: float, null: float = 0.0) -> str:
    """A claim that something is above its null value, by its interval."""
    return HOLDS if low > null else FAILS if high < null else OPEN


def told(value: float, low: float, high: float, digits: int, sign: str = "") -> str:
    """``0.12 [0.05, 0.20]``."""
    value, low, high = (f"{v:{sign}.{digits}f}" for v in (value, low, high))
    return f"{value} [{low}, {high}]"
