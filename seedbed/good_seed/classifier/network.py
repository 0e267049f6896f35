"""The classifier: a timm network, usually an EfficientFormer, that tells seeds from pixels.

The papers' kind of network ends in the mean over all places. That needs pictures by the million to
learn where things are, which is what a seed decides; ``places`` reads the last features each at
its place instead, and learns from thousands.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import timm
import torch

from seedbed.good_seed.classifier.mapped_pictures import Some, in_parts
from seedbed.models.devices import choose


class SeedClassifier(torch.nn.Module):
    """(n, 3, side, side) uint8 pixels to (n, classes) logits.

    Args:
        settings: ``network`` (a name in timm), ``arguments`` (of its constructor), ``head``
            (``mean`` or ``places``), ``input_size`` in pixels; ``device``, for ``build``.
        classes: number of seeds.

    Raises:
        ValueError: timm knows no such network, or it cannot be built so.
    """

    def __init__(self, settings: Mapping, classes: int):
        super().__init__()
        side, self.head_kind = settings["input_size"], settings["head"]
        arguments = {
            key: tuple(v) if isinstance(v, list) else v for key, v in settings["arguments"].items()
        }
        name = settings["network"]
        try:
            self.body = timm.create_model(name, pretrained=False, num_classes=0, **arguments)
            self.body.eval()
            with torch.no_grad():
                found = self.body.forward_features(torch.zeros(1, 3, side, side))
        # A network can be of any make, and so is what it raises over its arguments.
        except Exception as error:
            reason = " ".join(str(error).split())[:160]
            raise ValueError(
                f"good_seed.classifier.network: timm cannot build {name} with these arguments for "
                f"pictures of {side} pixels ({reason}); change network, arguments or input_size"
            ) from error
        self.register_buffer("mean", torch.zeros(3))
        self.register_buffer("sd", torch.ones(3))
        width = self._read(found).shape[1]
        self.head = torch.nn.Linear(width, classes)
        self.train()

    def standardise(self, pixels: np.ndarray | Some) -> None:
        """Take mean and sd of each colour from the (n, h, w, 3) training pictures."""
        # Through counts of whole numbers: exact, and without a copy of all pixels.
        counts = np.zeros((3, 256), dtype=np.int64)
        for part in in_parts(pixels):
            values = part.reshape(-1, 3)
            counts += np.stack([np.bincount(values[:, c], minlength=256) for c in range(3)])
        mean, square = (counts @ np.arange(256.0) ** k / counts[0].sum() for k in (1, 2))
        sd = np.sqrt(np.maximum(square - mean**2, 1.0))
        self.mean.copy_(torch.from_numpy(mean))
        self.sd.copy_(torch.from_numpy(sd))

    def _read(self, features: torch.Tensor) -> torch.Tensor:
        """(n, places, d) tokens or (n, d, h, w) maps to (n, width)."""
        maps = tokens_to_maps(features)
        return maps.mean((2, 3)) if self.head_kind == "mean" else maps.flatten(1)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        shape = (1, 3, 1, 1)
        x = (pixels.float() - self.mean.view(shape)) / self.sd.view(shape)
        x = x.contiguous(memory_format=torch.channels_last)
        return self.head(self._read(self.body.forward_features(x)))


def tokens_to_maps(features: torch.Tensor) -> torch.Tensor:
    """(n, places, d) tokens of a square to (n, d, h, w); maps stay as they are.

    Raises:
        ValueError: the tokens are those of no square.
    """
    if features.ndim == 4:
        return features
    n, places, width = features.shape
    side = round(places**0.5)
    if side * side != places:
        raise ValueError(f"{places} tokens are no square of places; name a layer with one")
    return features.transpose(1, 2).reshape(n, width, side, side)


def build(settings: Mapping, classes: int, seed: int) -> SeedClassifier:
    """An untrained classifier; equal seeds give equal weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = SeedClassifier(settings, classes)
    return net.to(choose(settings.get("device", "auto")), memory_format=torch.channels_last)


def where(net: torch.nn.Module) -> torch.device:
    """The device that a network is on."""
    return next(net.parameters()).device


def as_input(pixels: np.ndarray, net: torch.nn.Module) -> torch.Tensor:
    """(n, h, w, 3) uint8 to (n, 3, h, w) uint8 where the network is."""
    return torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2).to(where(net))


@torch.no_grad()
def named(net: SeedClassifier, pixels: np.ndarray | Some, batch: int = 256) -> np.ndarray:
    """(n,) int64: the class that the network names for each picture."""
    net.eval()
    parts = [
        net(as_input(pixels[i : i + batch], net)).argmax(1).cpu()
        for i in range(0, len(pixels), batch)
    ]
    return torch.cat(parts).numpy()
