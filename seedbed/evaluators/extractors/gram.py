"""Gram features of style (Good Seed, 3.4): which channels of a network fire at the same places.

"Pairwise cosine similarity across channels" at several layers: each channel's activation after
its ReLU is flattened and divided by its length, so that G = F F^T holds cosines in 0..1. Its upper
triangle with the diagonal (1, or 0 for a channel that is silent in the whole picture) is kept,
row by row; the triangles of the layers stand one after the other. The paper names VGG and no
layers; Gatys's five of VGG-19 give 305,888 numbers. They are stored as float16: cosines in 0..1
lose at most 2.5e-4.
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
from seedbed.evaluators.extractors.storybook_net import SIDE, StorybookNet, normalise
from seedbed.models.weights import check_loaded

WIDTH = 305888
"""Numbers of a feature vector of VGG-19; fewer of a smaller network. For estimates of memory."""
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet, which VGG-19 was trained on."""


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

    def pixels(self, images: np.ndarray) -> torch.Tensor:
        """(n, h, w, 3) uint8 as the trunk wants them."""
        pixels = normalise(images)
        if self.side and pixels.shape[-2:] != (self.side, self.side):
            size = (self.side, self.side)
            pixels = functional.interpolate(pixels, size, mode="bicubic", antialias=True)
            pixels = pixels.clamp(-1, 1)
        if self.side:
            return pixels
        mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (MEAN, STD))
        return ((pixels + 1) / 2 - mean) / std


def _storybook_net(source: str) -> Network:
    net = StorybookNet.load(source)
    said = f"uint8 / 127.5 - 1, bicubic to {SIDE} pixels where of another size"
    return Network(net.convolutions, SIDE, said, Path(source) / "model.safetensors")


def _vgg19(source: str) -> Network:
    from torchvision.models import vgg19

    trunk = vgg19(weights=None).features
    state = {
        key.removeprefix("features."): value
        for key, value in _read(Path(source)).items()
        if not key.startswith("classifier.")
    }
    expected = trunk.state_dict()
    others = [(k, v.shape, expected[k].shape) for k, v in state.items() if k in expected]
    info = {
        "missing_keys": [key for key in expected if key not in state],
        "mismatched_keys": [found for found in others if found[1] != found[2]],
    }
    check_loaded(source, info)
    trunk.load_state_dict({key: state[key].float() for key in expected})
    # In place, a ReLU would write over the activation that is read.
    for module in trunk:
        if isinstance(module, nn.ReLU):
            module.inplace = False
    said = f"uint8 / 255, mean {MEAN}, sd {STD}, at its own size"
    return Network(trunk.eval(), None, said, Path(source))


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

    Raises:
        ValueError: the network has no such layer.
    """

    def __init__(self, name: str, network: Network, layers: Sequence[str]):
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
        self.net = network.trunk
        self.metadata = {
            "extractor": name,
            "weights_sha256": store.sha256_of(network.file),
            "preprocessing": f"{network.preprocessing}; Gram of {', '.join(self.layers)}",
        }

    @torch.no_grad()
    def __call__(self, images: np.ndarray) -> np.ndarray:
        """(n, h, w, 3) uint8 to (n, d) float16 in 0..1."""
        x, found = self._network.pixels(images), []
        for place, module in enumerate(self.net[: max(self._wanted) + 1]):
            x = module(x)
            if place in self._wanted:
                found.append(gram(x))
        return torch.cat(found, dim=1).half().numpy()


def load(entry: Mapping, name: str) -> GramExtractor:
    """The extractor of a config entry: ``network``, ``source``, ``layers``."""
    network = NETWORKS[entry["network"]](entry["source"])
    return GramExtractor(name, network, entry["layers"] or LAYERS[entry["network"]])
