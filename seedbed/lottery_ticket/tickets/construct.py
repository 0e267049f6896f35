"""Initial latents put together from winning tickets (Lottery Ticket, 4.1)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from seedbed.lottery_ticket.tickets.blocks import from_blocks, to_blocks
from seedbed.lottery_ticket.tickets.collection import Collection
from seedbed.lottery_ticket.tickets.select import Selection

log = logging.getLogger(__name__)

BACKGROUND = -1
KEPT = -1


@dataclass(frozen=True, eq=False)
class Constructed:
    """A latent made of tickets.

    Attributes:
        latent: (c, h, w) float32.
        sources: (grid, grid) int64 ticket indices, ``KEPT`` where the base noise stayed.
        owner: (grid, grid) int64, which object a cell belongs to, ``BACKGROUND`` for none.
        report: ``regions``, one entry per object, and ``background``, each with ``category``
            (None for the background), ``pool`` (tickets to draw from), ``cells``, ``kept`` (cells
            that keep the base noise because the pool is empty) and ``reuse`` (share of the filled
            cells whose ticket another cell of the region holds already; None if none is filled);
            ``reuse`` and ``kept`` of all cells; ``empty_regions``, the number of objects without a
            cell; ``mean``, ``sd`` and ``excess_kurtosis`` of the latent as it is drawn from.
    """

    latent: torch.Tensor
    sources: np.ndarray
    owner: np.ndarray
    report: dict


def construct(
    selection: Selection,
    categories: Sequence[str],
    masks: np.ndarray,
    collection: Collection,
    base: torch.Tensor,
    rng: np.random.Generator,
    restandardise: bool = False,
) -> Constructed:
    """Fill the region of each object, and what is left, with tickets drawn from its pool.

    A region draws without replacement; where its pool is short, it takes whole passes over the
    pool and then draws the remainder without replacement (authors' public code). Each pass is in
    random order and fills the region's cells row by row.
    Regions draw one by one in the order given, the background last, each from its whole pool: two
    boxes of one category, or an object and the background, may share a ticket.

    Args:
        selection: winners for these categories.
        categories: n, one per region; repeats share a pool.
        masks: (n, grid, grid) bool, disjoint; a region may be empty.
        collection: what the selection indexes.
        base: (c, h, w) float32 noise; its blocks stay in regions whose pool is empty.
        rng: draws the tickets.
        restandardise: subtract the latent's mean and divide by its standard deviation; the
            recalibration that the paper's 4.5 leaves to future work.

    Raises:
        ValueError: shapes that do not fit together, regions that overlap, or a category that was
            not selected for.
    """
    masks = np.asarray(masks, dtype=bool)
    grid = collection.grid
    if masks.shape != (len(categories), grid, grid):
        raise ValueError(
            f"region masks have shape {masks.shape}, {len(categories)} categories on a grid of "
            f"{grid} need {(len(categories), grid, grid)}"
        )
    if tuple(base.shape) != tuple(collection.shape):
        raise ValueError(
            f"base noise has shape {tuple(base.shape)}, the tickets are of {collection.shape}"
        )
    if (masks.sum(axis=0) > 1).any():
        raise ValueError("regions overlap: make their masks disjoint first")
    unknown = [name for name in categories if name not in selection.objects]
    if unknown:
        raise ValueError(f"no tickets were selected for {unknown[0]!r}")

    owner = np.full((grid, grid), BACKGROUND, dtype=np.int64)
    for k, mask in enumerate(masks):
        owner[mask] = k
    sources = np.full((grid, grid), KEPT, dtype=np.int64)
    entries = []
    pools = [*(selection.objects[name] for name in categories), selection.background]
    places = [*range(len(categories)), BACKGROUND]
    for k, name, pool in zip(places, [*categories, None], pools, strict=True):
        region = owner == k
        cells = int(region.sum())
        if len(pool):
            sources[region] = draw(pool, cells, rng)
        elif cells:
            log.info("no ticket for %s: %d cells keep the base noise", name or "background", cells)
        entries.append(_entry(name, pool, sources[region]))

    blocks = to_blocks(base.float(), grid).clone()
    filled = sources.reshape(-1) != KEPT
    blocks[filled] = collection.blocks(sources.reshape(-1)[filled])
    latent = from_blocks(blocks)
    if restandardise:
        moments, wide = _moments(latent), latent.double()
        latent = ((wide - moments["mean"]) / moments["sd"]).float()
    return Constructed(latent, sources, owner, _report(entries) | _moments(latent))


def draw(pool: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """k tickets of a pool that is not empty: whole passes over it, then a part of one more."""
    passes, rest = divmod(k, len(pool))
    sizes = [len(pool)] * passes + [rest]
    return np.concatenate([rng.permutation(rng.choice(pool, n, replace=False)) for n in sizes])


def moved(block: torch.Tensor, latent: torch.Tensor, cell: int) -> torch.Tensor:
    """A copy of a latent with one of its blocks replaced.

    Args:
        block: (c, b, b).
        latent: (c, h, h), h a multiple of b.
        cell: where the block goes, row-major on the grid of h / b blocks per side.

    Raises:
        ValueError: the latent does not divide into such blocks, or has no such cell.
    """
    side = block.shape[-1]
    blocks = to_blocks(latent, latent.shape[-1] // side).clone()
    if blocks.shape[1:] != block.shape or not 0 <= cell < len(blocks):
        raise ValueError(
            f"a latent of {tuple(latent.shape)} has no cell {cell} for a block of "
            f"{tuple(block.shape)}"
        )
    blocks[cell] = block
    return from_blocks(blocks)


def _entry(category: str | None, pool: np.ndarray, tickets: np.ndarray) -> dict:
    filled = tickets[tickets != KEPT]
    return {
        "category": category,
        "pool": len(pool),
        "cells": len(tickets),
        "kept": len(tickets) - len(filled),
        "reuse": 1 - len(np.unique(filled)) / len(filled) if len(filled) else None,
    }


def _report(entries: list[dict]) -> dict:
    *regions, background = entries
    filled = sum(e["cells"] - e["kept"] for e in entries)
    reused = sum(e["reuse"] * (e["cells"] - e["kept"]) for e in entries if e["reuse"] is not None)
    return {
        "regions": regions,
        "background": background,
        "reuse": reused / filled if filled else None,
        "kept": sum(e["kept"] for e in entries),
        "empty_regions": sum(e["cells"] == 0 for e in regions),
    }


def _moments(latent: torch.Tensor) -> dict[str, float]:
    values = latent.double().numpy()
    mean, sd = values.mean(), values.std()
    kurtosis = (((values - mean) / sd) ** 4).mean() - 3
    return {"mean": float(mean), "sd": float(sd), "excess_kurtosis": float(kurtosis)}
