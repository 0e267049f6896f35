"""Gram features of style (Good Seed, 3.4): which channels of a network fire at the same places.

"Pairwise cosine similarity across channels" at several layers: each channel's activation after
its ReLU is flattened and divided by its length, so that G = F F^T holds cosines in 0..1. Its upper
triangle with the diagonal (1, or 0 for a channel that is silent in the whole picture) is kept,
row by row; the triangles of the layers stand one after the other. The paper names VGG and no
layers; Gatys's five of VGG-19 give 305,888 numbers. They are stored as float16: cosines in 0..1
lose at most 2.5e-4. VGG-19's file is torchvision's
``vgg19-dcbb9e9d.pth``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from seedbed import store
from seedbed.evaluators.extractors.storybook_net import SIDE, StorybookNet
from seedbed.evaluators.weight_files import find
from seedbed.models.batching import Place, place_of
from seedbed.models.weights import check_state

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet, which VGG-19 was trained on."""
WEIGHTS_MB = 548
"""Of the published weights in float32; for estimates of memory while they are not here."""
VGG19 = "torchvision's vgg19-dcbb9e9d.pth, where it lies"


@dataclass(frozen=True)
class Network:
    """A trunk of convolutions, ReLUs and poolings.

    Attributes:
        trunk: run in order; its ReLUs are the layers.
        side: pixels that pictures are resized to, or ``None`` to leave them as they are.
        preprocessing: in words.
        file: that holds the weights.
    """

    trunk: nn.Sequential
    side: int | None
    preprocessing: str
    file: Path

    def prepared(self, pixels: torch.Tensor) -> torch.Tensor:
        """(n, 3, h, w) float32, 0 to 255, as the trunk wants them."""
        if self.side is None:
            mean, std = (pixels.new_tensor(v).view(3, 1, 1) for v in (MEAN, STD))
            return (pixels / 255 - mean) / std
        pixels = pixels / 127.5 - 1
        if pixels.shape[-2:] != (self.side, self.side):
            size = (self.side, self.side)
            pixels = functional.interpolate(pixels, size, mode="bicubic", antialias=True)
            pixels = pixels.clamp(-1, 1)
        return pixels


def _storybook_net(entry: Mapping) -> Network:
    source = entry["source"]
    net = StorybookNet.load(source)
    said = f"uint8 / 127.5 - 1, bicubic to {SIDE} pixels where of another size"
    return Network(net.convolutions, SIDE, said, Path(source) / "model.safetensors")


def _vgg19(entry: Mapping) -> Network:
    from torchvision.models import vgg19

    file = find(entry["source"], VGG19, entry.get("revision"), entry.get("sha256"))
    trunk = vgg19(weights=None).features
    state = {
        key.removeprefix("features."): value
        for key, value in _read(file).items()
        if not key.startswith("classifier.")
    }
    expected = trunk.state_dict()
    check_state(entry["source"], state, expected)
    trunk.load_state_dict({key: state[key].float() for key in expected})
    # In place, a ReLU would write over the activation that is read.
    for module in trunk:
        if isinstance(module, nn.ReLU):
            module.inplace = False
    said = f"uint8 / 255, mean {MEAN}, sd {STD}, at its own size"
    return Network(trunk.eval(), None, said, file)


def _read(path: Path) -> dict[str, torch.Tensor]:
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    return torch.load(path, map_location="cpu", weights_only=True)


NETWORKS = {"storybook_net": _storybook_net, "vgg19": _vgg19}
LAYERS = {
    "storybook_net": ("conv1_1", "conv2_1", "conv3_1"),
    "vgg19": ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"),
}
"""Layers where the config names none: of VGG-19 those of Gatys, Ecker and Bethge (2016)."""


def layer_places(trunk: nn.Sequential) -> dict[str, int]:
    """Where the ReLU of each convolution stands, by VGG's names: ``conv{stage}_{number}``."""
    places, stage, number = {}, 1, 0
    for place, module in enumerate(trunk):
        if isinstance(module, nn.MaxPool2d):
            stage, number = stage + 1, 0
        elif isinstance(module, nn.ReLU):
            number += 1
            places[f"conv{stage}_{number}"] = place
    return places


def gram(activation: torch.Tensor) -> torch.Tensor:
    """(n, c, h, w) activations ≥ 0 to (n, c (c + 1) / 2) cosines between channels, in 0..1."""
    flat = functional.normalize(activation.flatten(2), dim=2)
    cosines = flat @ flat.transpose(1, 2)
    row, column = torch.triu_indices(flat.shape[1], flat.shape[1])
    # A channel with itself comes out a last bit above 1.
    return cosines[:, row, column].clamp(0, 1)


class GramExtractor:
    """Gram features of uint8 images.

    Args:
        name: in the config.
        network: whose layers.
        layers: names, in any order; they stand in the order of the network.
        place: where it runs.

    Raises:
        ValueError: the network has no such layer.
    """

    def __init__(
        self, name: str, network: Network, layers: Sequence[str], place: Place | None = None
    ):
        places = layer_places(network.trunk)
        unknown = [layer for layer in layers if layer not in places]
        if unknown:
            raise ValueError(
                f"extractors.{name}.layers: no layer {unknown[0]!r}; use some of "
                f"{', '.join(places)}"
            )
        self.layers = [layer for layer in places if layer in layers]
        self._wanted = {places[layer] for layer in self.layers}
        self._network = network
        self.place = place or Place()
        self.net = self.place.put(network.trunk)
        self.metadata = {
            "extractor": name,
            "weights_sha256": store.sha256_of(network.file),
            "preprocessing": f"{network.preprocessing}; Gram of {', '.join(self.layers)}",
        } | self.place.metadata

    @torch.no_grad()
    def __call__(self, images: np.ndarray) -> np.ndarray:
        """(n, h, w, 3) uint8 to (n, d) float16 in 0..1."""
        return self.place.each(images, self._cosines)

    def _cosines(self, images: np.ndarray) -> torch.Tensor:
        x, found = self._network.prepared(self.place.take(images)).to(self.place.dtype), []
        for place, module in enumerate(self.net[: max(self._wanted) + 1]):
            x = module(x)
            if place in self._wanted:
                found.append(gram(x.float()))
        return torch.cat(found, dim=1).half()


def load(entry: Mapping, name: str) -> GramExtractor:
    """The extractor of a config entry: ``network``, ``source``, ``layers``."""
    layers = entry["layers"] or LAYERS[entry["network"]]
    return GramExtractor(name, NETWORKS[entry["network"]](entry), layers, place_of(entry, name))
