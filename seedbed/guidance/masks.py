"""Masks added to the scores of guided words: what Paint and Soft share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import ExitStack

import torch

from seedbed.attention.modules import (
    check_call,
    cross_attention,
    heads,
    mixed,
    replaced,
    scores_of,
    side_of,
)
from seedbed.guidance.guided import Box, Guidance, token_masks
from seedbed.models.base import LatentModel


class MaskControl(ABC):
    """Raises the scores of guided words inside their boxes, in every cross-attention.

    scores + strength · max(scores) · mask, before the softmax, for the conditional half.
    The maximum is taken per image over heads, cells and tokens of the call: public codes
    take it over the whole batch, which would make an image depend on its neighbours.

    Args:
        model: the text-to-image model.
        guidance: of the n images of the batch.
    """

    def __init__(self, model: LatentModel, guidance: Guidance):
        self._layers = cross_attention(model.unet)
        self._guidance = guidance
        self._masks: dict[int, torch.Tensor] = {}
        self._strength = 0.0
        self._installed = ExitStack()

    @abstractmethod
    def mask(self, box: Box, side: int) -> torch.Tensor:
        """The mask of a box: (side, side) float32."""

    @abstractmethod
    def strength(self, step: int, t: torch.Tensor) -> float:
        """The factor of the mask at a step."""

    def before_step(self, step: int, t: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        check_batch(x, self._guidance)
        self._strength = self.strength(step, t)
        return x

    def __enter__(self) -> MaskControl:
        self._installed.enter_context(replaced(self._layers, lambda _: _Masked(self)))
        return self

    def __exit__(self, *exc) -> None:
        self._installed.close()

    def raise_scores(self, scores: torch.Tensor) -> None:
        """Add the masks to (n or 2n, heads, cells, tokens) scores, in place."""
        n = len(self._guidance)
        if len(scores) not in (n, 2 * n):
            raise ValueError(f"{len(scores)} rows of scores, but guidance for {n} images")
        conditional = scores[-n:]
        peak = conditional.amax((1, 2, 3), keepdim=True)
        cells, tokens = scores.shape[2:]
        if cells not in self._masks:
            masks = token_masks(self._guidance, side_of(cells), tokens, self.mask)
            self._masks[cells] = masks[:, None].to(scores.device)
        conditional += self._strength * peak * self._masks[cells]


class _Masked:
    """The processor of one layer under a ``MaskControl``; projects the prompts once."""

    def __init__(self, control: MaskControl):
        self._control = control
        self._states: torch.Tensor | None = None
        self._keys: torch.Tensor | None = None
        self._values: torch.Tensor | None = None

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None):
        check_call(encoder_hidden_states, attention_mask)
        if self._states is not encoder_hidden_states:
            self._states = encoder_hidden_states
            self._keys = heads(attn, attn.to_k(encoder_hidden_states))
            self._values = heads(attn, attn.to_v(encoder_hidden_states))
        raised = scores_of(attn, hidden_states, self._keys)
        self._control.raise_scores(raised)
        return mixed(attn, raised.softmax(-1), self._values)


def check_batch(x: torch.Tensor, guidance: Guidance) -> None:
    """Refuse latents that the guidance was not made for.

    Raises:
        ValueError: their numbers differ.
    """
    if len(x) != len(guidance):
        raise ValueError(f"{len(x)} latents, but guidance for {len(guidance)} images")
