"""Layout sets of COCO's annotation files, local or downloaded."""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from seedbed.layouts.coco import coco_layouts
from seedbed.prompts.download import MOST_BYTES, fetch
from seedbed.prompts.table import one_line


def from_entry(entry: Mapping, name: str) -> pd.DataFrame:
    """The layout table of COCO annotations, local or downloaded; what was read is logged.

    Args:
        entry: the set's entry under ``layouts`` in the config; ``excluded``, where it is there,
            are ids of layouts that must not be drawn.
        name: the set's name there, for messages.

    Raises:
        ValueError: files that cannot be read or downloaded, or hold too few layouts.
    """
    with tempfile.TemporaryDirectory() as folder:
        given = [entry["instances"], entry["captions"]]
        if all(given):
            instances, captions = given
        elif any(given):
            raise ValueError(f"layouts.{name}: give both instances and captions, or neither")
        else:
            instances, captions = _download(entry, name, Path(folder))
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


def _download(entry: dict, name: str, folder: Path) -> list[Path]:
    """Fetch COCO's annotation archive and unpack the two files that are needed."""
    archive = fetch(
        entry["url"],
        entry["sha256"],
        folder / "annotations.zip",
        key=f"layouts.{name}.instances and .captions",
    )
    wanted = [f"annotations/{kind}_{entry['part']}.json" for kind in ("instances", "captions")]
    try:
        with zipfile.ZipFile(archive) as package:
            if sum(package.getinfo(member).file_size for member in wanted) > MOST_BYTES:
                raise zipfile.BadZipFile(f"they unpack to more than {MOST_BYTES:,} bytes")
            return [Path(package.extract(member, folder)) for member in wanted]
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError) as error:
        raise ValueError(
            f"{entry['url']}: no archive with {' and '.join(wanted)} ({one_line(error)}); correct "
            f"layouts.{name}.url or .part"
        ) from error
