"""The layout table: its columns, its checks, and the sizes of its objects.

One row per guidance box; the rows of one layout are adjacent and in the order in which its
caption mentions the objects:

- ``layout_id``: str, unique and stable
- ``caption``: str, what the model is given; the same in all rows of a layout
- ``position``: int64, 0, 1, … within the layout
- ``category``: str, the detector's name of the object, different within a layout
- ``mention``: str, the words of the caption that name it
- ``start``: int64, where in the caption the mention begins, in characters
- ``x0``, ``y0``, ``x1``, ``y1``: float64 in shares of the frame, 0..1, y down
- ``size``: "small", "medium" or "large", by ``size_of``
- ``color``: str, the colour the caption gives the object, '' if none; may be left out
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

TEXT = ("layout_id", "caption", "category", "mention", "size")
WHOLE = ("position", "start")
BOX = ("x0", "y0", "x1", "y1")
COLUMNS = (
    *("layout_id", "caption", "position", "category", "mention", "start"),
    *(*BOX, "size"),
)

SIZES = ("small", "medium", "large")
SIDE = 512
"""Side in pixels of the frame in which an object's size is told."""
SMALL, LARGE = 150**2, 300**2
"""Areas in that frame, pixels: below the first is small, above the second large."""

PAPER_MIX = {"small": 0.405, "medium": 0.367, "large": 0.228}
"""Shares of object sizes in the sample of the Lottery Ticket paper, section 4.3.

The paper does not state them: they are what reconciles the success rates of all objects in its
table 1 with those of its three size subsets (least squares over the 14 rows of its tables,
residual 0.03 points).
"""


def size_of(boxes: np.ndarray) -> np.ndarray:
    """The size of each box: Lottery Ticket, section 4.3, in a frame of 512 × 512 pixels.

    Args:
        boxes: (n, 4) x0 y0 x1 y1 in shares of the frame.

    Returns:
        (n,) str: "small" below 150² pixels, "large" above 300², "medium" from one to the other.
    """
    boxes = np.asarray(boxes, dtype=np.float64)
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]) * SIDE**2
    return np.array(SIZES)[(area >= SMALL).astype(int) + (area > LARGE)]


def make(rows: Iterable[Mapping]) -> pd.DataFrame:
    """A checked layout table from rows that hold every column but ``size``.

    A row without ``color`` gets ''. Raises ValueError as ``check`` does.
    """
    frame = pd.DataFrame([{"color": "", **row} for row in rows])
    missing = [name for name in COLUMNS if name != "size" and name not in frame.columns]
    if missing:
        raise ValueError(f"layout table: {'no rows' if frame.empty else f'no {missing[0]!r}'}")
    frame = frame.astype(dict.fromkeys(BOX, "float64"))
    frame["size"] = size_of(frame[list(BOX)].to_numpy())
    return check(frame[[*COLUMNS, "color"]])


def in_range(frame: pd.DataFrame, start: int, stop: int) -> pd.DataFrame:
    """The rows of the layouts from ``start`` to below ``stop``, by their order."""
    ids = frame["layout_id"].unique()[start:stop]
    return frame[frame["layout_id"].isin(ids)].reset_index(drop=True)


def check(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame itself, if it is a sound layout table; further columns are left alone.

    Raises:
        ValueError: one line naming the first fault and its row: a column missing or of the wrong
            type, no rows, a layout whose rows are apart or not numbered from 0, two captions or
            one category twice in a layout, a mention that is not at its place in the caption or
            not after the one before, a box outside the frame or without area, a wrong size.
    """
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise ValueError(
            f"layout table: no column {missing[0]!r}; a layout table has {', '.join(COLUMNS)}"
        )
    if frame.empty:
        raise ValueError("layout table: no rows; give it at least one layout")
    _check_types(frame)
    _check_boxes(frame)
    closed: set[str] = set()
    categories: set[str] = set()
    before = None
    for number, row in enumerate(frame.to_dict("records"), start=1):
        fault = _fault(row, before, closed)
        if fault:
            raise ValueError(f"layout table: row {number}, layout {row['layout_id']!r}: {fault}")
        if before is None or row["layout_id"] != before["layout_id"]:
            categories = set()
        if row["category"] in categories:
            raise ValueError(
                f"layout table: row {number}, layout {row['layout_id']!r}: category "
                f"{row['category']!r} comes twice; the objects of a layout must differ"
            )
        categories.add(row["category"])
        closed.add(row["layout_id"])
        before = row
    return frame


def size_mix(frame: pd.DataFrame) -> dict[str, dict]:
    """How the objects of a layout table divide into sizes.

    Returns:
        ``counts`` and ``shares`` (0..1), each by the names in ``SIZES``.
    """
    counts = {size: int((frame["size"] == size).sum()) for size in SIZES}
    return {"counts": counts, "shares": {s: n / len(frame) for s, n in counts.items()}}


def _check_types(frame: pd.DataFrame) -> None:
    for name in (*TEXT, *(["color"] if "color" in frame.columns else [])):
        for number, value in enumerate(frame[name].tolist(), start=1):
            if not isinstance(value, str) or not (value.strip() or name == "color"):
                raise ValueError(
                    f"layout table: row {number}: column {name!r} holds {value!r}, not a text"
                )
    for name in WHOLE:
        if not pd.api.types.is_integer_dtype(frame[name]):
            raise ValueError(
                f"layout table: column {name!r} is {frame[name].dtype}, not whole numbers"
            )
    for name in BOX:
        if not pd.api.types.is_float_dtype(frame[name]):
            raise ValueError(
                f"layout table: column {name!r} is {frame[name].dtype}, not shares of the frame"
            )


def _check_boxes(frame: pd.DataFrame) -> None:
    boxes = frame[list(BOX)].to_numpy()
    sound = np.isfinite(boxes).all(axis=1) & (boxes >= 0).all(axis=1) & (boxes <= 1).all(axis=1)
    sound &= (boxes[:, 0] < boxes[:, 2]) & (boxes[:, 1] < boxes[:, 3])
    if not sound.all():
        bad = int(np.argmin(sound))
        raise ValueError(
            f"layout table: row {bad + 1}, layout {frame['layout_id'].iloc[bad]!r}: the box "
            f"{tuple(boxes[bad].tolist())} needs 0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1"
        )
    expected = size_of(boxes)
    wrong = np.flatnonzero(frame["size"].to_numpy() != expected)
    if len(wrong):
        bad = int(wrong[0])
        raise ValueError(
            f"layout table: row {bad + 1}, layout {frame['layout_id'].iloc[bad]!r}: size is "
            f"{frame['size'].iloc[bad]!r} but its box is {str(expected[bad])!r}"
        )


def _fault(row: dict, before: dict | None, closed: set[str]) -> str | None:
    """What is wrong with a row of sound types, given the row before and the layouts so far."""
    same = before is not None and row["layout_id"] == before["layout_id"]
    if not same and row["layout_id"] in closed:
        return "its rows are apart; keep the rows of a layout together"
    expected = before["position"] + 1 if same else 0
    if row["position"] != expected:
        return f"position is {row['position']}, not {expected}"
    if same and row["caption"] != before["caption"]:
        return "its rows have different captions"
    start, mention = row["start"], row["mention"]
    if start < 0 or not row["caption"].startswith(mention, start):
        return f"the caption has no {mention!r} at character {start}"
    if same and start < before["start"] + len(before["mention"]):
        return f"{mention!r} does not come after {before['mention']!r} in the caption"
    return None
