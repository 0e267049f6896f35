"""What the ticket collection took."""

from __future__ import annotations

import pandas as pd

from seedbed import store
from seedbed.render.tables import Table


def cost(costs: list[str]) -> Table:
    """The table from files.

    Args:
        costs: of every shard of the collection.
    """
    return cost_table([store.read_json(path) for path in costs])


def cost_table(costs: list[dict]) -> Table:
    """Sums over the shards of a collection.

    Args:
        costs: ``lottery_ticket.tickets.collect.Cost`` of every shard as written by the workflow.
    """
    frame = pd.DataFrame(costs)
    maps = int((frame["pairs"] * frame["noises"]).sum())
    full = pd.DataFrame(
        [
            {
                "pairs": int(frame["pairs"].iloc[0]),
                "noises": int(frame["noises"].sum()),
                "maps": maps,
                "seconds": float(frame["seconds"].sum()),
                "seconds_per_map": float(frame["seconds"].sum()) / maps,
                "skipped": float(frame["skipped"].mean()),
                "shards": len(frame),
            }
        ]
    )
    row = full.iloc[0]
    printed = pd.DataFrame(
        [
            {
                "Pairs": f"{row['pairs']:.0f}",
                "Noises": f"{row['noises']:.0f}",
                "Maps": f"{maps}",
                "Seconds": f"{row['seconds']:.1f}",
                "ms per map": f"{1000 * row['seconds_per_map']:.3f}",
                "Arithmetic skipped": f"{100 * row['skipped']:.2f} %",
                "Paper's pairs": "≈ 700",
                "Paper's ms per map": "150",
            }
        ]
    )
    return Table(full, printed)
