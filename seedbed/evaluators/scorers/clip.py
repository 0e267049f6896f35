"""Agreement of image and prompt: the cosine of CLIP's two embeddings, without logit scale.

Stands where HPS v2 stands (Good Seed, section 3.4); HPS v2 is the same quantity from
a CLIP fine-tuned on human choices.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from seedbed import store
from seedbed.evaluators.weight_files import may_come
from seedbed.models.base import token_ids
from seedbed.models.batching import Place, place_of
from seedbed.models.looking import read_model
from seedbed.models.pipelines import check_folder, check_tokenizer, read_settings
from seedbed.provenance import weights_digest


class ClipScorer:
    """Cosine between images and prompts with a transformers ``CLIPModel``.

    Args:
        source: a folder or a hub id.
        name: what the metadata call it.
        revision: of the hub.
        place: where it runs.

    Raises:
        ValueError: no such model there, or its folder lacks what goes with it.
    """

    def __init__(
        self,
        source: str,
        name: str = "clip",
        revision: str | None = None,
        place: Place | None = None,
    ):
        from transformers import CLIPModel, CLIPTokenizer

        if not may_come(source):
            check_folder(Path(source), weighs=True)
            check_tokenizer(Path(source))
        model = read_model(CLIPModel, source, revision)
        self.place = place or Place()
        self.model = self.place.put(model)
        self.tokenizer = CLIPTokenizer.from_pretrained(source, revision=revision)
        self.side = self.model.config.vision_config.image_size
        self.mean, self.std = _normalisation(_preprocessor(source, revision))
        self._texts: torch.Tensor | None = None
        self.metadata = {"scorer": name} | _weights(source, revision) | self.place.metadata

    def pixels(self, images: np.ndarray) -> torch.Tensor:
        """(n, h, w, 3) uint8 to normalised (n, 3, side, side); bicubic resize where needed."""
        x = self.place.take(images) / 255
        if x.shape[-2:] != (self.side, self.side):
            x = torch.nn.functional.interpolate(
                x, size=(self.side, self.side), mode="bicubic", antialias=True
            ).clamp(0, 1)
        return (x - self.mean.to(x.device)) / self.std.to(x.device)

    @torch.no_grad()
    def embed_texts(self, texts: list[str], batch: int = 256) -> torch.Tensor:
        """(n, d) unit vectors, on the CPU."""
        parts = []
        for i in range(0, len(texts), batch):
            ids = token_ids(self.tokenizer, texts[i : i + batch]).to(self.place.device)
            parts.append(self.model.text_projection(self.model.text_model(ids).pooler_output))
        return torch.nn.functional.normalize(torch.cat(parts).float().cpu(), dim=-1)

    @torch.no_grad()
    def embed_images(self, images: np.ndarray) -> torch.Tensor:
        """(n, d) unit vectors, on the CPU."""
        return torch.from_numpy(self.place.each(images, self._embedded))

    def _embedded(self, images: np.ndarray) -> torch.Tensor:
        pixels = self.pixels(images).to(self.place.dtype)
        pooled = self.model.vision_model(pixels).pooler_output
        embedded = self.model.visual_projection(pooled).float()
        return torch.nn.functional.normalize(embedded, dim=-1)

    def prepare(self, texts: list[str]) -> None:
        """Embed the prompts, once for all images."""
        self._texts = self.embed_texts(texts)

    def score(self, images: np.ndarray, texts: list[int]) -> np.ndarray:
        """(n,) float64 cosine in [-1, 1] of each image and the prompt of its index."""
        chosen = self._texts[torch.tensor(texts)]
        return (self.embed_images(images) * chosen).sum(dim=1).numpy().astype(np.float64)


def _preprocessor(source: str, revision: str | None) -> Path:
    """The file that says how pictures are normalised."""
    from transformers.utils import cached_file

    name = "preprocessor_config.json"
    if Path(source).is_dir():
        return Path(source) / name
    return Path(cached_file(source, name, revision=revision))


def _weights(source: str, revision: str | None) -> dict[str, str]:
    """What the metadata say of the weights: the digest of a folder's file, or of all there is."""
    file = Path(source) / "model.safetensors"
    if file.is_file():
        return {"weights_sha256": store.sha256_of(file)}
    return {"weights": weights_digest(source, revision)}


def _normalisation(path: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and standard deviation of the channels, each (1, 3, 1, 1)."""
    settings = read_settings(path)
    found = []
    for key, least in (("image_mean", -10.0), ("image_std", 1e-6)):
        values = settings.get(key)
        if (
            not isinstance(values, list)
            or len(values) != 3
            or not all(isinstance(v, int | float) and least <= v <= 10 for v in values)
        ):
            raise ValueError(f"{path}: {key} is {values!r}, not three numbers; restore it")
        found.append(torch.tensor(values, dtype=torch.float32).view(1, 3, 1, 1))
    return found[0], found[1]


def load(entry: Mapping, name: str) -> ClipScorer:
    """The scorer of a config entry."""
    return ClipScorer(entry["source"], name, entry.get("revision"), place_of(entry, name))
