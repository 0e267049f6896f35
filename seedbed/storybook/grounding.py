"""Teach cross-attention where the captioned objects are, as the world knows.

At the resolution of the tickets, the attention of each noun, spread over the frame, is drawn
towards the part of the frame that its object covers (Kullback-Leibler divergence; the idea is
that of TokenCompose, Wang et al. 2024, whose loss is another). Without it the encoder of a UNet
this small kept no trace of where objects grow (docs/decisions.md). It is asked at every timestep
alike, the noisiest included, where only the remnant of the picture under the noise can tell the
place.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from transformers import CLIPTokenizer

from seedbed.storybook.data import SceneSet
from seedbed.storybook.vocabulary import OBJECTS

WEIGHT = 0.01
"""Of the divergence beside the diffusion loss."""
BLOCKS = ("down_blocks.1", "up_blocks.1")
"""Where cross-attention has a cell for each ticket."""


class RecordingProcessor:
    """Plain attention that keeps its probabilities, averaged over heads: ``maps`` (b, cells, t)."""

    maps: torch.Tensor

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, *_, **__):
        q = attn.head_to_batch_dim(attn.to_q(hidden_states))
        k = attn.head_to_batch_dim(attn.to_k(encoder_hidden_states))
        v = attn.head_to_batch_dim(attn.to_v(encoder_hidden_states))
        shares = attn.get_attention_scores(q, k)
        self.maps = shares.unflatten(0, (len(hidden_states), -1)).mean(1)
        mixed = attn.batch_to_head_dim(shares @ v)
        return attn.to_out[1](attn.to_out[0](mixed))


def record(unet) -> list[RecordingProcessor]:
    """Put recorders into the cross-attentions of ``BLOCKS``; returns them."""
    processors = dict(unet.attn_processors)
    recorders = []
    for name in processors:
        if name.startswith(BLOCKS) and "attn2" in name:
            recorders.append(RecordingProcessor())
            processors[name] = recorders[-1]
    unet.set_attn_processor(processors)
    return recorders


@dataclass(frozen=True)
class Places:
    """Where the objects of training scenes are, and which tokens name them.

    Attributes:
        where: (n, objects, cells) uint8 visible share of each cell.
        tokens: (n, objects, 77) bool, where the caption names the object; none if it is not there.
    """

    where: torch.Tensor
    tokens: torch.Tensor

    @classmethod
    def of(cls, scenes: SceneSet, ids: torch.Tensor, tokenizer: CLIPTokenizer) -> Places:
        """From scenes and the (n, 77) token ids of their captions.

        Raises:
            ValueError: the name of an object is more than one token.
        """
        names = []
        for kind in OBJECTS:
            found = tokenizer(kind, add_special_tokens=False)["input_ids"]
            if len(found) != 1:
                raise ValueError(f"the tokenizer splits {kind!r}: train it on more captions")
            names += found
        kinds = torch.from_numpy(scenes.kinds).long()
        named = torch.tensor(names)[kinds.clamp(min=0)]
        tokens = (ids[:, None, :] == named[:, :, None]) & (kinds >= 0)[:, :, None]
        return cls(torch.from_numpy(scenes.coverage).flatten(2), tokens)


def divergence(maps: torch.Tensor, where: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """Mean divergence of where nouns attend from where their objects are.

    Args:
        maps: (b, cells, t) attention probabilities.
        where: (b, objects, cells) shares, any scale; an object that is nowhere does not count.
        tokens: (b, objects, t) bool; an object that is not named does not count.

    Returns:
        Scalar, nats, 0 where every noun attends exactly over its object.
    """
    weight = tokens.float() / tokens.sum(-1, keepdim=True).clamp(min=1)
    attended = torch.einsum("bct,bot->boc", maps, weight)
    wanted = where / where.sum(-1, keepdim=True).clamp(min=1e-6)
    log_p = (attended + 1e-8).log() - (attended.sum(-1, keepdim=True) + 1e-8).log()
    gap = (torch.xlogy(wanted, wanted) - wanted * log_p).sum(-1)
    counts = (tokens.any(-1) & (where.sum(-1) > 0)).float()
    return (gap * counts).sum() / counts.sum().clamp(min=1)
