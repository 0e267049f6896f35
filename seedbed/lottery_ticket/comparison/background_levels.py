"""Is a region drawn as the background it was built for? Means and intervals (Figure 6)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed.statistics.bootstrap import bootstrap_counts, percentile_interval

RIGHT, ELSEWHERE, RANDOM = "right", "elsewhere", "random"
QUANTITIES = {
    RIGHT: "constructed, the region of the background",
    ELSEWHERE: "constructed, the same place where another was wanted",
    RANDOM: "random noise, the same place",
    f"{RIGHT} - {ELSEWHERE}": "what the region adds",
    f"{RIGHT} - {RANDOM}": "what construction adds",
}
"""Shares of the named background, and differences: by name, as readers see them."""


def background_levels(
    shares: pd.DataFrame, n_boot: int, seed: int, level: float = 0.95
) -> pd.DataFrame:
    """Mean shares of the right background, seeds resampled.

    All pictures of a seed share its noise, so seeds are what is resampled; every picture and region
    of a seed counts alike. Without effect both differences are 0.

    Args:
        shares: ``arm`` ("semi", "sd"), ``seed``, ``row``, ``setting``, ``right``, ``elsewhere``
            (``storybook.backgrounds.background_shares``).
        n_boot, seed, level: of the intervals.

    Returns:
        ``quantity`` (of ``QUANTITIES``), ``value``, ``low``, ``high``, ``n_seeds``,
        ``n_regions``; limits are NaN for a single seed.
    """
    keys = ["seed", "row", "setting"]
    built = shares[shares["arm"] == "semi"].set_index(keys)
    plain = shares[shares["arm"] == "sd"].set_index(keys).reindex(built.index)
    values = pd.DataFrame(
        {RIGHT: built["right"], ELSEWHERE: built["elsewhere"], RANDOM: plain["right"]}
    )
    for other in (ELSEWHERE, RANDOM):
        values[f"{RIGHT} - {other}"] = values[RIGHT] - values[other]
    rows = []
    for quantity in QUANTITIES:
        known = values[quantity].dropna()
        by_seed = known.groupby("seed").mean().to_numpy()
        row = {"quantity": quantity, "value": np.nan, "low": np.nan, "high": np.nan}
        if len(by_seed):
            row["value"] = by_seed.mean()
        if len(by_seed) > 1:
            counts = bootstrap_counts(len(by_seed), n_boot, np.random.default_rng(seed))
            limits = percentile_interval(counts @ by_seed / len(by_seed), level)
            row["low"], row["high"] = map(float, limits)
        rows.append(row | {"n_seeds": len(by_seed), "n_regions": len(known)})
    return pd.DataFrame(rows)
