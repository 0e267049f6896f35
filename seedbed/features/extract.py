"""Run an extractor or a preference scorer over image shards."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import torch

from seedbed import store
from seedbed.progress import Progress

log = logging.getLogger(__name__)


def load_extractor(kind: str, source: str) -> Callable[[np.ndarray], np.ndarray]:
    """A feature extractor: uint8 images to (n, d) float32, with a ``metadata`` dict."""
    if kind == "storybook_net":
        from seedbed.features.storybook_net import StorybookNetExtractor

        return StorybookNetExtractor(source)
    raise ValueError(f"extractor kind {kind!r} is unknown: use storybook_net")


def extract(images: str | Path, output: str | Path, extractor) -> int:
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


def score(images: str | Path, prompts: pd.DataFrame, output: str | Path, scorer) -> int:
    """Preference of every image of a shard for its own prompt; returns how many.

    Args:
        images: the shard.
        prompts: columns ``prompt_id``, ``text``; must cover the shard.
        output: Parquet with ``seed``, ``prompt_id``, ``score``.
        scorer: a ``ClipScorer``.
    """
    total = pq.ParquetFile(images).metadata.num_rows
    progress = Progress(total, "images", log)
    row_of = {p: i for i, p in enumerate(prompts["prompt_id"])}
    texts = scorer.embed_texts(prompts["text"].tolist())
    parts = []
    for columns, pixels in store.read_images(images):
        rows = torch.tensor([row_of[p] for p in columns["prompt_id"]])
        cosine = (scorer.embed_images(pixels) * texts[rows]).sum(dim=1)
        parts.append(pd.DataFrame(columns).assign(score=cosine.numpy().astype(np.float64)))
        progress.add(len(pixels))
    frame = pd.concat(parts, ignore_index=True)
    if len(frame) != total:
        raise store.StoreError(f"{images}: {total} images came in, {len(frame)} went out")
    store.write_table(frame, output)
    return total
