"""Photos of Open Images and masks of one object of each: what inpainting is asked to fill.

Good Seed, section 4.3: 500 pictures with masks that "typically cover an object"; it cites Open
Images and says no more. Our reading: of the masks of one archive of the validation set, those that
people have found good, which hide between ``LEAST`` and ``MOST`` of the central square, at most one
of a photo, drawn at random. Photos come one by one from the set's public bucket.

A mask's file is ``{image}_{label}_{box}.png``, of the photo's shape but not always of its size.
"""

from __future__ import annotations

import csv
import io
import logging
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from seedbed import outside, store
from seedbed.archives import Archive, opened
from seedbed.download import fetch
from seedbed.masked_photos import table_of, widened
from seedbed.photos import square_of

log = logging.getLogger(__name__)
LEAST, MOST = 0.02, 0.5
"""Shares of the central square that a mask hides."""
AGREED = 0.8
"""``PredictedIoU`` from which a mask counts as good."""
ASPECT = 0.02
"""By which the shapes of photo and mask may differ, as a ratio."""
COLUMNS = ("MaskPath", "ImageID", "LabelName", "PredictedIoU")
NEAREST = Image.Resampling.NEAREST


@dataclass(frozen=True)
class Masked:
    """One mask.

    Attributes:
        file: its name.
        image: id of the photo.
        category: what it hides, in words.
    """

    file: str
    image: str
    category: str


def candidates(masks: str | Path, classes: str | Path) -> list[Masked]:
    """The good masks of Open Images' table, in its order.

    Args:
        masks: ``…-annotations-object-segmentation.csv``.
        classes: ``class-descriptions-boxable.csv``: label and words, without a header.

    Raises:
        ValueError: one line that names the file: it cannot be read, lacks a column, or holds a
            mask of a class without words.
    """
    words = dict(row[:2] for row in csv.reader(_lines(classes)) if len(row) >= 2)
    reader = csv.DictReader(_lines(masks))
    lacking = [c for c in COLUMNS if c not in (reader.fieldnames or [])]
    if lacking:
        raise ValueError(f"{masks}: lacks the column {lacking[0]}; give the published table")
    found = []
    for number, row in enumerate(reader, start=2):
        try:
            good = float(row["PredictedIoU"]) >= AGREED
            category = words[row["LabelName"]].lower()
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"{masks}: line {number}: no number, or a class without words in {classes} "
                f"({' '.join(str(error).split())}); give the published tables"
            ) from error
        if good:
            found.append(Masked(row["MaskPath"], row["ImageID"], category))
    return found


def _lines(path: str | Path) -> io.StringIO:
    try:
        return io.StringIO(outside.read(path).decode("utf-8"))
    except (outside.OutsideError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: no table that can be read ({error}); get it again") from error


def choose(
    found: list[Masked], archive: Archive, count: int, seed: int, side: int
) -> list[tuple[Masked, np.ndarray]]:
    """So many masks at random, at most one of a photo; a longer draw begins with the shorter one.

    Args:
        found: masks of the whole set; those that the archive lacks are of its other archives.
        archive: of mask files.
        count, seed: of the draw.
        side: pixels of the square.

    Returns:
        The masks, and what each hides: (side, side) bool, not widened yet.

    Raises:
        ValueError: there are not so many, or a file cannot be read.
    """
    there = set(archive.names)
    kept = sorted((m for m in found if m.file in there), key=lambda masked: masked.file)
    chosen, images = [], set()
    for i in np.random.default_rng(seed).permutation(len(kept)):
        masked = kept[i]
        if masked.image in images:
            continue
        name = f"{archive.path}/{masked.file}"
        hidden = square_of(archive.open(masked.file), name, side, NEAREST)[..., 0] > 0
        if LEAST <= hidden.mean() <= MOST:
            images.add(masked.image)
            chosen.append((masked, hidden))
        if len(chosen) == count:
            return chosen
    raise ValueError(
        f"{archive.path}: {len(chosen)} masks of {len(kept)} fit, not {count}; lower count, or "
        "give the archive of another letter"
    )


def fetch_photos(entry: Mapping, name: str, output: str | Path) -> int:
    """The photos of an entry's pairs, in one zip; returns how many.

    Each is downloaded once: those of an earlier try lie in a hidden folder beside the output.

    Args:
        entry: with its files at hand.
        name: of the entry, for messages.
        output: the zip.

    Raises:
        ValueError: a photo cannot be had or read.
    """
    output = Path(output)
    folder = output.with_name(f".{output.stem}.photos")
    chosen = _chosen(entry)
    for masked, _ in chosen:
        path = folder / f"{masked.image}.jpg"
        if not path.exists():
            url = f"{entry['photos']['url'].rstrip('/')}/{path.name}"
            fetch(url, None, path, key=f"pairs.{name}.photos.local (a folder)")
        # One that was cut short would be a fault of a later job.
        square_of(path, path, entry["side"])
    with store.atomic(output) as partial, zipfile.ZipFile(partial, "w") as package:
        for masked, _ in chosen:
            package.write(folder / f"{masked.image}.jpg", f"{masked.image}.jpg")
    for masked, _ in chosen:
        (folder / f"{masked.image}.jpg").unlink()
    folder.rmdir()
    return len(chosen)


def _chosen(entry: Mapping) -> list[tuple[Masked, np.ndarray]]:
    found = candidates(entry["table"]["local"], entry["classes"]["local"])
    with opened(entry["masks"]["local"], ".png") as archive:
        return choose(found, archive, entry["count"], entry["seed"], entry["side"])


def from_entry(entry: Mapping, name: str) -> pd.DataFrame:
    """The pairs of a config entry of kind ``open_images``; see ``masked_photos``.

    Photos and masks are cut to their central squares and resized to ``side`` pixels; then masks are
    widened.

    Raises:
        ValueError: one line that names the file: one that is not here, cannot be read, or a mask
            of another shape than its photo.
    """
    absent = [k for k in ("table", "classes", "masks", "photos") if entry[k]["local"] is None]
    if absent:
        raise ValueError(f"pairs.{name}.{absent[0]}: not downloaded; let the workflow fetch it")
    chosen, images, masks = _chosen(entry), [], []
    with (
        opened(entry["photos"]["local"], ".jpg") as photos,
        opened(entry["masks"]["local"], ".png") as archive,
    ):
        for masked, hidden in chosen:
            photo = f"{masked.image}.jpg"
            _same_shape(photos, photo, archive, masked.file)
            where = f"{photos.path}/{photo}"
            images.append(square_of(photos.open(photo), where, entry["side"]))
            masks.append(widened(hidden))
    log.info("%d pairs of %d pixels", len(chosen), entry["side"])
    ids = [f"openimages_{masked.image}" for masked, _ in chosen]
    categories = [masked.category for masked, _ in chosen]
    return table_of(ids, categories, np.stack(images), np.stack(masks))


def _same_shape(photos: Archive, photo: str, archive: Archive, mask: str) -> None:
    shapes = []
    for where, name in ((photos, photo), (archive, mask)):
        try:
            with Image.open(where.open(name)) as picture:
                shapes.append(picture.width / picture.height)
        except OSError as error:
            raise ValueError(f"{where.path}/{name}: no picture ({error}); get it again") from error
    if abs(shapes[0] / shapes[1] - 1) > ASPECT:
        raise ValueError(
            f"{archive.path}/{mask}: of another shape than {photos.path}/{photo}; get both again"
        )
