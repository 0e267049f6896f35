"""Whether SemI's gain lasts where its latents are far from Gaussian."""

from __future__ import annotations

from seedbed import store
from seedbed.lottery_ticket.comparison.layout_files import read_ranges
from seedbed.lottery_ticket.comparison.moments import gains, moment_levels
from seedbed.render.tables import MISSING, Cells, Table


def moments(n_boot: int, seed: int, level: float, objects: str, constructions: list[str]) -> Table:
    """The table from files.

    Args:
        n_boot, seed, level: of the intervals, layouts resampled.
        objects: object tables of all arms; the highest confidence counts.
        constructions: moments of SemI's latents.
    """
    table = store.read_table(objects)
    first = table[table["confidence"] == table["confidence"].max()]
    semi, sd = (first[first["arm"] == arm] for arm in ("semi", "sd"))
    full = moment_levels(gains(semi, sd, read_ranges(constructions)), n_boot, seed, level)
    cells = Cells(3)
    printed = full[["moment", "quantity"]].rename(
        columns={"moment": "Moment", "quantity": "Quantity"}
    )
    printed["Ours"] = full["value"].map(cells.signed)
    printed["Interval"] = [cells.interval(r.low, r.high) for r in full.itertuples()]
    printed["Without effect"] = "0"
    printed["n"] = full["n"].astype(str) + " layouts"
    printed["Paper"] = MISSING
    return Table(full, printed)
