"""The constants that were tried."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from seedbed import store
from seedbed.render.tables import Cells, Table


def tuning(controls: list[str], tried: list[str]) -> Table:
    """The table from files.

    Args:
        controls: names.
        tried: what was tried of each.
    """
    return tuning_table(dict(zip(controls, map(store.read_table, tried), strict=True)))


def tuning_table(rows: Mapping[str, pd.DataFrame]) -> Table:
    """Every choice tried per control.

    Args:
        rows: of ``lottery_ticket.comparison.tuning`` per control.
    """
    known = ("iou", "success", "n_objects", "chosen")
    found = []
    for control, part in rows.items():
        constants = [c for c in part.columns if c not in known]
        for row in part.to_dict("records"):
            text = ", ".join(f"{c} {row[c]:g}" for c in constants)
            found.append({"control": control, "constants": text, **{k: row[k] for k in known}})
    full = pd.DataFrame(found)
    printed = pd.DataFrame(
        {
            "Method": full["control"],
            "Constants": full["constants"],
            "Chosen": full["chosen"].map({True: "yes", False: ""}),
            "Mean IoU": full["iou"].map(Cells(3).number),
            "R_suc %": full["success"].map(Cells(1).number),
            "n (objects)": full["n_objects"].astype(str),
        }
    )
    return Table(full, printed)
