"""Figure 10 of Good Seed: where seeds put an object, how large and how near.

A row per object; left its place, right its size and depth, with the marginal densities. Seeds that
stand apart have a colour, and a dot for each modifier; all other images are grey.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.good_seed.composition_shares import PLACED, read_composition
from seedbed.good_seed.diverse import Points, distances, farthest
from seedbed.render import style

COLORS = (style.BLUE, style.ORANGE, style.GREEN, style.PURPLE, style.RED, "#56B4E9")
PANELS = (
    ("x", "y", "place, left to right\n(share of the width)", "place, down\n(share of the height)"),
    ("size", "depth", "size\n(share of the frame)", "depth\n(0 far, 1 near)"),
)
GREY, SHADE = "#BBBBBB", "#999999"


def places(composition: list[str], prompts: str, model: str, n_categories: int, n_seeds: int):
    """Figure 10 from files.

    Args:
        composition: tables of all shards of a survey.
        prompts: its prompts.
        model: name.
        n_categories: rows; the objects that are found most often.
        n_seeds: with a colour each.
    """
    asked = store.read_table(prompts, ["prompt_id", "object", "modifier"])
    table = pd.concat([read_composition(path) for path in composition], ignore_index=True)
    table = table.merge(asked[["prompt_id", "object", "modifier"]], on="prompt_id")
    rates = table[table["object"] != ""].groupby("object", sort=False)["found"].mean()
    chosen = rates.sort_values(ascending=False, kind="stable").index[:n_categories]
    return scatter({name: table[table["object"] == name] for name in chosen}, model, n_seeds)


def apart(table: pd.DataFrame, count: int) -> list[int]:
    """Seeds whose means over the modifiers stand apart: farthest points from the outermost on.

    Of the seeds whose images of the category have the object throughout; fewer where there are
    fewer.
    """
    whole = table.groupby("seed")["found"].transform("all")
    kept = table[whole]
    if kept.empty:
        return []
    means = kept.groupby("seed")[list(PLACED)].mean()
    points = Points(means.index.to_numpy(), ("mean",), means.to_numpy(dtype=np.float64)[None])
    far = distances(points, standardise=True)
    first = int(np.argmax(far.mean(axis=1)))
    return [int(points.seeds[p]) for p in farthest(far, first, min(count, len(far)))]


def scatter(categories: dict[str, pd.DataFrame], model: str, n_seeds: int):
    """Place, and size against depth, of every category.

    Args:
        categories: composition tables by object, with ``modifier``.
        model: name.
        n_seeds: with a colour each.
    """
    plt = style.pyplot()
    rows = max(1, len(categories))
    figure = plt.figure(figsize=(style.PAGE, 3.1 * rows))
    outer = figure.add_gridspec(rows, 2, hspace=0.55, wspace=0.3)
    for row, (name, table) in enumerate(categories.items()):
        seeds = apart(table, n_seeds)
        found = table[table["found"]]
        for column, (x, y, x_label, y_label) in enumerate(PANELS):
            axis = _joint(figure, outer[row, column], found, seeds, x, y)
            axis.set_xlabel(x_label, fontsize=7)
            axis.set_ylabel(y_label, fontsize=7)
            if x == "x":
                axis.set(xlim=(0, 1), ylim=(1, 0))
                axis.legend(fontsize=5.5, loc="upper left", handletextpad=0.1, borderpad=0.1)
                many = table["modifier"].nunique()
                axis.figure.text(
                    0.5,
                    outer[row, 0].get_position(figure).y1 + 0.035 / rows,
                    f"{model}, “{name}”: {table['seed'].nunique()} seeds × {many} modifiers, "
                    f"found in {len(found):,} of {len(table):,} images",
                    ha="center",
                    fontsize=8,
                )
    return figure


def _joint(figure, place, found: pd.DataFrame, seeds: list[int], x: str, y: str):
    """One scatter with densities above and beside it."""
    import seaborn as sns

    ratios = {"width_ratios": (5, 1), "height_ratios": (1, 5)}
    grid = place.subgridspec(2, 2, **ratios, hspace=0.06, wspace=0.05)
    axis = figure.add_subplot(grid[1, 0])
    sides = (
        (figure.add_subplot(grid[0, 0], sharex=axis), {"x": x}),
        (figure.add_subplot(grid[1, 1], sharey=axis), {"y": y}),
    )
    rest = found[~found["seed"].isin(seeds)]
    axis.plot(rest[x], rest[y], ".", color=GREY, ms=2, zorder=1, rasterized=True)
    for side, along in sides:
        look = {"color": SHADE, "fill": True, "lw": 0.6, "warn_singular": False}
        if len(found) > 2:
            sns.kdeplot(found, **along, ax=side, **look)
        side.set_axis_off()
    for seed, color in zip(seeds, COLORS, strict=False):
        mine = found[found["seed"] == seed]
        dots = {"color": color, "ms": 4, "mec": "white", "mew": 0.4, "label": f"seed {seed}"}
        axis.plot(mine[x], mine[y], "o", **dots)
        for side, along in sides:
            sns.rugplot(mine, **along, ax=side, color=color, height=0.35, lw=1.2)
    axis.tick_params(labelsize=6)
    return axis
