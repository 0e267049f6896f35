"""What SemI gains, against how far its latents are from Gaussian."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.lottery_ticket.comparison.layout_files import read_ranges
from seedbed.lottery_ticket.comparison.moments import MOMENTS, gains
from seedbed.render import style
from seedbed.statistics.bootstrap import correlation_interval


def moments(
    shown: str, n_boot: int, seed: int, level: float, objects: str, constructions: list[str]
):
    """The figure from files.

    Args:
        shown: label of the SemI that is drawn.
        n_boot, seed, level: of the rank correlations' intervals.
        objects: object tables of all arms; the highest confidence is shown.
        constructions: moments of SemI's latents.
    """
    table = store.read_table(objects)
    first = table[table["confidence"] == table["confidence"].max()]
    semi, sd = (first[first["arm"] == arm] for arm in ("semi", "sd"))
    return moments_figure(semi, sd, read_ranges(constructions), shown, n_boot, seed, level)


def moments_figure(
    semi: pd.DataFrame,
    sd: pd.DataFrame,
    construction: pd.DataFrame,
    shown: str,
    n_boot: int,
    seed: int,
    level: float,
    bins: int = 5,
):
    """What SemI gains over SD on each layout, against how far its latent is from Gaussian.

    The gain is paired by layout, since large regions both hold more tickets and are easier to hit.

    Args:
        semi, sd: object tables of the two arms at one confidence.
        construction: moments of SemI's latents.
        shown: label of the SemI that is drawn.
        n_boot, seed, level: of the rank correlations' intervals.
        bins: equal groups of images for the means, with intervals (t), where they hold three.
    """
    from scipy import stats

    plt = style.pyplot()
    table = gains(semi, sd, construction)
    figure, axes = plt.subplots(1, 3, figsize=(style.PAGE, 2.1), sharey=True, layout="constrained")
    y = table["gain"].to_numpy()
    for axis, (key, name) in zip(axes, MOMENTS.items(), strict=True):
        x = table[key].astype(float).to_numpy()
        axis.plot(x, y, ".", ms=2, alpha=0.4, color=style.GREY)
        axis.axhline(0, color=style.GREY, lw=0.5, ls=":")
        for rows in np.array_split(np.argsort(x, kind="stable"), min(bins, len(x))):
            if len(rows) < 3:
                continue
            part = y[rows]
            half = stats.t.ppf((1 + level) / 2, len(part) - 1) * part.std(ddof=1)
            axis.errorbar(
                x[rows].mean(), part.mean(), half / len(part) ** 0.5, fmt="o", ms=3.5,
                color=style.BLUE, capsize=2, lw=1,
            )  # fmt: skip
        if np.ptp(x) == 0 or np.ptp(y) == 0:
            text = "constant"
        else:
            rho = correlation_interval(x, y, n_boot, seed, level)
            text = f"ρ = {rho.value:+.2f} [{rho.low:+.2f}, {rho.high:+.2f}]"
        axis.set_title(f"{text}, n = {len(x)}", fontsize=6.5)
        axis.set_xlabel(name)
    axes[0].set_ylabel(f"IoU of {shown}\n− IoU of SD (mean of an image)")
    return figure
