"""SemI against the methods that the paper sets it beside."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.render.tables import Cells, Table


def comparison(
    contrasts: list[list[str]], labels: dict[str, str], differences: str, paper: str
) -> Table:
    """The table from files.

    Args:
        contrasts, labels: see ``comparison_table``.
        differences: of every tested pair of arms.
        paper: Table 1 of the paper.
    """
    return comparison_table(store.read_table(differences), contrasts, labels, pd.read_csv(paper))


def comparison_table(
    differences: pd.DataFrame,
    contrasts: list[list[str]],
    labels: Mapping[str, str],
    paper: pd.DataFrame,
) -> Table:
    """SemI against each method that the paper sets it beside, over all sizes.

    Args:
        differences: of ``lottery_ticket.comparison.levels``; the highest confidence is shown.
        contrasts: (arm, partner) to show.
        labels: readable name per arm.
        paper: Table 1 of the paper.
    """
    chosen = differences[
        (differences["confidence"] == differences["confidence"].max())
        & (differences["size"] == "all")
    ]
    theirs = paper[paper["size"] == "all"].set_index(["arm", "measure"])["value"]
    rows, printed = [], []
    for arm, partner in contrasts:
        for measure, name in (("iou", "IoU"), ("success", "R_suc, points")):
            found = chosen[
                (chosen["arm"] == arm)
                & (chosen["partner"] == partner)
                & (chosen["measure"] == measure)
            ].iloc[0]
            their = theirs.get((arm, measure), np.nan) - theirs.get((partner, measure), np.nan)
            rows.append({**found.to_dict(), "paper_difference": their})
            cells = Cells(3 if measure == "iou" else 1)
            printed.append(
                {
                    "Method": f"{labels[arm]} − {labels[partner]}",
                    "Measure": name,
                    "Difference": cells.signed(found["difference"]),
                    "Interval": cells.interval(found["low"], found["high"]),
                    "p": f"{found['p_value']:.3f}",
                    "Paper's difference": Cells(2).signed(their),
                    "n": f"{found['n_objects']} / {found['n_images']}",
                }
            )
    return Table(pd.DataFrame(rows), pd.DataFrame(printed))
