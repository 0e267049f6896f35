"""``storybook-turbo``: ``storybook-sd`` distilled to one step.

The teacher's guided DDIM run maps each (noise, prompt) to one latent, without chance.
The student, started from the teacher's weights, learns that map at the last timestep
alone by regression on stored pairs (Luhman & Luhman 2021), which keeps what a seed
decides: the same noise gives the same layout in both models. ``matching`` then sharpens it.
"""

from __future__ import annotations

import logging
from copy import deepcopy
from pathlib import Path

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch.nn import functional as F

from seedbed.models.base import Condition
from seedbed.models.sd import Family as StableDiffusion
from seedbed.progress import Progress
from seedbed.sampling.denoise import batches, denoise
from seedbed.sampling.schedulers import Sampler
from seedbed.storybook import text_to_image
from seedbed.storybook.training import Schedule, train

log = logging.getLogger(__name__)
LAST_TIMESTEP = 999


def build_scheduler() -> DDIMScheduler:
    """One step from the last timestep straight to the clean latent."""
    return DDIMScheduler.from_config(
        text_to_image.build_scheduler().config,
        set_alpha_to_one=True,
        timestep_spacing="trailing",
    )


def pair_noises(first: int, count: int, shape: tuple[int, ...], seed: int) -> torch.Tensor:
    """The noise of pairs ``first..first+count-1``; never stored, since it can be drawn again."""
    rows = [
        torch.randn(shape, generator=torch.Generator().manual_seed(seed * 10_000_019 + i))
        for i in range(first, first + count)
    ]
    return torch.stack(rows)


def draw_pairs(
    teacher: StableDiffusion,
    ids: torch.Tensor,
    sampler: Sampler,
    count: int,
    seed: int,
    path: Path,
    batch: int = 128,
) -> torch.Tensor:
    """(count, 4, 16, 16) float16 teacher latents for ``pair_noises`` and caption ``i`` of ``ids``.

    Appended to ``path`` chunk by chunk, so an interrupted run goes on where it stopped.
    """
    path = Path(path)
    done = torch.load(path, weights_only=True) if path.exists() else torch.empty(0)
    parts = [done] if len(done) else []
    progress = Progress(count, "teacher images", log, every=30)
    progress.add(len(done))
    for n, part in enumerate(batches(count, batch)):
        if part.stop <= len(done):
            continue
        x = pair_noises(part.start, part.stop - part.start, teacher.latent_shape, seed)
        with torch.no_grad():
            condition = Condition(teacher.text_encoder(ids[part])[0], {})
        parts.append(denoise(teacher, x, condition, sampler).half())
        progress.add(len(x))
        if n % 16 == 15 or part.stop == count:
            parts = [torch.cat(parts)]
            partial = path.with_suffix(".partial")
            torch.save(parts[0], partial)
            partial.replace(path)
    return torch.cat(parts)[:count]


def fit(
    teacher: StableDiffusion,
    noises: torch.Tensor,
    targets: torch.Tensor,
    states: torch.Tensor,
    schedule: Schedule,
    checkpoint: Path,
) -> UNet2DConditionModel:
    """Train a copy of the teacher's UNet at the last timestep; returns the student's UNet.

    The loss is the squared error of the predicted clean latent.

    Args:
        teacher: whose weights the student starts from.
        noises: (n, 4, 16, 16) float16 of the pairs.
        targets: (n, 4, 16, 16) float16 teacher latents of the pairs.
        states: (n, 77, 128) float16 text states of their captions.
        schedule: see ``Schedule``.
        checkpoint: resumed from and saved to.
    """
    student = deepcopy(teacher.unet).requires_grad_(True)
    student.to(memory_format=torch.channels_last)
    student.set_attn_processor(AttnProcessor())
    levels = text_to_image.build_scheduler()

    def loss_of(indices, generator, step):
        x = noises[indices].float()
        t = torch.full((len(x),), LAST_TIMESTEP)
        with schedule.autocast():
            v = student(x, t, states[indices].float()).sample
        drawn = text_to_image.clean_latent(levels, x, v.float(), t)
        return F.mse_loss(drawn, targets[indices].float())

    student = train(student, loss_of, len(targets), schedule, checkpoint)
    student.set_default_attn_processor()
    return student
