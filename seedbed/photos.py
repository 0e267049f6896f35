"""A folder of pictures as real ones to compare with."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from seedbed import outside

log = logging.getLogger(__name__)

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
BATCH = 64
MOST_BYTES = 256 * 2**20
"""Of one file."""
MOST_PIXELS = 2**27
"""Of one picture: 400 MB once it is decoded."""


def from_entry(entry: Mapping, name: str) -> Iterator[tuple[list[str], np.ndarray]]:
    """The pictures of a config entry of kind ``folder``: ``path``, ``side``.

    Each is cut to its central square and resized (Lanczos) to ``side`` pixels, so that all have
    one shape. In the order of their names. Files of other suffixes are counted in the log.

    Yields:
        Ids (file names) and (n, side, side, 3) uint8 pictures.

    Raises:
        ValueError: no such folder, fewer than two pictures, or one that cannot be read.
    """
    folder, side = Path(entry["path"]), entry["side"]
    if not folder.is_dir():
        raise ValueError(f"references.{name}.path: {folder} is no folder; name one of pictures")
    try:
        every = sorted(folder.iterdir())
    except OSError as error:
        raise ValueError(
            f"references.{name}.path: {folder} cannot be listed ({error.strerror}); let it be read"
        ) from error
    paths = [path for path in every if path.suffix.lower() in SUFFIXES]
    log.info("%s: %d pictures, %d other files", folder, len(paths), len(every) - len(paths))
    if len(paths) < 2:
        raise ValueError(
            f"references.{name}.path: {folder} holds {len(paths)} pictures "
            f"({', '.join(SUFFIXES)}); "
            "a distance needs two at least, and many to mean anything"
        )
    for start in range(0, len(paths), BATCH):
        part = paths[start : start + BATCH]
        yield [p.name for p in part], np.stack([square(p, side) for p in part])


def square(
    path: Path, side: int, resampling: Image.Resampling = Image.Resampling.LANCZOS
) -> np.ndarray:
    """The central square of a picture file, (side, side, 3) uint8.

    Raises:
        ValueError: one line that names the file, which cannot be read or is too large.
    """
    try:
        # Nothing is skipped: a distance to fewer pictures is another distance.
        for _ in outside.chunks(path, MOST_BYTES):
            break
    except outside.OutsideError as error:
        raise _unreadable(path, error) from error
    return square_of(path, path, side, resampling)


def square_of(
    file: Path | BinaryIO,
    name: str | Path,
    side: int,
    resampling: Image.Resampling = Image.Resampling.LANCZOS,
) -> np.ndarray:
    """The central square of an open picture, (side, side, 3) uint8; ``name`` is for messages.

    Raises:
        ValueError: one line that names it: it cannot be read or is too large.
    """
    try:
        with warnings.catch_warnings(), Image.open(file) as picture:
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            if picture.width * picture.height > MOST_PIXELS:
                raise ValueError(f"{picture.width} × {picture.height} pixels are too many")
            if picture.mode.startswith(("I", "F")):
                raise ValueError(f"more than 8 bits a channel (mode {picture.mode}); convert it")
            picture = picture.convert("RGB")
            short = min(picture.size)
            left, top = (picture.width - short) // 2, (picture.height - short) // 2
            box = (left, top, left + short, top + short)
            return np.asarray(picture.resize((side, side), resampling, box))
    except Exception as error:  # decoders raise whatever the bytes lead them to
        raise _unreadable(name, error) from error


def _unreadable(name: str | Path, error: Exception) -> ValueError:
    reason = " ".join(str(error).split()).replace(f" '{name}'", "")
    return ValueError(f"{name}: no picture that can be read ({reason}); replace or remove it")
