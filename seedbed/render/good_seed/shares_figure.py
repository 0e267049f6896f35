"""Beside Figure 10 of Good Seed: how much of each attribute's variance lies between seeds."""

from __future__ import annotations

import numpy as np

from seedbed import store
from seedbed.render import style
from seedbed.render.bars import bars
from seedbed.render.good_seed.composition_table import ATTRIBUTES

SCOPES = {
    "within": (style.BLUE, -0.18, "prompts of the same object"),
    "across": (style.ORANGE, 0.18, "all prompts"),
}


def shares_by_attribute(models: list[str], shares: list[str], percent: str):
    """A panel per model, a row per attribute, from files.

    Args:
        models: names.
        shares: of ``good_seed.composition_shares``, one table per model.
        percent: the intervals' level.
    """
    plt = style.pyplot()
    size = (style.PAGE, 3.0)
    figure, axes = plt.subplots(
        1, len(models), figsize=size, squeeze=False, layout="constrained", sharey=True
    )
    for axis, model, path in zip(axes[0], models, shares, strict=True):
        table = store.read_table(path)
        names = [name for name in ATTRIBUTES if (table["attribute"] == name).any()]
        for scope, (color, shift, label) in SCOPES.items():
            part = table[table["scope"] == scope].set_index("attribute").reindex(names)
            y = np.arange(len(names)) + shift
            bars(axis, y, part["share"], part["low"], part["high"], color, label)
            axis.plot(part["bound"], y, "|", color=style.GREY, ms=7, mew=1.2)
        each = table[table["scope"] == "category"]
        rows = [names.index(name) - 0.18 for name in each["attribute"]]
        axis.plot(each["share"], rows, ".", color=style.BLUE, ms=2.5, alpha=0.5, label="one object")
        axis.plot([], [], "|", color=style.GREY, ms=7, mew=1.2, label="95 % of permuted seeds")
        axis.axvline(0, color=style.GREY, lw=0.6)
        axis.set_yticks(range(len(names)), [ATTRIBUTES[name] for name in names], fontsize=7)
        axis.set_ylim(len(names) - 0.5, -0.5)
        seeds = int(table["n_seeds"].max())
        images = int(table["n_images"].max())
        axis.set_xlabel(
            f"share of variance between seeds\n(bars: {percent} % interval)", fontsize=7.5
        )
        axis.set_title(f"{model}: {seeds} seeds, {images:,} images", fontsize=8)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=6.5)
    return figure
