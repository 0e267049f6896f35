"""``storybook-net``: a VGG-style classifier of Storybook pictures and its pooled features.

It names which objects a picture shows and in which colour. Its last convolution,
averaged over the picture, is the feature vector of the Fréchet distance here, as
pool3 of Inception is for FID. The numbers are called FD (storybook-net), never FID.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from seedbed import store
from seedbed.models.batching import Place, place_of
from seedbed.models.pipelines import read_settings
from seedbed.models.weights import check_file, check_state

SIDE = 64
"""Pixels of the pictures that it was trained on."""
WIDTH = 160
"""Numbers of a feature vector."""
STAGES = ((24,), (48, 48), (96, 96), (160, 160))


class StorybookNet(nn.Module):
    """Convolution stages, each closed by 2×2 max pooling; global mean; linear heads.

    Args:
        objects: names of the object kinds.
        colors: names of the colours; class 0 of each object's head means absent.
        settings: names of the settings.
    """

    def __init__(self, objects: list[str], colors: list[str], settings: list[str]):
        super().__init__()
        self.objects, self.colors, self.settings = objects, colors, settings
        layers: list[nn.Module] = []
        width = 3
        for stage in STAGES:
            for channels in stage:
                convolution = nn.Conv2d(width, channels, 3, padding=1)
                nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
                nn.init.zeros_(convolution.bias)
                layers += [convolution, nn.ReLU()]
                width = channels
            layers.append(nn.MaxPool2d(2))
        self.convolutions = nn.Sequential(*layers)
        self.object_head = nn.Linear(width, len(objects) * (1 + len(colors)))
        self.setting_head = nn.Linear(width, len(settings))

    def features(self, pixels: torch.Tensor) -> torch.Tensor:
        """(n, 3, 64, 64) in [-1, 1] to (n, 160) pooled features, ≥ 0."""
        return self.convolutions(pixels).mean(dim=(2, 3))

    def forward(self, pixels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits (n, objects, 1 + colours) and (n, settings)."""
        x = self.features(pixels)
        logits = self.object_head(x).view(len(x), len(self.objects), 1 + len(self.colors))
        return logits, self.setting_head(x)

    @torch.no_grad()
    def scale_features(self, factor: float) -> None:
        """Multiply the features and divide the heads' weights: what the net says stays the same.

        ReLU, max pooling and mean pass a positive factor through.
        """
        last = [m for m in self.convolutions if isinstance(m, nn.Conv2d)][-1]
        last.weight *= factor
        last.bias *= factor
        self.object_head.weight /= factor
        self.setting_head.weight /= factor

    def save(self, folder: str | Path) -> None:
        """Write ``config.json`` and ``model.safetensors`` (float16)."""
        from safetensors.torch import save_file

        folder = Path(folder)
        names = {"objects": self.objects, "colors": self.colors, "settings": self.settings}
        store.write_json({"architecture": "StorybookNet", **names}, folder / "config.json")
        with store.atomic(folder / "model.safetensors") as partial:
            save_file({k: v.half().contiguous() for k, v in self.state_dict().items()}, partial)

    @classmethod
    def load(cls, folder: str | Path) -> StorybookNet:
        """Read what ``save`` wrote; float32, eval mode.

        Raises:
            ValueError: one line that names the file and what is wrong with it.
        """
        from safetensors.torch import load_file

        folder = Path(folder)
        path = folder / "config.json"
        config = read_settings(path)
        names = [config.get(key) for key in ("objects", "colors", "settings")]
        if not all(isinstance(n, list) and n and all(isinstance(v, str) for v in n) for n in names):
            raise ValueError(
                f"{path}: needs objects, colors and settings, lists of names; restore it"
            )
        net = cls(*names)
        path = folder / "model.safetensors"
        check_file(path)
        state, expected = load_file(path), net.state_dict()
        check_state(str(path), state, expected)
        net.load_state_dict({k: v.float() for k, v in state.items()})
        return net.eval()


def normalise(images: np.ndarray) -> torch.Tensor:
    """(n, h, w, 3) uint8 to (n, 3, h, w) float32 in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float() / 127.5 - 1


class StorybookNetExtractor:
    """Pooled features of uint8 images.

    Args:
        source: the network's folder.
        name: what the metadata call it.
        place: where it runs.
    """

    def __init__(self, source: str, name: str = "storybook-net", place: Place | None = None):
        self.place = place or Place()
        self.net = self.place.put(StorybookNet.load(source))
        self.metadata = {
            "extractor": name,
            "weights_sha256": store.sha256_of(Path(source) / "model.safetensors"),
            "preprocessing": f"uint8 / 127.5 - 1, bicubic to {SIDE} pixels where of another size",
        } | self.place.metadata

    @torch.no_grad()
    def __call__(self, images: np.ndarray) -> np.ndarray:
        """(n, h, w, 3) uint8 to (n, 160) float32."""
        return self.place.each(images, self._features)

    def _features(self, images: np.ndarray) -> torch.Tensor:
        pixels = self.place.take(images) / 127.5 - 1
        if pixels.shape[-2:] != (SIDE, SIDE):
            pixels = functional.interpolate(pixels, (SIDE, SIDE), mode="bicubic", antialias=True)
            pixels = pixels.clamp(-1, 1)
        return self.net.features(pixels.to(self.place.dtype)).float()

    def with_gradients(self, pixels: torch.Tensor) -> torch.Tensor:
        """(n, 3, h, w) float32 of about [-1, 1], as a decoder gives them, to (n, 160) there."""
        if pixels.shape[-2:] != (SIDE, SIDE):
            pixels = functional.interpolate(pixels, (SIDE, SIDE), mode="bicubic", antialias=True)
        there = pixels.to(self.place.device, self.place.dtype)
        return self.net.features(there).to(pixels.device, pixels.dtype)


def load(entry: Mapping, name: str) -> StorybookNetExtractor:
    """The extractor of a config entry."""
    return StorybookNetExtractor(entry["source"], name, place_of(entry, name))
