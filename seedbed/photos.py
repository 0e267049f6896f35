"""A folder of pictures as real ones to compare with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
BATCH = 64


def from_entry(entry: Mapping, name: str) -> Iterator[tuple[list[str], np.ndarray]]:
    """The pictures of a config entry of kind ``folder``: ``path``, ``side``.

    Each is cut to its central square and resized (Lanczos) to ``side`` pixels, so that all have
    one shape. In the order of their names.

    Yields:
        Ids (file names) and (n, side, side, 3) uint8 pictures.

    Raises:
        ValueError: no such folder, fewer than two pictures, or one that cannot be read.
    """
    folder, side = Path(entry["path"]), entry["side"]
    if not folder.is_dir():
        raise ValueError(f"references.{name}.path: {folder} is no folder; name one of pictures")
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())
    if len(paths) < 2:
        raise ValueError(
            f"references.{name}.path: {folder} holds {len(paths)} pictures "
            f"({', '.join(SUFFIXES)}); "
            "a distance needs two at least, and many to mean anything"
        )
    for start in range(0, len(paths), BATCH):
        part = paths[start : start + BATCH]
        yield [p.name for p in part], np.stack([_square(p, side) for p in part])


def _square(path: Path, side: int) -> np.ndarray:
    try:
        with Image.open(path) as picture:
            picture = picture.convert("RGB")
            short = min(picture.size)
            left, top = (picture.width - short) // 2, (picture.height - short) // 2
            box = (left, top, left + short, top + short)
            return np.asarray(picture.resize((side, side), Image.Resampling.LANCZOS, box))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path}: no picture that can be read ({error}); remove it") from error
