"""What may reach into the denoising loop: entered around it and asked before every step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch

Guide = Callable[[int, torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
"""Maps step, timestep, (n, c, h, w) latents and what the UNet predicted for them, after
classifier-free guidance, to the prediction that the scheduler goes on with."""


class Control(Protocol):
    """Steers one batch while ``sampling.denoise.denoise`` runs.

    The UNet then sees the unconditional half of the guided batch first, the conditional
    half second; controls act on the conditional half.
    """

    def before_step(self, step: int, t: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """Called before the UNet.

        Args:
            step: index from 0.
            t: the scheduler's timestep.
            x: (n, c, h, w) float32 latents before the step.

        Returns:
            The latents to go on with: x, or a moved copy of it.
        """
        ...

    def __enter__(self) -> Control:
        """Install what the control needs on the UNet."""
        ...

    def __exit__(self, *exc) -> None:
        """Leave the UNet with the very processors that it had."""
        ...
