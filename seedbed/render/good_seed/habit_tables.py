"""Habits of seeds, and how far their detectors can be trusted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.render.tables import MISSING, Cells, Table

NAMES = {
    "greyscale": "greyscale",
    "border_left": "left border",
    "border_right": "right border",
    "border_top": "top border",
    "border_bottom": "bottom border",
    "frame": "frame",
    "sky": "even bright top (sky)",
    "lettering": "lettering",
}
VERDICTS = {
    "higher": "seeds differ",
    "lower": "cannot be told",
    "level": "seeds alike",
    "undecided": "cannot be told",
    "not seen": "not seen",
}


def _percent(value: float) -> str:
    return MISSING if np.isnan(value) else f"{100 * value:.1f} %"


def _limits(value: float, low: float, high: float) -> str:
    return f"{100 * value:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


def habits(models: list[str], base: dict[str, dict[str, float]], summary: list[str]) -> Table:
    """Which habits seeds trigger, and how strongly, from files.

    Args:
        models: names.
        base: by model of a world whose truth is known, the share of its training pictures with
            each habit.
        summary: of ``good_seed.habits.survey``, one per model.
    """
    parts = [
        store.read_table(path, ["habit"], finite=["rate", "share"]).assign(
            model=name, training_rate=lambda t, name=name: t["habit"].map(base.get(name, {}))
        )
        for name, path in zip(models, summary, strict=True)
    ]
    full = pd.concat(parts, ignore_index=True)
    full["training_rate"] = full["training_rate"].astype(float)
    cells = Cells(2)
    rows = []
    for row in full.itertuples():
        strongest = _limits(row.strongest_rate, row.strongest_low, row.strongest_high)
        rows.append(
            {
                "Model": row.model,
                "Habit": NAMES[row.habit],
                "Rate [other seeds and prompts]": _limits(row.rate, row.rate_low, row.rate_high),
                "Training": _percent(row.training_rate),
                "Share between seeds": (
                    f"{cells.number(row.share)} {cells.limits(row.share_low, row.share_high)}"
                ),
                "Permuted, 95 %": cells.number(row.share_null_95),
                "Seeds above chance": f"{row.flagged} ({row.flagged_by_chance:g} expected)",
                "On other prompts": f"{row.confirmed} of {row.chosen}",
                "Their rate there": _percent(row.chosen_rate),
                "Strongest seed": f"{row.strongest}: {strongest}" if row.rate > 0 else MISSING,
                "Its p": Cells(3).number(row.strongest_p) if row.rate > 0 else MISSING,
                "p (Holm)": Cells(3).number(row.p_adjusted),
                "n": f"{row.n_seeds} seeds × {row.n_prompts} prompts",
                "Verdict": VERDICTS[row.verdict],
            }
        )
    return Table(full, pd.DataFrame(rows))


def detectors(rows: str) -> Table:
    """How far the detectors of habits can be trusted, from a file."""
    full = store.read_table(rows, ["habit"], finite=["recall", "false"])
    printed = pd.DataFrame(
        {
            "Habit": full["habit"].map(NAMES),
            "Recall": [_limits(r.recall, r.recall_low, r.recall_high) for r in full.itertuples()],
            "n with it": full["with_habit"],
            "False": [_limits(r.false, r.false_low, r.false_high) for r in full.itertuples()],
            "n without": full["without"],
            "Share in the world": full["base"].map(_percent),
            "Precision there": full["precision"].map(_percent),
            "Error of width": full["width_error"].map(_percent),
        }
    )
    return Table(full, printed)
