"""Boxes as sets of grid cells: the regions of the initial noise that tickets fill.

Source: Lottery Ticket, section 4.1. How a box is rounded to cells is not stated there; a cell
that a box touches belongs to its region (methods.md B3). Overlaps are resolved as in the
authors' public code.
"""

from __future__ import annotations

import numpy as np

# Where the grid is no power of two, 7/25 of 25 cells is 7.000000000000001 in floating point.
_ROUNDING = 1e-9


def region_masks(boxes: np.ndarray, grid: int) -> np.ndarray:
    """The cells that each box covers, in whole or in part.

    Args:
        boxes: (n, 4) x0 y0 x1 y1 in shares of the frame, 0..1, y down.
        grid: cells along a side.

    Returns:
        (n, grid, grid) bool, indexed [box, row, column]: from the floor of the low edge to the
        ceiling of the high edge, at least one cell along either axis.

    Raises:
        ValueError: boxes of another shape, not finite, outside 0..1 or with edges reversed.
    """
    boxes = np.asarray(boxes, dtype=np.float64)
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f"boxes must have the shape (n, 4), not {boxes.shape}")
    low, high = boxes[:, :2], boxes[:, 2:]
    sound = np.isfinite(boxes) & (boxes >= 0) & (boxes <= 1)
    if not (sound.all() and (low <= high).all()):
        raise ValueError("boxes must be shares of the frame, 0..1, with x0 <= x1 and y0 <= y1")
    first = np.minimum(np.floor(low * grid + _ROUNDING), grid - 1)
    stop = np.maximum(np.ceil(high * grid - _ROUNDING), first + 1)
    cells = np.arange(grid)
    inside = (cells >= first[..., None]) & (cells < stop[..., None])
    return inside[:, 1, :, None] & inside[:, 0, None, :]


def disjoint(masks: np.ndarray) -> np.ndarray:
    """Regions without overlap: of two that meet, the larger loses what they share.

    Of two equally large ones the later loses. Sizes are those before any loss, so that three
    regions give the same whatever pair comes first: each cell goes to the smallest region that
    covers it. A region can become empty; the caller counts those.

    Args:
        masks: (n, grid, grid) bool.

    Returns:
        (n, grid, grid) bool.
    """
    result = np.zeros_like(masks)
    taken = np.zeros(masks.shape[1:], dtype=bool)
    for i in np.argsort(masks.sum(axis=(1, 2)), kind="stable"):
        result[i] = masks[i] & ~taken
        taken |= masks[i]
    return result


def masks_of(boxes: np.ndarray, grid: int) -> np.ndarray:
    """Disjoint regions of one layout's boxes: (n, grid, grid) bool."""
    return disjoint(region_masks(np.asarray(boxes, dtype=np.float64), grid))
