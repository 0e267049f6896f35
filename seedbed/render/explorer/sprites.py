"""Thumbnails on sheets: WebP pictures that each hold a block of seeds by prompts.

A page of thousands of small files would take minutes to open; one sheet of them all would have to
be decoded whole before the first is seen. A sheet here holds 16 seeds by 16 prompts, so that all
seeds of one prompt, or all prompts of one seed, lie on few.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from seedbed import store
from seedbed.progress import Progress
from seedbed.render.explorer.grids import Study, seeds_of

log = logging.getLogger(__name__)

BLOCK = 16
"""Seeds, and prompts, on one sheet."""
SAMPLE = (4, 64)
"""Seeds and prompts of each study by which the size of all pictures is foretold: prompts differ
more than seeds do."""
BASE64 = 4 / 3


@dataclass(frozen=True)
class Rung:
    """How thumbnails are made: side in pixels, quality of WebP (0..100)."""

    side: int
    quality: int


LADDER = (
    Rung(64, 50),
    Rung(64, 30),
    Rung(56, 30),
    Rung(48, 30),
    Rung(44, 30),
    Rung(40, 30),
    Rung(36, 30),
    Rung(32, 30),
)
"""From the sharpest down; the first with which all pictures fit is taken."""


def thumbnail(pixels: np.ndarray, side: int) -> np.ndarray:
    """(side, side, 3) uint8 of an (h, w, 3) uint8 picture; white beside one that is no square."""
    if pixels.shape[:2] == (side, side):
        return pixels
    image = Image.fromarray(pixels)
    # Pillow's ImageOps.pad cuts nothing off.
    return np.asarray(ImageOps.pad(image, (side, side), Image.Resampling.LANCZOS, color="white"))


def encode(sheet: np.ndarray, quality: int) -> bytes:
    """WebP of an (h, w, 3) uint8 sheet."""
    buffer = io.BytesIO()
    Image.fromarray(sheet).save(buffer, "WEBP", quality=quality, method=4)
    return buffer.getvalue()


def tiled(thumbs: np.ndarray) -> np.ndarray:
    """(rows · side, columns · side, 3) of (rows, columns, side, side, 3)."""
    rows, columns, side, _, channels = thumbs.shape
    return thumbs.transpose(0, 2, 1, 3, 4).reshape(rows * side, columns * side, channels)


def blocks(n_seeds: int, n_prompts: int) -> Iterator[tuple[slice, slice]]:
    """The blocks of a study, prompts running fastest: the page counts them in this order."""
    for i in range(0, n_seeds, BLOCK):
        for j in range(0, n_prompts, BLOCK):
            yield slice(i, min(i + BLOCK, n_seeds)), slice(j, min(j + BLOCK, n_prompts))


def sheets(study: Study, rung: Rung) -> list[bytes]:
    """All sheets of a study, in the order of ``blocks``.

    Memory: thumbnails of the whole study, 3 · side² bytes each, and one shard as it is stored.

    Raises:
        StoreError: a picture is in no shard, or cannot be decoded.
    """
    ids = study.prompts["prompt_id"].tolist()
    rows = {seed: i for i, seed in enumerate(study.seeds)}
    columns = {prompt: j for j, prompt in enumerate(ids)}
    thumbs = np.zeros((len(rows), len(ids), rung.side, rung.side, 3), np.uint8)
    there = np.zeros((len(rows), len(ids)), bool)
    progress = Progress(study.n_images, "thumbnails", log)
    for shard in study.images:
        found = store.pick_images([shard], None, ids)
        for (seed, prompt), pixels in found.items():
            at = rows[seed], columns[prompt]
            thumbs[at], there[at] = thumbnail(pixels, rung.side), True
        progress.add(len(found))
    if not there.all():
        i, j = np.argwhere(~there)[0]
        raise store.StoreError(
            f"{', '.join(map(str, study.images))}: no image of seed {study.seeds[i]}, "
            f"prompt {ids[j]}; {store.AGAIN}"
        )
    return [encode(tiled(thumbs[part]), rung.quality) for part in blocks(len(rows), len(ids))]


def bytes_per_image(study: Study, rungs: Sequence[Rung] = LADDER) -> list[float]:
    """What a thumbnail takes under each rung, in bytes, told from prompts evenly apart."""
    n_seeds, n_prompts = SAMPLE
    places = evenly(len(study.prompts), n_prompts)
    ids = study.prompts["prompt_id"].iloc[places].tolist()
    first = study.images[:1]
    found = list(store.pick_images(first, seeds_of(first)[:n_seeds], ids).values())
    return [_mean_bytes(found, rung) for rung in rungs]


def _mean_bytes(pictures: Sequence[np.ndarray], rung: Rung) -> float:
    small = [thumbnail(pixels, rung.side) for pixels in pictures]
    width = min(BLOCK, len(small))
    whole = np.stack(small[: len(small) // width * width])
    whole = whole.reshape(-1, width, rung.side, rung.side, 3)
    return len(encode(tiled(whole), rung.quality)) / (whole.shape[0] * width)


def evenly(n: int, count: int) -> np.ndarray:
    """At most ``count`` of ``n`` places, evenly apart, the first among them."""
    return np.unique(np.arange(min(n, count)) * n // max(1, min(n, count)))


def fitted(studies: Sequence[Study], budget: float) -> tuple[Rung, float]:
    """The sharpest rung with which the pictures of all studies fit, and the share of them kept.

    Args:
        studies: with all of their prompts.
        budget: bytes for all sheets in Base64.

    Returns:
        The rung and the share of every study's prompts, 1 where all fit.
    """
    each = np.array([bytes_per_image(study) for study in studies])
    counts = np.array([study.n_images for study in studies])
    totals = BASE64 * counts @ each
    for rung, total in zip(LADDER, totals, strict=True):
        if total <= budget:
            return rung, 1.0
    return LADDER[-1], budget / totals[-1]
