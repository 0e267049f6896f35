"""What pictures are drawn with: a model, its sampler, a noise stream, a batch size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from seedbed import noise
from seedbed.models.base import LatentModel
from seedbed.models.registry import load
from seedbed.sampling.schedulers import Sampler

SAMPLER_KEYS = ("steps", "guidance", "eta", "scheduler", "precision")


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
        """From an entry under ``models`` in the config; on the first CUDA device if there is one.

        Raises:
            ModelError: nothing loadable is there.
        """
        model = load(
            entry["family"],
            entry["source"],
            revision=entry["revision"],
            device="cuda" if torch.cuda.is_available() else "cpu",
            resolution=entry["resolution"],
        )
        model.settle(entry["memory_format"], entry["compile"])
        sampler = Sampler(**{key: entry[key] for key in SAMPLER_KEYS})
        return cls(model, sampler, entry["noise"], entry["batch"])

    def latent(self, seed: int) -> torch.Tensor:
        """(c, h, w) float32 initial noise of a seed."""
        return noise.latents(seed, self.model.latent_shape, self.stream)
