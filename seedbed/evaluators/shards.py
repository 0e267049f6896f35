"""Run an extractor, a scorer or a detector over image shards; counts in are counts out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.evaluators.base import Detector, Extractor, Scorer
from seedbed.progress import Progress

log = logging.getLogger(__name__)

ROLES = ("extractor", "scorer", "detector")
"""Under one of these an evaluator's metadata name it."""


def extract(images: str | Path, output: str | Path, extractor: Extractor) -> int:
    """Features of every image of a shard, as the extractor gives them; returns how many.

    Raises:
        StoreError: an image is lost on the way, or a feature is not finite.
    """
    keys, parts = _measured(images, extractor.metadata, lambda _, pixels: extractor(pixels))
    store.write_features(output, keys, {"features": np.concatenate(parts)}, extractor.metadata)
    return len(keys)


def score(images: str | Path, prompts: pd.DataFrame, output: str | Path, scorer: Scorer) -> int:
    """Score of every image of a shard for its own prompt; returns how many.

    Args:
        images: the shard.
        prompts: columns ``prompt_id``, ``text``; must cover the shard.
        output: Parquet with ``seed``, ``prompt_id``, ``score``.
        scorer: measures.

    Raises:
        StoreError: an image is lost on the way, is of no prompt of the table, or its score is not
            finite.
    """
    row_of = {p: i for i, p in enumerate(prompts["prompt_id"])}
    scorer.prepare(prompts["text"].tolist())

    def measure(keys: pd.DataFrame, pixels: np.ndarray) -> np.ndarray:
        unknown = ~keys["prompt_id"].isin(row_of).to_numpy()
        store.refuse_rows(images, keys, unknown, "no such prompt in the prompt table")
        return np.asarray(scorer.score(pixels, [row_of[p] for p in keys["prompt_id"]]))

    keys, parts = _measured(images, scorer.metadata, measure)
    store.write_table(keys.assign(score=np.concatenate(parts)), output)
    return len(keys)


def detect(
    images: str | Path, output: str | Path, looked_at: str | Path, detector: Detector
) -> int:
    """Detections in every image of a shard; returns how many images.

    Writes two Parquet tables, the second first: ``output`` with ``seed``, ``prompt_id`` and what
    the detector says, a row per box; and ``looked_at`` with ``seed``, ``prompt_id`` and
    ``detections``, a row per image, those without a box among them.

    Raises:
        StoreError: an image is lost on the way, or a box is not finite.
    """
    boxes = []

    def measure(keys: pd.DataFrame, pixels: np.ndarray) -> np.ndarray:
        found = detector(pixels)
        at = found.pop("image").to_numpy()
        boxes.append(pd.concat([keys.iloc[at].reset_index(drop=True), found], axis=1))
        counts = np.bincount(at, minlength=len(keys))
        bad = ~np.isfinite(found.select_dtypes("number").to_numpy(np.float64)).all(axis=1)
        return np.where(np.bincount(at[bad], minlength=len(keys)) > 0, np.nan, counts)

    keys, parts = _measured(images, detector.metadata, measure)
    table = keys.assign(detections=np.concatenate(parts).astype(np.int64))
    log.info(
        "%d boxes in %d images, %d images without one",
        table["detections"].sum(),
        len(table),
        (table["detections"] == 0).sum(),
    )
    store.write_table(table, looked_at)
    store.write_table(pd.concat(boxes, ignore_index=True), output)
    return len(table)


def _measured(
    images: str | Path,
    metadata: dict[str, str],
    measure: Callable[[pd.DataFrame, np.ndarray], np.ndarray],
) -> tuple[pd.DataFrame, list[np.ndarray]]:
    """What a function makes of every image of a shard, a finite row or number for each.

    Args:
        images: the shard.
        metadata: of the evaluator.
        measure: (``seed`` and ``prompt_id`` of n images, (n, h, w, 3) uint8) to (n, …).

    Returns:
        ``seed`` and ``prompt_id`` of all images; what was made of them, in parts.

    Raises:
        StoreError: an image is lost on the way, or what was made of one is not finite.
    """
    total = store.count_images(images)
    progress = Progress(total, "images", log)
    keys, parts = [], []
    for columns, pixels in store.read_images(images):
        keys.append(pd.DataFrame(columns))
        parts.append(measure(keys[-1], pixels))
        _refuse_unmeasured(images, metadata, keys[-1], parts[-1])
        progress.add(len(pixels))
    if not total or sum(map(len, parts)) != total:
        raise store.StoreError(
            f"{images}: {total} images came in, {sum(map(len, parts))} went out; {store.AGAIN}"
        )
    return pd.concat(keys, ignore_index=True), parts


def _refuse_unmeasured(
    images: str | Path, metadata: dict[str, str], keys: pd.DataFrame, measured: np.ndarray
) -> None:
    bad = ~np.isfinite(measured.reshape(len(measured), -1)).all(axis=1)
    if bad.any():
        row = keys.iloc[int(np.flatnonzero(bad)[0])]
        who = next(metadata[role] for role in ROLES if role in metadata)
        raise store.StoreError(
            f"{images}: what {who} says of seed {row['seed']}, prompt {row['prompt_id']} is not "
            f"finite ({int(bad.sum())} such images): look at the picture and at the evaluator's "
            "weights"
        )
