"""Pictures in memory or, where they are too many, in a file that is mapped.

The papers' 1,024 seeds × 11,000 pictures of 224 pixels are 1.7 TB.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HELD = 8 * 2**30
"""Bytes of pictures that are held in memory; more of them are mapped."""
PART = 4096
"""Pictures looked at together."""


def room(shape: tuple[int, ...], scratch: Path) -> np.ndarray:
    """Zeros (uint8): in memory, or in a file where they are more than ``HELD``.

    Args:
        shape: of the array.
        scratch: a folder for the file, which whoever made it removes.
    """
    if int(np.prod(shape, dtype=np.int64)) <= HELD:
        return np.zeros(shape, dtype=np.uint8)
    scratch.mkdir(parents=True, exist_ok=True)
    return np.memmap(scratch / "pictures.raw", np.uint8, "w+", 0, shape)


@dataclass(frozen=True)
class Some:
    """Some of many pictures, copied only as they are sliced.

    Attributes:
        pixels: (n, side, side, 3) uint8.
        at: (m,) places of those meant.
    """

    pixels: np.ndarray
    at: np.ndarray

    def __len__(self) -> int:
        return len(self.at)

    def __getitem__(self, part: slice) -> np.ndarray:
        return self.pixels[self.at[part]]


def in_parts(pictures: np.ndarray | Some) -> Iterator[np.ndarray]:
    """Pictures, ``PART`` at a time."""
    for start in range(0, len(pictures), PART):
        yield pictures[start : start + PART]
