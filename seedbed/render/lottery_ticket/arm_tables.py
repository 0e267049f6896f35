"""Tables 1 and 2 of Lottery Ticket, beside what the paper reports.

No Δ to the paper is shown while model, layouts or detector are not the paper's own: levels
differ, and what can be compared are differences between methods.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.layouts.table import PAPER_MIX, SIZES
from seedbed.lottery_ticket.comparison.aggregate import GROUPS
from seedbed.lottery_ticket.comparison.layout_files import by_arm, read_ranges
from seedbed.render.tables import MISSING, Cells, Table

CELLS = {"iou": Cells(3), "success": Cells(1)}
PAPER_CELLS = {"iou": Cells(2), "success": Cells(2)}


def arms(
    table: str,
    labels: dict[str, str],
    papers: list[str],
    controls: list[str],
    layouts: str,
    levels: str,
    differences: str,
    tuned: list[str],
    constructions: list[str],
    paper: str,
) -> Table:
    """Table 1 or 2 from files.

    Args:
        table: "1" or "2".
        labels: readable name per arm, in the order of the table.
        papers: arms beside which the paper's numbers stand.
        controls: whose constants were chosen.
        layouts: layout table.
        levels, differences: of all arms.
        tuned: chosen constants of each control.
        constructions: what was put into the latents, all ranges of each arm in turn; or nothing.
        paper: the paper's table.
    """
    files = by_arm(list(labels), constructions) if constructions else {}
    built = {arm: read_ranges(paths) for arm, paths in files.items()}
    tested, theirs = store.read_table(differences), pd.read_csv(paper)
    found = lottery_table(
        labels,
        store.read_table(levels),
        tested[tested["table"] == table],
        theirs[theirs["arm"].isin(papers)],
        built or None,
    )
    chosen = dict(zip(controls, map(store.read_json, tuned), strict=True))
    return replace(found, conditions=conditions(store.read_table(layouts), chosen))


def lottery_table(
    labels: Mapping[str, str],
    levels: pd.DataFrame,
    differences: pd.DataFrame,
    paper: pd.DataFrame,
    constructions: Mapping[str, pd.DataFrame] | None = None,
) -> Table:
    """Arms by sizes: IoU and R_suc with intervals, the paper's, the difference to a partner.

    Args:
        labels: readable name per arm, in the order of the table.
        levels: from ``lottery_ticket.comparison.levels``.
        differences: from ``lottery_ticket.comparison.levels``, those of this table.
        paper: ``arm``, ``size``, ``measure``, ``value``.
        constructions: what was put into the latents, per arm that uses tickets; adds the columns
            of ``constructed``.

    Returns:
        In full every confidence and measure, one row each; printed the first confidence.
    """
    keys = ["arm", "size", "measure"]
    paired = differences.rename(columns={"low": "difference_low", "high": "difference_high"})
    paired = paired.drop(columns=["n_objects", "n_images", "table"])
    full = levels[levels["arm"].isin(labels)]
    full = full.merge(paired, on=["confidence", *keys], how="left", validate="one_to_one")
    full = full.merge(
        paper.rename(columns={"value": "paper"}), on=keys, how="left", validate="many_to_one"
    )
    full.insert(0, "method", full["arm"].map(labels))
    order = {arm: k for k, arm in enumerate(labels)}
    full = full.sort_values("arm", key=lambda a: a.map(order), kind="stable", ignore_index=True)
    if constructions is not None:
        facts = pd.DataFrame({a: constructed(c) for a, c in constructions.items()}).T
        full = full.merge(facts, left_on="arm", right_index=True, how="left")
    return Table(full, _printed(full, labels))


def constructed(construction: pd.DataFrame) -> dict[str, float]:
    """Means over the latents of an arm: what reuse and thresholds did to them.

    ``pool`` is the median number of tickets an object had to draw from; ``reuse`` and
    ``kept_cells`` are shares and counts of block cells; moments are of the latent's values.
    """
    return {
        "pool": float(construction["pool"].median()),
        "reuse": float(construction["reuse"].mean()),
        "kept_cells": float(construction["kept"].mean()),
        "latent_sd": float(construction["sd"].mean()),
        "latent_excess_kurtosis": float(construction["excess_kurtosis"].mean()),
    }


def _printed(full: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    first = full[full["confidence"] == full["confidence"].max()]
    second = full[full["confidence"] == full["confidence"].min()]
    rows = []
    for arm, label in labels.items():
        for size in GROUPS:
            row = {"Method": label, "Size": size}
            at = {m: _one(first, arm, size, m) for m in CELLS}
            row["n"] = f"{at['iou'].n_objects} / {at['iou'].n_images}"
            for measure, heading in (("iou", "IoU"), ("success", "R_suc %")):
                here = at[measure]
                row[heading] = _level(here, CELLS[measure])
                row[f"Paper's {heading}"] = PAPER_CELLS[measure].number(here.paper)
            row["against"] = labels.get(at["success"].partner, MISSING)
            for measure, heading in (("iou", "IoU"), ("success", "R_suc")):
                here = at[measure]
                row[f"Δ {heading}"] = _difference(here, CELLS[measure])
                row[f"p ({heading})"] = p_text(here.p_value)
                row[f"p adjusted ({heading})"] = p_text(here.p_adjusted)
                row[f"verdict ({heading})"] = MISSING if pd.isna(here.verdict) else here.verdict
            if second is not None and first["confidence"].iloc[0] != second["confidence"].iloc[0]:
                low = _one(second, arm, size, "success")
                row[f"R_suc % at {low.confidence:g}"] = CELLS["success"].number(low.value)
            if "pool" in full:
                row |= _moments(at["iou"], size)
            rows.append(row)
    return pd.DataFrame(rows)


def _one(frame: pd.DataFrame, arm: str, size: str, measure: str):
    found = frame[(frame["arm"] == arm) & (frame["size"] == size) & (frame["measure"] == measure)]
    return next(found.itertuples(index=False))


def _level(row, cells: Cells) -> str:
    if np.isnan(row.value):
        return MISSING
    return f"{cells.number(row.value)} [{cells.number(row.low)}, {cells.number(row.high)}]"


def _difference(row, cells: Cells) -> str:
    if np.isnan(row.difference):
        return MISSING
    interval = cells.interval(row.difference_low, row.difference_high)
    return f"{cells.signed(row.difference)} {interval}"


def p_text(value: float) -> str:
    """A p-value as tables print it."""
    if np.isnan(value):
        return MISSING
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _moments(row, size: str) -> dict[str, str]:
    """Properties of whole latents stand in the row of all sizes only."""
    shown = size == "all"
    nan = float("nan")
    return {
        "Pool": Cells(0).number(row.pool if shown else nan),
        "Reuse %": Cells(1).number(100 * row.reuse if shown else nan),
        "Latent sd": Cells(3).number(row.latent_sd if shown else nan),
        "Excess kurtosis": Cells(2).number(row.latent_excess_kurtosis if shown else nan),
    }


def size_mix_text(layouts: pd.DataFrame) -> str:
    """Shares of small, medium and large objects, and the paper's."""
    ours = layouts["size"].value_counts(normalize=True)
    mine = "/".join(f"{100 * ours.get(s, 0.0):.1f}" for s in SIZES)
    theirs = "/".join(f"{100 * PAPER_MIX[s]:.1f}" for s in SIZES)
    return f"size mix {mine} % small/medium/large (paper {theirs} %)"


def conditions(layouts: pd.DataFrame, tuned: Mapping[str, Mapping]) -> str:
    """What only the data can say of the conditions of a table.

    Args:
        layouts: the layout table that was drawn.
        tuned: chosen constants per control.
    """
    constants = "; ".join(
        f"{name} " + ", ".join(f"{k} {v:g}" for k, v in values.items())
        for name, values in tuned.items()
    )
    return (
        f"There are {layouts['layout_id'].nunique()} layouts with {len(layouts)} objects, "
        f"{size_mix_text(layouts)}. Constants chosen on held-out layouts: {constants or 'none'}."
    )
