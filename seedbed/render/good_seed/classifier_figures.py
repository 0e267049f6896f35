"""Accuracy of the seed classifier over epochs, and over pictures per seed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed.render import style
from seedbed.render.good_seed.classifier_table import accuracies, read_groups

COLORS = (style.BLUE, style.ORANGE, style.GREEN, style.PURPLE)
MARKERS = "os^D"
SPLIT_LINES = {"prompt": "-", "image": "--"}


def classifier_curves(models: list[dict], statistics: dict, hits: list[str], curves: list[str]):
    """The figure from files; arguments as those of ``classifier_table.classifier``."""
    per_model = len(hits) // len(models)
    found = {}
    for k, about in enumerate(models):
        own = slice(k * per_model, (k + 1) * per_model)
        curve = read_groups(curves[own])
        rows = pd.DataFrame(accuracies(about["model"], read_groups(hits[own]), curve, statistics))
        found[about["model"]] = (curve, rows)
    return curves_figure(found)


def curves_figure(found: dict[str, tuple[pd.DataFrame, pd.DataFrame]]):
    """Validation accuracy by epoch, and test accuracy by pictures per seed.

    Args:
        found: per model the curves of its trainings, and its rows of ``accuracies``.
    """
    plt = style.pyplot()
    size = (style.PAGE, 2.5)
    figure, (epochs, sizes) = plt.subplots(1, 2, figsize=size, sharey=True, layout="constrained")
    chances = set()
    for k, (model, (curve, rows)) in enumerate(found.items()):
        look = {"color": COLORS[k % len(COLORS)], "marker": MARKERS[k % len(MARKERS)], "ms": 3.5}
        whole = rows[rows["variant"] == "whole"]
        chances |= set(rows["chance"])
        for split, line in SPLIT_LINES.items():
            most = whole.loc[whole["split"] == split, "per_seed"].max()
            mine = curve[
                (curve["variant"] == "whole")
                & (curve["split"] == split)
                & (curve["per_seed"] == most)
            ].sort_values("epoch")
            label = f"{model}, by {'prompt' if split == 'prompt' else 'picture'}"
            epochs.plot(mine["epoch"], mine["val_accuracy"], ls=line, label=label, **look)
        learned = whole[whole["split"] == "prompt"].sort_values("per_seed")
        error = np.array([learned["value"] - learned["low"], learned["high"] - learned["value"]])
        sizes.errorbar(
            learned["per_seed"], learned["value"], yerr=error, capsize=2, label=model, **look
        )
    for axis in (epochs, sizes):
        for chance in chances:
            axis.axhline(chance, color=style.GREY, ls=":", lw=1, label=f"chance {chance:.3f}")
        axis.set_ylim(0, 1.03)
        axis.legend(fontsize=6)
    n = ", ".join(f"{m}: {r['n_pictures'].max():,}" for m, (_, r) in found.items())
    epochs.set(xlabel="epochs", ylabel="share of pictures\nwhose seed is named")
    epochs.set_title("validation, all training pictures", fontsize=7)
    epochs.xaxis.get_major_locator().set_params(integer=True)
    sizes.set(xlabel="training pictures per seed, as many steps each")
    sizes.set_title(f"test by prompt, n pictures = {n}", fontsize=7)
    return figure
