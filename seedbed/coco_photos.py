"""Pictures of COCO 2017 as real ones to compare with, or to be described.

Good Seed, section 3.4, compares with 10,000 images of COCO and does not say which. Here they are
drawn among all of a part (train2017, val2017), so that the photos whose captions are the prompts
(``prompts.llava``) and those of a reference are the same where part and seed are.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from seedbed.archives import Archive, opened
from seedbed.photos import BATCH, square_of

log = logging.getLogger(__name__)


def archive_of(entry: Mapping) -> Mapping:
    """Of the archives that an entry names, that of its ``part``."""
    return entry["archives"][entry["part"]]


def drawn(names: Sequence[str], count: int, seed: int) -> list[str]:
    """So many file names at random; a longer draw begins with the shorter one.

    Raises:
        ValueError: there are fewer.
    """
    if len(names) < count:
        raise ValueError(f"{count:,} pictures asked for, there are {len(names):,}; ask for fewer")
    order = np.random.default_rng(seed).permutation(len(names))
    return [sorted(names)[i] for i in order[:count]]


def photo_id(name: str) -> str:
    """The id of a picture: that of its layout too (``layouts.coco.layout_id_of``)."""
    return f"coco_{Path(name).stem}"


def pictures(archive: Archive, names: Sequence[str], side: int) -> np.ndarray:
    """The central squares of some files, (n, side, side, 3) uint8."""
    squares = [square_of(archive.open(n), f"{archive.path}/{n}", side) for n in names]
    return np.stack(squares)


def from_entry(entry: Mapping, name: str) -> Iterator[tuple[list[str], np.ndarray]]:
    """The pictures of a config entry of kind ``coco``: ``part``, ``archives``, ``count``,
    ``seed``, ``side``.

    Each is cut to its central square and resized (Lanczos) to ``side`` pixels.

    Yields:
        Ids and (n, side, side, 3) uint8 pictures, in the order of the draw.

    Raises:
        ValueError: one line: no archive, too few pictures, or one that cannot be read.
    """
    path = archive_of(entry)["local"]
    if path is None:
        raise ValueError(
            f"references.{name}.archives.{entry['part']}: not downloaded; run the rule"
        )
    with opened(path, ".jpg") as archive:
        names = drawn(archive.names, entry["count"], entry["seed"])
        log.info("%s: %d of %d pictures", path, len(names), len(archive.names))
        for start in range(0, len(names), BATCH):
            part = names[start : start + BATCH]
            yield [photo_id(n) for n in part], pictures(archive, part, entry["side"])
