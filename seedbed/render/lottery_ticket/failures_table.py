"""Failure rates of SD and SemI."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.lottery_ticket.comparison.failures import failure_rates
from seedbed.render.tables import MISSING, Cells, Table


def failures(labels: dict[str, str], n_boot: int, seed: int, level: float, judged: str) -> Table:
    """The table from files.

    Args:
        labels: readable name per arm.
        n_boot, seed, level: of the intervals, images resampled.
        judged: every guidance box of these arms, judged.
    """
    return failures_table(failure_rates(store.read_table(judged), n_boot, seed, level), labels)


def failures_table(rates: pd.DataFrame, labels: Mapping[str, str]) -> Table:
    """Failure rates of the arms side by side.

    Args:
        rates: of ``lottery_ticket.comparison.failures.failure_rates``.
        labels: readable name per arm.
    """
    full = rates.assign(method=rates["arm"].map(labels))
    cells = Cells(1)
    printed = pd.DataFrame(
        {
            "Method": full["method"],
            "Failure": full["kind"],
            "Rate %": [cells.number(100 * r) for r in full["rate"]],
            "Interval": [
                MISSING
                if np.isnan(r.low)
                else f"[{cells.number(100 * r.low)}, {cells.number(100 * r.high)}]"
                for r in full.itertuples()
            ],
            "n": full["n"].astype(str),
            "Paper": MISSING,
        }
    )
    return Table(full, printed)
