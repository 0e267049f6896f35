"""Seed swap (Good Seed, section 3.1, Figure 2).

DDIM starts from seed i's latent; after step k the generator becomes seed j's. With
eta = 0 no noise is added at any step, so the swap cannot change anything: the figure
shows it beside eta = 1, where it can.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from seedbed.models.base import Condition, to_uint8
from seedbed.sampling.denoise import decode, denoise
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.finite import named
from seedbed.sampling.generate import StepNoises


def swapped(
    drawing: Drawing, condition: Condition, seed_i: int, seed_j: int, after_step: int
) -> np.ndarray:
    """Images that start from seed i and go on with seed j's noise after ``after_step`` steps.

    The noises of steps 0..after_step-1 are seed i's, in the order its generator draws
    them; from then on a generator freshly seeded with j draws them, as restarting the
    generator in a running pipeline does. ``after_step = sampler.steps`` swaps nothing.

    Args:
        drawing: model, DDIM sampler, noise stream.
        condition: n prompts.
        seed_i: seed of the initial latent.
        seed_j: seed after the swap.
        after_step: 0..steps.

    Returns:
        (n, H, W, 3) uint8.
    """
    model, sampler, stream = drawing.model, drawing.sampler, drawing.stream
    if not 0 <= after_step <= sampler.steps:
        raise ValueError(f"swap step {after_step} lies outside 0..{sampler.steps}")
    n = len(condition)
    first = StepNoises([seed_i], model.latent_shape, stream)
    second = StepNoises([seed_j], model.latent_shape, stream)

    def step_noise(step: int) -> torch.Tensor:
        draw = first.draw(step + 1) if step < after_step else second.draw(step - after_step)
        return draw.expand(n, -1, -1, -1)

    x = first.draw(0).expand(n, -1, -1, -1)
    who = named([seed_i] * n, list(map(str, range(n))), "prompt row")
    z = denoise(model, x, condition, sampler, step_noise, who=who)
    return to_uint8(decode(model, z, sampler, who))


def swap_study(
    drawing: Drawing,
    texts: list[str],
    seed_i: int,
    seed_j: int,
    swap_steps: list[int],
    etas: list[float],
) -> tuple[list[dict], np.ndarray]:
    """Every swap step at every eta, with the unswapped image of each eta first.

    Returns:
        (rows, images): row r says eta, swap step (``steps`` = unswapped), prompt index,
        and the root mean square difference to the unswapped image in grey levels
        (0..255); images[r] is its (H, W, 3) uint8 picture.
    """
    condition = drawing.model.encode(texts)
    rows, images = [], []
    for eta in etas:
        at_eta = replace(drawing, sampler=replace(drawing.sampler, eta=eta))
        reference = None
        for step in [drawing.sampler.steps, *swap_steps]:
            batch = swapped(at_eta, condition, seed_i, seed_j, step)
            reference = batch if reference is None else reference
            difference = batch.astype(np.float64) - reference
            for p in range(len(texts)):
                rows.append(
                    {
                        "eta": eta,
                        "swap_step": step,
                        "prompt": p,
                        "rms_difference": float(np.sqrt(np.mean(difference[p] ** 2))),
                    }
                )
            images.append(batch)
    return rows, np.concatenate(images)
