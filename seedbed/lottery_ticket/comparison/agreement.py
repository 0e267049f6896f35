"""Does a layer's first-step map know where the object will be? For every cross-attention layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch

from seedbed.attention.capture import Capture, of_words
from seedbed.attention.modules import cross_attention, side_of
from seedbed.layouts.table import BOX
from seedbed.lottery_ticket.comparison.latents import guidance_of
from seedbed.lottery_ticket.comparison.trial import look
from seedbed.sampling.denoise import batches
from seedbed.sampling.drawing import Drawing


def area_under_curve(values: np.ndarray, inside: np.ndarray) -> float:
    """The chance that a cell inside has the greater value than one outside, ties halved.

    Args:
        values: (n,).
        inside: (n,) bool.

    Returns:
        0..1, 0.5 for values that do not tell; NaN where no cell or every cell is inside.
    """
    if inside.all() or not inside.any():
        return float("nan")
    from scipy.stats import rankdata

    k = int(inside.sum())
    ranks = rankdata(values)[inside].sum()
    return float((ranks - k * (k + 1) / 2) / (k * (len(values) - k)))


def centres_inside(box: Sequence[float], grid: int) -> np.ndarray:
    """Which cells of a grid have their centre in a box: (cells,) bool, row-major."""
    centres = (np.arange(grid) + 0.5) / grid
    x0, y0, x1, y1 = box
    return np.outer((centres >= y0) & (centres < y1), (centres >= x0) & (centres < x1)).ravel()


def layer_agreement(
    drawing: Drawing, layouts: pd.DataFrame, base_seed: int, detector, confidence: float
) -> pd.DataFrame:
    """Maps of random noise against where the objects stand in the pictures drawn from it.

    Nothing is guided: the guidance boxes play no part.

    Args:
        drawing: draws the images.
        layouts: layout table; layout i is drawn from the noise of ``base_seed + i``.
        base_seed: see ``layouts``.
        detector: see ``evaluators.base.Detector``.
        confidence: detections below are not counted.

    Returns:
        ``layer``, ``grid``, ``layout_id``, ``position``, ``category``, ``auc``: area under the ROC
        curve of the cells of the word's map for lying in the box of the most confident detection
        of the object; a row for each object that was found, and whose box parts the cells.
    """
    model, groups = drawing.model, layouts.groupby("layout_id", sort=False)
    captions = groups["caption"].first()
    seeds = [base_seed + i for i in range(len(captions))]
    latents = torch.stack([drawing.latent(seed) for seed in seeds])
    found = look(drawing, layouts, latents, seeds, detector)
    found = found[found["confidence"] >= confidence].sort_values("confidence")
    boxes = {k: part[list(BOX)].iloc[-1] for k, part in found.groupby(["layout_id", "class"])}
    condition = model.encode(captions.tolist())
    guidance = guidance_of(model.tokenizer, layouts)
    objects = [part.to_dict("records") for _, part in groups]
    rows = []
    for part in batches(len(latents), drawing.batch):
        prompts = condition.take(part)
        capture = Capture(model, prompts, list(cross_attention(model.unet)), drawing.sampler)
        maps = capture.paired(latents[part], range(len(prompts)))
        for layer, of_layer in maps.items():
            grid = side_of(of_layer.shape[1])
            for of_image, phrases, named in zip(
                of_layer, guidance[part], objects[part], strict=True
            ):
                words = of_words(of_image, [g.tokens for g in phrases]).float().cpu().numpy()
                for word, row in zip(words, named, strict=True):
                    box = boxes.get((row["layout_id"], row["category"]))
                    if box is not None:
                        auc = area_under_curve(word, centres_inside(box, grid))
                        keys = {k: row[k] for k in ("layout_id", "position", "category")}
                        rows.append({"layer": layer, "grid": grid, **keys, "auc": auc})
    columns = ["layer", "grid", "layout_id", "position", "category", "auc"]
    return pd.DataFrame(rows, columns=columns).dropna(subset=["auc"]).reset_index(drop=True)
