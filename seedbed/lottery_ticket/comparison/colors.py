"""Which colour word names an object's pixels best; to find objects drawn in the wrong colour."""

from __future__ import annotations

import numpy as np

NAMES: dict[str, tuple[int, int, int]] = {
    "red": (214, 39, 40),
    "orange": (243, 130, 28),
    "yellow": (250, 214, 40),
    "green": (50, 150, 60),
    "blue": (40, 90, 205),
    "purple": (128, 50, 170),
    "pink": (246, 140, 190),
    "white": (246, 246, 244),
    "black": (20, 20, 20),
    "brown": (120, 75, 40),
    "grey": (128, 128, 128),
}
"""Typical sRGB of English's basic colour terms (Berlin and Kay's eleven); our own choice."""
CENTRE = 0.6
"""Share of a box's width and height that is looked at: the rest is mostly background."""


def to_lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB (D65, 2°) of (…, 3) sRGB in 0..255, float64."""
    c = np.asarray(rgb, dtype=np.float64) / 255
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    matrix = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = linear @ matrix.T / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


_LAB = to_lab(np.array(list(NAMES.values())))


def color_shares(image: np.ndarray, box: np.ndarray) -> dict[str, float]:
    """Shares of the pixels in the middle of a box that each colour word names best.

    Nearest in CIELAB. No pixel is left out; shares sum to 1.

    Args:
        image: (h, w, 3) uint8.
        box: x0 y0 x1 y1 in shares of the frame.

    Raises:
        ValueError: the box does not lie in the frame.
    """
    if not (0 <= min(box) and max(box) <= 1.0 + 1e-6):
        raise ValueError(f"a box must lie in 0..1 in shares of the frame, not {list(box)}")
    h, w = image.shape[:2]
    x0, y0, x1, y1 = box
    inset = (1 - CENTRE) / 2
    dx, dy = inset * (x1 - x0), inset * (y1 - y0)
    left, right = int((x0 + dx) * w), max(int(np.ceil((x1 - dx) * w)), int((x0 + dx) * w) + 1)
    top, bottom = int((y0 + dy) * h), max(int(np.ceil((y1 - dy) * h)), int((y0 + dy) * h) + 1)
    pixels = to_lab(image[top:bottom, left:right].reshape(-1, 3))
    nearest = ((pixels[:, None] - _LAB[None]) ** 2).sum(-1).argmin(1)
    counts = np.bincount(nearest, minlength=len(NAMES)) / len(nearest)
    return dict(zip(NAMES, counts.tolist(), strict=True))


def has_color(image: np.ndarray, box: np.ndarray, color: str, least: float) -> bool:
    """Does ``color`` name at least the share ``least`` of the box's middle?

    Raises:
        ValueError: no such colour word.
    """
    if color not in NAMES:
        raise ValueError(f"{color!r} is none of the colour words {', '.join(NAMES)}")
    return color_shares(image, box)[color] >= least
