"""Seed swap and its baselines (Good Seed, section 3.1, Figure 2).

A picture drawn by DDIM with eta > 0 comes of an initial latent and of the noise added after each
step. Of a pair of seeds i and j, both are exchanged apart from each other:

- ``unswapped``: both are i's, what every other picture is compared with;
- ``other_noise``: the latent is i's, all step noise j's; ``other_latent``: the other way round;
- ``all_other``: both are j's, the picture of another seed;
- ``swap``: the paper's. Both are i's; after step k the generator is restarted with j.

With eta = 0 no noise is added, so that pictures of one latent are the same picture. One such arm
is drawn and compared with the unswapped, the others are not drawn again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch

from seedbed.models.base import Condition, to_uint8
from seedbed.sampling.denoise import batches, decode, denoise
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.finite import named
from seedbed.sampling.generate import StepNoises

UNSWAPPED, SWAP = "unswapped", "swap"
OTHER_NOISE, OTHER_LATENT, ALL_OTHER = "other_noise", "other_latent", "all_other"
KEYS = ("eta", "arm", "swap_step", "pair", "prompt")
"""Columns that tell a picture from all others."""


@dataclass(frozen=True)
class Arm:
    """Where a picture's latent and step noise come from.

    Attributes:
        name: in tables.
        latent, noise: 0 for seed i, 1 for seed j.
        swap_step: after so many steps the generator is restarted with j; ``None`` for never.
    """

    name: str
    latent: int = 0
    noise: int = 0
    swap_step: int | None = None


def arms_of(swap_steps: Sequence[int]) -> list[Arm]:
    """Every arm, the unswapped first."""
    return [
        Arm(UNSWAPPED),
        *(Arm(SWAP, swap_step=step) for step in swap_steps),
        Arm(OTHER_NOISE, noise=1),
        Arm(OTHER_LATENT, latent=1),
        Arm(ALL_OTHER, latent=1, noise=1),
    ]


def draw_arm(
    drawing: Drawing, condition: Condition, pairs: Sequence[tuple[int, int]], arm: Arm
) -> np.ndarray:
    """One batch of pictures of an arm.

    Step k's noise is the (k + 2)-th draw of a seed's generator, its latent the first. A generator
    restarted after ``swap_step`` steps draws anew: its first draw, which would be j's latent, is
    then the noise of step ``swap_step``, as in a running pipeline.

    Args:
        drawing: model, DDIM sampler, noise stream.
        condition: n prompts.
        pairs: seeds i and j of each.
        arm: which to draw.

    Returns:
        (n, H, W, 3) uint8.

    Raises:
        ValueError: the swap lies outside the run.
    """
    model, sampler = drawing.model, drawing.sampler
    swap_step = sampler.steps if arm.swap_step is None else arm.swap_step
    if not 0 <= swap_step <= sampler.steps:
        raise ValueError(f"swap step {swap_step} lies outside 0..{sampler.steps}")
    streams = [
        StepNoises([pair[k] for pair in pairs], model.latent_shape, drawing.stream) for k in (0, 1)
    ]

    def step_noise(step: int) -> torch.Tensor:
        if step < swap_step:
            return streams[arm.noise].draw(step + 1)
        return streams[1].draw(step - swap_step)

    seeds = [pair[arm.latent] for pair in pairs]
    who = named(seeds, [str(row) for row in range(len(seeds))], "prompt row")
    z = denoise(model, streams[arm.latent].draw(0), condition, sampler, step_noise, who=who)
    return to_uint8(decode(model, z, sampler, who))


def pairs_of(base_seed: int, pairs: int) -> list[tuple[int, int]]:
    """Pair k: seeds ``base_seed + 2 k`` and the next, so that no seed is in two pairs."""
    return [(base_seed + 2 * k, base_seed + 2 * k + 1) for k in range(pairs)]


def swap_study(
    drawing: Drawing,
    texts: Sequence[str],
    pairs: Sequence[tuple[int, int]],
    swap_steps: Sequence[int],
    etas: Sequence[float],
) -> tuple[pd.DataFrame, np.ndarray]:
    """Every arm of every pair at every eta.

    Args:
        drawing: model, DDIM sampler, noise stream, images per UNet batch.
        texts: as many prompts for each pair, those of the first pair first: every pair has
            prompts of its own, so that pairs are independent.
        pairs: seeds i and j.
        swap_steps: after which the generator is restarted.
        etas: shares of DDPM's noise.

    Returns:
        (rows, images): row r holds ``KEYS``, ``seed_i`` and ``seed_j`` of images[r], a
        (H, W, 3) uint8 picture; ``prompt`` counts through ``texts``, and ``swap_step`` is the
        number of steps where nothing is restarted.

    Raises:
        ValueError: the prompts are not as many for each pair.
        RuntimeError: step noise changed a pixel at eta = 0.
    """
    each, rest = divmod(len(texts), len(pairs))
    if rest or not each:
        raise ValueError(f"{len(texts)} prompts are not as many for each of {len(pairs)} pairs")
    condition = drawing.model.encode(list(texts))
    of_prompt = [pair for pair in pairs for _ in range(each)]
    tables, images = [], []
    for eta in etas:
        at_eta = replace(drawing, sampler=replace(drawing.sampler, eta=eta))
        drawn: dict[tuple[int, bool], np.ndarray] = {}
        for arm in arms_of(swap_steps):
            # At eta = 0 the latent alone tells pictures apart, but for one arm that shows it.
            known = (arm.latent, arm.name == OTHER_NOISE)
            if eta > 0 or known not in drawn:
                drawn[known] = _in_batches(at_eta, condition, of_prompt, arm)
            images.append(drawn[known])
            tables.append(_rows(eta, arm, of_prompt, each, drawing.sampler.steps))
        if eta == 0 and not np.array_equal(drawn[0, False], drawn[0, True]):
            raise RuntimeError("step noise changed pixels at eta = 0, where none is added")
    return pd.concat(tables, ignore_index=True), np.concatenate(images)


def _in_batches(
    drawing: Drawing, condition: Condition, of_prompt: Sequence[tuple[int, int]], arm: Arm
) -> np.ndarray:
    rows = list(range(len(of_prompt)))
    return np.concatenate(
        [
            draw_arm(drawing, condition.take(rows[part]), of_prompt[part], arm)
            for part in batches(len(rows), drawing.batch)
        ]
    )


def _rows(
    eta: float, arm: Arm, of_prompt: Sequence[tuple[int, int]], each: int, steps: int
) -> pd.DataFrame:
    prompts = np.arange(len(of_prompt))
    return pd.DataFrame(
        {
            "eta": float(eta),
            "arm": arm.name,
            "swap_step": steps if arm.swap_step is None else arm.swap_step,
            "pair": prompts // each,
            "prompt": prompts,
            "seed_i": [pair[0] for pair in of_prompt],
            "seed_j": [pair[1] for pair in of_prompt],
        }
    )
