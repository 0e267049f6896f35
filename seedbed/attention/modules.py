"""A UNet's cross-attention modules: found by name, taken apart, given other processors for a while.

Attention is computed here as diffusers' own processors do, from the module's projections; what a
module has beyond those of Stable Diffusion's cross-attention is refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import torch

_RUN_ORDER = ("down_blocks", "mid_block", "up_blocks")


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

    Meanwhile a compiled UNet runs as it is written: it would be compiled anew for each of them.

    Args:
        modules: attention modules by name.
        make: the processor for a name.
    """
    former = {name: module.processor for name, module in modules.items()}
    try:
        for name, module in modules.items():
            module.set_processor(make(name))
        with torch.compiler.set_stance("force_eager"):
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
    return scores_of(attn, hidden, heads(attn, attn.to_k(states)))


def scores_of(attn, hidden: torch.Tensor, keys: torch.Tensor) -> torch.Tensor:
    """As ``scores``, from keys by head that are there already."""
    query = heads(attn, attn.to_q(hidden))
    return (query @ keys.transpose(-1, -2)).float() * attn.scale


def output(attn, scores: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
    """What the module returns for given scores: (n, cells, dim)."""
    return mixed(attn, scores.softmax(-1), heads(attn, attn.to_v(states)))


def mixed(attn, shares: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """What the module returns for given shares of attention and values by head: (n, cells, dim)."""
    projection, dropout = attn.to_out
    return dropout(projection((shares.to(values.dtype) @ values).transpose(1, 2).flatten(2)))


def check_call(states: torch.Tensor | None, attention_mask: torch.Tensor | None) -> None:
    """Refuse calls that ``scores`` does not cover.

    Raises:
        ValueError: self-attention, or a mask over the prompt's tokens.
    """
    if states is None or attention_mask is not None:
        raise ValueError("only cross-attention to all tokens of a prompt can be controlled")


def side_of(cells: int) -> int:
    """The side of a square attention grid from its number of queries.

    Raises:
        ValueError: the grid is not square.
    """
    side = math.isqrt(cells)
    if side * side != cells:
        raise ValueError(f"{cells} attention queries are no square grid: use square images")
    return side
