"""Scenes composed by hand for the paper's example figures: prompts, boxes and seeds.

A JSON file lists figures; each holds ``prompts`` (``caption`` and ``objects``, the categories
as the caption names them), ``layouts`` (a box per object, shares of the frame) and ``seeds``.
Every prompt is drawn with every layout and seed: rows are prompts times layouts, columns seeds.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from seedbed.layouts import table

_KEYS = {"figure", "prompts", "layouts", "seeds"}


def read_scenes(path: str | Path) -> pd.DataFrame:
    """The scenes as a layout table.

    Returns:
        Layout table with ``figure``, ``row``, ``column`` (place in the figure's grid),
        ``scene`` (index) and ``seed``; ``layout_id`` names figure, row and column.

    Raises:
        ValueError: one line: no such file, no JSON, or a figure that does not fit together.
    """
    try:
        figures = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path}: cannot be read as JSON ({error}); correct it") from error
    rows, placed = [], []
    scene = 0
    for figure in figures:
        name = figure.get("figure") if isinstance(figure, dict) else None
        if not isinstance(figure, dict) or set(figure) != _KEYS:
            raise ValueError(
                f"{path}: figure {name}: needs {', '.join(sorted(_KEYS))} and no other"
            )
        grid = [(p, boxes) for p in figure["prompts"] for boxes in figure["layouts"]]
        for row, (prompt, boxes) in enumerate(grid):
            objects = _objects(prompt, boxes, f"{path}: figure {name}, row {row}")
            for column, seed in enumerate(figure["seeds"]):
                for each in objects:
                    rows.append({"layout_id": f"fig{name}_{row}_{column}", **each})
                    placed.append((str(name), row, column, scene, int(seed)))
                scene += 1
    made = table.make(rows)
    made[["figure", "row", "column", "scene", "seed"]] = placed
    return made


def _objects(prompt: dict, boxes: list, where: str) -> list[dict]:
    caption, categories = prompt["caption"], prompt["objects"]
    if len(boxes) != len(categories):
        raise ValueError(f"{where}: {len(categories)} objects, but {len(boxes)} boxes")
    if len(categories) < 2:
        raise ValueError(f"{where}: tickets are scored in pairs; name two objects or more")
    found = []
    for k, (category, box) in enumerate(zip(categories, boxes, strict=True)):
        if category not in caption:
            raise ValueError(f"{where}: the caption {caption!r} does not name {category!r}")
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
