"""Controls that reach into a UNet's cross-attention while it denoises.

A control is entered around the denoising loop and asked before every step. Attention is
computed here as diffusers' own processors do, from the module's projections; what a module
has beyond those of Stable Diffusion's cross-attention is refused.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Protocol

import torch

from seedbed.attention.guidance import Box, Guidance, side_of, token_masks
from seedbed.models.sd import LatentModel

_RUN_ORDER = ("down_blocks", "mid_block", "up_blocks")


class Control(Protocol):
    """Steers one batch while ``sampling.denoise.denoise`` runs.

    The UNet then sees the unconditional half of the guided batch first, the conditional
    half second; controls act on the conditional half.
    """

    def before_step(self, step: int, t: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """Called before the UNet.

        Args:
            step: index from 0.
            t: the scheduler's timestep.
            x: (n, c, h, w) float32 latents before the step.

        Returns:
            The latents to go on with: x, or a moved copy of it.
        """
        ...

    def __enter__(self) -> Control:
        """Install what the control needs on the UNet."""
        ...

    def __exit__(self, *exc) -> None:
        """Leave the UNet with the very processors that it had."""
        ...


def cross_attention(unet) -> dict[str, torch.nn.Module]:
    """A UNet's cross-attention modules (``attn2``) by name, in the order in which they run.

    Raises:
        ValueError: there are none, or one has parts that ``scores`` and ``output`` lack.
    """
    found = {name: module for name, module in unet.named_modules() if name.endswith(".attn2")}
    if not found:
        raise ValueError("this UNet has no cross-attention (no module named attn2)")
    for name, module in found.items():
        _check(name, module)
    names = sorted(found, key=lambda name: _RUN_ORDER.index(name.split(".")[0]))
    return {name: found[name] for name in names}


def _check(name: str, attn) -> None:
    extra = {
        "residual_connection": attn.residual_connection,
        "spatial_norm": attn.spatial_norm is not None,
        "group_norm": attn.group_norm is not None,
        "norm_cross": attn.norm_cross is not None,
        "norm_q": attn.norm_q is not None,
        "norm_k": attn.norm_k is not None,
        "added_kv_proj_dim": attn.added_kv_proj_dim is not None,
        "kv_heads": attn.inner_kv_dim != attn.inner_dim,
        "rescale_output_factor": attn.rescale_output_factor != 1,
    }
    has = [feature for feature, present in extra.items() if present]
    if has:
        raise ValueError(f"{name}: attention with {', '.join(has)} cannot be controlled")


@contextmanager
def replaced(
    modules: Mapping[str, torch.nn.Module], make: Callable[[str], Callable]
) -> Iterator[None]:
    """Give modules other processors for a while; afterwards each has the object it had.

    Args:
        modules: attention modules by name.
        make: the processor for a name.
    """
    former = {name: module.processor for name, module in modules.items()}
    try:
        for name, module in modules.items():
            module.set_processor(make(name))
        yield
    finally:
        for name, processor in former.items():
            modules[name].set_processor(processor)


def heads(attn, x: torch.Tensor) -> torch.Tensor:
    """(n, tokens, width) to (n, heads, tokens, width / heads)."""
    return x.unflatten(-1, (attn.heads, -1)).transpose(1, 2)


def scores(attn, hidden: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
    """Q K^T / sqrt(d) of a cross-attention.

    Args:
        attn: a module of ``cross_attention``.
        hidden: (n, cells, dim) of the image.
        states: (n, tokens, width) of the prompt.

    Returns:
        (n, heads, cells, tokens) float32, also under autocast.
    """
    query, key = heads(attn, attn.to_q(hidden)), heads(attn, attn.to_k(states))
    return (query @ key.transpose(-1, -2)).float() * attn.scale


def output(attn, scores: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
    """What the module returns for given scores: (n, cells, dim)."""
    return mixed(attn, scores.softmax(-1), heads(attn, attn.to_v(states)))


def mixed(attn, shares: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """What the module returns for given shares of attention and values by head: (n, cells, dim)."""
    projection, dropout = attn.to_out
    return dropout(projection((shares.to(values.dtype) @ values).transpose(1, 2).flatten(2)))


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
    """The processor of every layer under a ``MaskControl``."""

    def __init__(self, control: MaskControl):
        self._control = control

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None):
        check_call(encoder_hidden_states, attention_mask)
        raised = scores(attn, hidden_states, encoder_hidden_states)
        self._control.raise_scores(raised)
        return output(attn, raised, encoder_hidden_states)


def check_call(states: torch.Tensor | None, attention_mask: torch.Tensor | None) -> None:
    """Refuse calls that ``scores`` does not cover.

    Raises:
        ValueError: self-attention, or a mask over the prompt's tokens.
    """
    if states is None or attention_mask is not None:
        raise ValueError("only cross-attention to all tokens of a prompt can be controlled")


def check_batch(x: torch.Tensor, guidance: Guidance) -> None:
    """Refuse latents that the guidance was not made for.

    Raises:
        ValueError: their numbers differ.
    """
    if len(x) != len(guidance):
        raise ValueError(f"{len(x)} latents, but guidance for {len(guidance)} images")
