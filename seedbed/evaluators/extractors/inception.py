"""Inception's pool3 features, from which FID is computed: pytorch-fid's network and weights.

Good Seed, section 3.4, names pytorch-fid. Its network is TensorFlow's Inception of 2015 in torch's
layers; it resizes to 299 pixels itself, bilinear without antialias. The file is
``pt_inception-2015-12-05-6726825d.pth`` of pytorch-fid's releases on GitHub; the package looks for
it in torch's hub cache and does not check it, here its digest is. Only with these weights and in
float32 is the distance called FID.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from seedbed import store
from seedbed.evaluators.weight_files import find
from seedbed.models.batching import Place, place_of
from seedbed.models.registry import reason_of

WIDTH = 2048
WEIGHTS_MB = 91
"""Of the published weights in float32; for estimates of memory while they are not here."""
METRIC = "FID"
SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"
REAL = {"weights": "float32"}
WANTED = (
    "pt_inception-2015-12-05-6726825d.pth of the releases of github.com/mseitzer/pytorch-fid, "
    "where it lies"
)


class InceptionExtractor:
    """pytorch-fid's ``InceptionV3``.

    Args:
        file: of weights, as pytorch-fid publishes them.
        name: what the metadata call it.
        place: where it runs.
        width: numbers of a feature vector, one of pytorch-fid's (64, 192, 768, 2048); below 2048,
            means over an earlier layer, which are not FID's features.

    Raises:
        ValueError: the file holds no weights of this network.
    """

    def __init__(
        self, file: Path, name: str = "inception", place: Place | None = None, width: int = WIDTH
    ):
        self.place = place or Place()
        self.net = self.place.put(_network(file, width))
        self.metadata = {
            "extractor": name,
            "weights_sha256": store.sha256_of(file),
            "preprocessing": "uint8 / 255, bilinear to 299 pixels without antialias, -1 to 1",
        } | self.place.metadata

    @torch.inference_mode()
    def __call__(self, images: np.ndarray) -> np.ndarray:
        """(n, h, w, 3) uint8 to (n, width) float32, ≥ 0."""
        return self.place.each(images, self._features)

    def _features(self, images: np.ndarray) -> torch.Tensor:
        pixels = (self.place.take(images) / 255).to(self.place.dtype)
        return self.net(pixels)[0].mean(dim=(2, 3)).float()


def _network(file: Path, width: int) -> torch.nn.Module:
    from pytorch_fid import inception

    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # unpickling raises whatever the bytes lead it to
        raise ValueError(
            f"{file}: no weights that can be read ({reason_of(error)[:150]})"
        ) from error
    asks = inception.load_state_dict_from_url
    # The package would ask a server for them.
    inception.load_state_dict_from_url = lambda *_, **__: state
    try:
        return inception.InceptionV3([inception.InceptionV3.BLOCK_INDEX_BY_DIM[width]])
    except (RuntimeError, TypeError, AttributeError) as error:
        said = " ".join(str(error).split()[:12])
        raise ValueError(
            f"{file}: not the weights of pytorch-fid's Inception ({said} …); name that file"
        ) from error
    finally:
        inception.load_state_dict_from_url = asks


def load(entry: Mapping, name: str) -> InceptionExtractor:
    """The extractor of a config entry; without ``sha256``, weights must be the published ones."""
    file = find(entry["source"], WANTED, entry.get("revision"), entry.get("sha256") or SHA256)
    return InceptionExtractor(file, name, place_of(entry, name))
