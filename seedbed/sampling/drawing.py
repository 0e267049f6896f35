"""What pictures are drawn with: a model, its sampler, a noise stream, a batch size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from seedbed import noise
from seedbed.models import devices
from seedbed.models.base import LatentModel
from seedbed.models.registry import load
from seedbed.sampling.schedulers import Sampler

SAMPLER_KEYS = ("steps", "guidance", "eta", "scheduler", "precision")
FILE_KEYS = ("revision", "variant", "architecture", "weights")
"""What the config says of a model's files, and ``Checkpoint`` takes; sha256 is checked before."""


@dataclass(frozen=True)
class Drawing:
    """A model ready to draw.

    Attributes:
        model: networks, tokenizer, latent shape.
        sampler: steps, guidance scale, eta, scheduler, precision.
        stream: of the seeds' noise, ``"cpu"`` or ``"cuda"``.
        batch: images per UNet batch. It can change the last bits of an image, so it belongs to a
            run's config and not to the machine.
    """

    model: LatentModel
    sampler: Sampler
    stream: str = "cpu"
    batch: int = 64

    @classmethod
    def of(cls, entry: Mapping) -> Drawing:
        """From an entry under ``models`` in the config.

        Raises:
            ModelError: nothing loadable is there.
            ValueError: the entry asks for a device that is not there.
        """
        devices.allow_tf32(entry["tf32"])
        model = load(
            entry["family"],
            entry["source"],
            device=devices.choose(entry["device"]),
            resolution=entry["resolution"],
            **{key: entry[key] for key in FILE_KEYS},
        )
        model.settle(entry["memory_format"], entry["compile"], entry["decode_batch"])
        sampler = Sampler(**{key: entry[key] for key in SAMPLER_KEYS})
        return cls(model, sampler, entry["noise"], entry["batch"])

    def latent(self, seed: int) -> torch.Tensor:
        """(c, h, w) float32 initial noise of a seed."""
        return noise.latents(seed, self.model.latent_shape, self.stream)
