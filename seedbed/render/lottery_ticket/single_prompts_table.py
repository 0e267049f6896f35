"""Whether tickets scored by pairs of objects place them better than those scored one by one."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from seedbed import store
from seedbed.lottery_ticket.comparison.aggregate import Resampling, compare
from seedbed.lottery_ticket.comparison.single_prompts import ALONE, PAIRS, RANDOM
from seedbed.render.lottery_ticket.arm_tables import CELLS, p_text
from seedbed.render.tables import MISSING, Table

LABELS = {PAIRS: "SemI, pairs", ALONE: "SemI, objects alone", RANDOM: "SD"}
TESTED = ((PAIRS, ALONE), (PAIRS, RANDOM), (ALONE, RANDOM))
UNITS = {"iou": "IoU", "success": "R_suc, points"}


def single_prompts(
    n_boot: int, seed: int, level: float, margins: Mapping[str, float], objects: str
) -> Table:
    """The table from files.

    Args:
        n_boot, seed, level: of intervals and tests, layouts resampled.
        margins: of each measure, what does not matter.
        objects: table of ``lottery_ticket.comparison.single_prompts``.
    """
    table = store.read_table(objects)
    of_arms = {arm: table[table["arm"] == arm].drop(columns="arm") for arm in LABELS}
    full = compare(of_arms, TESTED, Resampling(n_boot, seed, level), margins)
    first = full["confidence"] == full["confidence"].max()
    shown = full[first & (full["size"] == "all")]
    printed = [
        {
            "Scores from": f"{LABELS[row['arm']]} − {LABELS[row['partner']]}",
            "Measure": UNITS[row["measure"]],
            "Difference": CELLS[row["measure"]].signed(row["difference"]),
            "Interval": CELLS[row["measure"]].interval(row["low"], row["high"]),
            "p": p_text(row["p_value"]),
            "Verdict": row["verdict"],
            "Paper": MISSING,
            "n": f"{row['n_objects']} / {row['n_images']}",
        }
        for row in shown.to_dict("records")
    ]
    return Table(full, pd.DataFrame(printed))
