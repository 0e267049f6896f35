"""DINOv2's class token as the features of a Fréchet distance.

Stein et al. (2023, "Exposing flaws of generative model evaluation metrics") found that it agrees
with people better than Inception; they take ViT-L/14 (``facebook/dinov2-large``). A distance of it
is called FD (DINOv2), never FID. Pictures and numbers are those of torch-fidelity's extractor:
TensorFlow 1's bilinear resize to 224 pixels, the normalised class token.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch.nn import functional

from seedbed.models.batching import Place, place_of
from seedbed.models.looking import DEVIATION, MEAN, read_model
from seedbed.provenance import weights_digest

WIDTH = 1536
"""Of the giant one, the widest; the large one's are 1024."""
WEIGHTS_MB = 1161
"""Of the published weights in float32; for estimates of memory while they are not here."""
SIDE = 224
OFFSET = 0.1
"""Of the grid of position embeddings when it is scaled, as the published network has it."""


class Dinov2Extractor:
    """Normalised class tokens of a transformers ``Dinov2Model``.

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
        name: str = "dinov2",
        revision: str | None = None,
        place: Place | None = None,
    ):
        from transformers import Dinov2Model

        model = read_model(Dinov2Model, source, revision)
        self.place = place or Place()
        self.net = self.place.put(at_side(model, SIDE))
        self.metadata = {
            "extractor": name,
            "weights": weights_digest(source, revision),
            "preprocessing": f"bilinear to {SIDE} pixels as TensorFlow 1, "
            f"mean {MEAN}, sd {DEVIATION}",
        } | self.place.metadata

    @torch.inference_mode()
    def __call__(self, images: np.ndarray) -> np.ndarray:
        """(n, h, w, 3) uint8 to (n, d) float32."""
        return self.place.each(images, self._features)

    def _features(self, images: np.ndarray) -> torch.Tensor:
        x = resized(self.place.take(images), SIDE) / 255
        mean, deviation = (x.new_tensor(v).view(3, 1, 1) for v in (MEAN, DEVIATION))
        return self.net(((x - mean) / deviation).to(self.place.dtype)).pooler_output.float()


def at_side(model, side: int):
    """A ``Dinov2Model`` whose position embeddings are those of pictures of ``side`` pixels.

    The published network scales the grid that it was trained with by bicubic interpolation with
    factors of (patches + ``OFFSET``) / patches before; transformers leaves the offset out, which
    moves every embedding by a thousandth of the grid.
    """
    embeddings, patch = model.embeddings, model.config.patch_size
    positions = embeddings.position_embeddings
    before, after = round((positions.shape[1] - 1) ** 0.5), side // patch
    if before != after:
        grid = positions[:, 1:].view(1, before, before, -1).permute(0, 3, 1, 2)
        scale = (after + OFFSET) / before
        grid = functional.interpolate(grid, scale_factor=(scale, scale), mode="bicubic")
        grid = grid.permute(0, 2, 3, 1).reshape(1, after * after, -1)
        positions = torch.cat([positions[:, :1], grid], dim=1)
        embeddings.position_embeddings = torch.nn.Parameter(positions.detach())
    return model


def resized(pixels: torch.Tensor, side: int) -> torch.Tensor:
    """(n, 3, h, w) to (n, 3, side, side), bilinear as TensorFlow 1 did it.

    Its pixel i lies at i · before / after, not at the centre of its cell; no antialias.
    """
    height, width = (_weights(size, side, pixels) for size in pixels.shape[-2:])
    return height @ pixels @ width.T


def _weights(before: int, after: int, like: torch.Tensor) -> torch.Tensor:
    """(after, before): what each pixel takes of each."""
    at = torch.arange(after, dtype=torch.float32, device=like.device) * (before / after)
    low = at.floor().long().clamp(max=before - 1)
    high = (low + 1).clamp(max=before - 1)
    share = (at - low).unsqueeze(1)
    one = torch.eye(before, device=like.device)
    return one[low] * (1 - share) + one[high] * share


def load(entry: Mapping, name: str) -> Dinov2Extractor:
    """The extractor of a config entry."""
    return Dinov2Extractor(entry["source"], name, entry.get("revision"), place_of(entry, name))
