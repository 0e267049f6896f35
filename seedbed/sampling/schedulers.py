"""How images are drawn from a model, and the scheduler that this asks for."""

from __future__ import annotations

import copy
from dataclasses import dataclass

from seedbed.choices import SCHEDULERS
from seedbed.models.base import LatentModel


@dataclass(frozen=True)
class Sampler:
    """How images are drawn from a model.

    Attributes:
        steps: number of denoising steps.
        guidance: classifier-free guidance scale; 1 or below runs the conditional branch alone.
        eta: share of DDPM's noise that DDIM adds back after each step, 0..1.
        scheduler: ``"own"`` (the checkpoint's), ``"ddim"`` or ``"euler_ancestral"``.
        precision: ``"float32"`` or ``"bfloat16"`` (autocast of the networks).
    """

    steps: int
    guidance: float
    eta: float = 0.0
    scheduler: str = "own"
    precision: str = "float32"

    @property
    def guided(self) -> bool:
        return self.guidance > 1


def make_scheduler(model: LatentModel, sampler: Sampler):
    """A fresh scheduler with its timesteps set."""
    config = model.scheduler.config
    if sampler.scheduler == "own":
        scheduler = copy.deepcopy(model.scheduler)
    elif sampler.scheduler == "ddim":
        from diffusers import DDIMScheduler

        scheduler = DDIMScheduler.from_config(config, clip_sample=False)
    elif sampler.scheduler == "euler_ancestral":
        from diffusers import EulerAncestralDiscreteScheduler

        scheduler = EulerAncestralDiscreteScheduler.from_config(config, timestep_spacing="trailing")
    else:
        raise ValueError(
            f"scheduler {sampler.scheduler!r} is unknown: use one of {', '.join(SCHEDULERS)}"
        )
    scheduler.set_timesteps(sampler.steps, device=model.device)
    return scheduler
