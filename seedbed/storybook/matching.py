"""Sharpen the one-step student: distribution matching distillation (DMD, Yin et al. 2024).

Regression on pairs leaves a blur wherever the student cannot tell what the teacher would draw,
and a blur is no object. Here the student's picture is noised again, and two networks say where
a cleaner picture lies: the guided teacher, and a critic that is trained all along on what the
student draws at present. Their difference points from what the student draws to what the
teacher would, and vanishes where both draw alike.

What a seed decides is kept by regression (DMD's second loss) on the pairs' latents, each pooled
to 4×4 cells: the layout and the tints are the teacher's, the outlines are free.
"""

from __future__ import annotations

from copy import deepcopy
from functools import partial
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import nn
from torch.nn import functional as F

from seedbed.models.sd import Family as StableDiffusion
from seedbed.storybook import text_to_image, turbo
from seedbed.storybook.text_to_image import clean_latent
from seedbed.storybook.training import Schedule, train

ANCHOR_WEIGHT = 2.0
"""Of the pooled regression beside the matching loss."""
ANCHOR_POOL = 4
"""Side in latent pixels of the cells that the regression compares."""
TIMESTEPS = (20, 980)
"""Range of the noise levels at which teacher and critic are asked."""


def matching_loss(drawn: torch.Tensor, wanted: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    """A scalar whose gradient moves each picture from ``present`` towards ``wanted``.

    Args:
        drawn: (n, c, h, w) the student's latents, with gradient.
        wanted: the teacher's clean latents of ``drawn`` noised.
        present: the critic's.

    Returns:
        Half the mean squared direction; the direction is in units of each picture's mean
        distance from ``wanted`` (DMD, eq. 8), which evens out the noise levels.
    """
    distance = (drawn - wanted).abs().mean((1, 2, 3), keepdim=True).clamp(min=1e-3)
    direction = (present - wanted) / distance
    return 0.5 * F.mse_loss(drawn, (drawn - direction).detach())


def anchor_loss(drawn: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Squared error of latents pooled to cells: the layout, not the outlines."""
    return F.mse_loss(F.avg_pool2d(drawn, ANCHOR_POOL), F.avg_pool2d(target, ANCHOR_POOL))


def guided(velocity, x: torch.Tensor, t: torch.Tensor, text, empty, guidance: float):
    """The guided v of (n, c, h, w) latents: ``velocity(x, t, text)`` with and without captions.

    ``text`` is (n, tokens, width), ``empty`` (1, tokens, width).
    """
    both = torch.cat([empty.expand_as(text), text])
    bare, told = velocity(torch.cat([x, x]), torch.cat([t, t]), both).chunk(2)
    return bare + guidance * (told - bare)


def fit(
    teacher: StableDiffusion,
    student: UNet2DConditionModel,
    noises: torch.Tensor,
    targets: torch.Tensor,
    states: torch.Tensor,
    guidance: float,
    schedule: Schedule,
    checkpoint: Path,
) -> UNet2DConditionModel:
    """Train the student at the last timestep; returns its averaged UNet.

    Half of each batch are pairs, matched and anchored; the other half are matched only, on
    noises drawn afresh, so that no noise is learned by heart.

    Args:
        teacher: frozen; the critic starts as its copy.
        student: starts where regression left it; modified in place.
        noises: (n, 4, 16, 16) float16 of the pairs.
        targets: (n, 4, 16, 16) float16 teacher latents of the pairs.
        states: (n, 77, 128) float16 text states of their captions.
        guidance: the teacher's guidance scale.
        schedule: see ``Schedule``; critic and student follow the same one.
        checkpoint: resumed from and saved to.
    """
    levels = text_to_image.build_scheduler()
    guide = teacher.unet.requires_grad_(False)
    nets = nn.ModuleDict({"student": student, "critic": deepcopy(guide)}).requires_grad_(True)
    nets.to(memory_format=torch.channels_last)
    for net in nets.values():
        net.set_attn_processor(AttnProcessor())
    empty = teacher.encode_unconditional(1).embeddings

    def velocity(net, x, t, text):
        with schedule.autocast():
            return net(x, t, text).sample.float()

    def loss_of(indices, generator, step):
        n, paired = len(indices), len(indices) // 2
        text = states[indices].float()
        fresh = torch.randn((n - paired, *noises.shape[1:]), generator=generator)
        z = torch.cat([noises[indices[:paired]].float(), fresh])
        at_end = torch.full((n,), turbo.LAST_TIMESTEP)
        drawn = clean_latent(levels, z, velocity(nets["student"], z, at_end, text), at_end)
        seen = drawn.detach()

        with torch.no_grad():
            t = torch.randint(*TIMESTEPS, (n,), generator=generator)
            x = levels.add_noise(seen, torch.randn(z.shape, generator=generator), t)
            v = guided(partial(velocity, guide), x, t, text, empty, guidance)
            wanted = clean_latent(levels, x, v, t)
            present = clean_latent(levels, x, velocity(nets["critic"], x, t, text), t)
        loss = matching_loss(drawn, wanted, present)
        if paired:
            target = targets[indices[:paired]].float()
            loss = loss + ANCHOR_WEIGHT * anchor_loss(drawn[:paired], target)

        t = text_to_image.draw_timesteps(n, generator)
        noise = torch.randn(z.shape, generator=generator)
        said = velocity(nets["critic"], levels.add_noise(seen, noise, t), t, text)
        return loss + F.mse_loss(said, levels.get_velocity(seen, noise, t))

    average = train(nets, loss_of, len(targets), schedule, checkpoint)["student"]
    average.set_default_attn_processor()
    return average
