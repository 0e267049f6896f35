"""Figure 8 of Good Seed: seeds mapped by style, and whether prompts' maps agree."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.good_seed.style_maps import ALL
from seedbed.render import style

CELLS = 12
"""Places of thumbnails per side of a map."""
SPACES = {"gram": "Gram vectors", "pca": "PCA maps", "tsne": "t-SNE maps"}
MEASURES = {
    "procrustes": "Procrustes correlation",
    "neighbours": "common nearest seeds",
    "share": "share of variance between seeds",
}


def placed(points: np.ndarray, cells: int = CELLS) -> dict[tuple[int, int], int]:
    """Which point is shown in each cell of a map: the one nearest to its middle, if any is in it.

    Args:
        points: (n, 2).
        cells: per side.

    Returns:
        Index of a point by (row, column); row 0 is at the top, where y is largest.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    scaled = (points - low) / np.where(high > low, high - low, 1) * cells
    place = np.minimum(scaled.astype(int), cells - 1)
    away = np.square(scaled - place - 0.5).sum(axis=1)
    found: dict[tuple[int, int], int] = {}
    for i in np.argsort(away, kind="stable"):
        found.setdefault((cells - 1 - int(place[i, 1]), int(place[i, 0])), int(i))
    return found


def canvas(shown: dict[tuple[int, int], int], pictures: dict[int, np.ndarray]) -> np.ndarray:
    """(h, w, 3) uint8 thumbnails at their cells, on white."""
    side, width, _ = next(iter(pictures.values())).shape
    whole = np.full((CELLS * (side + 2), CELLS * (width + 2), 3), 255, dtype=np.uint8)
    for (row, column), i in shown.items():
        y, x = row * (side + 2), column * (width + 2)
        whole[y : y + side, x : x + width] = pictures[i]
    return whole


def seeds_by_style(
    model: str, maps: str, agreement: str, prompts: str, images: list[str], n_prompts: int
):
    """Figure 8 from files.

    Args:
        model: for the title.
        maps, agreement: of ``good_seed.style_maps.analyse``.
        prompts: of the survey.
        images: its shards.
        n_prompts: maps that are shown.
    """
    plt = style.pyplot()
    table = store.read_table(maps, ["seed", "prompt_id"], finite=["tsne_x", "tsne_y"])
    texts = store.read_table(prompts, ["prompt_id", "text"]).set_index("prompt_id")["text"]
    every = table[table["prompt_id"] == ALL]
    ids = [p for p in table["prompt_id"].unique() if p != ALL]
    ids = [
        ids[i] for i in np.round(np.linspace(0, len(ids) - 1, min(n_prompts, len(ids)))).astype(int)
    ]
    seeds = every["seed"].tolist()
    shown = placed(every[["tsne_x", "tsne_y"]].to_numpy())
    wanted = sorted({seeds[i] for i in shown.values()})
    found = store.pick_images(images, wanted, ids)
    figure = plt.figure(figsize=(style.PAGE, 5.4), layout="constrained")
    grid = figure.add_gridspec(2, len(ids), height_ratios=[1, 0.85])
    for k, prompt in enumerate(ids):
        axis = figure.add_subplot(grid[0, k])
        pictures = {i: found[seeds[i], prompt] for i in shown.values()}
        axis.imshow(canvas(shown, pictures), interpolation="antialiased")
        axis.set_xticks([])
        axis.set_yticks([])
        axis.set_title(textwrap.fill(f"“{texts[prompt]}”", 30), fontsize=6)
        axis.set_xlabel("t-SNE 1 of all prompts", fontsize=6)
        if k == 0:
            axis.set_ylabel("t-SNE 2 of all prompts", fontsize=6)
    lower = grid[1, :].subgridspec(1, 2)
    _two_maps(figure.add_subplot(lower[0]), table, ids)
    _agreement_panel(figure.add_subplot(lower[1]), store.read_table(agreement))
    figure.suptitle(
        f"{model}: {len(shown)} of {len(seeds)} seeds, the same in each map", fontsize=8
    )
    return figure


def _two_maps(axis, table: pd.DataFrame, ids: list[str]) -> None:
    """Deterministic map of the first prompt shown, coloured by that of the last."""
    first, last = (table[table["prompt_id"] == ids[k]].set_index("seed") for k in (0, -1))
    color = last.loc[first.index, "pca_x"]
    dots = axis.scatter(first["pca_x"], first["pca_y"], c=color, s=6, cmap="cividis")
    axis.set(xlabel="PCA 1, first prompt", ylabel="PCA 2, first prompt")
    axis.set_title(f"n = {len(first)} seeds, without t-SNE", fontsize=7)
    axis.figure.colorbar(dots, ax=axis, label="PCA 1, last prompt")


def _agreement_panel(axis, rows: pd.DataFrame) -> None:
    from seedbed.render.bars import bars

    y = np.arange(len(rows))[::-1]
    bars(axis, y, rows["value"], rows["low"], rows["high"], style.BLUE, "between prompts")
    axis.plot(rows["null_bound"], y, "|", ms=9, color=style.RED, label="95 % of permuted seeds")
    names = [f"{MEASURES[r.measure]},\n{SPACES[r.space]}" for r in rows.itertuples()]
    axis.set_yticks(y, names, fontsize=5.5)
    axis.set_xlim(min(0, rows["low"].min()), 1)
    axis.set_xlabel("agreement of two prompts")
    first = rows.iloc[0]
    axis.set_title(f"n = {first['n_seeds']} seeds × {first['n_prompts']} prompts", fontsize=7)
    axis.legend(fontsize=5.5, loc="lower center", bbox_to_anchor=(0.4, 1.08), ncols=2)
