"""Draw captioned layouts, one image per layout: into an image shard, or in memory."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from seedbed import noise, store
from seedbed.guidance.registry import control_of
from seedbed.layouts.table import in_range
from seedbed.lottery_ticket.comparison.latents import Tickets, guidance_of, initial_latents
from seedbed.lottery_ticket.tickets.collection import Collection
from seedbed.models.base import to_uint8
from seedbed.progress import Progress
from seedbed.sampling.denoise import batches, decode, denoise
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.finite import named

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Steering:
    """What steers the denoising of an arm.

    Attributes:
        control: a module of ``seedbed.guidance``, or ``None``.
        constants: what the papers leave open of it.
    """

    control: str | None = None
    constants: Mapping = field(default_factory=dict)


def pictures(
    drawing: Drawing,
    layouts: pd.DataFrame,
    latents: torch.Tensor,
    seeds: Sequence[int],
    steering: Steering,
) -> Iterator[tuple[slice, np.ndarray]]:
    """Denoise one latent per layout under its caption, batch by batch.

    Args:
        drawing: draws the images.
        layouts: layout table; layout i is drawn from ``latents[i]``.
        latents: (n, c, h, w) float32.
        seeds: of their base noises, for messages.
        steering: control and its constants.

    Yields:
        The slice of layouts, and their (m, h, w, 3) uint8 pictures.
    """
    model = drawing.model
    captions = layouts.groupby("layout_id", sort=False)["caption"].first()
    condition = model.encode(captions.tolist())
    guidance = guidance_of(model.tokenizer, layouts) if steering.control else []
    names = layouts["layout_id"].drop_duplicates().tolist()
    progress = Progress(len(latents), "images", log)
    for part in batches(len(latents), drawing.batch):
        who = named(seeds[part], names[part], "layout")
        prompts = condition.take(list(range(part.start, part.stop)))
        control = control_of(
            steering.control, model, prompts, guidance[part], drawing.sampler, steering.constants
        )
        z = denoise(model, latents[part], prompts, drawing.sampler, control=control, who=who)
        drawn = to_uint8(decode(model, z, drawing.sampler, who))
        progress.add(len(drawn))
        yield part, drawn


def draw_shard(
    drawing: Drawing,
    layouts: pd.DataFrame,
    latents: torch.Tensor,
    seeds: Sequence[int],
    steering: Steering,
    path: str | Path,
    encoding: str,
) -> int:
    """The pictures of ``pictures`` as an image shard, whose ``prompt_id`` is the layout's id.

    Args:
        drawing, layouts, latents, seeds, steering: see ``pictures``; seeds name the shard's rows.
        path: the Parquet shard.
        encoding: key of ``store.ENCODINGS``.

    Returns:
        The number of images, equal to the number of layouts.
    """
    ids = layouts["layout_id"].drop_duplicates().tolist()
    with store.atomic(path) as partial, store.ImageShardWriter(partial, encoding) as shard:
        for part, drawn in pictures(drawing, layouts, latents, seeds, steering):
            digests = [noise.digest(x) for x in latents[part]]
            shard.add(seeds[part], ids[part], drawn, digests)
    if shard.rows != len(latents):
        raise RuntimeError(f"{path}: {shard.rows} images written for {len(latents)} latents")
    return shard.rows


def part_of(layouts: pd.DataFrame, study: Mapping) -> tuple[pd.DataFrame, dict]:
    """The layouts of a range, and the study of these: their noises are those they always have.

    Args:
        layouts: all layouts.
        study: ``layouts``, first and end of the range; ``base_seed`` and more, of all.

    Raises:
        ValueError: the table is shorter than the config says.
    """
    start, stop = study["layouts"]
    mine = in_range(layouts, start, stop)
    found = mine["layout_id"].nunique()
    if found != stop - start:
        raise ValueError(
            f"{found} layouts where the config promises {stop - start} ({start} to {stop - 1}): "
            "make them anew"
        )
    return mine, {**study, "base_seed": study["base_seed"] + start}


def draw_arm(
    drawing: Drawing,
    layouts: pd.DataFrame,
    arm: Mapping,
    study: Mapping,
    collections: Mapping[str, Collection],
    steering: Steering,
    path: str | Path,
) -> pd.DataFrame:
    """Every layout of one arm into an image shard.

    Args:
        drawing: draws the images.
        layouts: those of a range.
        arm: ``arms.Arm.drawn()``.
        study: ``base_seed`` (layout i of them is drawn from the noise of ``base_seed + i``),
            ``layer`` (cross-attention that Swap reads), ``encoding`` (key of ``store.ENCODINGS``).
        collections: tickets by ``positions``, for arms that use them. Those of an arm with fewer
            noises are equalised over all of them, so that it differs in nothing but its number.
        steering: control of the denoising.
        path: the Parquet shard.

    Returns:
        The table of ``latents.initial_latents``.
    """
    first = study["base_seed"]
    seeds = list(range(first, first + layouts["layout_id"].nunique()))
    tickets = None
    if arm["tickets"]:
        collection = collections[arm["rule"]["positions"]].first(arm["noises"])
        tickets = Tickets(collection, arm["rule"], arm["restandardise"])
    swap_layer = study["layer"] if arm["swap"] else None
    latents, made = initial_latents(drawing, layouts, seeds, tickets=tickets, swap_layer=swap_layer)
    draw_shard(drawing, layouts, latents, seeds, steering, path, study["encoding"])
    return made
