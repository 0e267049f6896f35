"""Scenes composed by hand for the paper's example figures: prompts, boxes and seeds.

A JSON file lists figures; each holds ``prompts`` (``caption`` and ``objects``, the categories
as the caption names them), ``layouts`` (a box per object, shares of the frame) and ``seeds``.
Every prompt is drawn with every layout and seed: rows are prompts times layouts, columns seeds.
"""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from seedbed import outside
from seedbed.layouts import table

_KEYS = {"figure", "prompts", "layouts", "seeds"}
MOST_PICTURES = 10_000
"""Of all figures together."""


def read_scenes(path: str | Path) -> pd.DataFrame:
    """The scenes as a layout table.

    Returns:
        Layout table with ``figure``, ``row``, ``column`` (place in the figure's grid),
        ``scene`` (index) and ``seed``; ``layout_id`` names figure, row and column.

    Raises:
        ValueError: one line: no such file, no JSON, or a figure that does not fit together.
    """
    try:
        figures = outside.read_json(path)
    except outside.OutsideError as error:
        raise ValueError(f"{path}: cannot be read as JSON ({error}); correct it") from error
    if not isinstance(figures, list) or not figures:
        raise ValueError(f"{path}: no list of figures; write one with at least one figure")
    rows, placed = [], []
    scene = 0
    for number, figure in enumerate(figures, start=1):
        _check_figure(figure, f"{path}: figure {number}")
        name = str(figure["figure"])
        if any(name == place[0] for place in placed):
            raise ValueError(f"{path}: figure {name}: given twice; keep one or rename it")
        grid = [(p, boxes) for p in figure["prompts"] for boxes in figure["layouts"]]
        if scene + len(grid) * len(figure["seeds"]) > MOST_PICTURES:
            raise ValueError(
                f"{path}: figure {name}: more than {MOST_PICTURES:,} pictures; ask for fewer"
            )
        for row, (prompt, boxes) in enumerate(grid):
            objects = _objects(prompt, boxes, f"{path}: figure {name}, row {row}")
            for column, seed in enumerate(figure["seeds"]):
                for each in objects:
                    rows.append({"layout_id": f"fig{name}_{row}_{column}", **each})
                    placed.append((name, row, column, scene, seed))
                scene += 1
    try:
        made = table.make(rows)
    except ValueError as error:
        raise ValueError(f"{path}: {error}; correct the figure") from error
    made[["figure", "row", "column", "scene", "seed"]] = placed
    return made


def _check_figure(figure: object, where: str) -> None:
    """A figure's keys and the types of what they hold."""
    if not isinstance(figure, dict) or set(figure) != _KEYS:
        name = f" ({figure['figure']})" if isinstance(figure, dict) and "figure" in figure else ""
        raise ValueError(
            f"{where}{name}: needs {', '.join(sorted(_KEYS))} and no other; correct it"
        )
    if not isinstance(figure["figure"], str | int) or isinstance(figure["figure"], bool):
        raise ValueError(
            f"{where}: its name {figure['figure']!r} is no text and no whole number; name it"
        )
    where = f"{where} ({figure['figure']})"
    for key in ("prompts", "layouts", "seeds"):
        if not isinstance(figure[key], list) or not figure[key]:
            raise ValueError(f"{where}: {key} is no list with something in it; fill it")
    for prompt in figure["prompts"]:
        keys = isinstance(prompt, dict) and set(prompt) == {"caption", "objects"}
        if not keys or not isinstance(prompt["caption"], str) or not _texts(prompt["objects"]):
            raise ValueError(
                f"{where}: a prompt needs a caption (text) and objects (a list of texts), "
                f"not {str(prompt)[:80]}; correct it"
            )
    for boxes in figure["layouts"]:
        if not isinstance(boxes, list) or not all(_is_box(box) for box in boxes):
            raise ValueError(
                f"{where}: a layout is a list of boxes, each x0, y0, x1, y1 in shares of the "
                f"frame, not {str(boxes)[:80]}; correct it"
            )
    for seed in figure["seeds"]:
        if type(seed) is not int or not 0 <= seed < 2**63:
            raise ValueError(
                f"{where}: the seed {seed!r} is no whole number from 0 to 2**63 - 1; correct it"
            )


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) and v.strip() for v in value)


def _is_box(box: object) -> bool:
    return (
        isinstance(box, list)
        and len(box) == 4
        and all(isinstance(v, float) or type(v) is int for v in box)
        and all(abs(v) < 2 and math.isfinite(v) for v in box)
    )


def _objects(prompt: dict, boxes: list, where: str) -> list[dict]:
    caption, categories = prompt["caption"], prompt["objects"]
    if len(boxes) != len(categories):
        raise ValueError(
            f"{where}: {len(categories)} objects, but {len(boxes)} boxes; give one box each"
        )
    if len(categories) < 2:
        raise ValueError(f"{where}: tickets are scored in pairs; name two objects or more")
    found = []
    for k, (category, box) in enumerate(zip(categories, boxes, strict=True)):
        if category not in caption:
            raise ValueError(
                f"{where}: the caption {caption!r} does not name {category!r}; correct one of them"
            )
        found.append(
            {
                "caption": caption,
                "position": k,
                "category": category,
                "mention": category,
                "start": caption.index(category),
                **dict(zip(table.BOX, box, strict=True)),
            }
        )
    return found
