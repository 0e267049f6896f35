"""What the ticket collection took, in arithmetic; times lie in the run's ``benchmarks/``."""

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
    maps = frame["pairs"] * frame["noises"]
    per_map = float((frame["flops_per_map"] * maps).sum() / maps.sum())
    whole = float(frame["flops_full"].iloc[0])
    full = pd.DataFrame(
        [
            {
                "pairs": int(frame["pairs"].iloc[0]),
                "noises": int(frame["noises"].sum()),
                "maps": int(maps.sum()),
                "flops_per_map": per_map,
                "flops_full": whole,
                "skipped": 1 - per_map / whole,
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
                "Maps": f"{row['maps']:.0f}",
                "GFLOP per map": f"{per_map / 1e9:.4g}",
                "GFLOP of a guided call": f"{whole / 1e9:.4g}",
                "Arithmetic skipped": f"{100 * row['skipped']:.2f} %",
                "Paper's pairs": "≈ 700",
            }
        ]
    )
    return Table(full, printed)
