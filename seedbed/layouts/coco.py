"""Captioned layouts from COCO's official annotation files.

Source: Lottery Ticket, section 4.3: 3,000 images with one object and 3,000 with two, whose
"bounding box categories are all mentioned in their image captions". What the paper leaves open
is settled here: an image has exactly one box, or two of different categories; its caption is
the first, by annotation id, that mentions every category; boxes go to the unit square by the
image's width and height, so that a picture of another shape is squashed rather than cropped.
These rules do not give the paper's mix of object sizes, whose rule is unknown: the mix is logged.

A box that cannot be used leaves the number of its image's objects unknown, so the whole image is
left out. Every record read is counted, with the reason why it was not used.
"""

from __future__ import annotations

import logging
import math
from collections import Counter, defaultdict
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd

from seedbed import outside
from seedbed.layouts import table
from seedbed.layouts.words import mentions

log = logging.getLogger(__name__)

TOLERANCE = 1.0
"""Pixels by which a box may exceed its image; it is clipped. Beyond that it is not used."""
MOST_BYTES = 4 * 2**30
"""Of an annotation file; the largest official one has half a gigabyte."""
LARGEST = 2**53
"""Whole numbers up to here are exact as floats; a file with a larger one is no annotation file."""

_BOX_FAULTS = {
    "boxes_incomplete": "a key is missing or of the wrong type",
    "boxes_image_unknown": "the file has no sound record of the image",
    "boxes_category_unknown": "the file has no such category",
    "boxes_crowd": "the box stands for a crowd, not an object",
    "boxes_not_finite": "not four finite numbers",
    "boxes_outside": "beyond the image by more than TOLERANCE",
    "boxes_empty": "no area inside the image",
}
_IMAGE_FATES = (
    *("images_incomplete", "images_without_box", "images_with_unusable_box"),
    *("images_with_more_boxes", "images_of_one_category", "images_without_caption"),
    *("images_not_mentioned", "images_excluded", "images_one", "images_two"),
)
COUNTS = (
    *("images_read", *_IMAGE_FATES),
    *("boxes_read", *_BOX_FAULTS, "boxes_usable"),
    *("captions_read", "captions_incomplete", "captions_image_unknown", "captions_usable"),
)
"""Keys of the counts. Images read, boxes read and captions read are the sums of what follows each;
``images_one`` and ``images_two`` are the images that could be drawn."""


