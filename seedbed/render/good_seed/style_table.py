"""Whether style lies with the seed: agreement of prompts' maps beside permuted seeds."""

from __future__ import annotations

import pandas as pd

from seedbed import store
from seedbed.render.good_seed.style_figures import MEASURES, SPACES
from seedbed.render.tables import Cells, Table
from seedbed.statistics.verdicts import holm

ALPHA = 0.05
HOLDS, UNTOLD = "holds", "cannot be told"


def style_agreement(models: list[str], agreement: list[str]) -> Table:
    """The table from files.

    Args:
        models: names.
        agreement: of ``good_seed.style_maps.analyse``, one per model.
    """
    parts = [
        store.read_table(path, ["space", "measure"], finite=["value", "p_value"]).assign(model=name)
        for name, path in zip(models, agreement, strict=True)
    ]
    full = pd.concat(parts, ignore_index=True)
    full["p_adjusted"] = holm(full["p_value"].to_numpy())
    # Above what chance gives, in its interval too.
    above = (full["p_adjusted"] < ALPHA) & (full["low"] > full["null_bound"])
    full["verdict"] = above.map({True: HOLDS, False: UNTOLD})
    cells = Cells(3)
    printed = pd.DataFrame(
        {
            "Model": full["model"],
            "Of": full["space"].map(SPACES),
            "Measure": full["measure"].map(MEASURES),
            "Ours": full["value"].map(cells.number),
            "Interval": [cells.limits(r.low, r.high) for r in full.itertuples()],
            "Permuted seeds": [
                f"{r.null_mean:.3f}, 95 % < {r.null_bound:.3f}" for r in full.itertuples()
            ],
            "p (Holm)": full["p_adjusted"].map(Cells(4).number),
            "n": [f"{r.n_seeds} seeds × {r.n_prompts} prompts" for r in full.itertuples()],
            "Verdict": full["verdict"],
        }
    )
    return Table(full, printed)
