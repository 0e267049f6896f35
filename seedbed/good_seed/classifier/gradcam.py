"""Grad-CAM of a seed classifier, and how concentrated its maps are (Good Seed, Figure 4).

Selvaraju et al. 2017: the gradient of a seed's logit, averaged over places, weighs the channels of
a layer; the positive part of the sum is the map. The maps are those of the library
``pytorch_grad_cam``: of the network's input size, each between 0 and 1.

*Area* is the share of the picture that a map covers, (Σ m)² / (N Σ m²) over its N pixels: 1 for a
uniform map, 1/N for a single pixel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

from seedbed.good_seed.classifier.network import SeedClassifier, as_input, tokens_to_maps

KINDS = ("own seed", "other seed", "untrained")
"""Maps of the picture's own seed, of another one drawn at random, and of a network as it was before
training."""


def maps_of(
    net: SeedClassifier, pixels: np.ndarray, targets: np.ndarray, layer: str, batch: int = 64
) -> np.ndarray:
    """Grad-CAM of pictures at one layer.

    Args:
        net: classifier.
        pixels: (n, side, side, 3) uint8.
        targets: (n,) the class whose logit is explained.
        layer: name of a module of the timm network: ``stages.1``.
        batch: pictures at a time.

    Returns:
        (n, side, side) float32 in 0..1; all 0 where nothing speaks for the class.

    Raises:
        ValueError: the network has no such layer.
    """
    modules = dict(net.body.named_modules())
    if layer not in modules:
        raise ValueError(
            f"good_seed.classifier.gradcam.layers: the network has no layer {layer}; it has "
            f"{', '.join(name for name in modules if name.startswith('stages') and '.' in name)}"
        )
    with GradCAM(net, [modules[layer]], reshape_transform=tokens_to_maps) as cam:
        parts = []
        for i in range(0, len(pixels), batch):
            wanted = [ClassifierOutputTarget(int(t)) for t in targets[i : i + batch]]
            parts.append(cam(as_input(pixels[i : i + batch], net).float(), wanted))
    return np.concatenate(parts).astype(np.float32)


def area(maps: np.ndarray) -> np.ndarray:
    """(n,) float64 share of the picture that each (h, w) map covers; NaN where it is empty."""
    flat = maps.reshape(len(maps), -1).astype(np.float64)
    squares = flat.shape[1] * (flat**2).sum(1)
    return np.divide(flat.sum(1) ** 2, squares, out=np.full(len(flat), np.nan), where=squares > 0)


def areas(
    nets: Mapping[str, SeedClassifier],
    pixels: np.ndarray,
    labels: np.ndarray,
    layers: Sequence[str],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Areas of the maps of test pictures at every layer, per kind of ``KINDS``.

    Args:
        nets: ``trained`` and ``untrained``.
        pixels: (n, side, side, 3) uint8.
        labels: (n,) class of each.
        layers: names of modules.
        rng: draws the other seeds.

    Returns:
        ``picture`` (its place), ``layer``, ``kind``, ``area`` (NaN where a map is empty).
    """
    classes = nets["trained"].head.out_features
    others = (labels + rng.integers(1, classes, len(labels))) % classes
    asked = dict(
        zip(
            KINDS,
            (("trained", labels), ("trained", others), ("untrained", labels)),
            strict=True,
        )
    )
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "picture": np.arange(len(labels)),
                    "layer": layer,
                    "kind": kind,
                    "area": area(maps_of(nets[which], pixels, targets, layer)),
                }
            )
            for layer in layers
            for kind, (which, targets) in asked.items()
        ],
        ignore_index=True,
    )
