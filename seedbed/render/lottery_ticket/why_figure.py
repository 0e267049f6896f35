"""Why tickets win or not: what a score is made of, what a latent carries, which layers know."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed.lottery_ticket.comparison.explained import ARMS, CARRIED, TRAVEL, mean_over
from seedbed.lottery_ticket.tickets.score_sources import SOURCES
from seedbed.render import style
from seedbed.render.lottery_ticket.why_findings import Findings, findings

BINS = 5
COLORS = {"sd": style.GREY, "semi": style.BLUE}
OFFSETS = ((-4, 4), (4, 4), (-4, -8), (4, -8))
"""Of the names of layers from their points, in points, so that neighbours do not meet."""
LABELS = {
    "lean": "lean of the box's blocks to its object\n(standard deviations of a block)",
    "home": "how much the object is at home in the box\n(mean score of the place)",
}


def why(
    n_boot: int,
    seed: int,
    level: float,
    study: dict,
    layer: str,
    semi: str,
    layouts: str,
    tickets: list[str],
    objects: str,
    properties: str,
    layers: str,
    agreement: str,
):
    """The figure from files.

    Args:
        n_boot, seed, level: of all intervals.
        layer: the one that the run reads.
        semi: which SemI is shown.
        study, layouts, tickets, objects, properties, layers, agreement: see ``findings``.
    """
    found = findings(
        n_boot,
        seed,
        level,
        study,
        layouts=layouts,
        tickets=tickets,
        objects=objects,
        properties=properties,
        layers=layers,
        agreement=agreement,
    )
    return why_figure(found, layer, semi, n_boot, seed, level)


def why_figure(found: Findings, layer: str, semi: str, n_boot: int, seed: int, level: float):
    """Four panels: sources of a score; IoU by lean and by home; gain by agreement, per layer.

    Args:
        found: of ``findings``.
        layer: the one that the run reads; its point is filled.
        semi: which SemI is shown.
        n_boot, seed, level: of the intervals of means.
    """
    plt = style.pyplot()
    figure, grid = plt.subplots(2, 2, figsize=(style.PAGE, 5.2), layout="constrained")
    axes = grid.ravel()
    known = found.numbers.set_index(["part", "name"])
    _sources(axes[0], known)
    for axis, column in zip(axes[1:3], CARRIED, strict=True):
        _outcomes(axis, found.outcomes, column, known, (n_boot, seed, level))
    axes[2].sharey(axes[1])
    _layers(axes[3], found.layers, layer, semi)
    travel, chance = (
        known.loc[("score that travels", name)] for name in (TRAVEL, "blocks at random")
    )
    figure.suptitle(
        f"a block put in another place of another noise keeps its score at ρ = {_told(travel)} "
        f"(blocks at random {_told(chance)}; n = {int(travel['n'])} blocks); bars: "
        f"{100 * level:.0f} % intervals; tickets: {semi}",
        fontsize=7,
    )
    return figure


def _told(row) -> str:
    return f"{row['value']:.2f} [{row['low']:.2f}, {row['high']:.2f}]"


def _sources(axis, known: pd.DataFrame) -> None:
    rows = known.loc["variance of a score"].loc[list(SOURCES)]
    y = np.arange(len(rows))
    reach = [rows["value"] - rows["low"], rows["high"] - rows["value"]]
    colors = [style.ORANGE, *[style.BLUE] * (len(rows) - 2), style.GREEN]
    axis.barh(y, rows["value"], color=colors, height=0.6)
    axis.errorbar(rows["value"], y, xerr=reach, fmt="none", color="black", lw=0.8, capsize=2)
    axis.set_yticks(y, [name.replace(" and ", "\nand ") for name in rows.index], fontsize=6)
    axis.invert_yaxis()
    axis.set_xlim(0, 1)
    axis.set_xlabel("share of a score's variance\nthat it predicts, noises held out", fontsize=6.5)
    axis.set_title(f"a block's score, n = {int(rows['n'].iloc[0])} categories", fontsize=6.5)


def _outcomes(axis, outcomes: pd.DataFrame, column: str, known: pd.DataFrame, how: tuple) -> None:
    for arm, label in ARMS.items():
        mine = outcomes[outcomes["arm"] == arm].dropna(subset=[column])
        order = np.argsort(mine[column].to_numpy(), kind="stable")
        bins = [mine.iloc[rows] for rows in np.array_split(order, min(BINS, len(order)))]
        x = [part[column].mean() for part in bins]
        means = [mean_over(part["iou"], part["layout_id"], *how)[:3] for part in bins]
        y, low, high = np.array(means).T
        axis.errorbar(
            x, y, [y - low, high - y], fmt="o-", ms=3.5, color=COLORS[arm], capsize=2, lw=0.8,
            label=label,
        )  # fmt: skip
    texts = []
    for label in ARMS.values():
        row = known.loc[(f"IoU with {CARRIED[column]}", label)]
        texts.append(f"{label}: ρ = {_told(row)}, n = {int(row['n'])} objects")
    axis.set_title("\n".join(texts), fontsize=6)
    axis.set_xlabel(LABELS[column], fontsize=6.5)
    axis.set_ylabel("mean IoU")
    axis.legend(fontsize=6)


def _layers(axis, layers: pd.DataFrame, layer: str, semi: str) -> None:
    axis.axhline(0, color=style.GREY, lw=0.5, ls=":")
    axis.axvline(0.5, color=style.GREY, lw=0.5, ls=":")
    for k, row in enumerate(layers.sort_values("auc").itertuples()):
        axis.errorbar(
            row.auc, row.gain,
            [[row.gain - row.gain_low], [row.gain_high - row.gain]],
            [[row.auc - row.auc_low], [row.auc_high - row.auc]],
            fmt="o", ms=4, color=style.BLUE, lw=0.8, capsize=1.5,
            mfc=style.BLUE if row.layer.startswith(layer) else "white",
        )  # fmt: skip
        name = row.layer.split(".transformer_blocks")[0]
        short = name.replace("_blocks", "").replace("attentions.", "").replace("_block", "")
        axis.annotate(
            f"{short} ({row.grid}²)", (row.auc, row.gain), fontsize=5.5,
            xytext=OFFSETS[k % len(OFFSETS)], textcoords="offset points",
            ha="left" if k % 2 else "right",
        )  # fmt: skip
    axis.set_xlabel(
        "what the layer's maps know\n(area under the curve, 0.5 is chance)", fontsize=6.5
    )
    axis.set_ylabel(f"IoU of {semi} − random noise", fontsize=6.5)
    n = (layers["n_found"].max(), layers["n_images"].max()) if len(layers) else (0, 0)
    axis.set_title(f"a point per layer, n = {n[0]} objects found; gain: {n[1]} images", fontsize=6)
