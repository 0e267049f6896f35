"""Figure 6 of Lottery Ticket: regions built for background words, and how much of them is that."""

from __future__ import annotations

import textwrap

import pandas as pd

from seedbed import store
from seedbed.lottery_ticket.comparison.background_levels import (
    ELSEWHERE,
    RANDOM,
    RIGHT,
    background_levels,
)
from seedbed.render.lottery_ticket.scene_figures import scene_grid

FIGURE = "6"
SHOWN = 6
"""Seeds shown, the first of the scene file; all of them are measured."""


def backgrounds(
    semi: str,
    n_boot: int,
    seed: int,
    level: float,
    images: str,
    objects: str,
    shares: list[str],
):
    """Figure 6 from files.

    Args:
        semi: label of the SemI that is drawn.
        n_boot, seed, level: of the intervals, seeds resampled.
        images: pictures of all scenes.
        objects: their table.
        shares: of ``storybook.backgrounds``; none for models whose backgrounds nobody can tell.
    """
    scenes = store.read_table(objects)
    mine = scenes[(scenes["figure"] == FIGURE) & (scenes["column"] < SHOWN)]
    figure = scene_grid(FIGURE, semi, store.read_arrays(images), mine)
    measured = store.read_table(shares[0]) if shares else pd.DataFrame()
    rows = mine.drop_duplicates("row")
    width = len(figure.axes) // len(rows)
    for axis, row in zip(figure.axes[::width], rows.itertuples(), strict=True):
        text = textwrap.fill(f"“{row.caption}”", 24)
        if len(measured):
            text += "\n" + _told(measured[measured["row"] == row.row], n_boot, seed, level)
        axis.set_ylabel(text, fontsize=5.5, rotation=0, ha="right", va="center")
    title = f"{semi}, tickets of background words"
    if len(measured):
        told = _told(measured, n_boot, seed, level).replace("\n", "; ")
        added = _added(measured, n_boot, seed, level)
        title += f"; right background in its region: {told}; the region adds {added}"
    figure.suptitle(textwrap.fill(title, 100), fontsize=7)
    return figure


def _told(shares: pd.DataFrame, n_boot: int, seed: int, level: float) -> str:
    levels = background_levels(shares, n_boot, seed, level).set_index("quantity")

    def share(quantity: str) -> str:
        row = levels.loc[quantity]
        text = f"{100 * row['value']:.0f} %"
        known = row["low"] == row["low"]
        return text + (f" [{100 * row['low']:.0f}, {100 * row['high']:.0f}]" if known else "")

    lines = [share(RIGHT), f"another wanted: {share(ELSEWHERE)}", f"random noise: {share(RANDOM)}"]
    seeds = int(levels.loc[RIGHT, "n_seeds"])
    return "\n".join([*lines, f"n = {seeds} seeds, {int(levels.loc[RIGHT, 'n_regions'])} regions"])


def _added(shares: pd.DataFrame, n_boot: int, seed: int, level: float) -> str:
    levels = background_levels(shares, n_boot, seed, level).set_index("quantity")
    value, low, high = 100 * levels.loc[f"{RIGHT} - {ELSEWHERE}", ["value", "low", "high"]]
    limits = f" [{low:+.1f}, {high:+.1f}]" if low == low else ""
    return f"{value:+.1f} points{limits}"
