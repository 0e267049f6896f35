"""What the statistics of golden seeds find in worlds whose truth is known."""

from __future__ import annotations

import pandas as pd

from seedbed.good_seed.simulate import QUANTILE, STATISTICS, Sizes, summary
from seedbed.render.tables import Table

METRICS = {"fd": "Fréchet distance", "preference": "preference"}
WORLDS = {
    "none": "no effect",
    "planted": "planted effect",
    "layout": "equal quality, other layouts",
}
_SIZES = Sizes()
CAPTION = (
    "The whole chain, scores to golden seeds to their trial, by the code that judges a run, on "
    f"made-up worlds of {_SIZES.seeds} seeds, {_SIZES.prompts} prompts a set and {_SIZES.d} "
    f"features. Golden seeds are in the best {100 * QUANTILE:.0f} % by both scores; they are set "
    "against the pool on other prompts "
    f"({_SIZES.trials} trials) or cross-fitted, with {STATISTICS['bootstrap']} resamples and "
    f"{STATISTICS['permutations']} permutations. Shares are of the worlds that have a golden seed, "
    "with 95 % limits (Wilson). Better is false where there is no effect and where only layouts "
    "differ: at most 5 % are wanted. Covered: the 95 % interval holds the true difference of these "
    f"very seeds, which comes from {_SIZES.truth} further sets of prompts; at least 93 % are "
    "wanted. In worlds of other layouts few golden seeds are less diverse than the pool, and their "
    "Fréchet distance is truly higher: worse is right there. Where both directions of a "
    "cross-fitted mean are independent, its intervals are wide."
)


def simulations(rows: pd.DataFrame) -> Table:
    """The table of rows of ``good_seed.simulate``."""
    full = summary(rows)
    printed = pd.DataFrame(
        [
            {
                "World": WORLDS[row.kind],
                "Judged": row.design,
                "Metric": METRICS[row.metric],
                "Worlds": f"{row.with_golden} of {row.worlds}",
                "Mean k": f"{row.mean_k:.1f}",
                "True difference": f"{row.truth:+.3f}",
                "Found": f"{row.difference:+.3f}",
                **{
                    name.capitalize(): _share(row, name)
                    for name in ("better", "worse", "level", "covered")
                },
            }
            for row in full.itertuples(index=False)
        ]
    )
    return Table(full, printed)


def _share(row, name: str) -> str:
    value, low, high = (100 * getattr(row, f"{name}{end}") for end in ("", "_low", "_high"))
    return f"{value:.1f} % [{low:.1f}, {high:.1f}]"
