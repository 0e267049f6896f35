"""Real pictures of the world as an image shard."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from seedbed import store
from seedbed.storybook.data import draw_set
from seedbed.storybook.prompts import HELD_OUT


def draw_shard(count: int, seed: int, path: str | Path, encoding: str) -> int:
    """Draw ``count`` held-out scenes into a shard; ``seed`` is -1 in its rows."""
    drawn = draw_set(count, HELD_OUT + seed)
    with store.atomic(path) as partial, store.ImageShardWriter(partial, encoding) as shard:
        for part in np.array_split(np.arange(count), max(1, count // 256)):
            ids = [f"scene_{i:06d}" for i in part]
            shard.add([-1] * len(part), ids, drawn.images[part], [""] * len(part))
    return count
