"""How much of what a model painted anew is text (Good Seed, section 4.3).

"The average proportion of text artifacts within the mask across images of a seed": per image,
the share of the mask's pixels that a text box covers; per seed, its mean. The same on the
input is the control: what the picture held before anything was painted.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.evaluators.base import Detector
from seedbed.progress import Progress

log = logging.getLogger(__name__)

TEXT = "text"
"""The class of lettering, as detectors that know it call it."""


def share_in_mask(boxes: np.ndarray, mask: np.ndarray) -> float:
    """Share of a mask's pixels whose centres lie in any of some boxes.

    Args:
        boxes: (k, 4) x0, y0, x1, y1 in shares of the frame, y down.
        mask: (h, w) bool, at least one pixel set.

    Raises:
        ValueError: an empty mask.
    """
    if not mask.any():
        raise ValueError("a mask without a pixel has no share")
    height, width = mask.shape
    xs, ys = (np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height
    covered = np.zeros(mask.shape, dtype=bool)
    for x0, y0, x1, y1 in boxes:
        covered |= ((ys >= y0) & (ys < y1))[:, None] & ((xs >= x0) & (xs < x1))[None]
    return float((covered & mask).sum() / mask.sum())


def shares(
    images: np.ndarray, masks: np.ndarray, detector: Detector, confidence: float
) -> np.ndarray:
    """(n,) shares of text within the masks of (n, h, w, 3) uint8 pictures.

    Args:
        images: pictures.
        masks: (n, h, w) bool.
        detector: knows the class ``text``.
        confidence: boxes below it do not count, 0..1.

    Raises:
        ValueError: the detector knows no text.
    """
    if TEXT not in detector.names:
        raise ValueError(
            f"{detector.metadata['detector']}: knows no class {TEXT!r}; name a detector that "
            "does, or tesseract, in good_seed.inpainting.reader"
        )
    found = detector(images)
    found = found[(found["class"] == TEXT) & (found["confidence"] >= confidence)]
    boxes = {i: part[["x0", "y0", "x1", "y1"]].to_numpy() for i, part in found.groupby("image")}
    none = np.zeros((0, 4))
    return np.array([share_in_mask(boxes.get(i, none), mask) for i, mask in enumerate(masks)])


def of_shard(
    shard: str,
    inputs: dict[str, np.ndarray],
    masks: dict[str, np.ndarray],
    detector: Detector,
    confidence: float,
) -> pd.DataFrame:
    """Text shares of every picture of a shard, and of its input.

    Args:
        shard: pictures with ``seed`` and a ``prompt_id`` of the form ``pair:mode``.
        inputs: by pair, (h, w, 3) uint8, before anything was painted.
        masks: by pair, (h, w) bool.
        detector, confidence: see ``shares``.

    Returns:
        ``seed``, ``pair_id``, ``mode``, ``share``, ``input_share``.

    Raises:
        StoreError: a picture of an unknown pair, or no picture at all.
    """
    pairs = sorted(masks)
    stacked = np.stack([inputs[pair] for pair in pairs]), np.stack([masks[p] for p in pairs])
    before = dict(zip(pairs, shares(*stacked, detector, confidence), strict=True))
    progress = Progress(store.count_images(shard), "images", log)
    parts = []
    for columns, images in store.read_images(shard):
        frame = pd.DataFrame(columns)
        frame[["pair_id", "mode"]] = frame["prompt_id"].str.rsplit(":", n=1, expand=True)
        store.refuse_rows(shard, frame, ~frame["pair_id"].isin(masks).to_numpy(), "no such pair")
        held = np.stack([masks[pair] for pair in frame["pair_id"]])
        frame["share"] = shares(images, held, detector, confidence)
        frame["input_share"] = frame["pair_id"].map(before).astype(float)
        parts.append(frame[["seed", "pair_id", "mode", "share", "input_share"]])
        progress.add(len(images))
    if not parts:
        raise store.StoreError(f"{shard}: no images; {store.AGAIN}")
    return pd.concat(parts, ignore_index=True)


def tables(frame: pd.DataFrame, modes: Sequence[str], value: str) -> dict[str, np.ndarray]:
    """Per mode a table (seeds, pairs) of a value, seeds and pairs in rising order.

    Raises:
        ValueError: a seed lacks a pair.
    """
    from seedbed.statistics.per_seed import to_matrix

    seeds, pairs = sorted(frame["seed"].unique()), sorted(frame["pair_id"].unique())
    named = frame.rename(columns={"pair_id": "prompt_id"})
    return {m: to_matrix(named[named["mode"] == m], value, seeds, pairs) for m in modes}
