"""Soft masks (Training-Free Location-Aware Text-to-Image Synthesis): "Soft" in Lottery Ticket.

What the two papers leave open is as in Lottery Ticket's public code: the box is grown by one
cell on each side, carries a Gaussian that peaks at one, and is added to the scaled scores of
the conditional branch in every cross-attention, with a strength that falls linearly from
ln 100 to zero over the steps. Departures: the maximum of the scores is per image (see
``MaskControl``); over an even number of cells the Gaussian is centred, where that code
puts the peak half a cell beside the centre; where boxes of one word overlap the
greater mask holds, not the later one. The option ``neg_out`` is that code's, which does not say
whether its authors' numbers use it.
"""

from __future__ import annotations

import torch

from seedbed.guidance.guided import Box, Guidance
from seedbed.guidance.masks import MaskControl
from seedbed.models.base import LatentModel

START = 4.6
"""ln 100, rounded as in the authors' code."""
OUTSIDE = -1e10
"""What ``neg_out`` puts outside the box: no attention, for as long as the schedule is above 0."""


class Soft(MaskControl):
    """Gaussian masks with a linear schedule.

    Args:
        model: the text-to-image model.
        guidance: of the n images of the batch.
        steps: number of denoising steps S; step i has 4.6 · (S - 1 - i) / S.
        weight: w_dot, the overall factor.
        width: L_soft, how many standard deviations of the Gaussian reach from the box's
            centre to its edge; 0 gives a flat mask.
        neg_out: outside its (grown) boxes a guided word gets no attention, at every step but the
            last, whose strength is 0.
    """

    def __init__(
        self,
        model: LatentModel,
        guidance: Guidance,
        steps: int,
        weight: float,
        width: float,
        neg_out: bool = False,
    ):
        super().__init__(model, guidance)
        self._steps = steps
        self._weight = weight
        self._width = width
        self._outside = OUTSIDE if neg_out else 0.0

    def mask(self, box: Box, side: int) -> torch.Tensor:
        return gaussian_mask(box, side, self._width, self._outside)

    def strength(self, step: int, t: torch.Tensor) -> float:
        # Some schedulers (PNDM) call the UNet once more than there are steps.
        remaining = max(self._steps - 1 - step, 0)
        return self._weight * START * remaining / self._steps


def gaussian_mask(box: Box, side: int, width: float, outside: float = 0.0) -> torch.Tensor:
    """A box grown by one cell on each side, with a Gaussian inside.

    Args:
        box: in shares of the frame.
        side: of the grid.
        width: standard deviations from the centre to the outermost cells.
        outside: value of all other cells.

    Returns:
        (side, side) float32, greatest value one; flat where the grown box is one cell wide
        or high, since then it has no extent to scale by.
    """
    x0, y0 = (max(int(low * side - 1), 0) for low in box[:2])
    x1, y1 = (min(int(high * side + 1), side) for high in box[2:])
    mask = torch.full((side, side), outside)
    if min(x1 - x0, y1 - y0) <= 1:
        mask[y0:y1, x0:x1] = 1
        return mask
    u = torch.linspace(-width, width, x1 - x0)
    v = torch.linspace(-width, width, y1 - y0)
    density = torch.exp(-(u**2 + v[:, None] ** 2) / 2)
    mask[y0:y1, x0:x1] = density / density.max()
    return mask


def control(
    model: LatentModel,
    condition,
    guidance: Guidance,
    sampler,
    *,
    weight: float,
    width: float,
    neg_out: bool = False,
) -> Soft:
    """Soft masks of one batch; constants: ``weight``, ``width``, ``neg_out``."""
    return Soft(model, guidance, sampler.steps, weight, width, neg_out)
