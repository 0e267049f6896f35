"""Blocks of one noise moved into the regions of the objects they lean to.

The method that the paper calls Swap (Mao, Wang and Aizawa, "Guided Image Synthesis via Initial
Image Editing in Diffusion Model", ACM MM 2023; details after the authors' public code). Blocks
only change places, so the latent keeps its values.

With two disjoint regions the priority lists of the public code never ask for a block twice. With
more objects they would: here every object first takes the best blocks of its own class, and who
is short then takes, in the order of the objects, the blocks still free that lean least to theirs.
"""

from __future__ import annotations

import numpy as np
import torch

from seedbed.lottery_ticket.tickets.blocks import from_blocks, to_blocks


def class_of_blocks(maps: np.ndarray) -> np.ndarray:
    """The object each block leans to: the largest of the maps, each divided by its own mean.

    Args:
        maps: (objects, cells) attention shares, each map with a positive mean.

    Returns:
        (cells,) int64; of equal ones the earlier object.

    Raises:
        ValueError: a map without a positive mean.
    """
    return _relative(maps).argmax(axis=0)


def swap_make(latent: torch.Tensor, maps: np.ndarray, masks: np.ndarray) -> torch.Tensor:
    """The public code's ``make_image``: the latent laid anew.

    The blocks of an object fill its region row by row, best first; all others fill the rest in
    their former order.

    Args:
        latent: (c, h, h).
        maps: (objects, cells) attention shares of the first step under the image's own prompt.
        masks: (objects, grid, grid) bool, disjoint. Objects with one and the same map (two boxes
            of one word) count as one object with both regions.

    Returns:
        (c, h, h), a permutation of the blocks.

    Raises:
        ValueError: shapes that do not fit together, regions that overlap, or as in
            ``class_of_blocks``.
    """
    maps, regions, grid = _checked(maps, masks)
    chosen = _chosen(maps, [len(region) for region in regions])
    cells = np.arange(grid * grid)
    order = np.empty_like(cells)
    for region, blocks in zip(regions, chosen, strict=True):
        order[region] = blocks
    order[_without(cells, regions)] = _without(cells, chosen)
    return from_blocks(to_blocks(latent, grid)[order])


def swap_exchange(latent: torch.Tensor, maps: np.ndarray, masks: np.ndarray) -> torch.Tensor:
    """The public code's ``exchange_perfect``, which is the paper's Swap.

    The blocks of an object that lie in its region stay. The others move into the region's cells
    that hold no such block, both by index; what had to leave fills, in the same order, the cells
    outside all regions that became free. All other blocks stay.

    Args, returns, raises: as ``swap_make``.
    """
    maps, regions, grid = _checked(maps, masks)
    chosen = _chosen(maps, [len(region) for region in regions])
    order = np.arange(grid * grid)
    for region, blocks in zip(regions, chosen, strict=True):
        order[np.setdiff1d(region, blocks)] = np.setdiff1d(blocks, region)
    inside = np.concatenate(regions)
    taken = np.concatenate(chosen)
    holes = [np.setdiff1d(blocks, inside) for blocks in chosen]
    leaving = [np.setdiff1d(region, taken) for region in regions]
    order[np.concatenate(holes)] = np.concatenate(leaving)
    return from_blocks(to_blocks(latent, grid)[order])


swap = swap_exchange


def _relative(maps: np.ndarray) -> np.ndarray:
    maps = np.asarray(maps, dtype=np.float64)
    means = maps.mean(axis=-1, keepdims=True)
    # Written so that NaN fails too.
    if not (means > 0).all():
        raise ValueError("attention maps to swap by must each have a positive mean")
    return maps / means


def _checked(maps: np.ndarray, masks: np.ndarray) -> tuple[np.ndarray, list[np.ndarray], int]:
    """Relative maps of the different objects, the cells of each object's region, the grid."""
    maps, masks = _relative(maps), np.asarray(masks, dtype=bool)
    grid = masks.shape[-1]
    fits = masks.shape == (len(maps), grid, grid) and maps.shape[1:] == (grid * grid,)
    if not fits or not len(maps):
        raise ValueError(
            f"maps {maps.shape} and region masks {masks.shape} must be (objects, grid*grid) and "
            "(objects, grid, grid)"
        )
    if (masks.sum(axis=0) > 1).any():
        raise ValueError("regions overlap: make their masks disjoint first")
    # Equal maps would leave the later object no class of its own.
    first = [
        next(j for j in range(k + 1) if np.array_equal(maps[j], maps[k])) for k in range(len(maps))
    ]
    kept = sorted(set(first))
    regions = [np.flatnonzero(masks[[j == k for j in first]].any(axis=0)) for k in kept]
    return maps[kept], regions, grid


def _chosen(maps: np.ndarray, need: list[int]) -> list[np.ndarray]:
    """The blocks of each object, best first, no block twice; ``need`` sums to at most cells."""
    classes = maps.argmax(axis=0)
    chosen = []
    for k, count in enumerate(need):
        own = np.flatnonzero(classes == k)
        chosen.append(own[np.argsort(-maps[k, own], kind="stable")][:count])
    spare = _without(np.argsort(maps.max(axis=0), kind="stable"), chosen)
    for k, count in enumerate(need):
        short = count - len(chosen[k])
        chosen[k], spare = np.concatenate([chosen[k], spare[:short]]), spare[short:]
    return chosen


def _without(cells: np.ndarray, taken: list[np.ndarray]) -> np.ndarray:
    return cells[~np.isin(cells, np.concatenate(taken))]
