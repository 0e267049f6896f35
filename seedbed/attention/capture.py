"""Cross-attention maps of the first denoising step (Lottery Ticket, 3.1 and 3.2).

A map holds, per block of the latent, the share of attention that a word receives among
all tokens of the prompt: softmax(Q K^T / sqrt(d)) averaged over heads (eq. 1 and the
authors' public code). Only the conditional branch of the first timestep is run, since
guidance cannot reach the maps of the first step, and the forward stops at the last layer
that is asked for. What prompts share is computed once: keys and values of each prompt
for all noises, and, up to the UNet's first cross-attention, everything of a noise for
all prompts.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import torch

from seedbed.attention.modules import cross_attention, heads, mixed, replaced
from seedbed.models.base import Condition, LatentModel
from seedbed.sampling.schedulers import Sampler, make_scheduler


def layer_of(unet, name: str) -> str:
    """The cross-attention module at or within ``name``.

    Args:
        unet: a diffusers UNet.
        name: a module path; ``down_blocks.2.attentions.1`` means the first ``attn2`` in it.

    Raises:
        ValueError: there is no cross-attention at that place.
    """
    known = list(cross_attention(unet))
    for layer in known:
        if layer == name or layer.startswith(name + "."):
            return layer
    raise ValueError(
        f"layer {name!r} is no cross-attention of this UNet; known: {', '.join(known)}"
    )


class _Reached(Exception):
    """The last layer that is needed has been recorded."""


class _Recorder:
    """Processor of one cross-attention whose keys and values are computed beforehand."""

    def __init__(self, attn, states: torch.Tensor, *, record: bool, last: bool):
        self._keys = heads(attn, attn.to_k(states)).transpose(-1, -2)
        self._values = None if last else heads(attn, attn.to_v(states))
        self._record, self._last = record, last
        self.rows: torch.Tensor | None = None
        self.maps: torch.Tensor | None = None

    def __call__(self, attn, hidden_states, *_, **__):
        query = heads(attn, attn.to_q(hidden_states)) * attn.scale
        if self.rows is None:
            # Every noise with every prompt: (n, prompts, heads, cells, tokens).
            self.maps = (query[:, None] @ self._keys).softmax(-1).mean(2)
            raise _Reached
        shares = (query @ self._keys[self.rows]).softmax(-1)
        if self._record:
            self.maps = shares.mean(1)
        if self._last:
            raise _Reached
        return mixed(attn, shares, self._values[self.rows])


class Capture:
    """First-step maps of chosen layers for a fixed set of prompts.

    Args:
        model: the text-to-image model.
        condition: the P prompts.
        layers: cross-attention modules by name (see ``layer_of``).
        sampler: its scheduler and steps decide the first timestep (DDIM with 50 steps: 981).
        truncate: stop after the last layer needed; off only to compare with the whole forward.
    """

    def __init__(
        self,
        model: LatentModel,
        condition: Condition,
        layers: Sequence[str],
        sampler: Sampler,
        *,
        truncate: bool = True,
    ):
        self.model = model
        self.condition = condition.to(model.device)
        self.timestep = make_scheduler(model, sampler).timesteps[0]
        modules = cross_attention(model.unet)
        order = list(modules)
        self.layers = [layer_of(model.unet, name) for name in layers]
        last = max(order.index(layer) for layer in self.layers)
        # Until the first cross-attention nothing depends on the prompt, unless it is also added
        # to the timestep (SDXL).
        self._shared = truncate and last == 0 and not self.condition.added
        needed = order[: last + 1] if truncate else order
        self._modules = {name: modules[name] for name in needed}
        with torch.no_grad():
            self._recorders = {
                name: _Recorder(
                    modules[name],
                    self.condition.embeddings,
                    record=name in self.layers,
                    last=truncate and name == order[last],
                )
                for name in needed
            }

    @torch.no_grad()
    def _run(self, latents: torch.Tensor, prompts: torch.Tensor, rows) -> dict[str, torch.Tensor]:
        for recorder in self._recorders.values():
            recorder.rows, recorder.maps = rows, None
        with replaced(self._modules, self._recorders.get), suppress(_Reached):
            self.model.predict(
                latents.to(self.model.device), self.timestep, self.condition.take(prompts)
            )
        return {layer: self._recorders[layer].maps for layer in self.layers}

    def paired(self, latents: torch.Tensor, prompts: Sequence[int]) -> dict[str, torch.Tensor]:
        """Maps of noise i under prompt ``prompts[i]``.

        Args:
            latents: (n, c, h, w) float32.
            prompts: n indices into the condition.

        Returns:
            Per layer (n, cells, tokens) float32 in [0, 1], cells row-major; each cell's
            tokens sum to one.
        """
        rows = torch.as_tensor(list(prompts), device=self.model.device)
        return self._run(latents, rows, rows)

    def grid(self, latents: torch.Tensor) -> dict[str, torch.Tensor]:
        """Maps of every noise under every prompt: per layer (n, P, cells, tokens) float32."""
        n, prompts = len(latents), len(self.condition)
        if self._shared:
            # The prompt given here does not reach the layer.
            return self._run(latents, torch.zeros(n, dtype=torch.long), None)
        maps = self.paired(latents.repeat_interleave(prompts, 0), list(range(prompts)) * n)
        return {layer: m.unflatten(0, (n, prompts)) for layer, m in maps.items()}


def of_words(maps: torch.Tensor, words: Sequence[Sequence[int]]) -> torch.Tensor:
    """Maps of words from maps of tokens: the mean over a word's sub-tokens.

    Args:
        maps: (…, cells, tokens).
        words: positions of each word's tokens in the prompt.

    Returns:
        (…, words, cells).
    """
    return torch.stack([maps[..., list(tokens)].mean(-1) for tokens in words], dim=-2)
