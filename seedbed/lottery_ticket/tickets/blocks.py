"""A latent as the blocks that tickets are, and back (Lottery Ticket, 3.2)."""

from __future__ import annotations

import math

import torch


def to_blocks(latent: torch.Tensor, grid: int) -> torch.Tensor:
    """Cut a latent into its blocks.

    Args:
        latent: (c, h, h), h a multiple of grid.
        grid: blocks per side.

    Returns:
        (grid × grid, c, b, b), cells row-major: block k = grid × row + column is
        ``latent[:, b*row : b*row+b, b*column : b*column+b]``.

    Raises:
        ValueError: the latent does not divide into the grid.
    """
    channels, height, width = latent.shape
    if height != width or grid < 1 or height % grid:
        raise ValueError(f"a latent of {height} x {width} does not divide into {grid} x {grid}")
    side = height // grid
    cut = latent.reshape(channels, grid, side, grid, side)
    return cut.permute(1, 3, 0, 2, 4).reshape(grid * grid, channels, side, side)


def from_blocks(blocks: torch.Tensor) -> torch.Tensor:
    """The latent (c, h, h) of (grid × grid, c, b, b) blocks: the inverse of ``to_blocks``."""
    cells, channels, side, _ = blocks.shape
    grid = math.isqrt(cells)
    laid = blocks.reshape(grid, grid, channels, side, side).permute(2, 0, 3, 1, 4)
    return laid.reshape(channels, grid * side, grid * side)
