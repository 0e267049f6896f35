"""Figure 2 in numbers: what moves a picture how far, and what decides it."""

from __future__ import annotations

import pandas as pd

from seedbed.good_seed.swap_effects import CONTRAST, PIXELS
from seedbed.render.good_seed.swap_figures import read_effects
from seedbed.render.good_seed.swap_words import SHARES, arm_name, decided, measure_name, order
from seedbed.render.tables import MISSING, Cells, Table
from seedbed.render.wording import p_value

SHARE = Cells(2)


def seed_swap(effects: str, extractor: str | None) -> Table:
    """The table from files.

    Args:
        effects: table of ``good_seed.swap_effects``.
        extractor: whose features are measured, if any.
    """
    return swap_table(read_effects(effects), extractor)


def swap_table(effects: pd.DataFrame, extractor: str | None) -> Table:
    """A row per measure and quantity, a column per eta."""
    etas = sorted(effects["eta"].unique())
    printed = []
    for measure in dict.fromkeys(effects["measure"]):
        mine = effects[effects["measure"] == measure]
        moved = mine[mine["quantity"] == "distance"].set_index(["arm", "swap_step", "eta"])
        shares = mine[mine["quantity"] == "share"].set_index(["arm", "eta"])
        label, cells = measure_name(measure, extractor), Cells(1 if measure == PIXELS else 2)
        for arm in order(mine):
            row = {f"η = {eta:g}": _distance(moved.loc[(*arm, eta)], cells) for eta in etas}
            printed.append({"Measure": label, "Quantity": arm_name(*arm)} | row)
        for name, said in SHARES.items():
            row = {f"η = {eta:g}": _share(shares.loc[(name, eta)]) for eta in etas}
            printed.append({"Measure": label, "Quantity": said} | row)
        row = {f"η = {eta:g}": _verdict(shares.loc[(CONTRAST, eta)], eta) for eta in etas}
        printed.append({"Measure": label, "Quantity": "verdict"} | row)
    first = effects.iloc[0]
    n = f"n = {int(first['n_pairs'])} pairs of seeds, {int(first['n_images'])} pictures per mean."
    return Table(effects, pd.DataFrame(printed), conditions=n)


def _distance(row: pd.Series, cells: Cells) -> str:
    of_all = MISSING if pd.isna(row["of_all"]) else f"{100 * row['of_all']:.0f} %"
    return f"{cells.number(row['value'])} {cells.limits(row['low'], row['high'])} ({of_all})"


def _share(row: pd.Series) -> str:
    return f"{SHARE.number(row['value'])} {SHARE.limits(row['low'], row['high'])}"


def _verdict(row: pd.Series, eta: float) -> str:
    said = decided(eta, row["verdict"])
    return said if eta == 0 else f"{said} ({p_value(row['p_value'])})"
