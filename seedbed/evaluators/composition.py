"""Where in a picture the object of its prompt is, how large and how near (Good Seed, 3.4).

Per image: centroid, size and depth "relative to the image". Our reading (methods A7): of the
prompt's class, the largest mask of enough confidence; x / W and y / H of its centroid, its share of
the pixels, and the mean over it of the inverse depth after min–max over the image. An image in
which the object is not found has a row without numbers.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.evaluators.base import DepthEstimator, Segmenter
from seedbed.progress import Progress

log = logging.getLogger(__name__)
MEASURES = ("x", "y", "size", "depth")
COLUMNS = ("seed", "prompt_id", "object", "found", *MEASURES, "score")


def relative_depth(depth: np.ndarray) -> np.ndarray:
    """(n, h, w) inverse depth, min–max to 0..1 over each image; 0 where it is flat."""
    low = depth.min(axis=(1, 2), keepdims=True)
    spread = depth.max(axis=(1, 2), keepdims=True) - low
    return np.divide(depth - low, spread, out=np.zeros_like(depth), where=spread > 0)


def measures_of(mask: np.ndarray, depth: np.ndarray) -> tuple[float, float, float, float]:
    """x, y, size and depth of a mask (h, w) bool, at least one pixel, under relative depth (h, w).

    A pixel lies where its centre does: a whole frame has its centroid at 0.5, 0.5.
    """
    height, width = mask.shape
    ys, xs = np.nonzero(mask)
    x, y = (xs.mean() + 0.5) / width, (ys.mean() + 0.5) / height
    return float(x), float(y), float(mask.mean()), float(depth[mask].mean())


def compose(
    images: np.ndarray,
    objects: Sequence[str],
    segmenter: Segmenter,
    depths: DepthEstimator,
    confidence: float,
) -> pd.DataFrame:
    """``object``, ``found``, ``MEASURES`` and ``score`` of (n, h, w, 3) uint8 pictures.

    Args:
        images: pictures.
        objects: the class that each prompt names.
        segmenter, depths: what looks.
        confidence: masks below it are not taken, 0..1.

    Raises:
        ValueError: a depth is not finite.
    """
    found, masks = segmenter(images)
    said = depths(images)
    if not np.isfinite(said).all():
        raise ValueError(
            f"{depths.metadata['depth']}: not a finite depth everywhere; look at its weights"
        )
    near = relative_depth(said)
    sizes = masks.sum(axis=(1, 2))
    fit = (found["confidence"].to_numpy() >= confidence) & (sizes > 0)
    rows = []
    for i, name in enumerate(objects):
        own = np.flatnonzero(
            fit & (found["image"] == i).to_numpy() & (found["class"] == name).to_numpy()
        )
        if not len(own):
            rows.append((name, False, *[np.nan] * 5))
            continue
        best = own[np.argmax(sizes[own])]
        score = float(found["confidence"].iloc[best])
        rows.append((name, True, *measures_of(masks[best], near[i]), score))
    return pd.DataFrame(rows, columns=list(COLUMNS[2:]))


def measure(
    shard: str,
    prompts: pd.DataFrame,
    output: str,
    evaluators: tuple[Segmenter, DepthEstimator],
    confidence: float,
) -> int:
    """The composition of every image of a shard; returns how many.

    Args:
        shard: images.
        prompts: ``prompt_id`` and ``object`` of all its prompts.
        output: Parquet with ``COLUMNS``.
        evaluators: segmenter and depth estimator.
        confidence: see ``compose``.

    Raises:
        ValueError: a prompt names no object, or one that the segmenter does not know; a depth is
            not finite.
        StoreError: an image is of no prompt of the table, or none came.
    """
    segmenter, depths = evaluators
    object_of = dict(zip(prompts["prompt_id"], prompts["object"], strict=True))
    progress = Progress(store.count_images(shard), "images", log)
    parts = []
    for columns, images in store.read_images(shard):
        keys = pd.DataFrame(columns)[["seed", "prompt_id"]]
        lost = ~keys["prompt_id"].isin(object_of).to_numpy()
        store.refuse_rows(shard, keys, lost, "no such prompt in the prompt table")
        objects = [str(object_of[prompt]) for prompt in keys["prompt_id"]]
        _refuse_unknown(objects, segmenter)
        looked = compose(images, objects, segmenter, depths, confidence)
        parts.append(pd.concat([keys, looked], axis=1))
        progress.add(len(images))
    if not parts:
        raise store.StoreError(f"{shard}: no images; {store.AGAIN}")
    table = pd.concat(parts, ignore_index=True)
    log.info("%d images, %d without their object", len(table), (~table["found"]).sum())
    store.write_table(table, output)
    return len(table)


def _refuse_unknown(objects: Sequence[str], segmenter: Segmenter) -> None:
    unknown = sorted(set(objects) - set(segmenter.names))
    if unknown:
        raise ValueError(
            f"{segmenter.metadata['segmenter']}: knows no class {unknown[0]!r} "
            f"({len(unknown)} such objects of prompts); name a segmenter that does, or survey "
            "other prompts"
        )
