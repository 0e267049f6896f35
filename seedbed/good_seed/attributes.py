"""What the pixels of a picture alone tell: brightness, tint, and habits (Good Seed, 3.4).

The paper shows seeds that give greyscale pictures, borders, frames and skies, and names no
detector. These are ours; all of them work on any size of picture and know nothing of a world:

- *greyscale*: the mean CIELab chroma lies below ``chroma``.
- *border* of a side: a strip along it, at least ``least_width`` and at most ``most_width`` of the
  side, each line of which hardly varies (the standard deviation of its CIELab colour stays below
  ``spread``), ends in an edge parallel to the side: the colours on its two sides differ by more
  than ``step`` along nine tenths of its length, and so do the medians of the strip and of what
  follows over ``most_width`` (a line across the picture is no border). The outer ``most_width``
  at both ends of a line are left out, so that borders of the other sides do not count into it.
  The width is where the edge is strongest.
- *frame*: borders on at least three sides, since one may be drawn unevenly; a frame is no border
  of a side.
- *sky*: of the top 40 % of the rows at least ``sky_share`` of the pixels lie within ``sky_spread``
  of the median colour, which is brighter than L* ``sky_brightness``. A bright wall counts too:
  pixels alone do not tell it from a sky.
"""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.good_seed.looks import FLAGS, MEASURES, SIDES, WIDTHS
from seedbed.progress import Progress

log = logging.getLogger(__name__)

TOP = 0.4
"""Share of the rows in which a sky is looked for."""
EDGE_QUANTILE = 0.1
"""Nine tenths of an edge must be stronger than the step."""
FRAMED = 3
"""Sides with a border that make a frame."""
BLUR = 0.03
"""Share of the side over which an edge may be blurred."""
COLUMNS = (*MEASURES, *WIDTHS, *FLAGS)

_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.072175],
        [0.0193339, 0.119192, 0.9503041],
    ]
)
_WHITE = _TO_XYZ.sum(axis=1)
"""D65, so that grey has no chroma to the last digit."""
_LINEAR = np.arange(256) / 255
_LINEAR = np.where(_LINEAR <= 0.04045, _LINEAR / 12.92, ((_LINEAR + 0.055) / 1.055) ** 2.4)


def to_lab(images: np.ndarray) -> np.ndarray:
    """(…, 3) uint8 sRGB to (…, 3) float32 CIELab (L* 0..100), white D65 (IEC 61966-2-1)."""
    linear = _LINEAR.astype(np.float32)[images]
    xyz = linear @ (_TO_XYZ / _WHITE[:, None]).T.astype(np.float32)
    curved = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = (curved[..., i] for i in range(3))
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def colourfulness(images: np.ndarray) -> np.ndarray:
    """(n,) colourfulness of (n, h, w, 3) uint8 (Hasler and Süsstrunk 2003), 0 for grey."""
    red, green, blue = (images[..., i].astype(np.float32) for i in range(3))
    opponents = np.stack([red - green, (red + green) / 2 - blue]).reshape(2, len(images), -1)
    spread = np.sqrt(np.square(opponents.std(axis=2)).sum(axis=0))
    return spread + 0.3 * np.sqrt(np.square(opponents.mean(axis=2)).sum(axis=0))


def border_widths(lab: np.ndarray, thresholds: dict) -> np.ndarray:
    """(n, 4) widths of the borders in shares of the side, in the order of ``SIDES``; 0 for none.

    Args:
        lab: (n, h, w, 3) CIELab.
        thresholds: ``least_width``, ``most_width``, ``spread``, ``step``.
    """
    turned = (lab, lab[:, :, ::-1], lab.transpose(0, 2, 1, 3), lab[:, ::-1].transpose(0, 2, 1, 3))
    return np.stack([_left_border(each, thresholds) for each in turned], axis=1)


