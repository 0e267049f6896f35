"""Example scenes with tickets collected on the fly from the categories of each prompt (4.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch

from seedbed import noise
from seedbed.layouts.table import BOX
from seedbed.lottery_ticket.comparison.latents import Tickets, initial_latents
from seedbed.lottery_ticket.comparison.objects import iou_matrix
from seedbed.lottery_ticket.tickets.collect import collect, pairs_of
from seedbed.lottery_ticket.tickets.collection import Collection
from seedbed.lottery_ticket.tickets.reading import Reading
from seedbed.lottery_ticket.tickets.select import positioned
from seedbed.models.base import to_uint8
from seedbed.sampling.denoise import batches, decode, denoise
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.finite import named

ARMS = ("sd", "semi")
"""Random noise, and noise constructed of tickets."""


def draw_scenes(
    drawing: Drawing,
    reading: Reading,
    scenes: pd.DataFrame,
    noises: Sequence[int],
    rule: Mapping,
    detector=None,
    confidence: float = 0.0,
) -> tuple[dict[str, np.ndarray], pd.DataFrame]:
    """Draw every scene from random and from constructed noise.

    Args:
        drawing: draws the images.
        reading: how first-step maps become scores.
        scenes: layout table with ``figure``, ``scene`` and ``seed`` (``layouts.scenes``).
        noises: seeds of the collections.
        rule: see ``tickets.select.rule_of``.
        detector: finds the categories that it knows; without one no IoU is known.
        confidence: detections below are not counted.

    Returns:
        Arrays: ``sd`` and ``semi`` (scenes, H, W, 3) uint8, ``latents`` (scenes, c, h, w) float32
        constructed, and an example for Figure 1: ``noise`` (c, h, w), its two score ``maps``
        (2, grid, grid) and the ``pair``. The table with ``iou_sd`` and ``iou_semi``, the best IoU
        of each box with a detection of its class, missing where the detector has no such class.
    """
    made, example = _latents(drawing, reading, scenes, noises, rule)
    drawn = scenes.drop_duplicates("scene").sort_values("scene")
    condition = drawing.model.encode(drawn["caption"].tolist())
    names = named(drawn["seed"].tolist(), drawn["layout_id"].tolist(), "scene")
    arrays: dict[str, np.ndarray] = {}
    table = scenes.copy()
    for arm, x in made.items():
        pictures = []
        for rows in batches(len(x), drawing.batch):
            who = names[rows]
            z = denoise(drawing.model, x[rows], condition.take(rows), drawing.sampler, who=who)
            pictures.append(to_uint8(decode(drawing.model, z, drawing.sampler, who)))
        arrays[arm] = np.concatenate(pictures)
        table[f"iou_{arm}"] = _ious(scenes, detector, arrays[arm], confidence)
    arrays["latents"] = made["semi"].numpy()
    arrays |= _example(example)
    return arrays, table


def _latents(
    drawing: Drawing, reading: Reading, scenes: pd.DataFrame, noises: Sequence[int], rule: Mapping
) -> tuple[dict[str, torch.Tensor], Collection]:
    """Latents of every scene by arm, and the first collection, positioned as the rule says."""
    made: dict[str, dict[int, torch.Tensor]] = {arm: {} for arm in ARMS}
    example: Collection | None = None
    categories = scenes.groupby("scene")["category"].transform("|".join)
    for _, part in scenes.groupby(categories, sort=False):
        (collection,), _ = collect(drawing, reading, pairs_of(part["category"]), noises)
        example = example or positioned(collection, rule)
        drawn = part.drop_duplicates("scene")
        for arm, tickets in (("sd", None), ("semi", Tickets(collection, rule))):
            latents, _ = initial_latents(drawing, part, drawn["seed"].tolist(), tickets=tickets)
            made[arm] |= dict(zip(drawn["scene"], latents, strict=True))
    ordered = {arm: torch.stack([x[k] for k in sorted(x)]) for arm, x in made.items()}
    return ordered, example


def _ious(scenes: pd.DataFrame, detector, pictures: np.ndarray, confidence: float) -> list[float]:
    if detector is None:
        return [float("nan")] * len(scenes)
    found = detector(pictures)
    found = found[found["confidence"] >= confidence]
    values = []
    for row in scenes.itertuples():
        if row.category not in detector.names:
            values.append(float("nan"))
            continue
        mine = found[(found["image"] == row.scene) & (found["class"] == row.category)]
        box = np.array([[row.x0, row.y0, row.x1, row.y1]])
        values.append(float(iou_matrix(box, mine[list(BOX)].to_numpy())[0].max(initial=0.0)))
    return values


def _example(collection: Collection) -> dict[str, np.ndarray]:
    """The first noise of a collection with its scores for the first pair."""
    maps = collection.scores[0, 0].astype(np.float32)
    return {
        "noise": noise.latents(collection.seeds[0], collection.shape, collection.stream).numpy(),
        "maps": maps.reshape(2, collection.grid, collection.grid),
        "pair": np.array(collection.pairs[0], dtype=str),
    }
