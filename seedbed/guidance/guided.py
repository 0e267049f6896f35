"""Which words belong in which boxes, and boxes as masks on attention grids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in shares of the frame, y down."""


@dataclass(frozen=True)
class Guided:
    """A phrase of a prompt and the box in which it should appear.

    Attributes:
        tokens: positions of the phrase's tokens in the encoded prompt (start token: 0).
        box: x0, y0, x1, y1 in shares of the frame, 0..1.

    Raises:
        ValueError: no tokens, the start token, or a box that is empty or leaves the frame.
    """

    tokens: tuple[int, ...]
    box: Box

    def __post_init__(self):
        if not self.tokens or min(self.tokens) < 1:
            raise ValueError(f"tokens {self.tokens} name no phrase: positions count from 1")
        x0, y0, x1, y1 = self.box
        if not (0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1):
            raise ValueError(f"box {self.box} is empty or leaves the frame: shares 0..1 expected")


Guidance = Sequence[Sequence[Guided]]
"""The guided phrases of a batch, one list per image in the order of the latents."""


def coverage(box: Box, side: int) -> torch.Tensor:
    """The share of each cell that lies in the box: (side, side) float32 in [0, 1]."""
    edges = torch.arange(side + 1, dtype=torch.float64) / side

    def overlap(low: float, high: float) -> torch.Tensor:
        return (edges[1:].clamp(max=high) - edges[:-1].clamp(min=low)).clamp(min=0) * side

    x0, y0, x1, y1 = box
    return torch.outer(overlap(y0, y1), overlap(x0, x1)).float()


def token_masks(
    guidance: Guidance, side: int, tokens: int, rasterise: Callable[[Box, int], torch.Tensor]
) -> torch.Tensor:
    """Masks of every token of every image.

    Args:
        guidance: n images.
        side: of the attention grid.
        tokens: length of the encoded prompt.
        rasterise: maps a box and ``side`` to a (side, side) mask.

    Returns:
        (n, side * side, tokens) float32, cells row-major; zero for tokens that are not
        guided. A token with several boxes has, in each cell, the greatest of their masks.

    Raises:
        ValueError: a phrase lies beyond the prompt's tokens.
    """
    masks = torch.zeros(len(guidance), side * side, tokens)
    for image, phrases in zip(masks, guidance, strict=True):
        met = set()
        for guided in phrases:
            if max(guided.tokens) >= tokens:
                raise ValueError(f"tokens {guided.tokens} lie beyond the prompt's {tokens} tokens")
            mask = rasterise(guided.box, side).flatten()
            for token in guided.tokens:
                # Masks may be below zero, so the first is not compared with the zeros there.
                image[:, token] = torch.maximum(image[:, token], mask) if token in met else mask
                met.add(token)
    return masks
