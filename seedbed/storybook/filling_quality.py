"""How well an inpainting model does what it is asked, on held-out scenes of the world.

The judge is ``storybook-yolo``, which no generator ever saw.
"""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import torch

from seedbed import noise
from seedbed.masked_photos import arrays_of
from seedbed.models.base import to_uint8
from seedbed.progress import Progress
from seedbed.sampling.denoise import batches, decode, denoise
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.finite import named
from seedbed.sampling.inpaint import condition_of, filling_prompts
from seedbed.storybook.inpaint_pairs import draw_pairs

log = logging.getLogger(__name__)
SURE = 0.5
"""Confidence from which a box counts."""


def fill(drawing: Drawing, pairs: pd.DataFrame, tasks: pd.DataFrame, first_seed: int) -> np.ndarray:
    """One image per task, each from its own seed ``first_seed + i``: (n, H, W, 3) uint8."""
    model, images = drawing.model, []
    condition = condition_of(model, tasks, pairs)
    progress = Progress(len(tasks), "filled pictures", log)
    for part in batches(len(tasks), drawing.batch):
        seeds = range(first_seed + part.start, first_seed + part.stop)
        x = noise.batch(list(seeds), model.latent_shape, drawing.stream)
        who = named(seeds, tasks["prompt_id"].iloc[part])
        prompts = condition.take(torch.arange(part.start, part.stop))
        z = denoise(model, x, prompts, drawing.sampler, who=who)
        images.append(to_uint8(decode(model, z, drawing.sampler, who)))
        progress.add(len(z))
    return np.concatenate(images)


def found_under(mask: np.ndarray, boxes: pd.DataFrame) -> list[str]:
    """Classes of the boxes whose centres lie under a mask.

    Args:
        mask: (h, w) bool.
        boxes: ``class``, ``x0``, ``y0``, ``x1``, ``y1`` in shares of the picture.
    """
    height, width = mask.shape
    x = ((boxes["x0"] + boxes["x1"]) / 2 * width).to_numpy(dtype=int).clip(0, width - 1)
    y = ((boxes["y0"] + boxes["y1"]) / 2 * height).to_numpy(dtype=int).clip(0, height - 1)
    return boxes["class"][mask[y, x]].tolist()


def psnr_outside(image: np.ndarray, filled: np.ndarray, mask: np.ndarray) -> float:
    """Peak signal-to-noise ratio, dB, of the pixels that were given; (h, w, 3) uint8."""
    gap = (image.astype(float) - filled.astype(float))[~mask] / 255
    return float(10 * np.log10(1 / np.mean(gap**2)))


def filling_quality(
    drawing: Drawing, detector, prompts: dict, count: int, seed: int
) -> pd.DataFrame:
    """``measure``, ``value`` of ``count`` held-out scenes, each filled once in each mode.

    ``fill_completed``: an object of the category is found under the mask (0 or 1).
    ``fill_removed``: nothing is found there, neither an object nor lettering (0 or 1).
    ``fill_psnr``: of the pixels that were given, dB, of both modes.
    """
    pairs = draw_pairs(count, seed)
    tasks = filling_prompts(pairs, prompts)
    images, masks = arrays_of(pairs)
    filled = fill(drawing, pairs, tasks, seed)
    boxes = detector(filled)
    boxes = boxes[boxes["confidence"] >= SURE]
    row_of = {name: row for row, name in enumerate(pairs["pair_id"])}
    rows = []
    for i, task in enumerate(tasks.itertuples()):
        p = row_of[task.pair_id]
        there = found_under(masks[p], boxes[boxes["image"] == i])
        if task.mode == "completion":
            rows.append({"measure": "fill_completed", "value": float(task.object in there)})
        else:
            rows.append({"measure": "fill_removed", "value": float(not there)})
        kept = psnr_outside(images[p], filled[i], masks[p])
        rows.append({"measure": "fill_psnr", "value": kept})
    return pd.DataFrame(rows)
