"""What the latent of each layout carries for each of its objects, and where they are at home."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed import noise
from seedbed.layouts.regions import masks_of
from seedbed.lottery_ticket.comparison.latents import BOXES, Tickets, constructed
from seedbed.lottery_ticket.tickets.blocks import to_blocks
from seedbed.lottery_ticket.tickets.collection import Collection
from seedbed.lottery_ticket.tickets.score_sources import Lean, blocks_of
from seedbed.lottery_ticket.tickets.select import positioned


def carried(
    layouts: pd.DataFrame, read: Collection, tickets: Tickets, base_seed: int
) -> pd.DataFrame:
    """Lean and home of every guidance box, in random and in constructed noise.

    No picture is drawn: the seeds give the noises again, the rule the constructed latents.

    Args:
        layouts: layout table; layout i was drawn from the noise of ``base_seed + i``.
        read: the collection with its scores as read.
        tickets: of the arm that constructs.
        base_seed: see ``layouts``.

    Returns:
        ``arm`` ("sd", "semi"), ``layout_id``, ``position``, ``category``; ``lean``: how far the
        blocks in the box lean to the category by their values, less those outside, in standard
        deviations of a block (by chance 0 on average); ``home``: mean score of the box's cells
        over all noises, less that of the others, which no block can change.
    """
    collection = positioned(tickets.collection, tickets.rule)
    tickets = Tickets(collection, tickets.rule, tickets.restandardise)
    blocks = blocks_of(read)
    leans = {name: Lean.of(read, blocks, name) for name in layouts["category"].unique()}
    rows = []
    for i, (layout_id, objects) in enumerate(layouts.groupby("layout_id", sort=False)):
        seed = base_seed + i
        plain = noise.latents(seed, tuple(read.shape), read.stream)
        built = constructed(objects, plain, seed, tickets).latent
        masks = masks_of(objects[BOXES].to_numpy(), read.grid).reshape(len(objects), -1)
        for arm, latent in (("sd", plain), ("semi", built)):
            cut = to_blocks(latent, read.grid).numpy()
            for row, mask in zip(objects.itertuples(), masks, strict=True):
                lean = leans[row.category]
                rows.append(
                    {"arm": arm, "layout_id": layout_id, "position": row.position}
                    | {"category": row.category}
                    | {"lean": _within(lean(cut), mask), "home": _within(lean.home, mask)}
                )
    return pd.DataFrame(rows)


def _within(values: np.ndarray, mask: np.ndarray) -> float:
    """Mean inside less mean outside; NaN where one of them is empty."""
    if mask.all() or not mask.any():
        return float("nan")
    return float(values[mask].mean() - values[~mask].mean())
