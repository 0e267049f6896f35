"""Pictures of which a mask hides one object: what inpainting is asked to fill.

A table with a row per pair: ``pair_id``, ``category`` (of what is hidden), ``image`` and ``mask``
(PNG bytes of one square size; white is hidden).

Masks are widened by ``widened``: Good Seed says nothing of it; the same authors' amodal completion
(github.com/k8xu/amodal) dilates masks of 512 pixels three times by 5×5: six pixels to each side,
of which one is left at 64 pixels.
"""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from scipy import ndimage

from seedbed import outside, store
from seedbed.photos import square

log = logging.getLogger(__name__)
COLUMNS = ("pair_id", "category", "image", "mask")
LIST = "pairs.csv"
"""The list in a user's folder, with ``COLUMNS``; image and mask name files beside it."""
GROWN, GROWN_AT = 6, 512
"""Pixels that a mask grows to each side, of a picture of so many."""


def dilate(mask: np.ndarray, by: int) -> np.ndarray:
    """(h, w) bool, grown by ``by`` pixels to all sides, diagonals included."""
    return ndimage.binary_dilation(mask, np.ones((2 * by + 1, 2 * by + 1), bool)) if by else mask


def widened(mask: np.ndarray) -> np.ndarray:
    """(side, side) bool, grown as much for its size as the paper's authors do."""
    return dilate(mask, max(1, round(GROWN * len(mask) / GROWN_AT)))


def table_of(
    ids: Sequence[str], categories: Sequence[str], images: np.ndarray, masks: np.ndarray
) -> pd.DataFrame:
    """The table of pairs: n ids, n categories, (n, h, w, 3) uint8, (n, h, w) bool."""
    return pd.DataFrame(
        {
            "pair_id": list(ids),
            "category": list(categories),
            "image": [store.encode_image(image, "png") for image in images],
            "mask": [_mask_png(mask) for mask in masks],
        }
    )


def _mask_png(mask: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(mask.astype(np.uint8) * 255).save(buffer, "PNG")
    return buffer.getvalue()


def arrays_of(pairs: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """(n, h, w, 3) uint8 pictures and (n, h, w) bool masks of a table of pairs."""
    images = np.stack([store.decode_image(data) for data in pairs["image"]])
    masks = np.stack([store.decode_image(data)[..., 0] >= 128 for data in pairs["mask"]])
    return images, masks


def from_entry(entry: Mapping, name: str) -> pd.DataFrame:
    """The pairs of a config entry of kind ``folder``: ``path``, ``side``.

    Pictures and masks are cut to their central square and resized to ``side`` pixels, pictures by
    Lanczos, masks by nearest neighbour; then masks are widened.

    Raises:
        ValueError: one line that names the file: no list, a row without one of its four values or
            with an id of before, a picture that cannot be read, a mask of another size than its
            picture or that hides nothing of it or all.
    """
    folder, side = Path(entry["path"]), entry["side"]
    rows = _listed(folder / LIST)
    images, masks = [], []
    for row in rows:
        image, mask = folder / row["image"], folder / row["mask"]
        images.append(square(image, side))
        hidden = square(mask, side, Image.Resampling.NEAREST)[..., 0] >= 128
        if _size(image) != _size(mask):
            raise ValueError(f"{mask}: another size than {image}; give a mask of its size")
        if not hidden.any() or hidden.all():
            part = "all" if hidden.any() else "nothing"
            raise ValueError(
                f"{mask}: it hides {part} of the central square at {side} pixels; "
                "correct or remove it"
            )
        masks.append(widened(hidden))
    log.info("%s: %d pairs of %d pixels", folder, len(rows), side)
    ids, categories = ([row[key] for row in rows] for key in ("pair_id", "category"))
    return table_of(ids, categories, np.stack(images), np.stack(masks))


def _listed(path: Path) -> list[dict[str, str]]:
    try:
        text = outside.read(path).decode("utf-8-sig")
    except (outside.OutsideError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: no list of pairs ({error}); write one") from error
    reader = csv.DictReader(io.StringIO(text))
    lacking = [column for column in COLUMNS if column not in (reader.fieldnames or [])]
    if lacking:
        raise ValueError(f"{path}: lacks the column {', '.join(lacking)}; add it")
    rows, seen = list(reader), set()
    for number, row in enumerate(rows, start=2):
        empty = [column for column in COLUMNS if not (row[column] or "").strip()]
        if empty:
            raise ValueError(f"{path}: line {number}: no {empty[0]}; fill it in")
        if row["pair_id"] in seen:
            raise ValueError(f"{path}: line {number}: pair_id {row['pair_id']} stands twice")
        seen.add(row["pair_id"])
    if not rows:
        raise ValueError(f"{path}: lists no pair; add one")
    return rows


def _size(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size
