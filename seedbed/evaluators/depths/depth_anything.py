"""Relative inverse depth by any folder of transformers' Depth Anything (V1 or V2).

Good Seed, section 3.4. Pictures are resized as the model's own processor says where the folder has
one (the published models: 518 pixels), and are taken as they are where it has none, normalised by
ImageNet's mean and deviation.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch.nn import functional as F

from seedbed.models.batching import Place, place_of
from seedbed.models.looking import (
    DEVIATION,
    MEAN,
    image_processor,
    prepared,
    read_model,
)
from seedbed.provenance import weights_digest

WEIGHTS_MB = 1280
"""Of the published weights in float32; for estimates of memory while they are not here."""


class DepthAnything:
    """A Depth Anything model, in float32.

    Args:
        source: a folder or a hub id.
        name: what the metadata call it.
        revision: of the hub.
        place: where it runs.

    Raises:
        ValueError: no such model there.
    """

    def __init__(
        self,
        source: str,
        name: str = "depth",
        revision: str | None = None,
        place: Place | None = None,
    ):
        from transformers import DepthAnythingForDepthEstimation

        model = read_model(DepthAnythingForDepthEstimation, source, revision)
        self.place = place or Place()
        self.model = self.place.put(model)
        self.processor = image_processor(source, revision)
        self.metadata = {
            "depth": name,
            "weights": weights_digest(source, revision),
            "preprocessing": "its own processor"
            if self.processor
            else f"RGB as it is, mean {MEAN}, sd {DEVIATION}",
        } | self.place.metadata

    @torch.inference_mode()
    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Inverse depth of (n, h, w, 3) uint8 pictures; see ``evaluators.base.DepthEstimator``."""
        return self.place.each(images, self._part)

    def _part(self, images: np.ndarray) -> torch.Tensor:
        x = prepared(self.processor, images, self.place)
        depth = self.model(pixel_values=x).predicted_depth.float()
        if depth.shape[-2:] != images.shape[1:3]:
            size = images.shape[1:3]
            depth = F.interpolate(depth[:, None], size, mode="bicubic", align_corners=False)[:, 0]
        return depth


def load(entry: Mapping, name: str) -> DepthAnything:
    """The model of a config entry."""
    return DepthAnything(entry["source"], name, entry.get("revision"), place_of(entry, name))
