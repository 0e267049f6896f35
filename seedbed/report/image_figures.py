"""Figures made of generated pictures: seed swap, kinds of prompts, best and worst seeds."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from seedbed import store
from seedbed.report import style

GAP = 0.04
"""White space between pictures, as a share of a picture's side."""
CHARACTER = 0.048
"""Width of one character of a label in inches."""


def picture_grid(
    images: np.ndarray,
    row_labels: list[str],
    column_labels: list[str],
    *,
    title: str = "",
    cell: float = 0.85,
    colors: list[str] | None = None,
):
    """A grid of pictures, rows and columns labelled.

    Args:
        images: (rows, columns, h, w, 3) uint8.
        row_labels: one per row.
        column_labels: one per column; wrapped to the picture's width.
        title: above everything.
        cell: side of one picture in inches.
        colors: text colour of each row's label.
    """
    plt = style.pyplot()
    rows, columns, h, w, _ = images.shape
    gap = max(1, round(GAP * w))
    canvas = np.full((rows * (h + gap) - gap, columns * (w + gap) - gap, 3), 255, dtype=np.uint8)
    for r in range(rows):
        for c in range(columns):
            y, x = r * (h + gap), c * (w + gap)
            canvas[y : y + h, x : x + w] = images[r, c]
    figure = plt.figure(figsize=(columns * cell, rows * cell * h / w))
    axis = figure.add_axes((0, 0, 1, 1))
    axis.imshow(canvas, interpolation="nearest", aspect="auto")
    for spine in axis.spines.values():
        spine.set_visible(False)
    axis.tick_params(length=0, pad=3)
    axis.xaxis.tick_top()
    wrap = max(8, int(cell / CHARACTER))
    wrapped = [textwrap.fill(label, wrap) for label in column_labels]
    centres = np.arange(columns) * (w + gap) + w / 2
    axis.set_xticks(centres, wrapped, fontsize=5.5, va="bottom")
    axis.set_yticks(np.arange(rows) * (h + gap) + h / 2, row_labels, fontsize=6.5)
    for label, color in zip(axis.get_yticklabels(), colors or [], strict=False):
        label.set_color(color)
    if title:
        lines = max((label.count("\n") + 1 for label in wrapped), default=0)
        axis.set_title(title, fontsize=8, pad=8 + 7.5 * lines)
    return figure


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


def prompt_kinds(shards: dict[str, str], prompts: pd.DataFrame):
    """Figure 3: a row per kind of prompt and model, a column per seed.

    Args:
        shards: image shard per model.
        prompts: one prompt per kind, in order.
    """
    pictures, labels = [], []
    for prompt in prompts.itertuples(index=False):
        for model, shard in shards.items():
            found = pick_images([shard], None, [prompt.prompt_id])
            seeds = sorted({seed for seed, _ in found})
            pictures.append([found[seed, prompt.prompt_id] for seed in seeds])
            text = textwrap.shorten(prompt.text, 150, placeholder=" …")
            labels.append(textwrap.fill(f"{prompt.kind}, {model}: “{text}”", 46))
    return picture_grid(np.array(pictures), labels, [f"seed {s}" for s in seeds], cell=0.95)


def pick_images(
    shards: list[str], seeds: list[int] | None, prompt_ids: list[str]
) -> dict[tuple[int, str], np.ndarray]:
    """Decoded pictures by (seed, prompt_id); all seeds where ``seeds`` is None.

    Raises:
        StoreError: an asked-for picture is in none of the shards.
    """
    wanted = set(prompt_ids)
    found = {}
    for shard in shards:
        table = pq.read_table(
            shard,
            columns=["seed", "prompt_id", "image"],
            filters=[("prompt_id", "in", wanted)]
            + ([("seed", "in", set(seeds))] if seeds is not None else []),
        )
        for row in table.to_pylist():
            key = (row["seed"], row["prompt_id"])
            found[key] = store.decode_image(row["image"]["bytes"])
    for seed in seeds or []:
        for prompt in prompt_ids:
            if (seed, prompt) not in found:
                raise store.StoreError(f"no image of seed {seed}, prompt {prompt} in {shards}")
    return found


def best_and_worst(
    model: str,
    scores: pd.DataFrame,
    prompts: pd.DataFrame,
    shards: list[str],
    metrics: dict[str, str],
    n_seeds: int,
    n_prompts: int,
):
    """Figure 5: the best and worst seeds by each score, with the first prompts of Set 1.

    Args:
        model: name for the title.
        scores: per-seed scores on Set 1 with ``seed``, ``fd``, ``preference``.
        prompts: Set 1.
        shards: the ranking images.
        metrics: readable names of ``fd`` and ``preference``.
        n_seeds: how many best and how many worst.
        n_prompts: columns.
    """
    chosen = prompts.head(n_prompts)
    ids = chosen["prompt_id"].tolist()
    rows, labels, colors = [], [], []
    for metric, name in metrics.items():
        ordered = scores.sort_values(metric, ascending=metric == "fd")
        for title, part, color in (
            ("best", ordered.head(n_seeds), style.BLUE),
            ("worst", ordered.tail(n_seeds), style.RED),
        ):
            for entry in part.itertuples(index=False):
                rows.append((int(entry.seed), f"{getattr(entry, metric):.3f}", title, name, color))
    images = pick_images(shards, sorted({r[0] for r in rows}), ids)
    grid = np.array([[images[seed, p] for p in ids] for seed, *_ in rows])
    for seed, value, title, name, color in rows:
        labels.append(f"{title} by {name}\nseed {seed}: {value}")
        colors.append(color)
    shown = [textwrap.shorten(t, 100, placeholder=" …") for t in chosen["text"]]
    return picture_grid(grid, labels, shown, title=f"{model}, Set 1", colors=colors)
