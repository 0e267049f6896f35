"""Figure 5 of Good Seed: the best and worst seeds."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.render import style
from seedbed.render.good_seed.picture_grid import picture_grid


def extremes(
    model: str,
    metrics: dict[str, str],
    n_seeds: int,
    n_prompts: int,
    scores: str,
    prompts: str,
    images: list[str],
):
    """Figure 5 from files; arguments as those of ``best_and_worst``.

    Args:
        model, metrics, n_seeds, n_prompts: see there.
        scores: per-seed scores on both sets.
        prompts: those that ranked seeds, both sets.
        images: shards of the ranking images.
    """
    seeds, table = store.read_table(scores), store.read_table(prompts)
    return best_and_worst(
        model,
        seeds[seeds["split"] == "set1"],
        table[table["split"] == "set1"],
        images,
        metrics,
        n_seeds,
        n_prompts,
    )


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
        scores: per-seed scores on Set 1 with ``seed`` and the columns of ``metrics``.
        prompts: Set 1.
        shards: the ranking images.
        metrics: readable names of those of ``fd`` and ``preference`` that there are.
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
    images = store.pick_images(shards, sorted({r[0] for r in rows}), ids)
    grid = np.array([[images[seed, p] for p in ids] for seed, *_ in rows])
    for seed, value, title, name, color in rows:
        labels.append(f"{title} by {name}\nseed {seed}: {value}")
        colors.append(color)
    shown = [textwrap.shorten(t, 100, placeholder=" …") for t in chosen["text"]]
    return picture_grid(grid, labels, shown, title=f"{model}, Set 1", colors=colors)
