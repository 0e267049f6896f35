"""Real pictures of the world, which distances are measured to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from seedbed.storybook.data import draw_set
from seedbed.storybook.prompts import HELD_OUT


def from_entry(entry: Mapping, name: str) -> Iterator[tuple[list[str], np.ndarray]]:
    """Held-out scenes of a config entry of kind ``storybook``: ``count``, ``seed``.

    Yields:
        Ids and (n, 64, 64, 3) uint8 pictures.
    """
    count = entry["count"]
    drawn = draw_set(count, HELD_OUT + entry["seed"])
    for part in np.array_split(np.arange(count), max(1, count // 256)):
        yield [f"scene_{i:06d}" for i in part], drawn.images[part]
