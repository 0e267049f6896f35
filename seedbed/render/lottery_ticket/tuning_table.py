"""The constants that were tried, and what SemI could choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from seedbed import store
from seedbed.lottery_ticket.comparison.line_search import KNOWN
from seedbed.render.tables import MISSING, Cells, Table


def tuning(controls: list[str], readings: list[str], tried: list[str]) -> Table:
    """The table from files.

    Args:
        controls: names.
        readings: labels of the SemI that are drawn.
        tried: what was tried of each control.
    """
    rows = dict(zip(controls, map(store.read_table, tried), strict=True))
    return tuning_table(rows, readings)


def tuning_table(rows: Mapping[str, pd.DataFrame], readings: Sequence[str]) -> Table:
    """Every choice tried per control, and the choices of SemI: its rules, all of them drawn.

    Args:
        rows: of ``lottery_ticket.comparison.tuning`` per control.
        readings: labels of the SemI that are drawn.
    """
    found = []
    for control, part in rows.items():
        constants = [c for c in part.columns if c not in KNOWN]
        for row in part.to_dict("records"):
            text = ", ".join(f"{c} {row[c]:g}" for c in constants)
            found.append({"control": control, "constants": text, **{k: row[k] for k in KNOWN}})
    full = pd.DataFrame(found)
    marks = {True: "yes", False: ""}
    chosen = full["chosen"].map(marks)
    printed = pd.DataFrame(
        {
            "Method": full["control"],
            "Constants": full["constants"],
            "Added": full["added"].map(marks),
            "Chosen": [
                f"{c} (at an edge: {edge})" if edge else c
                for c, edge in zip(chosen, full["at_edge"], strict=True)
            ],
            "Mean IoU": full["iou"].map(Cells(3).number),
            "R_suc %": full["success"].map(Cells(1).number),
            "Highest R_suc": full["best_success"].map(marks),
            "n (objects / images)": [
                f"{o} / {i}" for o, i in zip(full["n_objects"], full["n_images"], strict=True)
            ],
        }
    )
    shown = [
        {"Method": label, "Constants": "none", "Chosen": "a row of Table 1"} for label in readings
    ]
    printed = pd.concat([printed, pd.DataFrame(shown)], ignore_index=True).fillna(MISSING)
    return Table(full, printed, conditions=_budgets(full, len(readings)))


def _budgets(full: pd.DataFrame, readings: int) -> str:
    numbers = full.groupby("control", sort=False).size()
    tries = ", ".join(f"{name} {n}" for name, n in numbers.items())
    return f"Choices tried: {tries}, SemI {readings} (all shown)."
