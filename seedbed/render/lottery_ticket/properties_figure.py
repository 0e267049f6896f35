"""Scores of tickets before and after a move."""

from __future__ import annotations

import pandas as pd

from seedbed import store
from seedbed.render import style


def properties(rows: str, table: str):
    """The figure from files.

    Args:
        rows: table of ``lottery_ticket.tickets.properties``.
        table: CSV of the table of the same tests, whose numbers are printed.
    """
    return properties_figure(store.read_table(rows), pd.read_csv(table))


def properties_figure(rows: pd.DataFrame, table: pd.DataFrame):
    """Score before against score after, per test, with the rank correlation.

    Args:
        rows: of ``lottery_ticket.tickets.properties``.
        table: full table of ``render.lottery_ticket.properties_table``.
    """
    plt = style.pyplot()
    tests = list(table["test"])
    figure, axes = plt.subplots(
        1, len(tests), figsize=(style.PAGE, 1.95), sharex=True, sharey=True, layout="constrained"
    )
    for axis, row in zip(axes, table.itertuples(), strict=True):
        part = rows[rows["test"] == row.test]
        axis.plot(
            part["before"],
            part["after"],
            ".",
            ms=1.5,
            alpha=0.35,
            color=style.BLUE,
            rasterized=True,
        )
        axis.plot([0, 1], [0, 1], color=style.GREY, lw=0.5, ls=":")
        axis.set_title(row.test, fontsize=7)
        axis.set_xlabel("score before", fontsize=7)
        axis.text(
            0.04, 0.97,
            f"ρ = {row.rho:.2f} [{row.low:.2f}, {row.high:.2f}]\n"
            f"at random: {row.control_rho:.2f}\nn = {row.n_blocks}",
            transform=axis.transAxes, va="top", fontsize=5.5,
            bbox={"fc": "white", "ec": "none", "alpha": 0.8, "pad": 1},
        )  # fmt: skip
        axis.set_aspect("equal")
    axes[0].set_ylabel("score after", fontsize=7)
    return figure
