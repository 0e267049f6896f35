"""Figure 8 of Lottery Ticket: failures found automatically, with the layout on each."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.lottery_ticket.comparison.latents import BOXES
from seedbed.lottery_ticket.comparison.layout_files import read_ranges
from seedbed.lottery_ticket.comparison.objects import SUCCESS
from seedbed.render import style
from seedbed.render.pictures import legend_text, show

TITLES = {
    "worst IoU": "worst\nmean IoU",
    "wrong colour": "well placed,\nwrong colour",
    "extreme latent": "most extreme\nlatents",
    "very small": "smallest boxes\nmissed",
}


def failures(
    shown: str,
    label: str,
    examples: int,
    judged: str,
    layouts: str,
    constructions: list[str],
    images: list[str],
):
    """Figure 8 from files.

    Args:
        shown: the arm whose failures are shown.
        label: of the arm.
        examples: how many of each kind.
        judged: every guidance box, judged.
        layouts: layout table.
        constructions: moments of the arm's latents.
        images: the arm's shards.
    """
    table, rows = store.read_table(layouts), store.read_table(judged)
    mine = rows[rows["arm"] == shown]
    chosen = choose_failures(mine, table, read_ranges(constructions), examples)
    wanted = [layout_id for notes in chosen.values() for layout_id, _ in notes]
    picked = store.pick_images(images, None, wanted)
    pictures = {layout_id: picture for (_, layout_id), picture in picked.items()}
    return failure_grid(chosen, pictures, table, examples, label)


def choose_failures(
    judged: pd.DataFrame, layouts: pd.DataFrame, construction: pd.DataFrame, count: int
) -> dict[str, list[tuple[str, str]]]:
    """Per kind up to ``count`` (layout id, note), by rule, worst first; no layout comes twice.

    *worst IoU*: lowest mean IoU, the largest boxes first among equals. *wrong colour*: of well
    placed objects (IoU above ``SUCCESS``) in the wrong colour, the highest IoU. *extreme latent*:
    largest |excess kurtosis| + |sd − 1|. *very small*: missed boxes below
    ``lottery_ticket.comparison.failures.TINY``, the smallest first.
    """
    area = (layouts["x1"] - layouts["x0"]) * (layouts["y1"] - layouts["y0"])
    table = judged.merge(layouts[["layout_id", "position"]].assign(area=area))
    mean = table.groupby("layout_id", sort=False).agg(iou=("iou", "mean"), area=("area", "sum"))
    mean = mean.sort_values(["iou", "area"], ascending=[True, False], kind="stable")
    wrong = table[(table["wrong colour"] == 1) & (table["iou"] > SUCCESS)].sort_values(
        "iou", ascending=False, kind="stable"
    )
    built = construction.dropna(subset=["sd"])
    distance = built["excess_kurtosis"].abs() + (built["sd"] - 1).abs()
    extreme = built.assign(distance=distance).sort_values(
        "distance", ascending=False, kind="stable"
    )
    small = table[table["very small box missed"] == 1].sort_values("area", kind="stable")
    candidates = {
        "worst IoU": [(i, f"IoU {r.iou:.2f}") for i, r in mean.iterrows()],
        "wrong colour": [
            (r.layout_id, f"{r.category}, IoU {r.iou:.2f}") for r in wrong.itertuples()
        ],
        "extreme latent": [
            (r.layout_id, f"sd {r.sd:.2f}, excess kurtosis {r.excess_kurtosis:+.2f}")
            for r in extreme.itertuples()
        ],
        "very small": [
            (r.layout_id, f"{r.category}, {100 * r.area:.1f} % of the frame")
            for r in small.itertuples()
        ],
    }
    seen: set[str] = set()
    chosen = {}
    for kind, ordered in candidates.items():
        chosen[kind] = []
        for layout_id, note in ordered:
            if layout_id not in seen and len(chosen[kind]) < count:
                seen.add(layout_id)
                chosen[kind].append((layout_id, note))
    return chosen


def failure_grid(
    chosen: dict[str, list[tuple[str, str]]],
    images: dict[str, np.ndarray],
    layouts: pd.DataFrame,
    count: int,
    label: str,
):
    """A row per kind of failure; boxes in the colours of their names above each picture.

    Args:
        chosen: from ``choose_failures``; fewer than ``count`` leave the row's end empty.
        images: (h, w, 3) uint8 by layout id.
        layouts: layout table.
        count: columns.
        label: of the arm that is shown.
    """
    plt = style.pyplot()
    figure, axes = plt.subplots(
        len(chosen), count, figsize=(style.PAGE, 1.62 * len(chosen)), squeeze=False,
        layout="constrained",
    )  # fmt: skip
    for row, (kind, examples) in zip(axes, chosen.items(), strict=True):
        for axis in row[len(examples) :]:
            axis.set_axis_off()
        row[0].text(
            -0.12, 0.5, TITLES[kind] + ("" if examples else ":\nnone found"), rotation=90,
            ha="center", va="center", fontsize=7, transform=row[0].transAxes,
        )  # fmt: skip
        for axis, (layout_id, note) in zip(row, examples, strict=False):
            mine = layouts[layouts["layout_id"] == layout_id]
            show(axis, images[layout_id], mine[BOXES].to_numpy())
            names = ", ".join(name for name, _ in legend_text(mine["category"].tolist()))
            axis.set_title(f"{note}\n“{_short(mine['caption'].iloc[0])}”", fontsize=5.5)
            axis.set_xlabel(f"boxes: {names}", fontsize=5.5)
    figure.suptitle(f"failures of {label}, found by rule", fontsize=7.5)
    return figure


def _short(text: str, width: int = 36) -> str:
    import textwrap

    return textwrap.fill(textwrap.shorten(text, 2 * width, placeholder=" …"), width)
