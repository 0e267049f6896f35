"""Every cross-attention layer as the source of scores."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.lottery_ticket.comparison.aggregate import Resampling, aggregate
from seedbed.render import style
from seedbed.render.bars import bars


def layers(layer: str, semi: str, n_boot: int, seed: int, level: float, objects: str):
    """The figure from files.

    Args:
        layer: the one that the run reads.
        semi: which SemI is shown.
        n_boot, seed, level: of the intervals, images resampled.
        objects: table of ``lottery_ticket.comparison.layers``.
    """
    return layers_figure(store.read_table(objects), layer, semi, n_boot, seed, level)


def layers_figure(
    objects: pd.DataFrame, source: str, semi: str, n_boot: int, seed: int, level: float
):
    """Mean IoU and R_suc of tickets scored by each cross-attention layer, and of random noise.

    Args:
        objects: of ``lottery_ticket.comparison.layers``.
        source: the layer that the run reads.
        semi: which SemI is shown.
        n_boot, seed, level: of the intervals, images resampled.
    """
    plt = style.pyplot()
    first = objects[objects["confidence"] == objects["confidence"].max()]
    layers = list(dict.fromkeys(first["layer"]))
    objects_of = {layer: first[first["layer"] == layer] for layer in layers}
    table = aggregate(objects_of, Resampling(n_boot, seed, level)).rename(columns={"arm": "layer"})
    grids = {layer: part["grid"].iloc[0] for layer, part in objects_of.items()}
    table = table[table["size"] == "all"].assign(grid=table["layer"].map(grids))
    figure, axes = plt.subplots(
        1, 2, figsize=(style.PAGE, 0.3 * len(layers) + 0.9), sharey=True, layout="constrained"
    )
    y = np.arange(len(layers))
    for axis, (measure, name) in zip(
        axes, (("iou", "mean IoU"), ("success", "$R_{suc}$ (%)")), strict=True
    ):
        rows = table[table["measure"] == measure].set_index("layer").reindex(layers)
        for k, (layer, row) in enumerate(rows.iterrows()):
            color = style.GREY if row["grid"] == 0 else style.BLUE
            kind = {"mfc": color if layer.startswith(source) or row["grid"] == 0 else "white"}
            bars(axis, [k], [row["value"]], [row["low"]], [row["high"]], color, **kind)
        axis.axvline(rows["value"].iloc[0], color=style.GREY, lw=0.6, ls=":")
        axis.set_xlabel(name)
        axis.grid(axis="x", lw=0.3)
    shown = [
        layer
        if grid == 0
        else f"{layer.replace('.transformer_blocks.0.attn2', '')} ({grid}×{grid})"
        for layer, grid in table[table["measure"] == "iou"][["layer", "grid"]].to_numpy()
    ]
    axes[0].set_yticks(y, shown, fontsize=6)
    axes[0].invert_yaxis()
    n = table["n_objects"].iloc[0], table["n_images"].iloc[0]
    figure.suptitle(
        f"{semi}, scored by each cross-attention layer; filled: the layer used. n = {n[0]} "
        f"objects in {n[1]} images; bars: {100 * level:.0f} % interval over images",
        fontsize=7,
    )
    return figure
