"""Property tests of tickets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.render.tables import MISSING, Cells, Table
from seedbed.statistics.bootstrap import correlation_interval


def properties(n_boot: int, seed: int, level: float, rows: str) -> Table:
    """The table from files.

    Args:
        n_boot, seed, level: see ``properties_table``.
        rows: table of ``lottery_ticket.tickets.properties``.
    """
    return properties_table(store.read_table(rows), n_boot, seed, level)


def properties_table(rows: pd.DataFrame, n_boot: int, seed: int, level: float) -> Table:
    """Rank correlation, within pairs, of scores before and after, per test.

    Args:
        rows: of ``lottery_ticket.tickets.properties``.
        n_boot: resamples of the blocks.
        seed: of the resamples.
        level: of the intervals.
    """
    found = []
    for test, part in rows.groupby("test", sort=False):
        before, after = part["before"].to_numpy(), part["after"].to_numpy()
        # Words differ in how widely their scores spread; within a pair only blocks differ.
        columns = ["before", "after", "control"]
        ranks = part.groupby(["first", "second"], sort=False)[columns].rank(pct=True)
        rho, chance = (
            correlation_interval(
                ranks["before"].to_numpy(), ranks[column].to_numpy(), n_boot, seed, level
            )
            for column in ("after", "control")
        )
        winners = before > 0.5
        found.append(
            {
                "test": test,
                "rho": rho.value,
                "low": rho.low,
                "high": rho.high,
                "control_rho": chance.value,
                "control_low": chance.low,
                "control_high": chance.high,
                "still_above": after[winners].mean() if winners.any() else np.nan,
                "others_after": after[~winners].mean() if (~winners).any() else np.nan,
                "n_blocks": rho.n,
                "n_pairs": part[["first", "second"]].drop_duplicates().shape[0],
            }
        )
    full = pd.DataFrame(found)
    cells = Cells(2)
    printed = pd.DataFrame(
        {
            "Test": full["test"],
            "Spearman before, after": full["rho"].map(cells.number),
            "Interval": [cells.interval(r.low, r.high) for r in full.itertuples()],
            "Blocks at random": [
                f"{cells.number(r.control_rho)} {cells.interval(r.control_low, r.control_high)}"
                for r in full.itertuples()
            ],
            "Mean score after, tickets (> 0.5 before)": full["still_above"].map(cells.number),
            "Mean score after, other blocks": full["others_after"].map(cells.number),
            "n": [f"{r.n_blocks} blocks, {r.n_pairs} pairs" for r in full.itertuples()],
            "Paper": MISSING,
        }
    )
    return Table(full, printed)
