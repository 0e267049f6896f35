"""Figure 9 of Good Seed: pictures of the seeds with the strongest habits beside their rates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.render import style
from seedbed.render.bars import bars
from seedbed.render.good_seed.habit_tables import NAMES
from seedbed.render.pictures import show

SHOWN = 6
"""Seeds of which rates are shown, and pictures of the strongest."""
ROWS = 6
"""Habits at most: those that lie with the seed the most."""


def strongest_habits(model: str, seeds: str, summary: str, prompts: str, images: list[str]):
    """Figure 9 from files.

    Args:
        model: for the title.
        seeds, summary: of ``good_seed.habits.survey``.
        prompts: of the survey.
        images: its shards.
    """
    plt = style.pyplot()
    rates, found = store.read_table(seeds), store.read_table(summary, ["habit", "share"])
    kept = found[found["rate"] > 0].sort_values("share", ascending=False).head(ROWS)
    if kept.empty:
        return _empty(plt, model, found)
    ids = store.read_table(prompts, ["prompt_id"])["prompt_id"].tolist()
    ids = [ids[i] for i in np.round(np.linspace(0, len(ids) - 1, min(SHOWN, len(ids)))).astype(int)]
    figure = plt.figure(figsize=(style.PAGE, 0.3 + 1.0 * len(kept)), layout="constrained")
    grid = figure.add_gridspec(len(kept), SHOWN + 5)
    for row, habit in enumerate(kept.itertuples()):
        pictures = store.pick_images(images, [habit.strongest], ids)
        for k, prompt in enumerate(ids):
            axis = figure.add_subplot(grid[row, k])
            show(axis, pictures[habit.strongest, prompt])
            if k == 0:
                axis.set_ylabel(f"{NAMES[habit.habit]}\nseed {habit.strongest}", fontsize=6)
        mine = rates[rates["habit"] == habit.habit]
        last = row == len(kept) - 1
        _rates(figure.add_subplot(grid[row, SHOWN + 1 :]), mine, habit, last)
    first = kept.iloc[0]
    figure.suptitle(
        f"{model}: n = {first['n_seeds']} seeds × {first['n_prompts']} prompts", fontsize=8
    )
    return figure


def _rates(axis, rates: pd.DataFrame, habit, last: bool) -> None:
    top = rates.sort_values(["rate", "seed"], ascending=[False, True]).head(SHOWN)
    y = np.arange(len(top))[::-1]
    bars(axis, y, 100 * top["rate"], 100 * top["low"], 100 * top["high"], style.BLUE)
    axis.axvline(100 * habit.rate, color=style.GREY, lw=0.9, label="all seeds")
    bound = 100 * habit.most_by_chance
    axis.axvline(bound, color=style.RED, lw=0.9, ls="--", label="largest of permuted seeds, 95 %")
    axis.set_yticks(y, [str(seed) for seed in top["seed"]], fontsize=5)
    axis.set_ylabel("seed", fontsize=6)
    axis.set_xlim(-2, 102)
    axis.tick_params(axis="x", labelsize=6, labelbottom=last)
    if last:
        axis.set_xlabel("pictures with the habit / %")
        axis.legend(fontsize=5.5, loc="upper center", bbox_to_anchor=(0.5, -0.55), ncols=2)


def _empty(plt, model: str, found: pd.DataFrame):
    figure, axis = plt.subplots(figsize=(style.COLUMN, 1.5))
    n = int(found["images"].iloc[0])
    axis.text(0.5, 0.5, f"{model}: no habit in any of {n} pictures", ha="center")
    axis.set_axis_off()
    return figure
