"""One trial: draw layouts, detect, measure; for studies that keep the numbers, not the pictures."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import torch

from seedbed import store
from seedbed.features.detect import detect, images_path
from seedbed.metrics.boxes import objects_of
from seedbed.models.sd import LatentModel
from seedbed.sampling.denoise import Sampler
from seedbed.tickets.draw import draw_layouts


def first_layouts(layouts: pd.DataFrame, count: int) -> pd.DataFrame:
    """The rows of ``count`` layouts spread evenly over the table (its kinds come in blocks).

    Raises:
        ValueError: the table has fewer.
    """
    ids = layouts["layout_id"].unique()
    if count > len(ids):
        raise ValueError(f"{count} layouts asked for, the table has {len(ids)}")
    kept = ids[[k * len(ids) // count for k in range(count)]]
    return layouts[layouts["layout_id"].isin(kept)].reset_index(drop=True)


def measure(
    images: str | Path, layouts: pd.DataFrame, detector, confidences: Sequence[float]
) -> pd.DataFrame:
    """Object table (``metrics.boxes``) of an image shard whose prompts are layouts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "detections.parquet"
        detect(images, path, detector)
        found, looked_at = store.read_table(path), store.read_table(images_path(path))
    return objects_of(layouts, looked_at, found, detector.names, confidences)


def run_trial(
    model: LatentModel,
    sampler: Sampler,
    layouts: pd.DataFrame,
    latents: torch.Tensor,
    seeds: list[int],
    detector,
    confidences: Sequence[float],
    *,
    batch: int,
    control: str | None = None,
    constants: Mapping | None = None,
) -> pd.DataFrame:
    """Draw every layout from its latent and return the object table."""
    with tempfile.TemporaryDirectory() as folder:
        shard = Path(folder) / "images.parquet"
        draw_layouts(
            model,
            sampler,
            layouts,
            latents,
            seeds,
            control,
            constants or {},
            shard,
            encoding="png",
            batch=batch,
        )
        return measure(shard, layouts, detector, confidences)
