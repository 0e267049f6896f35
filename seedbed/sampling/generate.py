"""Images of a range of seeds for a table of prompts, into one shard."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import torch

from seedbed import noise, store
from seedbed.models.base import Condition, to_uint8
from seedbed.progress import Progress
from seedbed.sampling.denoise import batches, decode, denoise
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.finite import named

log = logging.getLogger(__name__)


class StepNoises:
    """The noises of a DDIM run with eta > 0, each seed from its own generator.

    The initial latent is the first draw of a seed's stream, the noise after step k the
    (k + 2)-th: what diffusers draws from a list of generators.
    """

    def __init__(self, seeds: Sequence[int], shape: tuple[int, ...], stream: str):
        self._streams = [noise.stream_of(s, shape, stream) for s in seeds]
        self._drawn: list[torch.Tensor] = []

    def draw(self, k: int) -> torch.Tensor:
        """(n, c, h, w): the k-th draw of every seed; 0 is the initial latent."""
        while len(self._drawn) <= k:
            self._drawn.append(torch.stack([next(s) for s in self._streams]))
        return self._drawn[k]

    def __call__(self, step: int) -> torch.Tensor:
        return self.draw(step + 1)


def generate(
    drawing: Drawing,
    pairs: pd.DataFrame,
    prompts: pd.DataFrame,
    path: str | Path,
    encoding: str,
    condition: Condition | None = None,
) -> int:
    """Draw one image per (seed, prompt) pair into an image shard.

    Each seed's latent is drawn once and shared by all its prompts; each prompt is
    encoded once for all seeds.

    Args:
        drawing: model, sampler, noise stream, images per UNet batch.
        pairs: columns ``seed``, ``prompt_id``, in the order of the shard.
        prompts: columns ``prompt_id``, ``text``; must cover ``pairs``.
        path: the Parquet shard.
        encoding: key of ``store.ENCODINGS``.
        condition: what the model is given for each prompt, where that is more than its text.

    Returns:
        The number of images written, equal to ``len(pairs)``.

    Raises:
        ValueError: a pair names a prompt that is not in ``prompts``.
        NotFiniteError: an image is not finite; its seed and prompt are named.
    """
    position = {p: i for i, p in enumerate(prompts["prompt_id"])}
    unknown = sorted(set(pairs["prompt_id"]) - set(position))
    if unknown:
        raise ValueError(f"prompt {unknown[0]!r} is not in the prompt table ({len(unknown)} such)")
    model, sampler = drawing.model, drawing.sampler
    if condition is None:
        condition = model.encode(prompts["text"].tolist())
    rows = [position[p] for p in pairs["prompt_id"]]
    seeds = [int(s) for s in pairs["seed"]]
    needed = sorted(set(seeds))
    latents = {s: drawing.latent(s) for s in needed}
    digests = {s: noise.digest(latents[s]) for s in needed}
    progress = Progress(len(pairs), "images", log)
    with store.atomic(path) as partial, store.ImageShardWriter(partial, encoding) as shard:
        for part in batches(len(pairs), drawing.batch):
            of_seed = seeds[part]
            step_noise = (
                StepNoises(of_seed, model.latent_shape, drawing.stream) if sampler.eta > 0 else None
            )
            x = torch.stack([latents[s] for s in of_seed])
            ids = pairs["prompt_id"].iloc[part].tolist()
            who = named(of_seed, ids)
            z = denoise(model, x, condition.take(rows[part]), sampler, step_noise, who=who)
            images = to_uint8(decode(model, z, sampler, who))
            shard.add(of_seed, ids, images, [digests[s] for s in of_seed])
            progress.add(len(ids))
    if shard.rows != len(pairs):
        raise RuntimeError(f"{path}: {shard.rows} images written, {len(pairs)} asked for")
    return shard.rows


def grid_pairs(seeds: Sequence[int], prompt_ids: Sequence[str]) -> pd.DataFrame:
    """Every seed with every prompt, seed by seed."""
    index = pd.MultiIndex.from_product([list(seeds), list(prompt_ids)], names=["seed", "prompt_id"])
    return index.to_frame(index=False)


def draw_grid(
    drawing: Drawing, seeds: Sequence[int], prompts: pd.DataFrame, path: str | Path
) -> None:
    """A few seeds with a few prompts as an image shard, one batch per seed.

    Args:
        drawing: draws the images.
        seeds: one row of pictures each.
        prompts: columns ``prompt_id``, ``text``.
        path: the Parquet shard, PNG.
    """
    condition, ids = drawing.model.encode(prompts["text"].tolist()), prompts["prompt_id"].tolist()
    with store.atomic(path) as partial, store.ImageShardWriter(partial, "png") as shard:
        for seed in seeds:
            latent = drawing.latent(seed)
            x = latent.expand(len(ids), -1, -1, -1)
            who = named([seed] * len(ids), ids)
            z = denoise(drawing.model, x, condition, drawing.sampler, who=who)
            images = to_uint8(decode(drawing.model, z, drawing.sampler, who))
            shard.add([seed] * len(ids), ids, images, [noise.digest(latent)] * len(ids))
