"""Figure 2 of Good Seed: initial latent and step noise exchanged apart."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.render import style
from seedbed.render.good_seed.picture_grid import picture_grid
from seedbed.render.good_seed.swap_words import arm_name, measure_name, order
from seedbed.sampling.seed_swap import KEYS, UNSWAPPED

COLUMNS = ("measure", "eta", "quantity", "arm", "swap_step")
NUMBERS = ("value", "low", "high")
COLORS = (style.BLUE, style.GREEN, style.RED, style.PURPLE)
MARKERS = "oD^v"
PARTS = {"latent": style.BLUE, "interaction": "#BBBBBB", "noise": style.RED}
PART_NAMES = {"latent": "initial latent", "interaction": "both together", "noise": "step noise"}


def pictures(rows: str, images: str, effects: str, shown: int):
    """Figure 2, the pictures, from files.

    Args:
        rows: table of ``sampling.seed_swap``.
        images: its pictures and the prompts' texts.
        effects: of ``good_seed.swap_effects``; says in which order arms exchange more.
        shown: pairs of seeds, each with its first prompt.
    """
    archive = store.read_arrays(images, ["images", "texts"])
    columns = [(UNSWAPPED, np.nan), *order(read_effects(effects))]
    table = store.read_table(rows, [*KEYS, "seed_i", "seed_j"])
    return swap_grid(table, archive["images"], archive["texts"].tolist(), columns, shown)


def differences(effects: str, extractor: str | None):
    """Figure 2, the differences, from files.

    Args:
        effects: table of ``good_seed.swap_effects``.
        extractor: whose features are measured, if any.
    """
    return effects_figure(read_effects(effects), extractor)


def read_effects(path: str) -> pd.DataFrame:
    """The table of ``good_seed.swap_effects``."""
    return store.read_table(path, COLUMNS, finite=NUMBERS)


def swap_grid(
    rows: pd.DataFrame,
    images: np.ndarray,
    texts: list[str],
    columns: list[tuple[str, float]],
    shown: int,
):
    """A row per pair and eta, from the unswapped picture to another seed's."""
    pictures, labels, said = [], [], []
    for pair in sorted(rows["pair"].unique())[:shown]:
        mine = rows[rows["pair"] == pair]
        mine = mine[mine["prompt"] == mine["prompt"].min()]
        i, j = (int(mine[key].iloc[0]) for key in ("seed_i", "seed_j"))
        said.append(f"seeds {i}, {j}: “{texts[mine['prompt'].iloc[0]]}”")
        for eta in sorted(mine["eta"].unique()):
            here = mine[mine["eta"] == eta]
            place = dict(
                zip(zip(here["arm"], here["swap_step"], strict=True), here.index, strict=True)
            )
            never = here["swap_step"].max()
            pictures.append(
                [images[place[a, never if np.isnan(s) else int(s)]] for a, s in columns]
            )
            labels.append(f"{i}, {j}: η = {eta:g}")
    names = [arm_name(*column) for column in columns]
    return picture_grid(np.array(pictures), labels, names, title="\n".join(said), cell=0.95)


def effects_figure(effects: pd.DataFrame, extractor: str | None):
    """Mean differences by what is exchanged, and the shares of variance below them."""
    plt = style.pyplot()
    measures = list(dict.fromkeys(effects["measure"]))
    figure, axes = plt.subplots(
        2,
        len(measures),
        figsize=(style.PAGE if len(measures) > 1 else style.COLUMN, 4.6),
        height_ratios=(3, 2),
        layout="constrained",
        squeeze=False,
    )
    for (above, below), measure in zip(axes.T, measures, strict=True):
        mine = effects[effects["measure"] == measure]
        _distances(above, mine, measure_name(measure, extractor))
        _shares(below, mine)
    axes[0, 0].legend(fontsize=6, loc="upper left")
    axes[1, 0].legend(fontsize=5.5, loc="lower right")
    first = effects.iloc[0]
    figure.suptitle(
        f"n = {int(first['n_pairs'])} pairs of seeds, {int(first['n_images'])} pictures per point; "
        "bars: bootstrap intervals over pairs",
        fontsize=7,
    )
    return figure


def _distances(axis, mine: pd.DataFrame, label: str) -> None:
    moved = mine[mine["quantity"] == "distance"].set_index(["eta", "arm", "swap_step"])
    arms = order(mine)
    etas = sorted(mine["eta"].unique())
    for k, eta in enumerate(etas):
        part = moved.loc[[(eta, *arm) for arm in arms]]
        error = [part["value"] - part["low"], part["high"] - part["value"]]
        axis.errorbar(
            np.arange(len(arms)) + 0.16 * (k - (len(etas) - 1) / 2),
            part["value"],
            yerr=np.clip(error, 0, None),
            color=COLORS[k],
            marker=MARKERS[k],
            linestyle="none",
            ms=3.5,
            capsize=2,
            lw=0.9,
            label=f"η = {eta:g}",
        )
    names = [textwrap.fill(arm_name(*arm), 12) for arm in arms]
    axis.set_xticks(range(len(arms)), names, fontsize=5)
    axis.set_ylabel(f"difference to the unswapped\n{label}", fontsize=6.5)
    axis.set_ylim(bottom=0)
    axis.tick_params(axis="y", labelsize=6)


def _shares(axis, mine: pd.DataFrame) -> None:
    """Shares per eta with their intervals."""
    shares = mine[mine["quantity"] == "share"].set_index(["eta", "arm"])
    etas = sorted(mine["eta"].unique())
    shares = shares[shares.index.get_level_values("arm").isin(PARTS)]
    places = np.arange(len(etas))
    for k, (name, color) in enumerate(PARTS.items()):
        part = shares.loc[[(eta, name) for eta in etas]]
        error = np.clip([part["value"] - part["low"], part["high"] - part["value"]], 0, None)
        axis.barh(
            places + 0.27 * (k - 1),
            part["value"],
            height=0.25,
            xerr=error,
            color=color,
            ecolor="black",
            error_kw={"lw": 0.8, "capsize": 1.5},
            label=PART_NAMES[name],
        )
    axis.axvline(0, color="black", lw=0.6)
    axis.set_yticks(places, [f"η = {eta:g}" for eta in etas], fontsize=6.5)
    axis.invert_yaxis()
    axis.set_xlabel("share of the variance between pictures of a prompt", fontsize=6.5)
    axis.tick_params(axis="x", labelsize=6)
    axis.set_xlim(min(-0.12, shares["low"].min()), 1.05)
