"""What a claim is decided from, and what is found: for the functions that decide claims."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from seedbed import store

HOLDS, FAILS, OPEN, ABSENT = "holds", "fails", "cannot be told", "not in this run"


@dataclass(frozen=True)
class File:
    """A result of the run.

    Attributes:
        path: CSV, Parquet or JSON.
        about: what it is of, in words: a model, a model and a ranking; empty where it says itself.
    """

    path: str
    about: str = ""

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


@dataclass(frozen=True)
class Finding:
    """What the run says of a claim.

    Attributes:
        about: model, design.
        verdict: ``HOLDS``, ``FAILS``, ``OPEN`` or ``ABSENT``.
        ours: the number with its interval.
        n: what it rests on.
        chance: what chance or design alone gives.
    """

    about: str
    verdict: str
    ours: str = ""
    n: str = ""
    chance: str = ""


def by_interval(low: float, high: float) -> str:
    """A claim that something is above 0, by its interval."""
    return HOLDS if low > 0 else FAILS if high < 0 else OPEN
