"""What each arm draws captioned layouts from: random noise, tickets, blocks that changed places.

Lottery Ticket, 4.3. All arms draw a layout from the same base noise, so that they can be compared
layout by layout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch

from seedbed.attention.capture import Capture, of_words
from seedbed.attention.tokens import phrase_positions
from seedbed.guidance.guided import Guidance, Guided
from seedbed.layouts.regions import masks_of
from seedbed.layouts.table import BOX
from seedbed.lottery_ticket.comparison.block_swap import swap
from seedbed.lottery_ticket.tickets.collection import Collection
from seedbed.lottery_ticket.tickets.construct import Constructed, construct
from seedbed.lottery_ticket.tickets.select import positioned, rule_of, winners
from seedbed.models.base import Condition
from seedbed.sampling.denoise import batches
from seedbed.sampling.drawing import Drawing

BOXES = list(BOX)


@dataclass(frozen=True)
class Tickets:
    """Where the blocks of constructed noise come from.

    Attributes:
        collection: scored blocks.
        rule: ``preset``, ``positions``, ``t_obj``, ``t_bg`` (``tickets.select.rule_of``).
        restandardise: see ``tickets.construct``.
    """

    collection: Collection
    rule: Mapping
    restandardise: bool = False


def guidance_of(tokenizer, layouts: pd.DataFrame) -> Guidance:
    """Where the caption of each layout names its objects, and their boxes."""
    return [
        [
            Guided(
                phrase_positions(tokenizer, row.caption, row.mention, row.start),
                (row.x0, row.y0, row.x1, row.y1),
            )
            for row in rows.itertuples()
        ]
        for _, rows in layouts.groupby("layout_id", sort=False)
    ]


def own_maps(
    drawing: Drawing,
    latents: torch.Tensor,
    condition: Condition,
    guidance: Guidance,
    layer: str,
) -> list[np.ndarray]:
    """First-step maps of each layout's objects in its own noise and caption: (objects, cells)."""
    found = []
    for part in batches(len(latents), drawing.batch):
        capture = Capture(drawing.model, condition.take(part), [layer], drawing.sampler)
        x = latents[part]
        maps = capture.paired(x, range(len(x)))[capture.layers[0]]
        for of_image, phrases in zip(maps, guidance[part], strict=True):
            found.append(of_words(of_image, [g.tokens for g in phrases]).float().cpu().numpy())
    return found


def initial_latents(
    drawing: Drawing,
    layouts: pd.DataFrame,
    seeds: list[int],
    *,
    tickets: Tickets | None = None,
    swap_layer: str | None = None,
) -> tuple[torch.Tensor, pd.DataFrame]:
    """What each layout is drawn from.

    Args:
        drawing: gives the base noise, and the first-step maps that Swap reads.
        layouts: layout table.
        seeds: of each layout's base noise.
        tickets: where given, noise is constructed.
        swap_layer: where given, blocks of the noise, random or constructed, change places by the
            maps of this cross-attention.

    Returns:
        (n, c, h, w) float32 latents, and a table with a row per layout: its seed, the smallest
        pool of its regions, the background's pool, the share of reused tickets, cells that
        kept the base noise, empty regions; mean, sd and excess kurtosis of the constructed
        latent. Columns about tickets are missing values without them.
    """
    if tickets:
        tickets = replace(tickets, collection=positioned(tickets.collection, tickets.rule))
    latents, rows = [], []
    groups = list(layouts.groupby("layout_id", sort=False))
    for (layout_id, objects), seed in zip(groups, seeds, strict=True):
        base = drawing.latent(seed)
        row = {"layout_id": layout_id, "seed": seed}
        if tickets:
            made = constructed(objects, base, seed, tickets)
            base = made.latent
            row |= {
                "pool": min(r["pool"] for r in made.report["regions"]),
                "background_pool": made.report["background"]["pool"],
                **{k: made.report[k] for k in ("reuse", "kept", "empty_regions")},
                **{k: made.report[k] for k in ("mean", "sd", "excess_kurtosis")},
            }
        latents.append(base)
        rows.append(row)
    x = torch.stack(latents)
    if swap_layer is not None:
        x = _swapped(drawing, x, layouts, groups, swap_layer)
    return x, pd.DataFrame(rows)


def constructed(
    objects: pd.DataFrame, base: torch.Tensor, seed: int, tickets: Tickets
) -> Constructed:
    """The latent of one layout, the same whenever it is asked for.

    Args:
        objects: rows of the layout.
        base: (c, h, w) noise of ``seed``.
        seed: decides which tickets are drawn.
        tickets: their collection as the rule wants its scores (``tickets.select.positioned``).
    """
    collection = tickets.collection
    categories = objects["category"].tolist()
    return construct(
        winners(collection, categories, rule_of(tickets.rule, categories)),
        categories,
        masks_of(objects[BOXES].to_numpy(), collection.grid),
        collection,
        base,
        # The seed of the noise alone would draw tickets in step with the base noise.
        np.random.default_rng((seed, 1)),
        tickets.restandardise,
    )


def _swapped(
    drawing: Drawing, x: torch.Tensor, layouts: pd.DataFrame, groups: list, layer: str
) -> torch.Tensor:
    captions = [objects["caption"].iloc[0] for _, objects in groups]
    guidance = guidance_of(drawing.model.tokenizer, layouts)
    maps = own_maps(drawing, x, drawing.model.encode(captions), guidance, layer)
    return torch.stack(
        [
            swap(z, m, masks_of(objects[BOXES].to_numpy(), int(m.shape[-1] ** 0.5)))
            for z, m, (_, objects) in zip(x, maps, groups, strict=True)
        ]
    )
