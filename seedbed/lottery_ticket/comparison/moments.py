"""How far constructed latents are from Gaussian, and what SemI gains there: section 4.4."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed.statistics.bootstrap import correlation_interval, expanded_level, paired_difference

MOMENTS = {"sd": "sd of the latent", "excess_kurtosis": "excess kurtosis", "reuse": "reused blocks"}
"""Columns of a construction, as readers see them."""
GAUSSIAN = {"sd": 1.0, "excess_kurtosis": 0.0}
"""What Gaussian noise has; a departure is the distance to it."""
FARTHEST = 5
"""The farthest are one in so many."""


def gains(semi: pd.DataFrame, sd: pd.DataFrame, construction: pd.DataFrame) -> pd.DataFrame:
    """What SemI gains on each layout beside the moments of its latent.

    Args:
        semi, sd: object tables (``comparison.objects``) of the two arms at one confidence.
        construction: moments of SemI's latents by ``layout_id``.

    Returns:
        The constructions with ``gain``, the difference of the layout's mean IoU.
    """
    gain = semi.groupby("layout_id", sort=False)["iou"].mean()
    gain = gain - sd.groupby("layout_id", sort=False)["iou"].mean()
    table = construction.dropna(subset=["sd"]).set_index("layout_id")
    return table.join(gain.rename("gain"), how="inner")


def moment_levels(table: pd.DataFrame, n_boot: int, seed: int, level: float) -> pd.DataFrame:
    """Whether the gain lasts where latents are far from Gaussian, layouts resampled.

    Args:
        table: of ``gains``.
        n_boot, seed, level: of the intervals.

    Returns:
        ``moment``, ``quantity`` ("gain of the farthest" fifth, "gain with departure": Spearman),
        ``value``, ``low``, ``high``, ``n`` layouts; NaN where one side is constant or has fewer
        than three layouts.
    """
    rows = []
    for moment, gaussian in GAUSSIAN.items():
        departure = np.abs(table[moment].astype(float).to_numpy() - gaussian)
        gain = table["gain"].to_numpy()
        far = np.argsort(-departure, kind="stable")[: max(1, len(gain) // FARTHEST)]
        values = [np.nan] * 3
        if len(far) > 2:
            wide = expanded_level(level, len(far))
            found = paired_difference(gain[far], np.zeros(len(far)), n_boot, seed, wide)
            values = [found.value, found.low, found.high]
        name = MOMENTS[moment]
        rows.append((name, "gain of the farthest", *values, len(far)))
        values = [np.nan] * 3
        if len(gain) > 2 and np.ptp(departure) and np.ptp(gain):
            rho = correlation_interval(departure, gain, n_boot, seed, level)
            values = [rho.value, rho.low, rho.high]
        rows.append((name, "gain with departure", *values, len(gain)))
    return pd.DataFrame(rows, columns=["moment", "quantity", "value", "low", "high", "n"])
