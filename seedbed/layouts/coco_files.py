"""Layout sets of COCO's annotation files, local or downloaded."""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from seedbed.download import at_hand, one_line
from seedbed.layouts.coco import coco_layouts

MOST_BYTES = 2 * 2**30
"""Of the two files, unpacked."""


def from_entry(entry: Mapping, name: str) -> pd.DataFrame:
    """The layout table of COCO annotations, local or downloaded; what was read is logged.

    Args:
        entry: the set's entry under ``layouts`` in the config; ``excluded``, where it is there,
            are ids of layouts that must not be drawn.
        name: the set's name there, for messages.

    Raises:
        ValueError: files that cannot be read or downloaded, or hold too few layouts.
    """
    given = [entry["instances"], entry["captions"]]
    if any(given) and not all(given):
        raise ValueError(f"layouts.{name}: give both instances and captions, or neither")
    with tempfile.TemporaryDirectory() as folder:
        instances, captions = given if all(given) else _unpacked(entry, name, Path(folder))
        table, _ = coco_layouts(
            instances,
            captions,
            entry["one"],
            entry["two"],
            entry["seed"],
            entry["synonyms"],
            frozenset(entry.get("excluded", ())),
        )
    return table


def _unpacked(entry: Mapping, name: str, folder: Path) -> list[Path]:
    """The two files of COCO's annotation archive that are needed."""
    wanted = [f"annotations/{kind}_{entry['part']}.json" for kind in ("instances", "captions")]
    with at_hand(entry, f"layouts.{name}.local") as archive:
        try:
            with zipfile.ZipFile(archive) as package:
                if sum(package.getinfo(member).file_size for member in wanted) > MOST_BYTES:
                    raise zipfile.BadZipFile(f"they unpack to more than {MOST_BYTES:,} bytes")
                return [Path(package.extract(member, folder)) for member in wanted]
        except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError) as error:
            raise ValueError(
                f"{entry['local'] or entry['url']}: no archive with {' and '.join(wanted)} "
                f"({one_line(error)}); correct layouts.{name}.url, .local or .part"
            ) from error
