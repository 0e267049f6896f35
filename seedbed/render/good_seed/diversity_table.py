"""Table 2 of Good Seed: how alike images of a prompt are, beside what the paper reports."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.render.tables import MISSING, Cells, Table

ARM_NAMES = {
    "random": "Random seeds",
    "particle_guidance": "Particle Guidance",
    "diverse": "Diverse seeds",
}
DIGITS = {"similarity": Cells(4), "distance": Cells(3), "agreement": Cells(4)}
UNDEFINED = "not defined for one step"
QUANTITIES = ("difference", "low", "high", "narrow_low", "narrow_high", "margin")
QUANTITIES += ("p_value", "verdict")


def diversity(studies: list[dict], judged: list[str], paper: str, agreement: str) -> Table:
    """Table 2 from files.

    Args:
        studies: per model and aim ``model``, ``aim``, ``column`` (of the model in the paper's
            table, or ``None``) and ``arms``, those that the model can draw.
        judged: of ``good_seed.diversity_judge``, one table per study.
        paper: the paper's Table 2.
        agreement: name of the agreement with the prompt.
    """
    theirs = pd.read_csv(paper)
    full = pd.DataFrame(
        [
            row
            for study, path in zip(studies, judged, strict=True)
            for row in _rows(study, store.read_table(path), theirs)
        ]
    )
    return Table(full, pd.DataFrame([_printed(row, agreement) for row in full.to_dict("records")]))


def _rows(study: dict, judged: pd.DataFrame, paper: pd.DataFrame) -> Iterator[dict]:
    for arm in ARM_NAMES:
        own = {"model": study["model"], "aim": study["aim"], "arm": arm}
        found = paper[
            (paper["model"] == study["column"])
            & (paper["aim"] == study["aim"])
            & (paper["arm"] == arm)
        ]
        own |= {
            "paper_model": study["column"],
            "paper": float(found["mean"].iloc[0]) if len(found) else np.nan,
            "paper_sd": float(found["sd"].iloc[0]) if len(found) else np.nan,
        }
        for measure in DIGITS:
            rows = judged[(judged["arm"] == arm) & (judged["measure"] == measure)]
            at = rows.iloc[0].to_dict() if len(rows) else {}
            for name in ("mean", "sd", *QUANTITIES):
                own[f"{measure}_{name}"] = at.get(name, np.nan)
            if measure == "similarity":
                counts = ("n_prompts", "n_trials", "n_groups", "n_lost", "n_images", "n_found")
                own |= {name: at.get(name, np.nan) for name in counts}
        yield own | {"drawn": arm in study["arms"]}


def _printed(row: dict, agreement: str) -> dict:
    head = {"Model": row["model"], "Differ in": row["aim"], "Images by": ARM_NAMES[row["arm"]]}
    if not row["drawn"]:
        cells = dict.fromkeys(("Similarity (eq. 2)", "Against random", "Similarity is"), MISSING)
        cells["Similarity (eq. 2)"] = UNDEFINED
    else:
        cells = {
            "Similarity (eq. 2)": DIGITS["similarity"].with_sd(
                row["similarity_mean"], row["similarity_sd"]
            ),
            "Against random": _difference(row, "similarity"),
            "Similarity is": _verdict(row, "similarity"),
        }
    return {
        **head,
        **cells,
        "Distance": DIGITS["distance"].with_sd(row["distance_mean"], row["distance_sd"]),
        "Distance against random": _difference(row, "distance"),
        "Distance is": _verdict(row, "distance"),
        f"{agreement} against random": _difference(row, "agreement"),
        "n": f"{row['n_prompts']:.0f} × {row['n_trials']:.0f}" if row["drawn"] else MISSING,
        "Found": f"{row['n_found']:.0f} of {row['n_images']:.0f}" if row["drawn"] else MISSING,
        "Paper": _paper(row),
    }


def _difference(row: dict, measure: str) -> str:
    cells = DIGITS[measure]
    value, low, high = (row[f"{measure}_{name}"] for name in ("difference", "low", "high"))
    if np.isnan(value):
        return MISSING
    p = row[f"{measure}_p_value"]
    return f"{cells.signed(value)} {cells.interval(low, high)}, p = {p:.3f}"


def _verdict(row: dict, measure: str) -> str:
    said = row[f"{measure}_verdict"]
    return said if isinstance(said, str) else MISSING


def _paper(row: dict) -> str:
    cells = Cells(3)
    said = cells.with_sd(row["paper"], row["paper_sd"])
    return said if said == MISSING else f"{said} ({row['paper_model']})"


# The same on the survey


def every_first_seed(studies: list[dict], crossfitted: list[str]) -> Table:
    """Diverse seeds from every first seed, on the survey, from files.

    Args:
        studies: as for ``diversity``.
        crossfitted: of ``good_seed.diversity_judge``, one table per study.
    """
    parts = [
        store.read_table(path).assign(model=study["model"], aim=study["aim"])
        for study, path in zip(studies, crossfitted, strict=True)
    ]
    full = pd.concat(parts, ignore_index=True)
    full = full[["model", "aim", *full.columns.drop(["model", "aim"])]]
    lines = []
    for row in full.itertuples():
        cells = DIGITS[row.measure]
        lines.append(
            {
                "Model": row.model,
                "Differ in": row.aim,
                "Measure": row.measure,
                "Diverse": cells.number(row.mean),
                "Random": cells.number(row.random_mean),
                "Difference [interval]": f"{cells.signed(row.difference)} "
                f"{cells.interval(row.low, row.high)}",
                "p": f"{row.p_value:.3f}",
                "Diverse is": row.verdict,
                "Below a random group": f"{100 * row.below:.0f} %",
                "n first seeds × prompts": f"{row.n_seeds} × {row.n_prompts}",
            }
        )
    return Table(full, pd.DataFrame(lines))
