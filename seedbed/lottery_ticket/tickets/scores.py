"""From attention maps to scores (Lottery Ticket, 3.2; authors' public code)."""

from __future__ import annotations

import torch

from seedbed.choices import SCORE_MODES


def scores(maps: torch.Tensor, mode: str) -> torch.Tensor:
    """Scores in [0, 1] of the blocks of a noise for the two words of a pair prompt.

    Args:
        maps: (…, 2, cells) attention shares of the two words.
        mode: ``"minmax"``, (m - min) / (max - min) over the cells of each single map, as the
            authors' code does, so that every map has a block of score 1 and one of score 0
            (a constant map scores 0); ``"softmax"``, the shares as they are, the softmax over
            all tokens of the prompt that the paper's text names; ``"pair_softmax"``, the share
            of each word within the pair, so that the two scores of a block sum to one.

    Returns:
        (…, 2, cells) float32.

    Raises:
        ValueError: the mode is unknown.
    """
    if mode == "softmax":
        return maps
    if mode == "pair_softmax":
        return maps / maps.sum(-2, keepdim=True)
    if mode == "minmax":
        low, high = maps.aminmax(dim=-1, keepdim=True)
        span = high - low
        return torch.where(span > 0, (maps - low) / span.clamp_min(torch.finfo(maps.dtype).tiny), 0)
    raise ValueError(f"score mode {mode!r} is unknown: use one of {', '.join(SCORE_MODES)}")
