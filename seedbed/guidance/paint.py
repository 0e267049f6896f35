"""Paint with words (eDiff-I, arXiv 2211.01324): "Paint" in Lottery Ticket.

softmax((Q K^T + w A) / sqrt(d)) V with w = w' · log(1 + sigma) · max(Q K^T) and A one
where a word's region is. Since max(Q K^T) / sqrt(d) is the maximum of the scaled scores, it
is the same whether mask and maximum are taken before the scaling or after it.

What the paper leaves open is settled as in the public reimplementation that its readers use
(cloneofsimo/paint-with-words-sd): conditional branch only, every cross-attention, sigma of
the variance-exploding form of the process. Departures from that code: the maximum is per
image (see ``MaskControl``); boxes are averaged over cells and not sampled bilinearly, so
that no small box is missed; where two boxes of one word overlap, A stays one.
"""

from __future__ import annotations

import math

import torch

from seedbed.guidance.guided import Box, Guidance, coverage
from seedbed.guidance.masks import MaskControl
from seedbed.models.base import LatentModel


class Paint(MaskControl):
    """Paint with words.

    Args:
        model: the text-to-image model; its scheduler's ``alphas_cumprod`` give sigma.
        guidance: of the n images of the batch.
        weight: w'. The public code has 0.1 as its default and 0.4 in its examples; Lottery
            Ticket does not say what it used.
    """

    def __init__(self, model: LatentModel, guidance: Guidance, weight: float):
        super().__init__(model, guidance)
        self._weight = weight
        self._alphas = model.scheduler.alphas_cumprod

    def mask(self, box: Box, side: int) -> torch.Tensor:
        return coverage(box, side)

    def strength(self, step: int, t: torch.Tensor) -> float:
        alpha = float(self._alphas[round(float(t))])
        sigma = math.sqrt((1 - alpha) / alpha)
        return self._weight * math.log(1 + sigma)


def control(model: LatentModel, condition, guidance: Guidance, sampler, *, weight: float) -> Paint:
    """Paint of one batch; constant: ``weight``."""
    return Paint(model, guidance, weight)
