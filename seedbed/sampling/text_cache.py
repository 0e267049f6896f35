"""Keys and values of the prompts, computed once for all steps of a denoising loop.

Cross-attention projects the prompts' states anew at every step, though they never change. Here
each module keeps its projections while the loop runs; everything else is as in diffusers'
``AttnProcessor2_0``, so that pictures stay the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch.nn import functional


class _Kept:
    """The processor of one cross-attention module during one loop."""

    def __init__(self):
        self._states: torch.Tensor | None = None
        self._key: torch.Tensor | None = None
        self._value: torch.Tensor | None = None

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, *_, **__):
        if self._states is not encoder_hidden_states:
            self._states = encoder_hidden_states
            self._key = _heads(attn, attn.to_k(encoder_hidden_states))
            self._value = _heads(attn, attn.to_v(encoder_hidden_states))
        query = _heads(attn, attn.to_q(hidden_states))
        mixed = functional.scaled_dot_product_attention(query, self._key, self._value)
        projection, dropout = attn.to_out
        return dropout(projection(mixed.transpose(1, 2).flatten(2).to(query.dtype)))


def _heads(attn, x: torch.Tensor) -> torch.Tensor:
    """(n, tokens, width) to (n, heads, tokens, width / heads)."""
    return x.unflatten(-1, (attn.heads, -1)).transpose(1, 2)


def _plain(module) -> bool:
    """Is it diffusers' own attention without the parts that ``_Kept`` lacks?"""
    from diffusers.models.attention_processor import AttnProcessor2_0

    extra = (module.spatial_norm, module.group_norm, module.norm_cross, module.norm_q)
    return (
        type(module.processor) is AttnProcessor2_0
        and not any(part is not None for part in (*extra, module.norm_k))
        and not module.residual_connection
        and module.rescale_output_factor == 1
    )


@contextmanager
def kept_text(unet) -> Iterator[None]:
    """Let the cross-attention of a UNet keep the prompts' projections within this block.

    Modules of another kind than Stable Diffusion's, and those with processors of their own, are
    left as they are.
    """
    found = [m for n, m in unet.named_modules() if n.endswith(".attn2") and _plain(m)]
    former = [module.processor for module in found]
    try:
        for module in found:
            module.set_processor(_Kept())
        yield
    finally:
        for module, processor in zip(found, former, strict=True):
            module.set_processor(processor)