def coco_layouts(
    instances_path: str | Path,
    captions_path: str | Path,
    n_one: int,
    n_two: int,
    seed: int,
    synonyms: bool = True,
    excluded: Collection[str] = (),
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Draw layouts of one and of two objects, at most one from an image.

    The draw depends on the set of images that qualify, not on their order in the file; with the
    same seed, fewer layouts of a kind are the first of more. Captions keep their case and signs;
    runs of blanks become one space.

    Args:
        instances_path: ``instances_….json``: ``images``, ``annotations``, ``categories``.
        captions_path: ``captions_….json`` of the same images.
        n_one: layouts with one object.
        n_two: layouts with two objects.
        seed: of the draw.
        synonyms: a mention may be a synonym (``words.mentions``); otherwise only the category's
            name or its plural.
        excluded: ids of layouts that another set has drawn; their images are left out here.

    Returns:
        The layout table, and how many records were read and used, by the keys in ``COUNTS``.

    Raises:
        ValueError: one line: a file is not such JSON, or has fewer layouts than asked for.
    """
    if min(n_one, n_two) < 0 or n_one + n_two == 0:
        raise ValueError(f"cannot draw {n_one} + {n_two} layouts; ask for at least one in all")
    counts = Counter(dict.fromkeys(COUNTS, 0))
    instances = _read(instances_path, ("images", "annotations", "categories"), "instances")
    names = _categories(instances["categories"], instances_path)
    images = _images(instances["images"], counts)
    boxes, unusable = _boxes(instances["annotations"], images, names, counts)
    captions = _captions(
        _read(captions_path, ("annotations",), "captions")["annotations"], images, counts
    )

    eligible: dict[int, dict[int, list[dict]]] = {1: {}, 2: {}}
    for image in sorted(images):
        fate, rows = _layout(boxes[image], image in unusable, captions[image], synonyms)
        if rows and layout_id_of(image) in excluded:
            fate, rows = "images_excluded", None
        counts[fate] += 1
        if rows:
            eligible[len(rows)][image] = rows
    _log(instances_path, counts)

    if counts["images_one"] < n_one or counts["images_two"] < n_two:
        lost = ", ".join(f"{key} {counts[key]}" for key in COUNTS if counts[key])
        raise ValueError(
            f"{instances_path}: found {counts['images_one']} layouts with one object and "
            f"{counts['images_two']} with two, not {n_one} and {n_two}; ask for fewer, or use the "
            f"annotations of train2017 ({lost})"
        )
    rows = []
    for n_objects, count in ((1, n_one), (2, n_two)):
        order = np.random.default_rng((seed, n_objects)).permutation(list(eligible[n_objects]))
        for image in order[:count].tolist():
            rows += [{"layout_id": layout_id_of(image), **r} for r in eligible[n_objects][image]]
    frame = table.make(rows)
    log.info("drew %d + %d layouts; sizes %s", n_one, n_two, table.size_mix(frame)["shares"])
    return frame, dict(counts)


def layout_id_of(image: int) -> str:
    """The id of the layout of a COCO image."""
    return f"coco_{image:012d}"


def _read(path: str | Path, lists: tuple[str, ...], kind: str) -> dict:
    advice = f"name COCO's official {kind}_….json"
    try:
        # Segmentations are most of an official file and would take gigabytes as Python objects.
        # A box that is not finite is counted with the others that cannot be used.
        content = outside.read_json(
            path, MOST_BYTES, lambda d: (d.pop("segmentation", None), d)[1], constants=float
        )
    except outside.OutsideError as error:
        raise ValueError(f"{path}: cannot be read ({error}); {advice}") from error
    for key in lists:
        if not isinstance(content, dict) or not isinstance(content.get(key), list):
            raise ValueError(f"{path}: has no list {key!r}; {advice}")
    return content


def _categories(records: list, path: str | Path) -> dict[int, str]:
    names = {}
    for record in records:
        if not _has(record, id=int, name=str) or not record["name"].strip():
            raise ValueError(f"{path}: the category {record!r} has no id or no name; restore it")
        names[record["id"]] = record["name"]
    return names


def _images(records: list, counts: Counter) -> dict[int, tuple[float, float]]:
    """(width, height) by image id."""
    images: dict[int, tuple[float, float]] = {}
    for record in records:
        counts["images_read"] += 1
        sound = _has(record, id=int, width=int, height=int) and record["id"] not in images
        if sound and record["width"] > 0 and record["height"] > 0:
            images[record["id"]] = (record["width"], record["height"])
        else:
            counts["images_incomplete"] += 1
    return images


def _boxes(
    records: list, images: dict, names: dict[int, str], counts: Counter
) -> tuple[dict[int, list[tuple[str, tuple]]], set]:
    """(category, box in shares) by image id, and the images with a box that cannot be used."""
    boxes = defaultdict(list)
    unusable = set()
    for record in records:
        counts["boxes_read"] += 1
        fault, box = _box(record, images, names)
        counts[fault or "boxes_usable"] += 1
        if box:
            boxes[record["image_id"]].append((names[record["category_id"]], box))
        elif _has(record, image_id=int):
            unusable.add(record["image_id"])
    return boxes, unusable


def _box(record, images: dict, names: dict[int, str]) -> tuple[str | None, tuple | None]:
    """Why a box cannot be used, a key of ``_BOX_FAULTS``, or the box in shares of its image."""
    if not _has(record, image_id=int, category_id=int, bbox=list, iscrowd=int):
        return "boxes_incomplete", None
    if record["image_id"] not in images:
        return "boxes_image_unknown", None
    if record["category_id"] not in names:
        return "boxes_category_unknown", None
    if record["iscrowd"]:
        return "boxes_crowd", None
    numbers = [v for v in record["bbox"] if _is_number(v)]
    if len(numbers) != 4 or len(record["bbox"]) != 4:
        return "boxes_not_finite", None
    x, y, w, h = numbers
    width, height = images[record["image_id"]]
    if max(-x, -y, x + w - width, y + h - height) > TOLERANCE:
        return "boxes_outside", None
    x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + w, width), min(y + h, height)
    if x1 <= x0 or y1 <= y0:
        return "boxes_empty", None
    return None, (x0 / width, y0 / height, x1 / width, y1 / height)


def _captions(records: list, images: dict, counts: Counter) -> dict[int, list[str]]:
    """Captions by image id, in the order of their annotation ids."""
    captions = defaultdict(list)
    for record in records:
        counts["captions_read"] += 1
        if not _has(record, id=int, image_id=int, caption=str) or not record["caption"].strip():
            counts["captions_incomplete"] += 1
        elif record["image_id"] not in images:
            counts["captions_image_unknown"] += 1
        else:
            counts["captions_usable"] += 1
            text = " ".join(record["caption"].split())
            captions[record["image_id"]].append((record["id"], text))
    return defaultdict(list, {i: [text for _, text in sorted(c)] for i, c in captions.items()})


def _layout(
    boxes: list[tuple[str, tuple]], unusable: bool, captions: list[str], synonyms: bool
) -> tuple[str, list[dict] | None]:
    """What becomes of an image, one of ``_IMAGE_FATES``, and its rows if it qualifies."""
    if unusable:
        return "images_with_unusable_box", None
    if not boxes:
        return "images_without_box", None
    if len(boxes) > 2:
        return "images_with_more_boxes", None
    if len({category for category, _ in boxes}) < len(boxes):
        return "images_of_one_category", None
    if not captions:
        return "images_without_caption", None
    for caption in captions:
        found = [mentions(category, caption, synonyms) for category, _ in boxes]
        if not all(found):
            continue
        rows = []
        for (category, box), ((start, mention), *_) in zip(boxes, found, strict=True):
            rows.append({"category": category, "mention": mention, "start": start})
            rows[-1] |= dict(zip(table.BOX, box, strict=True))
        rows.sort(key=lambda row: row["start"])
        rows = [{"caption": caption, "position": i, **row} for i, row in enumerate(rows)]
        return ("images_one", "images_two")[len(rows) - 1], rows
    return "images_not_mentioned", None


def _is_number(value) -> bool:
    """A truth value is no number, and neither is what no float holds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= LARGEST if isinstance(value, int) else math.isfinite(value)


def _has(record, **types: type) -> bool:
    """Whether a record is an object with these keys and types."""
    return isinstance(record, dict) and all(
        isinstance(record.get(key), kind) and (kind is not int or _is_number(record[key]))
        for key, kind in types.items()
    )


def _log(path: str | Path, counts: Counter) -> None:
    for key in COUNTS:
        if counts[key]:
            why = f" ({_BOX_FAULTS[key]})" if key in _BOX_FAULTS else ""
            log.info("%s: %s %d%s", Path(path).name, key, counts[key], why)
