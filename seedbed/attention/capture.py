"""Cross-attention maps of the first denoising step (Lottery Ticket, 3.1 and 3.2).

A map holds, per block of the latent, the share of attention that a word receives among
all tokens of the prompt: softmax(Q K^T / sqrt(d)) averaged over heads (eq. 1 and the
authors' public code). Only the conditional branch of the first timestep is run, since
guidance cannot reach the maps of the first step, and the forward stops at the last layer
that is asked for. What prompts share is computed once: keys and values of each prompt
for all noises, and, up to the UNet's first cross-attention, everything of a noise for
all prompts. Memory is that of one batch of (noise, prompt) rows, however many there are:
at the paper's size all keys and values alone would take gigabytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

import torch

from seedbed.attention.modules import cross_attention, heads, mixed, replaced
from seedbed.models.base import Condition, LatentModel
from seedbed.sampling.denoise import batches
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
    """Processor of one cross-attention whose keys and values are computed beforehand.

    Args:
        attn: the module.
        record: keep the maps.
        last: stop the forward here.
    """

    def __init__(self, attn, *, record: bool, last: bool):
        self._attn, self._record, self._last = attn, record, last
        self._keys: torch.Tensor | None = None
        self._values: torch.Tensor | None = None
        self._query: torch.Tensor | None = None
        self.rows: list[int] | torch.Tensor | None = None
        self.maps: torch.Tensor | None = None

    def take(self, states: torch.Tensor) -> None:
        """Project the (prompts, tokens, width) states that the next forwards attend to."""
        attn = self._attn
        self._keys = heads(attn, attn.to_k(states)).transpose(-1, -2)
        self._values = None if self._last else heads(attn, attn.to_v(states))

    def met(self, prompts: slice) -> torch.Tensor:
        """(n, prompts, cells, tokens): every noise of the last forward with some prompts."""
        return (self._query[:, None] @ self._keys[prompts]).float().softmax(-1).mean(2)

    def __call__(self, attn, hidden_states, *_, **__):
        query = heads(attn, attn.to_q(hidden_states)) * attn.scale
        if self.rows is None:
            self._query = query
            raise _Reached
        shares = (query @ self._keys[self.rows]).float().softmax(-1)
        if self._record:
            self.maps = shares.mean(1)
        if self._last:
            raise _Reached
        return mixed(attn, shares, self._values[self.rows])


class Capture:
    """First-step maps of chosen layers for a fixed set of prompts.

    Noises are standard normal, as the loop takes them; the UNet sees them scaled as at the
    first step of ``sampling.denoise``.

    Args:
        model: the text-to-image model.
        condition: the P prompts.
        layers: cross-attention modules by name (see ``layer_of``).
        sampler: its scheduler and steps decide the first timestep (DDIM with 50 steps: 981).
        truncate: stop after the last layer needed; off only to compare with the whole forward.

    Raises:
        ValueError: a layer is not there, or the scheduler does not say how its first input is made.
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
        self.condition = condition.to(model.device, model.unet.dtype)
        self._scheduler = _starting(make_scheduler(model, sampler))
        self.timestep = self._scheduler.timesteps[0]
        modules = cross_attention(model.unet)
        order = list(modules)
        self.layers = [layer_of(model.unet, name) for name in layers]
        last = max(order.index(layer) for layer in self.layers)
        # Until the first cross-attention nothing depends on the prompt, unless it is also added
        # to the timestep (SDXL).
        self._shared = truncate and last == 0 and not self.condition.added
        needed = order[: last + 1] if truncate else order
        self._modules = {name: modules[name] for name in needed}
        self._recorders = {
            name: _Recorder(
                modules[name],
                record=name in self.layers,
                last=truncate and name == order[last],
            )
            for name in needed
        }

    @torch.no_grad()
    def _run(self, latents: torch.Tensor, condition: Condition, rows) -> None:
        """One forward; row i attends to the prompt ``rows[i]`` of those taken last."""
        for recorder in self._recorders.values():
            recorder.rows = rows
        x = latents.to(self.model.device) * self._scheduler.init_noise_sigma
        x = self._scheduler.scale_model_input(x, self.timestep)
        with replaced(self._modules, self._recorders.get), suppress(_Reached):
            self.model.predict(x, self.timestep, condition)

    @torch.no_grad()
    def _take(self, condition: Condition) -> None:
        for recorder in self._recorders.values():
            recorder.take(condition.embeddings)

    def paired(self, latents: torch.Tensor, prompts: Sequence[int]) -> dict[str, torch.Tensor]:
        """Maps of noise i under prompt ``prompts[i]``, in one forward.

        Args:
            latents: (n, c, h, w) float32.
            prompts: n indices into the condition.

        Returns:
            Per layer (n, cells, tokens) float32 in [0, 1], cells row-major; each cell's
            tokens sum to one.
        """
        chosen, rows = torch.as_tensor(list(prompts)).unique(return_inverse=True)
        condition = self.condition.take(chosen)
        self._take(condition)
        self._run(latents, condition.take(rows), rows)
        return {layer: self._recorders[layer].maps for layer in self.layers}

    def grid(
        self, latents: torch.Tensor, batch: int
    ) -> Iterator[tuple[slice, slice, dict[str, torch.Tensor]]]:
        """Maps of every noise under every prompt, at most ``batch`` (noise, prompt) rows at a time.

        Args:
            latents: (n, c, h, w) float32.
            batch: rows of a forward at most.

        Yields:
            The slices of noises and of prompts, and per layer their
            (noises, prompts, cells, tokens) float32 maps.
        """
        if self._shared:
            yield from self._met(latents, batch)
            return
        for prompts in batches(len(self.condition), batch):
            condition = self.condition.take(prompts)
            self._take(condition)
            width = len(condition)
            for noises in batches(len(latents), max(batch // width, 1)):
                part = latents[noises]
                rows = list(range(width)) * len(part)
                self._run(part.repeat_interleave(width, 0), condition.take(rows), rows)
                maps = {layer: self._recorders[layer].maps for layer in self.layers}
                shape = (len(part), width)
                yield noises, prompts, {k: m.unflatten(0, shape) for k, m in maps.items()}

    @torch.no_grad()
    def _met(self, latents: torch.Tensor, batch: int):
        """``grid`` where one forward of a noise serves all prompts."""
        self._take(self.condition)
        (recorder,) = self._recorders.values()
        for noises in batches(len(latents), batch):
            part = latents[noises]
            # The prompt given here does not reach the layer.
            self._run(part, self.condition.take([0] * len(part)), None)
            for prompts in batches(len(self.condition), max(batch // len(part), 1)):
                yield noises, prompts, dict.fromkeys(self.layers, recorder.met(prompts))


def _starting(scheduler):
    """A scheduler that says what the UNet sees at its first step.

    Raises:
        ValueError: one line: it does not (flow matching has no noise to scale and no such step).
    """
    lacking = [
        name for name in ("init_noise_sigma", "scale_model_input") if not hasattr(scheduler, name)
    ]
    if lacking:
        raise ValueError(
            f"first-step maps cannot be read under {type(scheduler).__name__}, which has no "
            f"{' and no '.join(lacking)}: use scheduler ddim"
        )
    return scheduler


def of_words(maps: torch.Tensor, words: Sequence[Sequence[int]]) -> torch.Tensor:
    """Maps of words from maps of tokens: the mean over a word's sub-tokens.

    Args:
        maps: (…, cells, tokens).
        words: positions of each word's tokens in the prompt.

    Returns:
        (…, words, cells).
    """
    return torch.stack([maps[..., list(tokens)].mean(-1) for tokens in words], dim=-2)
