"""Pictures with guidance boxes drawn on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seedbed.render import style

COLORS = (style.BLUE, style.ORANGE, style.PURPLE, style.GREEN)
"""Of the objects of one layout, in the order of its caption."""


def show(axis, image: np.ndarray, boxes: np.ndarray | None = None) -> None:
    """One picture without axes, with its boxes in the colours of ``COLORS``.

    Args:
        axis: drawn on.
        image: (h, w, 3) uint8 or float 0..1, or (h, w) float for a map.
        boxes: (n, 4) x0 y0 x1 y1 in shares of the frame.
    """
    from matplotlib.patches import Rectangle

    h, w = image.shape[:2]
    kind = {"cmap": "viridis", "vmin": 0, "vmax": 1} if image.ndim == 2 else {}
    axis.imshow(image, interpolation="nearest", extent=(0, w, h, 0), **kind)
    axis.set_xticks([])
    axis.set_yticks([])
    for spine in axis.spines.values():
        spine.set_visible(False)
    for k, (x0, y0, x1, y1) in enumerate([] if boxes is None else boxes):
        corner, width, height = (x0 * w, y0 * h), (x1 - x0) * w, (y1 - y0) * h
        # White below, so that the colour is seen on any picture.
        for color, line in (("white", 2.6), (COLORS[k % len(COLORS)], 1.2)):
            axis.add_patch(
                Rectangle(corner, width, height, fill=False, ec=color, lw=line, clip_on=False)
            )


def outline(axis, cells: np.ndarray, size: tuple[int, int], color: str) -> None:
    """Outline block cells on a picture or map.

    Args:
        axis: drawn on.
        cells: (grid, grid) bool.
        size: (h, w) of what is shown.
        color: of the lines.
    """
    from matplotlib.patches import Rectangle

    h, w = size[0] / cells.shape[0], size[1] / cells.shape[1]
    for y, x in np.argwhere(cells):
        corner = ((x + 0.08) * w, (y + 0.08) * h)
        axis.add_patch(Rectangle(corner, 0.84 * w, 0.84 * h, fill=False, ec=color, lw=0.9))


def legend_text(names: Sequence[str]) -> list[tuple[str, str]]:
    """(name, colour) of each object of a layout."""
    return [(name, COLORS[k % len(COLORS)]) for k, name in enumerate(names)]


def noise_picture(latent: np.ndarray) -> np.ndarray:
    """(h, w, 3) in 0..1 of (c, h, w) noise: its first three channels, −2.5 black to 2.5 full."""
    return ((latent[:3].transpose(1, 2, 0) + 2.5) / 5).clip(0, 1)
