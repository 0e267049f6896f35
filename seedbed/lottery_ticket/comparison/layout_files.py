"""What lies in several files for one arm: ranges of the layouts, in their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from seedbed import store


def by_arm(arms: Sequence[str], paths: Sequence[str]) -> dict[str, list[str]]:
    """The files of each arm, from those of all arms: first every range of the first arm.

    Raises:
        ValueError: arms have different numbers of files.
    """
    count, rest = divmod(len(paths), len(arms))
    if rest:
        raise ValueError(f"{len(paths)} files do not divide among {len(arms)} arms")
    return {arm: list(paths[k * count : (k + 1) * count]) for k, arm in enumerate(arms)}


def read_ranges(paths: Sequence[str]) -> pd.DataFrame:
    """The tables of all ranges as one."""
    return pd.concat([store.read_table(path) for path in paths], ignore_index=True)


def pictures_of(paths: Sequence[str]) -> Iterator[tuple[str, np.ndarray]]:
    """(layout id, (h, w, 3) uint8) of every picture, a batch of them in memory at a time."""
    for path in paths:
        for columns, pictures in store.read_images(path):
            yield from zip(columns["prompt_id"], pictures, strict=True)
