"""G20: some seeds insert text when inpainting, in removal and completion alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from seedbed.ledger.findings import HOLDS, OPEN, Estimate, File, Finding

ALPHA = 0.05
RARE = (
    "pictures with text: so few have any that in one mode all seeds are alike, and the modes have "
    "no correlation"
)
ONE_MODE = "the other mode: this run has one"


def seeds_insert_text(files: Sequence[File]) -> Iterator[Finding]:
    """Seeds differ in the text that they paint in every mode, and the modes agree on them."""
    (file,) = files
    counts = ["n_seeds", "n_pairs", "with_text", "input_mean", "gap", "gap_null_95", "p_value"]
    table = file.table(
        ["model", "mode", *counts, *(f"between_{name}" for name in ("rho", "low", "high"))]
    )
    for model, part in table.groupby("model", sort=False):
        rho, low, high = part[["between_rho", "between_low", "between_high"]].iloc[0]
        differ = (part["p_value"] < ALPHA).all() and low > 0
        gaps = [
            f"{row.mode}: gap {row.gap:.3f} (p = {row.p_value:.3f}), "
            f"{100 * row.with_text:.1f} % of pictures with text"
            for row in part.itertuples()
        ]
        agree = "" if np.isnan(rho) else f"; modes {rho:.2f} [{low:.2f}, {high:.2f}]"
        bounds = ", ".join(f"{row.gap_null_95:.3f}" for row in part.itertuples())
        yield Finding(
            model,
            HOLDS if differ else OPEN,
            "; ".join(gaps) + agree,
            f"{part['n_seeds'].iloc[0]} seeds × {part['n_pairs'].iloc[0]} pairs a mode",
            f"gaps < {bounds} in 95 % of permutations; modes 0; "
            f"text of the input {part['input_mean'].max():.3f}",
            Estimate(
                *(rho, low, high, int(part["n_seeds"].iloc[0]), "seeds"),
                p_value=part["p_value"].max(),
            ),
            "" if not np.isnan(rho) else RARE if len(part) > 1 else ONE_MODE,
        )
