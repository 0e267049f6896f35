"""Figure 4 of Good Seed: where a seed classifier looks, and how concentrated that is."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.render import style
from seedbed.render.bars import bars
from seedbed.render.good_seed.gradcam_table import concentration

ALPHA = 0.5
"""Of the map over its picture."""
COLORS = {"own seed": style.BLUE, "other seed": style.ORANGE, "untrained": style.GREY}
CELL = 0.8
"""Side of a picture in inches."""


def gradcam(model: str, statistics: dict, shown: str, areas: str):
    """Figure 4 from files.

    Args:
        model: for the title.
        statistics: ``bootstrap``, ``permutations``, ``level``, ``seed``.
        shown, areas: as ``good_seed.classifier.explanation`` leaves them.
    """
    names = ["images", "maps", "seeds", "said", "prompt_ids", "layers"]
    archive = store.read_arrays(shown, names)
    rows = concentration(store.read_table(areas, ["seed", "prompt_id", "area"]), statistics)
    return gradcam_figure(model, archive, rows)


def gradcam_figure(model: str, shown: dict[str, np.ndarray], rows: pd.DataFrame):
    """Pictures and their maps above, areas of the maps below.

    Args:
        model: for the title.
        shown: ``images`` (k, h, w, 3) uint8, ``maps`` (layers, k, h, w) in 0..1, ``seeds`` and
            ``said`` (k,), ``layers``.
        rows: of ``gradcam_table.concentration``.
    """
    plt = style.pyplot()
    layers, k = [str(name) for name in shown["layers"]], len(shown["images"])
    height = (1 + len(layers)) * CELL + 0.35
    size = (max(style.PAGE, k * CELL + 0.9), height + 0.45 * len(layers) + 0.9)
    figure = plt.figure(figsize=size, layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[height, size[1] - height])
    grid = top.subplots(1 + len(layers), k, squeeze=False)
    for c, (seed, said) in enumerate(zip(shown["seeds"], shown["said"], strict=True)):
        for r, axis in enumerate(grid[:, c]):
            axis.imshow(shown["images"][c])
            if r:
                axis.imshow(shown["maps"][r - 1, c], cmap="viridis", vmin=0, vmax=1, alpha=ALPHA)
            axis.set(xticks=[], yticks=[])
            for spine in axis.spines.values():
                spine.set_visible(False)
        right = "named right" if said == seed else f"named {said}"
        grid[0, c].set_title(
            f"seed {seed}\n{right}", fontsize=6, color="black" if said == seed else style.RED
        )
    for axis, label in zip(grid[:, 0], ["picture", *layers], strict=True):
        axis.set_ylabel(label, fontsize=6.5)
    top.suptitle(f"{model}: Grad-CAM, test pictures of unseen prompts", fontsize=8)
    _areas(bottom.subplots(), rows, layers)
    return figure


def _areas(axis, rows: pd.DataFrame, layers: list[str]) -> None:
    for j, (kind, color) in enumerate(COLORS.items()):
        mine = rows[rows["kind"] == kind].set_index("layer").loc[layers]
        y = np.arange(len(layers)) + 0.22 * (j - 1)
        bars(axis, y, mine["area"], mine["low"], mine["high"], color, label=kind)
    axis.axvline(1, color=style.GREY, ls=":", lw=1, label="uniform map")
    axis.set_yticks(range(len(layers)), layers)
    axis.set_ylim(len(layers) - 0.5, -0.5)
    axis.set_xlim(0, 1.03)
    n = rows["n_pictures"].max()
    axis.set_xlabel(f"share of the picture that a map covers (mean; n = {n:,} pictures)")
    axis.legend(fontsize=6, ncol=4, loc="lower center", bbox_to_anchor=(0.5, 1.0))
