"""Example scenes with tickets collected on the fly from the categories of each prompt (4.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch

from seedbed import noise
from seedbed.layouts.table import BOX
from seedbed.metrics.boxes import iou_matrix
from seedbed.models.sd import LatentModel, to_uint8
from seedbed.sampling.denoise import Sampler, batches, decode, denoise
from seedbed.tickets.collect import collect, pairs_of
from seedbed.tickets.collection import Collection
from seedbed.tickets.methods import METHODS, initial_latents, reading

LATENTS = {"sd": METHODS["sd"], "semi": METHODS["semi"]}


def draw_scenes(
    model: LatentModel,
    sampler: Sampler,
    scenes: pd.DataFrame,
    noises: Sequence[int],
    rule: Mapping,
    detector,
    confidence: float,
    *,
    layer: str,
    mode: str,
    fixed_positions: bool,
    stream: str,
    batch: int,
) -> tuple[dict[str, np.ndarray], pd.DataFrame]:
    """Draw every scene from random and from constructed noise.

    Args:
        model, sampler: draw the images.
        scenes: layout table with ``figure``, ``scene`` and ``seed`` (``layouts.scenes``).
        noises: seeds of the collections.
        rule: see ``methods.make_rule`` and ``methods.reading``.
        detector: finds the categories that it knows.
        confidence: detections below are not counted.
        layer, mode, fixed_positions: see ``tickets.collect``.
        stream: noise stream.
        batch: images per UNet batch.

    Returns:
        Arrays: ``sd`` and ``semi`` (scenes, H, W, 3) uint8, ``latents`` (scenes, c, h, w) float32
        constructed, and an example for Figure 1: ``noise`` (c, h, w), its two score ``maps``
        (2, grid, grid) and the ``pair``. The table with ``iou_sd`` and ``iou_semi``, the best IoU
        of each box with a detection of its class, missing where the detector has no such class.
    """
    made: dict[str, dict[int, torch.Tensor]] = {arm: {} for arm in LATENTS}
    example: Collection | None = None
    origin = {"model": "", "weights": ""}
    categories = scenes.groupby("scene")["category"].transform("|".join)
    for _, part in scenes.groupby(categories, sort=False):
        (collection,), _ = collect(
            model,
            sampler,
            pairs_of(part["category"]),
            noises,
            [layer],
            mode=mode,
            fixed_positions=fixed_positions,
            stream=stream,
            origin=origin,
        )
        example = example or reading(collection, rule)
        drawn = part.drop_duplicates("scene")
        for arm, method in LATENTS.items():
            latents, _ = initial_latents(
                model,
                sampler,
                part,
                method,
                drawn["seed"].tolist(),
                stream=stream,
                layer=layer,
                collection=collection,
                rule=rule,
            )
            made[arm] |= dict(zip(drawn["scene"], latents, strict=True))
    captions = scenes.drop_duplicates("scene").sort_values("scene")["caption"].tolist()
    condition = model.encode(captions)
    arrays: dict[str, np.ndarray] = {}
    table = scenes.copy()
    for arm, of_scene in made.items():
        x = torch.stack([of_scene[k] for k in range(len(captions))])
        pictures = []
        for rows in batches(len(x), batch):
            z = denoise(model, x[rows], condition.take(list(range(rows.start, rows.stop))), sampler)
            pictures.append(to_uint8(decode(model, z, sampler)))
        arrays[arm] = np.concatenate(pictures)
        table[f"iou_{arm}"] = _ious(scenes, detector, arrays[arm], confidence)
    arrays["latents"] = x.numpy()
    arrays |= _example(example)
    return arrays, table


def _ious(scenes: pd.DataFrame, detector, pictures: np.ndarray, confidence: float) -> list[float]:
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
