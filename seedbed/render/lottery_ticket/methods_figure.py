"""R_suc of every method by size."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.lottery_ticket.comparison.aggregate import GROUPS
from seedbed.render import style
from seedbed.render.bars import bars

HEADINGS = {"all": "all objects", "small": "small", "medium": "medium", "large": "large"}


def methods(
    labels: dict[str, str],
    colors: dict[str, str],
    papers: list[str],
    level: float,
    levels: str,
    paper: str,
):
    """The figure from files.

    Args:
        labels, colors, level: see ``methods_figure``.
        papers: arms beside which the paper's numbers stand.
        levels: levels of every arm.
        paper: Table 1 of the paper.
    """
    theirs = pd.read_csv(paper)
    theirs = theirs[theirs["arm"].isin(papers)]
    return methods_figure(labels, colors, store.read_table(levels), theirs, level)


def methods_figure(
    labels: Mapping[str, str],
    colors: Mapping[str, str],
    levels: pd.DataFrame,
    paper: pd.DataFrame,
    level: float,
):
    """R_suc of every method by size, ours with intervals beside the paper's.

    Args:
        labels: readable name per arm.
        colors: per arm a key of ``style.COLORS``: one for each rule that selects tickets, grey
            without tickets.
        levels: of ``lottery_ticket.comparison.levels``; the highest confidence is shown.
        paper: Table 1 of the paper, the rows that may stand beside ours.
        level: of the intervals.
    """
    plt = style.pyplot()
    ours = levels[(levels["confidence"] == levels["confidence"].max())]
    ours = ours[ours["measure"] == "success"]
    theirs = paper[paper["measure"] == "success"]
    arms = list(labels)
    y = np.arange(len(arms))
    figure, axes = plt.subplots(
        1, len(GROUPS), figsize=(style.PAGE, 0.26 * len(arms) + 1.0), sharey=True,
        layout="constrained",
    )  # fmt: skip
    for axis, size in zip(axes, GROUPS, strict=True):
        mine = ours[ours["size"] == size].set_index("arm").reindex(arms)
        for k, (row, arm) in enumerate(zip(mine.itertuples(), arms, strict=True)):
            color = style.COLORS[colors[arm]]
            bars(axis, [k + 0.12], [row.value], [row.low], [row.high], color)
        their = theirs[theirs["size"] == size].set_index("arm")["value"].reindex(arms)
        axis.plot(their, y - 0.2, "D", ms=2.6, mfc="none", mec=style.ORANGE, mew=0.8)
        objects = int(mine["n_objects"].iloc[0])
        axis.set_title(f"{HEADINGS[size]} (n = {objects})", fontsize=7)
        axis.set_xlabel("$R_{suc}$ (%)")
        axis.grid(axis="x", lw=0.3)
        axis.set_xlim(left=min(0, axis.get_xlim()[0]))
    axes[0].set_yticks(y, [labels[arm] for arm in arms], fontsize=6)
    axes[0].invert_yaxis()
    handles = [
        plt.Line2D([], [], marker="o", ls="", color=style.COLORS[color], ms=3.5, label=label)
        for color, label in _kinds(labels, colors).items()
    ]
    theirs_too = {"marker": "D", "ls": "", "mfc": "none", "mec": style.ORANGE, "ms": 3}
    handles.append(plt.Line2D([], [], label="paper (SD 1.4, COCO)", **theirs_too))
    figure.legend(
        handles=handles, loc="outside lower center", ncols=len(handles), fontsize=6,
        title=f"bars: {100 * level:.0f} % interval over images", title_fontsize=6,
    )  # fmt: skip
    return figure


def _kinds(labels: Mapping[str, str], colors: Mapping[str, str]) -> dict[str, str]:
    """What each colour stands for: without tickets, or the shortest label of its arms."""
    found: dict[str, str] = {}
    for arm, label in labels.items():
        kind = "without tickets" if colors[arm] == "grey" else label
        found[colors[arm]] = min(found.get(colors[arm], kind), kind, key=len)
    return found
