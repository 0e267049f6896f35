"""Draw captioned layouts into an image shard, one image per layout."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import torch

from seedbed import noise, store
from seedbed.models.sd import LatentModel, to_uint8
from seedbed.progress import Progress
from seedbed.sampling.denoise import Sampler, batches, decode, denoise
from seedbed.tickets.methods import control_of, guidance_of

log = logging.getLogger(__name__)


def draw_layouts(
    model: LatentModel,
    sampler: Sampler,
    layouts: pd.DataFrame,
    latents: torch.Tensor,
    seeds: list[int],
    control: str | None,
    constants: Mapping,
    path: str | Path,
    *,
    encoding: str,
    batch: int,
) -> int:
    """Denoise one latent per layout under its caption.

    Args:
        model, sampler: draw the images.
        layouts: layout table; layout i is drawn from ``latents[i]``.
        latents: (n, c, h, w) float32.
        seeds: of the base noises; they name the rows of the shard.
        control: see ``methods.control_of``.
        constants: of the control.
        path: the Parquet shard; ``prompt_id`` is the layout's id.
        encoding: key of ``store.ENCODINGS``.
        batch: images per UNet batch.

    Returns:
        The number of images, equal to the number of layouts.
    """
    captions = layouts.groupby("layout_id", sort=False)["caption"].first()
    condition = model.encode(captions.tolist())
    guidance = guidance_of(model.tokenizer, layouts) if control else []
    ids = captions.index.tolist()
    progress = Progress(len(ids), "images", log)
    with store.atomic(path) as partial, store.ImageShardWriter(partial, encoding) as shard:
        for part in batches(len(ids), batch):
            prompts = condition.take(list(range(part.start, part.stop)))
            steer = control_of(control, model, prompts, guidance[part], sampler, constants)
            z = denoise(model, latents[part], prompts, sampler, control=steer)
            images = to_uint8(decode(model, z, sampler))
            digests = [noise.digest(x) for x in latents[part]]
            shard.add(seeds[part], ids[part], images, digests)
            progress.add(len(images))
    if shard.rows != len(latents):
        raise RuntimeError(f"{path}: {shard.rows} images written for {len(latents)} latents")
    return shard.rows
