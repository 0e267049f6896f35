"""Figures of the layout comparison: methods, layers, property tests, non-Gaussian latents."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from seedbed.metrics.bootstrap import correlation_interval
from seedbed.metrics.layout import GROUPS, aggregate
from seedbed.report import style

HEADINGS = {"all": "all objects", "small": "small", "medium": "medium", "large": "large"}


def _bars(axis, y, values, low, high, color, label=None, **kind) -> None:
    error = np.array([np.subtract(values, low), np.subtract(high, values)])
    axis.errorbar(
        values,
        y,
        xerr=error,
        fmt="o",
        ms=3.2,
        color=color,
        capsize=1.5,
        lw=0.9,
        label=label,
        **kind,
    )


def methods_figure(
    labels: Mapping[str, str], levels: pd.DataFrame, paper: pd.DataFrame, level: float
):
    """R_suc of every method by size, ours with intervals beside the paper's.

    Args:
        labels: readable name per arm.
        levels: of ``metrics.arms``; the highest confidence is shown.
        paper: Table 1 of the paper.
        level: of the intervals.
    """
    plt = style.pyplot()
    ours = levels[(levels["confidence"] == levels["confidence"].max())]
    ours = ours[ours["measure"] == "success"]
    theirs = paper[paper["measure"] == "success"]
    arms = list(labels)
    y = np.arange(len(arms))
    figure, axes = plt.subplots(
        1, len(GROUPS), figsize=(style.PAGE, 0.26 * len(arms) + 1.0), sharey=True,
        layout="constrained",
    )  # fmt: skip
    for axis, size in zip(axes, GROUPS, strict=True):
        mine = ours[ours["size"] == size].set_index("arm").reindex(arms)
        colors = [style.BLUE if arm.startswith("semi") else style.GREY for arm in arms]
        for k, (row, color) in enumerate(zip(mine.itertuples(), colors, strict=True)):
            _bars(axis, [k + 0.12], [row.value], [row.low], [row.high], color)
        their = theirs[theirs["size"] == size].set_index("arm")["value"].reindex(arms)
        axis.plot(their, y - 0.2, "D", ms=2.6, mfc="none", mec=style.ORANGE, mew=0.8)
        objects = int(mine["n_objects"].iloc[0])
        axis.set_title(f"{HEADINGS[size]} (n = {objects})", fontsize=7)
        axis.set_xlabel("$R_{suc}$ (%)")
        axis.grid(axis="x", lw=0.3)
        axis.set_xlim(left=min(0, axis.get_xlim()[0]))
    axes[0].set_yticks(y, [labels[arm] for arm in arms])
    axes[0].invert_yaxis()
    handles = [
        plt.Line2D([], [], marker="o", ls="", color=style.BLUE, ms=3.5, label="with tickets"),
        plt.Line2D([], [], marker="o", ls="", color=style.GREY, ms=3.5, label="without"),
        plt.Line2D(
            [], [], marker="D", ls="", mfc="none", mec=style.ORANGE, ms=3,
            label="paper (SD 1.4, COCO)",
        ),
    ]  # fmt: skip
    figure.legend(
        handles=handles, loc="outside lower center", ncols=3, fontsize=6,
        title=f"bars: {100 * level:.0f} % interval over images", title_fontsize=6,
    )  # fmt: skip
    return figure


def layers_figure(objects: pd.DataFrame, source: str, n_boot: int, seed: int, level: float):
    """Mean IoU and R_suc of tickets scored by each cross-attention layer, and of random noise.

    Args:
        objects: of ``tickets.layers``.
        source: the layer that the run reads.
        n_boot, seed, level: of the intervals, images resampled.
    """
    plt = style.pyplot()
    first = objects[objects["confidence"] == objects["confidence"].max()]
    layers = list(dict.fromkeys(first["layer"]))
    found = []
    for layer in layers:
        part = first[first["layer"] == layer]
        table = aggregate(part.drop(columns=["layer", "grid"]), n_boot, seed, level)
        found.append(table[table["size"] == "all"].assign(layer=layer, grid=part["grid"].iloc[0]))
    table = pd.concat(found, ignore_index=True)
    figure, axes = plt.subplots(
        1, 2, figsize=(style.PAGE, 0.3 * len(layers) + 0.9), sharey=True, layout="constrained"
    )
    y = np.arange(len(layers))
    for axis, (measure, name) in zip(
        axes, (("iou", "mean IoU"), ("success", "$R_{suc}$ (%)")), strict=True
    ):
        rows = table[table["measure"] == measure].set_index("layer").reindex(layers)
        for k, (layer, row) in enumerate(rows.iterrows()):
            color = style.GREY if row["grid"] == 0 else style.BLUE
            kind = {"mfc": color if layer.startswith(source) or row["grid"] == 0 else "white"}
            _bars(axis, [k], [row["value"]], [row["low"]], [row["high"]], color, **kind)
        axis.axvline(rows["value"].iloc[0], color=style.GREY, lw=0.6, ls=":")
        axis.set_xlabel(name)
        axis.grid(axis="x", lw=0.3)
    shown = [
        layer
        if grid == 0
        else f"{layer.replace('.transformer_blocks.0.attn2', '')} ({grid}×{grid})"
        for layer, grid in table[table["measure"] == "iou"][["layer", "grid"]].to_numpy()
    ]
    axes[0].set_yticks(y, shown, fontsize=6)
    axes[0].invert_yaxis()
    n = table["n_objects"].iloc[0], table["n_images"].iloc[0]
    figure.suptitle(
        f"tickets scored by each cross-attention layer; filled: the layer used. n = {n[0]} "
        f"objects in {n[1]} images; bars: {100 * level:.0f} % interval over images",
        fontsize=7,
    )
    return figure


def properties_figure(rows: pd.DataFrame, table: pd.DataFrame):
    """Score before against score after, per test, with the rank correlation.

    Args:
        rows: of ``tickets.properties``.
        table: full table of ``report.ticket_tables.properties_table``.
    """
    plt = style.pyplot()
    tests = list(table["test"])
    figure, axes = plt.subplots(
        1, len(tests), figsize=(style.PAGE, 1.95), sharex=True, sharey=True, layout="constrained"
    )
    for axis, row in zip(axes, table.itertuples(), strict=True):
        part = rows[rows["test"] == row.test]
        axis.plot(
            part["before"],
            part["after"],
            ".",
            ms=1.5,
            alpha=0.35,
            color=style.BLUE,
            rasterized=True,
        )
        axis.plot([0, 1], [0, 1], color=style.GREY, lw=0.5, ls=":")
        axis.set_title(row.test, fontsize=7)
        axis.set_xlabel("score before", fontsize=7)
        axis.text(
            0.04, 0.97,
            f"ρ = {row.rho:.2f} [{row.low:.2f}, {row.high:.2f}]\n"
            f"at random: {row.control_rho:.2f}\nn = {row.n_blocks}",
            transform=axis.transAxes, va="top", fontsize=5.5,
            bbox={"fc": "white", "ec": "none", "alpha": 0.8, "pad": 1},
        )  # fmt: skip
        axis.set_aspect("equal")
    axes[0].set_ylabel("score after", fontsize=7)
    return figure


def moments_figure(
    semi: pd.DataFrame,
    sd: pd.DataFrame,
    construction: pd.DataFrame,
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
        n_boot, seed, level: of the rank correlations' intervals.
        bins: equal groups of images for the means, with intervals (t), where they hold three.
    """
    from scipy import stats

    plt = style.pyplot()
    gain = semi.groupby("layout_id", sort=False)["iou"].mean()
    gain = gain - sd.groupby("layout_id", sort=False)["iou"].mean()
    table = construction.dropna(subset=["sd"]).set_index("layout_id")
    table = table.join(gain.rename("gain"), how="inner")
    figure, axes = plt.subplots(1, 3, figsize=(style.PAGE, 2.1), sharey=True, layout="constrained")
    names = {
        "sd": "sd of the latent",
        "excess_kurtosis": "excess kurtosis",
        "reuse": "reused blocks",
    }
    y = table["gain"].to_numpy()
    for axis, (key, name) in zip(axes, names.items(), strict=True):
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
    axes[0].set_ylabel("IoU of SemI − IoU of SD\n(mean of an image)")
    return figure
