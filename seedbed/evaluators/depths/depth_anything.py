"""Relative inverse depth by any folder of transformers' Depth Anything (V1 or V2).

Good Seed, section 3.4. Pictures are resized as the model's own processor says where the folder has
one (the published models: 518 pixels), and are taken as they are where it has none, normalised by
ImageNet's mean and deviation.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from seedbed.models.pipelines import check_folder, read_settings
from seedbed.models.weights import check_loaded
from seedbed.provenance import weights_digest

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class DepthAnything:
    """A Depth Anything model, in float32.

    Args:
        source: a folder or a hub id.
        name: what the metadata call it.
        device: where the network runs.
        batch: pictures per forward pass.

    Raises:
        ValueError: no such model there.
    """

    def __init__(self, source: str, name: str = "depth", *, device: str = "cpu", batch: int = 64):
        from transformers import DepthAnythingForDepthEstimation
        from transformers.utils import logging

        logging.disable_progress_bar()
        if Path(source).is_dir():
            check_folder(Path(source), weighs=True)
            settings = Path(source) / "config.json"
            kind = read_settings(settings).get("model_type")
            if kind != "depth_anything":
                raise ValueError(
                    f"{settings}: a {kind!r}, not a 'depth_anything'; give the folder of a "
                    "DepthAnythingForDepthEstimation"
                )
        elif Path(source).exists():
            raise ValueError(f"{source}: a file; name a model's folder")
        model, info = DepthAnythingForDepthEstimation.from_pretrained(
            source,
            dtype=torch.float32,
            use_safetensors=True,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
        )
        check_loaded(source, info)
        self.model = model.to(device).eval()
        self.device, self.batch = device, batch
        self.processor = _processor(source)
        self.metadata = {
            "depth": name,
            "weights": weights_digest(source),
            "preprocessing": "its own processor"
            if self.processor
            else f"RGB as it is, mean {MEAN}, sd {DEVIATION}",
        }

    @torch.inference_mode()
    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Inverse depth of (n, h, w, 3) uint8 pictures; see ``evaluators.base.DepthEstimator``."""
        parts = [self._part(images[i : i + self.batch]) for i in range(0, len(images), self.batch)]
        return np.concatenate(parts)

    def _part(self, images: np.ndarray) -> np.ndarray:
        if self.processor:
            x = self.processor(images=list(images), return_tensors="pt")["pixel_values"]
        else:
            x = torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float() / 255
            x = (x - x.new_tensor(MEAN).view(3, 1, 1)) / x.new_tensor(DEVIATION).view(3, 1, 1)
        depth = self.model(pixel_values=x.to(self.device)).predicted_depth
        if depth.shape[-2:] != images.shape[1:3]:
            size = images.shape[1:3]
            depth = F.interpolate(depth[:, None], size, mode="bicubic", align_corners=False)[:, 0]
        return depth.float().cpu().numpy()


def _processor(source: str):
    """The image processor of a model, ``None`` where its folder has none."""
    from transformers import AutoImageProcessor

    if Path(source).is_dir() and not (Path(source) / "preprocessor_config.json").exists():
        return None
    return AutoImageProcessor.from_pretrained(source, backend="pil")


def load(entry: Mapping, name: str) -> DepthAnything:
    """The model of a config entry; on CUDA where there is one."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return DepthAnything(entry["source"], name, device=device, batch=entry["batch"])
