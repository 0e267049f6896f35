"""Figures 4 to 7 of Lottery Ticket: scenes drawn from random and from constructed noise."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.lottery_ticket.comparison.latents import BOXES
from seedbed.render import style
from seedbed.render.pictures import legend_text, show

CELL = 0.78
"""Side of a picture in inches."""
TITLES = {
    "4": "on the fly: three objects, the same regions, other prompts",
    "5": "the same prompt, other regions",
    "6": "tickets of background words",
    "7": "one constructed noise, other prompts with the same objects",
}


def scenes(figure: str, semi: str, images: str, objects: str):
    """Figure 4, 5, 6 or 7 from files.

    Args:
        figure: which, a key of ``TITLES``.
        semi: label of the SemI that is drawn.
        images: pictures of all scenes.
        objects: their table.
    """
    return scene_grid(figure, semi, store.read_arrays(images), store.read_table(objects))


def scene_grid(figure_name: str, semi: str, arrays: dict[str, np.ndarray], scenes: pd.DataFrame):
    """One figure's scenes: a row each; the layout, random noise, then every seed constructed.

    Nothing is picked: columns are the seeds of the scene file. Means of IoU are over all boxes
    of a row whose class the detector knows, random noise against constructed.

    Args:
        figure_name: a key of ``TITLES``.
        semi: label of the SemI that is drawn.
        arrays: ``sd`` and ``semi`` pictures of all scenes.
        scenes: table of ``lottery_ticket.comparison.scene_pictures.draw_scenes``.

    Raises:
        ValueError: the scene file has no such figure.
    """
    plt = style.pyplot()
    mine = scenes[scenes["figure"] == figure_name]
    if mine.empty:
        raise ValueError(f"the scenes hold no figure {figure_name}: add it to the scene file")
    rows, columns = mine["row"].nunique(), mine["column"].nunique()
    shown_sd = max(1, columns // 3)
    width = 1 + shown_sd + columns
    figure, axes = plt.subplots(
        rows,
        width,
        figsize=(CELL * width + 1.4, (CELL + 0.12) * rows + 0.5),
        squeeze=False,
        layout="constrained",
    )
    for r, (_, row) in enumerate(mine.groupby("row")):
        first = row[row["column"] == row["column"].min()]
        boxes = first[BOXES].to_numpy()
        _layout(axes[r, 0], boxes, first["category"].tolist())
        of_column = row.drop_duplicates("column").set_index("column")["scene"]
        for c in range(columns):
            if c < shown_sd:
                show(axes[r, 1 + c], arrays["sd"][of_column.iloc[c]], boxes)
            show(axes[r, 1 + shown_sd + c], arrays["semi"][of_column.iloc[c]], boxes)
            if r == 0:
                seed = row.drop_duplicates("column")["seed"].iloc[c]
                axes[r, 1 + shown_sd + c].set_title(f"built, seed {seed}", fontsize=5.5)
                if c < shown_sd:
                    axes[r, 1 + c].set_title(f"random, seed {seed}", fontsize=5.5)
        text = textwrap.fill(f"“{first['caption'].iloc[0]}”", 24)
        axes[r, 0].set_ylabel(
            f"{text}\n{_means(row)}", fontsize=5.5, rotation=0, ha="right", va="center"
        )
    figure.suptitle(f"{semi}, {TITLES[figure_name]}; {_means(mine)}", fontsize=7.5)
    return figure


def _means(part: pd.DataFrame) -> str:
    known = part.dropna(subset=["iou_sd", "iou_semi"])
    if known.empty:
        return "no class of the detector"
    sd, semi = known["iou_sd"], known["iou_semi"]
    return f"IoU {sd.mean():.2f} → {semi.mean():.2f} (n = {len(known)})"


def _layout(axis, boxes: np.ndarray, names: list[str]) -> None:
    show(axis, np.ones((64, 64, 3)), boxes)
    for (x0, y0, *_), (name, color) in zip(boxes, legend_text(names), strict=True):
        # In the corner, since boxes may lie within each other.
        axis.text(64 * x0 + 3, 64 * y0 + 3, name, color=color, ha="left", va="top", fontsize=4.8)
