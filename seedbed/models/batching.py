"""Where a network that looks at pictures runs, in which arithmetic, how many at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch

from seedbed.models.devices import choose

BATCH = 64


@dataclass(frozen=True)
class Place:
    """What a config entry says of ``device``, ``weights`` and ``batch``.

    Attributes:
        device: a torch device.
        dtype: of weights and inputs; what is measured is returned in float32.
        batch: pictures per forward pass.
    """

    device: str = "cpu"
    dtype: torch.dtype = torch.float32
    batch: int = BATCH

    def put(self, network: torch.nn.Module) -> torch.nn.Module:
        """The network there, in eval mode, without gradients of its weights."""
        return network.to(self.device, self.dtype).eval().requires_grad_(False)

    def take(self, images: np.ndarray) -> torch.Tensor:
        """(n, h, w, 3) uint8 to (n, 3, h, w) float32 there, 0 to 255."""
        pixels = torch.from_numpy(np.ascontiguousarray(images)).to(self.device)
        return pixels.permute(0, 3, 1, 2).float()

    def parts(self, images: np.ndarray) -> Iterator[np.ndarray]:
        """The images in batches."""
        for start in range(0, len(images), self.batch):
            yield images[start : start + self.batch]

    def each(self, images: np.ndarray, measure: Callable[[np.ndarray], torch.Tensor]) -> np.ndarray:
        """What ``measure`` makes of the images, batch by batch: (n, …) in its own dtype."""
        found = [measure(part).cpu() for part in self.parts(images)]
        return torch.cat(found or [measure(images).cpu()]).numpy()

    @property
    def metadata(self) -> dict[str, str]:
        """What belongs to an evaluator's metadata: another arithmetic gives other numbers."""
        plain = self.dtype == torch.float32
        return {} if plain else {"arithmetic": str(self.dtype).removeprefix("torch.")}


def place_of(entry: Mapping, name: str) -> Place:
    """Where the network of a config entry runs.

    Args:
        entry: ``device``, ``weights``, ``batch``; what it lacks is as in the schema.
        name: in the config, for the message.

    Raises:
        ValueError: CUDA is asked for and there is none.
    """
    try:
        device = choose(entry.get("device", "auto"))
    except ValueError as fault:
        raise ValueError(f"{name}: {fault}") from None
    weights = getattr(torch, entry.get("weights", "float32"))
    return Place(device, weights, entry.get("batch", BATCH))
