"""SemI against the methods that the paper sets it beside."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.render.lottery_ticket.arm_tables import p_text
from seedbed.render.tables import Cells, Table


def comparison(labels: dict[str, str], papers: list[str], differences: str, paper: str) -> Table:
    """The table from files.

    Args:
        labels, papers: see ``comparison_table``.
        differences: of every test.
        paper: Table 1 of the paper.
    """
    tested = store.read_table(differences)
    tested = tested[tested["table"] == "comparison"]
    return comparison_table(tested, labels, papers, pd.read_csv(paper))


def comparison_table(
    differences: pd.DataFrame,
    labels: Mapping[str, str],
    papers: Collection[str],
    paper: pd.DataFrame,
) -> Table:
    """SemI against each method that the paper sets it beside, over all sizes.

    Args:
        differences: of ``lottery_ticket.comparison.levels``, those of this table; the highest
            confidence is shown.
        labels: readable name per arm.
        papers: arms beside which the paper's numbers may stand.
        paper: Table 1 of the paper.
    """
    chosen = differences[
        (differences["confidence"] == differences["confidence"].max())
        & (differences["size"] == "all")
    ]
    theirs = paper[(paper["size"] == "all") & paper["arm"].isin(papers)]
    theirs = theirs.set_index(["arm", "measure"])["value"]
    rows, printed = [], []
    for found in chosen.to_dict("records"):
        measure = found["measure"]
        arm, partner = (theirs.get((found[k], measure), np.nan) for k in ("arm", "partner"))
        rows.append({**found, "paper_difference": arm - partner})
        cells = Cells(3 if measure == "iou" else 1)
        printed.append(
            {
                "Method": f"{labels[found['arm']]} − {labels[found['partner']]}",
                "Measure": {"iou": "IoU", "success": "R_suc, points"}[measure],
                "Difference": cells.signed(found["difference"]),
                "Interval": cells.interval(found["low"], found["high"]),
                "p": p_text(found["p_value"]),
                "p adjusted": p_text(found["p_adjusted"]),
                "Verdict": found["verdict"],
                "Paper's difference": Cells(2).signed(arm - partner),
                "n": f"{found['n_objects']} / {found['n_images']}",
            }
        )
    return Table(pd.DataFrame(rows), pd.DataFrame(printed))
