"""G16 to G19: seeds set where objects are, and diverse seeds set them apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from seedbed.ledger.findings import ABOVE, BELOW, FAILS, HOLDS, OPEN, Estimate, File, Finding
from seedbed.statistics.verdicts import HIGHER, LEVEL, LOWER, UNDECIDED


def set_by_seed(files: Sequence[File], attributes: Sequence[str]) -> Iterator[Finding]:
    """A seed decides a share of an attribute's variance, among prompts of one object.

    Args:
        files: the table of shares.
        attributes: those that the claim is about.
    """
    (file,) = files
    numbers = ["share", "low", "high", "bound", "p_holm", "n_seeds", "n_prompts"]
    table = file.table(["model", "attribute", "scope", "verdict", "n_found", "n_images", *numbers])
    table = table[(table["scope"] == "within") & table["attribute"].isin(attributes)]
    verdicts = {HIGHER: HOLDS, LEVEL: FAILS, LOWER: FAILS}
    for row in table.itertuples():
        known = not np.isnan(row.share)
        yield Finding(
            f"{row.model}, {row.attribute}",
            verdicts.get(row.verdict, OPEN),
            f"{row.share:.2f} [{row.low:.2f}, {row.high:.2f}] of the variance, "
            f"p = {row.p_holm:.3f} (Holm)"
            if known
            else "too few objects found",
            f"{row.n_seeds} seeds × {row.n_prompts} prompts, {row.n_found} of {row.n_images} found",
            f"below {row.bound:.2f} in 95 % of permutations" if known else "",
            _of_seeds(row) if known else None,
        )


def _of_seeds(row) -> Estimate:
    limits = (row.share, row.low, row.high)
    return Estimate(*limits, int(row.n_seeds), "seeds", p_value=row.p_holm)


def less_alike(files: Sequence[File], aim: str, spared: Sequence[str] = ()) -> Iterator[Finding]:
    """Pictures of a prompt by diverse seeds are less alike than by random ones (eq. 2).

    Args:
        files: Table 2.
        aim: what the seeds differ in.
        spared: the paper's models for which it claims no such gain.
    """
    (file,) = files
    measures = [
        f"{measure}_{name}"
        for measure in ("similarity", "distance")
        for name in ("difference", "low", "high", "p_value", "verdict")
    ]
    table = file.table(["model", "aim", "arm", "paper_model", "n_prompts", "n_trials", *measures])
    for row in table[(table["aim"] == aim) & (table["arm"] == "diverse")].to_dict("records"):
        if pd.isna(row["similarity_difference"]):
            continue
        no_gain = row["paper_model"] in spared
        yield Finding(
            row["model"] + (", for which none is claimed" if no_gain else ""),
            _alike(row["similarity_verdict"], no_gain),
            f"similarity {_told(row, 'similarity', 4)}; distance {_told(row, 'distance', 3)}",
            f"{row['n_prompts']:.0f} prompts × {row['n_trials']:.0f}",
            "0",
            Estimate(
                *(row[f"similarity_{key}"] for key in ("difference", "low", "high")),
                *(int(row["n_prompts"]), "prompts"),
                claimed=ABOVE if no_gain else BELOW,
                p_value=row["similarity_p_value"],
            ),
        )


def _alike(verdict: str, no_gain: bool) -> str:
    if verdict == UNDECIDED:
        return OPEN
    return HOLDS if (verdict == LOWER) != no_gain else FAILS


def _told(row: dict, measure: str, digits: int) -> str:
    value, low, high = (
        f"{row[f'{measure}_{name}']:+.{digits}f}" for name in ("difference", "low", "high")
    )
    return f"{value} [{low}, {high}], p = {row[f'{measure}_p_value']:.3f}"
