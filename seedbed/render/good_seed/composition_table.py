"""Table of shares: how much of place, size, depth and colour a seed decides."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.render.tables import MISSING, Cells, Table

ATTRIBUTES = {
    "x": "place, left to right",
    "y": "place, top to bottom",
    "size": "size",
    "depth": "depth",
    "brightness": "brightness",
    "tint_a": "tint, green to red",
    "tint_b": "tint, blue to yellow",
    "chroma": "chroma",
}
"""Readable names, in the order of tables and figures."""
COMPARED = {"within": "same object", "across": "all prompts"}
SHARE = Cells(3)


def composition_shares(models: list[str], shares: list[str]) -> Table:
    """A row per model, attribute and set of prompts, from files.

    Args:
        models: names.
        shares: of ``good_seed.composition_shares``, one table per model.
    """
    parts = [store.read_table(path).assign(model=m) for m, path in zip(models, shares, strict=True)]
    full = pd.concat(parts, ignore_index=True)
    full = full[["model", *full.columns.drop("model")]]
    return Table(full, _printed(full))


def _printed(full: pd.DataFrame) -> pd.DataFrame:
    lines = []
    for row in full[full["scope"] != "category"].itertuples():
        of_row = (full["model"] == row.model) & (full["attribute"] == row.attribute)
        inside = _categories(full[of_row & (full["scope"] == "category")])
        lines.append(
            {
                "Model": row.model,
                "Attribute": ATTRIBUTES[row.attribute],
                "Prompts compared": COMPARED[row.scope],
                "Share between seeds [interval]": _with_interval(row),
                "Chance, 95 %": SHARE.number(row.bound),
                "p (Holm)": SHARE.number(row.p_holm),
                "Seed's share is": row.verdict or MISSING,
                "Categories above chance": inside if row.scope == "within" else MISSING,
                "n seeds × prompts": f"{row.n_seeds} × {row.n_prompts}",
                "Found": f"{row.n_found} of {row.n_images}",
            }
        )
    return pd.DataFrame(lines)


def _with_interval(row) -> str:
    return f"{SHARE.number(row.share)} {SHARE.limits(row.low, row.high)}"


def _categories(inside: pd.DataFrame) -> str:
    """How many categories show the effect, and how their shares range."""
    known = inside.dropna(subset="share")
    if known.empty:
        return MISSING
    above = int((known["verdict"] == "higher").sum())
    low, high = np.nanmin(known["share"]), np.nanmax(known["share"])
    return f"{above} of {len(inside)} ({SHARE.number(low)} to {SHARE.number(high)})"
