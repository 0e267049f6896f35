"""Grids of generated pictures with labelled rows and columns."""

from __future__ import annotations

import textwrap

import numpy as np

from seedbed.render import style

GAP = 0.04
"""White space between pictures, as a share of a picture's side."""
CHARACTER = 0.048
"""Width of one character of a label in inches."""


def picture_grid(
    images: np.ndarray,
    row_labels: list[str],
    column_labels: list[str],
    *,
    title: str = "",
    cell: float = 0.85,
    colors: list[str] | None = None,
):
    """A grid of pictures, rows and columns labelled.

    Args:
        images: (rows, columns, h, w, 3) uint8.
        row_labels: one per row.
        column_labels: one per column; wrapped to the picture's width.
        title: above everything.
        cell: side of one picture in inches.
        colors: text colour of each row's label.
    """
    plt = style.pyplot()
    rows, columns, h, w, _ = images.shape
    gap = max(1, round(GAP * w))
    canvas = np.full((rows * (h + gap) - gap, columns * (w + gap) - gap, 3), 255, dtype=np.uint8)
    for r in range(rows):
        for c in range(columns):
            y, x = r * (h + gap), c * (w + gap)
            canvas[y : y + h, x : x + w] = images[r, c]
    figure = plt.figure(figsize=(columns * cell, rows * cell * h / w))
    axis = figure.add_axes((0, 0, 1, 1))
    axis.imshow(canvas, interpolation="nearest", aspect="auto")
    for spine in axis.spines.values():
        spine.set_visible(False)
    axis.tick_params(length=0, pad=3)
    axis.xaxis.tick_top()
    wrap = max(8, int(cell / CHARACTER))
    wrapped = [textwrap.fill(label, wrap) for label in column_labels]
    centres = np.arange(columns) * (w + gap) + w / 2
    axis.set_xticks(centres, wrapped, fontsize=5.5, va="bottom")
    axis.set_yticks(np.arange(rows) * (h + gap) + h / 2, row_labels, fontsize=6.5)
    for label, color in zip(axis.get_yticklabels(), colors or [], strict=False):
        label.set_color(color)
    if title:
        lines = max((label.count("\n") + 1 for label in wrapped), default=0)
        axis.set_title(title, fontsize=8, pad=8 + 7.5 * lines)
    return figure
