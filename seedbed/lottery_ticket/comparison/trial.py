"""One trial: draw layouts, detect, measure; for studies that keep the numbers, not the pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch

from seedbed.lottery_ticket.comparison.draw import Steering, pictures
from seedbed.lottery_ticket.comparison.objects import object_table
from seedbed.sampling.drawing import Drawing


def spread_layouts(layouts: pd.DataFrame, count: int) -> pd.DataFrame:
    """The rows of ``count`` layouts spread evenly over the table (its kinds come in blocks).

    Raises:
        ValueError: the table has fewer.
    """
    ids = layouts["layout_id"].unique()
    if count > len(ids):
        raise ValueError(f"{count} layouts asked for, the table has {len(ids)}")
    kept = ids[[k * len(ids) // count for k in range(count)]]
    return layouts[layouts["layout_id"].isin(kept)].reset_index(drop=True)


def look(
    drawing: Drawing,
    layouts: pd.DataFrame,
    latents: torch.Tensor,
    seeds: Sequence[int],
    detector,
    steering: Steering | None = None,
) -> pd.DataFrame:
    """Draw every layout from its latent and return what is detected, with its ``layout_id``."""
    ids = layouts["layout_id"].drop_duplicates().to_numpy()
    found = []
    for part, drawn in pictures(drawing, layouts, latents, seeds, steering or Steering()):
        boxes = detector(drawn)
        at = boxes.pop("image").to_numpy(np.int64)
        found.append(boxes.assign(layout_id=ids[part][at]))
    return pd.concat(found, ignore_index=True)


def run_trial(
    drawing: Drawing,
    layouts: pd.DataFrame,
    latents: torch.Tensor,
    seeds: Sequence[int],
    detector,
    confidences: Sequence[float],
    steering: Steering | None = None,
) -> pd.DataFrame:
    """Draw every layout from its latent and return the object table.

    Args:
        drawing: draws the images.
        layouts: layout table; layout i is drawn from ``latents[i]``.
        latents: (n, c, h, w) float32.
        seeds: of their base noises.
        detector: see ``evaluators.base.Detector``.
        confidences: lowest confidence of the detections counted.
        steering: of the denoising; none where left out.
    """
    detections = look(drawing, layouts, latents, seeds, detector, steering)
    images = layouts[["layout_id"]].drop_duplicates()
    return object_table(layouts, images, detections, detector.names, confidences)
