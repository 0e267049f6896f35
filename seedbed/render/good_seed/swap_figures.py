"""Figure 2 of Good Seed: the seed swapped in the middle of denoising."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.render import style
from seedbed.render.good_seed.picture_grid import picture_grid

SHOWN = 0
"""The prompt whose pictures are shown."""


def pictures(rows: str, images: str, steps: int, seeds: list[int]):
    """Figure 2, the pictures, from files.

    Args:
        rows: table of ``sampling.seed_swap``.
        images: its pictures and the prompts' texts.
        steps: of denoising.
        seeds: before and after the swap.
    """
    archive = store.read_arrays(images, ["images", "texts"])
    texts = archive["texts"].tolist()
    return swap_grid(store.read_table(rows), archive["images"], SHOWN, texts, steps, seeds)


def differences(rows: str, steps: int):
    """Figure 2, the differences, from files.

    Args:
        rows: table of ``sampling.seed_swap``.
        steps: of denoising.
    """
    return swap_curve(store.read_table(rows), steps)


def swap_grid(
    rows: pd.DataFrame, images: np.ndarray, prompt: int, texts: list[str], steps: int, seeds
):
    """Figure 2: one prompt, unswapped and swapped pictures at each eta, and their differences.

    Differences are absolute, averaged over channels, multiplied by four.
    """
    mine = rows[rows["prompt"] == prompt]
    etas = sorted(mine["eta"].unique())
    order = [steps, *sorted(s for s in mine["swap_step"].unique() if s != steps)]
    pictures, labels = [], []
    for eta in etas:
        of_eta = {int(r.swap_step): images[i] for i, r in mine[mine["eta"] == eta].iterrows()}
        pictures.append([of_eta[s] for s in order])
        labels.append(f"η = {eta:g}")
        base = of_eta[steps].astype(np.int16)
        gaps = [np.abs(of_eta[s].astype(np.int16) - base).mean(-1, keepdims=True) for s in order]
        pictures.append([np.repeat((4 * g).clip(0, 255), 3, -1).astype(np.uint8) for g in gaps])
        labels.append("difference × 4")
    columns = [f"seed {seeds[0]}, no swap"] + [
        f"{seeds[0]} → {seeds[1]} after step {s} of {steps}" for s in order[1:]
    ]
    return picture_grid(np.array(pictures), labels, columns, title=f"“{texts[prompt]}”", cell=1.0)


def swap_curve(rows: pd.DataFrame, steps: int):
    """Difference to the unswapped picture against the swap step, per eta.

    Dots are prompts; the line is their mean with a 95 % interval (t, n = prompts).
    """
    from scipy import stats

    plt = style.pyplot()
    figure, axis = plt.subplots(figsize=(style.COLUMN, 2.4), layout="constrained")
    swapped = rows[rows["swap_step"] < steps]
    n = swapped["prompt"].nunique()
    etas = sorted(swapped["eta"].unique())
    markers = "oD^v"
    for k, (eta, color) in enumerate(
        zip(etas, (style.BLUE, style.RED, style.GREEN, style.PURPLE), strict=False)
    ):
        part = swapped[swapped["eta"] == eta]
        groups = part.groupby("swap_step")["rms_difference"]
        mean, sd = groups.mean(), groups.std()
        half = stats.t.ppf(0.975, n - 1) * sd / np.sqrt(n) if n > 1 else 0 * mean
        axis.errorbar(
            mean.index,
            mean,
            yerr=half,
            color=color,
            capsize=2,
            marker=markers[k],
            ms=4,
            label=f"η = {eta:g}",
        )
        jitter = (k - (len(etas) - 1) / 2) * 0.012 * steps
        axis.plot(
            part["swap_step"] + jitter, part["rms_difference"], ".", color=color, alpha=0.4, ms=3
        )
    axis.set_xlabel(f"seed swapped after step (of {steps})")
    axis.set_ylabel("RMS difference\n(grey levels, 0–255)")
    axis.set_title(f"n = {n} prompts; bars: 95 % interval of the mean", fontsize=7)
    axis.legend()
    return figure
