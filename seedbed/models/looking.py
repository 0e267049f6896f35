"""Models of the transformers library that look at pictures: read strictly, fed alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from seedbed.models.batching import Place
from seedbed.models.pipelines import check_folder, read_settings
from seedbed.models.weights import check_loaded

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's colours."""


def read_model(
    architecture: type,
    source: str,
    revision: str | None = None,
    dtype: torch.dtype = torch.float32,
):
    """A model from a folder or the hub.

    Args:
        architecture: its class in transformers.
        source: a folder or a hub id.
        revision: of the hub.
        dtype: of its weights; tables that the library keeps in float32 stay so.

    Raises:
        ValueError: one line that names the folder or file: not there, of another architecture, or
            weights that do not fill it.
    """
    from transformers.utils import logging

    logging.disable_progress_bar()
    wanted = architecture.config_class.model_type
    if Path(source).is_dir():
        check_folder(Path(source), weighs=True)
        settings = Path(source) / "config.json"
        kind = read_settings(settings).get("model_type")
        if kind != wanted:
            raise ValueError(
                f"{settings}: a {kind!r}, not a {wanted!r}; give the folder of a "
                f"{architecture.__name__}"
            )
    elif Path(source).exists():
        raise ValueError(f"{source}: a file; name a model's folder")
    model, info = architecture.from_pretrained(
        source,
        revision=revision,
        dtype=dtype,
        use_safetensors=True,
        output_loading_info=True,
        ignore_mismatched_sizes=True,
    )
    check_loaded(source, info)
    return model


def image_processor(source: str, revision: str | None = None):
    """The image processor of a model, ``None`` where its folder has none."""
    from transformers import AutoImageProcessor

    if Path(source).is_dir() and not (Path(source) / "preprocessor_config.json").exists():
        return None
    return AutoImageProcessor.from_pretrained(source, revision=revision, backend="pil")


def prepared(processor, images: np.ndarray, place: Place) -> torch.Tensor:
    """(n, h, w, 3) uint8 as a model wants them: (n, 3, height, width) where it runs.

    Without a processor, the pictures as they are, normalised by ImageNet's mean and deviation.
    """
    if processor:
        found = processor(images=list(images), return_tensors="pt")["pixel_values"]
        return found.to(place.device, place.dtype)
    x = place.take(images) / 255
    mean, deviation = (x.new_tensor(v).view(3, 1, 1) for v in (MEAN, DEVIATION))
    return ((x - mean) / deviation).to(place.dtype)
