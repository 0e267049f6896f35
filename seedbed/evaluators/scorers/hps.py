"""Human Preference Score v2 (Wu et al. 2023): the cosine of a CLIP fine-tuned on people's choices.

Good Seed, section 3.4. The network is open_clip's ViT-H-14; the files are
``HPS_v2_compressed.pt`` (v2.0) and ``HPS_v2.1_compressed.pt`` (v2.1) of the hub's repository
``xswu/HPSv2``. As the hpsv2 package does it: the picture as a tensor in 0..1, its longer side to
the network's side by bicubic interpolation, zeros around it, CLIP's mean and deviation; the cosine
without logit scale. Whether that interpolation smooths before it shrinks depends on the torchvision
under the package: up to 0.16 it did not, since 0.17 it does. So antialias is part of the name.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from seedbed import store
from seedbed.evaluators.weight_files import find
from seedbed.models.batching import Place, place_of
from seedbed.models.pipelines import read_settings
from seedbed.models.registry import reason_of
from seedbed.models.weights import check_state

METRIC = "HPS {version} (antialias {antialias})"
ORIGIN = "xswu/HPSv2/"
NETWORK = "ViT-H-14"
REAL = {"network": "ViT-H-14"}
WEIGHTS_MB = 3762
"""Of the published weights in float32; for estimates of memory while they are not here."""
FILES = {"v2.0": "HPS_v2_compressed.pt", "v2.1": "HPS_v2.1_compressed.pt"}
WANTED = "HPS_v2_compressed.pt or HPS_v2.1_compressed.pt of the hub's xswu/HPSv2, where it lies"
MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
"""Of OpenAI's CLIP."""
TEXTS = 64
"""Prompts per forward pass."""


class HpsScorer:
    """Cosine between images and prompts by a CLIP of open_clip.

    Args:
        file: of weights: a table ``state_dict``, or that itself.
        name: what the metadata call it.
        version: of HPS, for the metadata.
        antialias: whether pictures are smoothed before they are shrunk.
        network: open_clip's name of the architecture, or a JSON file like its own.
        place: where it runs.

    Raises:
        ValueError: no such architecture, or a file that does not fill it.
    """

    def __init__(
        self,
        file: Path,
        name: str = "hps",
        *,
        version: str = "v2.0",
        antialias: bool = False,
        network: str = NETWORK,
        place: Place | None = None,
    ):
        config = _config(network)
        self.place = place or Place()
        self.net = self.place.put(_filled(config, file))
        self.side = config["vision_cfg"]["image_size"]
        self.tokens = _tokenizer(config)
        self.antialias = antialias
        self._texts: torch.Tensor | None = None
        self.metadata = {
            "scorer": name,
            "weights_sha256": store.sha256_of(file),
            "version": version,
            "preprocessing": f"longer side to {self.side} pixels, bicubic, antialias "
            f"{'on' if antialias else 'off'}, zeros around",
        } | self.place.metadata

    @torch.inference_mode()
    def prepare(self, texts: list[str]) -> None:
        """Embed the prompts, once for all images; a text is cut after 75 tokens."""
        parts = [
            self.net.encode_text(
                self.tokens(texts[i : i + TEXTS]).to(self.place.device), normalize=True
            )
            for i in range(0, len(texts), TEXTS)
        ]
        self._texts = torch.cat(parts).float().cpu()

    @torch.inference_mode()
    def score(self, images: np.ndarray, texts: list[int]) -> np.ndarray:
        """(n,) float64 cosine in -1..1 of each image and the prompt of its index."""
        embedded = torch.from_numpy(self.place.each(images, self._embedded))
        return (embedded * self._texts[torch.tensor(texts)]).sum(dim=1).double().numpy()

    def _embedded(self, images: np.ndarray) -> torch.Tensor:
        pixels = self.pixels(images).to(self.place.dtype)
        return self.net.encode_image(pixels, normalize=True).float()

    def pixels(self, images: np.ndarray) -> torch.Tensor:
        """(n, h, w, 3) uint8 to normalised (n, 3, side, side)."""
        x = self.place.take(images) / 255
        height, width = x.shape[-2:]
        scale = self.side / max(height, width)
        if scale != 1:
            size = (round(height * scale), round(width * scale))
            x = functional.interpolate(x, size, mode="bicubic", antialias=self.antialias)
            below, beside = self.side - size[0], self.side - size[1]
            around = (beside // 2, beside - beside // 2, below // 2, below - below // 2)
            x = functional.pad(x, around)
        mean, std = (x.new_tensor(v).view(3, 1, 1) for v in (MEAN, STD))
        return (x - mean) / std


def _config(network: str) -> dict:
    import open_clip

    if network.endswith(".json"):
        return read_settings(Path(network))
    found = open_clip.get_model_config(network)
    if found is None:
        raise ValueError(f"network {network!r} is unknown to open_clip; use {NETWORK}")
    return found


def _tokenizer(config: Mapping):
    from open_clip.tokenizer import SimpleTokenizer

    return SimpleTokenizer(context_length=config["text_cfg"]["context_length"])


def architecture(config: Mapping) -> torch.nn.Module:
    """The network of an open_clip config, without weights (on the device ``meta``)."""
    import open_clip

    with torch.device("meta"):
        net = open_clip.CLIP(**config)
    # The one buffer that no file holds: a token sees those before it.
    length = net.context_length
    net.attn_mask = torch.full((length, length), float("-inf")).triu(1)
    return net


def _filled(config: Mapping, file: Path) -> torch.nn.Module:
    try:
        found = torch.load(file, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:  # unpickling raises whatever the bytes lead it to
        raise ValueError(
            f"{file}: no weights that can be read ({reason_of(error)[:150]})"
        ) from error
    state = found.get("state_dict", found) if isinstance(found, Mapping) else {}
    net = architecture(config)
    expected = net.state_dict()
    check_state(str(file), state, expected)
    net.load_state_dict({key: state[key].float() for key in expected}, assign=True)
    return net


def load(entry: Mapping, name: str) -> HpsScorer:
    """The scorer of a config entry: ``version``, ``antialias``, ``network``."""
    version = entry["version"]
    others = [v for v, file in FILES.items() if entry["source"].endswith(file) and v != version]
    if others:
        raise ValueError(
            f"{entry['source']}: the weights of {others[0]}, not {version}; set version"
        )
    return HpsScorer(
        find(entry["source"], WANTED, entry.get("revision"), entry.get("sha256")),
        name,
        version=version,
        antialias=entry["antialias"],
        network=entry.get("network", NETWORK),
        place=place_of(entry, name),
    )
