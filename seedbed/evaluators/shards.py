"""Run an extractor, a scorer or a detector over image shards; counts in are counts out."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from seedbed import store
from seedbed.evaluators.base import Detector, Extractor, Scorer
from seedbed.progress import Progress

log = logging.getLogger(__name__)


def extract(images: str | Path, output: str | Path, extractor: Extractor) -> int:
    """Features of every image of a shard, float32; returns how many.

    Raises:
        StoreError: an image is lost on the way.
    """
    total = pq.ParquetFile(images).metadata.num_rows
    progress = Progress(total, "images", log)
    index, features = [], []
    for columns, pixels in store.read_images(images):
        features.append(extractor(pixels))
        index.append(pd.DataFrame(columns))
        progress.add(len(pixels))
    array = np.concatenate(features)
    if len(array) != total:
        raise store.StoreError(f"{images}: {total} images came in, {len(array)} went out")
    store.write_features(
        output, pd.concat(index, ignore_index=True), {"features": array}, extractor.metadata
    )
    return total


def score(images: str | Path, prompts: pd.DataFrame, output: str | Path, scorer: Scorer) -> int:
    """Score of every image of a shard for its own prompt; returns how many.

    Args:
        images: the shard.
        prompts: columns ``prompt_id``, ``text``; must cover the shard.
        output: Parquet with ``seed``, ``prompt_id``, ``score``.
        scorer: measures.

    Raises:
        StoreError: an image is lost on the way.
    """
    total = pq.ParquetFile(images).metadata.num_rows
    progress = Progress(total, "images", log)
    row_of = {p: i for i, p in enumerate(prompts["prompt_id"])}
    scorer.prepare(prompts["text"].tolist())
    parts = []
    for columns, pixels in store.read_images(images):
        scores = scorer.score(pixels, [row_of[p] for p in columns["prompt_id"]])
        parts.append(pd.DataFrame(columns).assign(score=scores))
        progress.add(len(pixels))
    frame = pd.concat(parts, ignore_index=True)
    if len(frame) != total:
        raise store.StoreError(f"{images}: {total} images came in, {len(frame)} went out")
    store.write_table(frame, output)
    return total


def detect(
    images: str | Path, output: str | Path, looked_at: str | Path, detector: Detector
) -> int:
    """Detections in every image of a shard; returns how many images.

    Writes two Parquet tables, the second first: ``output`` with ``seed``, ``prompt_id`` and what
    the detector says, a row per box; and ``looked_at`` with ``seed``, ``prompt_id`` and
    ``detections``, a row per image, those without a box among them.

    Raises:
        StoreError: an image is lost on the way.
    """
    total = pq.ParquetFile(images).metadata.num_rows
    progress = Progress(total, "images", log)
    boxes, seen = [], []
    for columns, pixels in store.read_images(images):
        keys = pd.DataFrame(columns)
        found = detector(pixels)
        at = found.pop("image").to_numpy()
        boxes.append(pd.concat([keys.iloc[at].reset_index(drop=True), found], axis=1))
        seen.append(keys.assign(detections=np.bincount(at, minlength=len(keys))))
        progress.add(len(pixels))
    table = pd.concat(seen, ignore_index=True)
    if len(table) != total:
        raise store.StoreError(f"{images}: {total} images came in, {len(table)} went out")
    log.info(
        "%d boxes in %d images, %d images without one",
        table["detections"].sum(),
        total,
        (table["detections"] == 0).sum(),
    )
    store.write_table(table, looked_at)
    store.write_table(pd.concat(boxes, ignore_index=True), output)
    return total