def _left_border(lab: np.ndarray, thresholds: dict) -> np.ndarray:
    """(n,) widths of the borders on the left of (n, h, w, 3)."""
    _, height, width, _ = lab.shape
    first = max(1, round(thresholds["least_width"] * width))
    last = max(first, round(thresholds["most_width"] * width))
    gap = max(1, round(BLUR * width))
    ends = round(thresholds["most_width"] * height)
    inner = lab[:, ends : height - ends, : 2 * last + gap]
    spread = np.sqrt(inner[:, :, :last].var(axis=1).sum(axis=-1))
    # Columns 0 to x are all even.
    even = np.logical_and.accumulate(spread < thresholds["spread"], axis=1)
    best, found = np.full(len(lab), thresholds["step"]), np.zeros(len(lab))
    for x in range(first, last + 1):
        # From the strip's last column to the first past the blur, and from the colour of most of
        # the strip to that of most of what follows.
        past = x - 1 + gap
        edge = inner[:, :, past] - inner[:, :, x - 1]
        follows = np.median(inner[:, :, past : past + last], axis=2)
        whole = follows - np.median(inner[:, :, :x], axis=2)
        jumps = np.minimum(np.linalg.norm(edge, axis=-1), np.linalg.norm(whole, axis=-1))
        strength = np.quantile(jumps, EDGE_QUANTILE, axis=1)
        better = even[:, x - 1] & (strength > best)
        # With a blur of several pixels, the edge lies in its middle.
        found[better] = (x + (gap - 1) / 2) / width
        best[better] = strength[better]
    return found


def has_sky(lab: np.ndarray, thresholds: dict) -> np.ndarray:
    """(n,) bool: the top of (n, h, w, 3) is even and bright."""
    top = lab[:, : round(TOP * lab.shape[1])].reshape(len(lab), -1, 3)
    middle = np.median(top, axis=1)
    near = np.linalg.norm(top - middle[:, None], axis=-1) < thresholds["sky_spread"]
    bright = middle[:, 0] > thresholds["sky_brightness"]
    return (near.mean(axis=1) >= thresholds["sky_share"]) & bright


def measure(images: np.ndarray, thresholds: dict) -> pd.DataFrame:
    """``COLUMNS`` of (n, h, w, 3) uint8 pictures, a row each.

    ``brightness`` is mean L* / 100, ``tint_a`` and ``tint_b`` mean a* and b*, ``chroma`` mean
    CIELab chroma; widths are shares of the side; flags are bool.

    Args:
        images: RGB.
        thresholds: as in the config, ``good_seed.habits``.
    """
    lab = to_lab(images)
    chroma = np.hypot(lab[..., 1], lab[..., 2]).mean(axis=(1, 2))
    means = lab.mean(axis=(1, 2))
    widths = border_widths(lab, thresholds)
    frame = (widths > 0).sum(axis=1) >= FRAMED
    columns = {
        "brightness": means[:, 0] / 100,
        "tint_a": means[:, 1],
        "tint_b": means[:, 2],
        "chroma": chroma,
        "colourfulness": colourfulness(images),
        **dict(zip(WIDTHS, widths.T, strict=True)),
        "greyscale": chroma < thresholds["chroma"],
        **{f"border_{s}": (widths[:, i] > 0) & ~frame for i, s in enumerate(SIDES)},
        "frame": frame,
        "sky": has_sky(lab, thresholds),
    }
    frame = pd.DataFrame(columns)
    numbers = [*MEASURES, *WIDTHS]
    return frame.astype(dict.fromkeys(numbers, np.float64))


def of_shard(images: str, thresholds: dict) -> pd.DataFrame:
    """``seed``, ``prompt_id`` and ``COLUMNS`` of every image of a shard.

    Raises:
        StoreError: no image shard, or no image in it.
    """
    progress, parts = Progress(store.count_images(images), "images", log), []
    for keys, pixels in store.read_images(images):
        parts.append(pd.concat([pd.DataFrame(keys), measure(pixels, thresholds)], axis=1))
        progress.add(len(pixels))
    if not parts:
        raise store.StoreError(f"{images}: no images; {store.AGAIN}")
    return pd.concat(parts, ignore_index=True)
