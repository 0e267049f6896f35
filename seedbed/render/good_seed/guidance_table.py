"""The strengths of Particle Guidance that were tried, what they gain and cost."""

from __future__ import annotations

import pandas as pd

from seedbed import store
from seedbed.render.tables import MISSING, Cells, Table

COLUMNS = ("allowed", "chosen", "at_edge", "n_prompts", "n_images")
NUMBERS = ("coefficient", "score", "cost", "cost_low", "cost_high", "distance", "gain")


def strengths(
    tried: list[str], models: list[str], refused: list[str], names: dict[str, str]
) -> Table:
    """The table from files.

    Args:
        tried: tables of ``good_seed.guidance_strength``, one per model.
        models: their names.
        refused: models of one step, which cannot be guided.
        names: of ``scorer`` and ``extractor``.
    """
    tables = [store.read_table(path, COLUMNS, finite=NUMBERS) for path in tried]
    return strengths_table(dict(zip(models, tables, strict=True)), refused, names)


def strengths_table(
    rows: dict[str, pd.DataFrame], refused: list[str], names: dict[str, str]
) -> Table:
    """A row per model and coefficient, and one for each model that cannot be guided."""
    full = pd.concat([part.assign(model=model) for model, part in rows.items()], ignore_index=True)
    score, near = Cells(3), Cells(2)
    printed = []
    for row in full.to_dict("records"):
        mark = "yes" if row["chosen"] else "" if row["allowed"] else "no: costs too much"
        strength, cost, gain = f"{row['coefficient']:g}", MISSING, MISSING
        if row["coefficient"] == 0:
            strength = "0 (plain)"
        else:
            cost = _difference(score, row, "cost")
            gain = _difference(near, row, "gain")
        printed.append(
            {
                "Model": row["model"],
                "Coefficient": strength,
                "Chosen": f"{mark} (the largest tried)" if row["at_edge"] else mark,
                names["scorer"]: score.number(row["score"]),
                "Cost": cost,
                f"Distance ({names['extractor']})": near.number(row["distance"]),
                "Gain": gain,
                "Cosine": score.number(row["similarity"]),
                "n (prompts / images)": f"{row['n_prompts']} / {row['n_images']}",
            }
        )
    printed += [{"Model": m, "Coefficient": "not defined for one step"} for m in refused]
    return Table(full, pd.DataFrame(printed).fillna(MISSING))


def _difference(cells: Cells, row: dict, key: str) -> str:
    return f"{cells.signed(row[key])} {cells.interval(row[f'{key}_low'], row[f'{key}_high'])}"
