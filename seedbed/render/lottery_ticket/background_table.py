"""How much of a region is drawn as the background it was built for."""

from __future__ import annotations

import pandas as pd

from seedbed import store
from seedbed.lottery_ticket.comparison.background_levels import QUANTITIES, background_levels
from seedbed.render.tables import MISSING, Cells, Table


def backgrounds(n_boot: int, seed: int, level: float, shares: str) -> Table:
    """The table from files.

    Args:
        n_boot, seed, level: of the intervals, seeds resampled.
        shares: of ``storybook.backgrounds``.
    """
    full = background_levels(store.read_table(shares), n_boot, seed, level)
    cells = Cells(1)
    printed = pd.DataFrame(
        {
            "Share of the named background (%)": full["quantity"].map(QUANTITIES),
            "Ours": (100 * full["value"]).map(cells.number),
            "Interval": [
                (cells.limits, cells.interval)[" - " in r.quantity](100 * r.low, 100 * r.high)
                for r in full.itertuples()
            ],
            "Without effect": ["", "", "", "0", "0"],
            "n": [f"{r.n_seeds} seeds, {r.n_regions} regions" for r in full.itertuples()],
            "Paper": MISSING,
        }
    )
    return Table(full, printed)
