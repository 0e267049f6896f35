"""Figure 1 of Good Seed, the teaser: what seeds decide, three ways."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.masked_photos import arrays_of
from seedbed.render import style

SHOWN = 3
"""Pictures of each seed."""
GAP = 0.05
"""White space between pictures, as a share of a picture's side."""


def teaser(
    scores: str,
    ranked: list[str],
    survey: list[str],
    diverse: str,
    filled: list[str],
    text: list[str],
):
    """Best and worst seed; two seeds that differ; the seeds with the most and the least text.

    Args:
        scores: per-seed scores; by preference, or by Fréchet distance where nothing else ranks.
        ranked: the ranking prompts, then shards of the ranking images.
        survey: the survey's prompts, then shards of its images.
        diverse: the chosen diverse seeds.
        filled: pictures with masks, then shards of the filled pictures.
        text: text by seed, then the shards' text shares.
    """
    panels = {
        "quality: the best and the worst seed": _quality(scores, ranked),
        "style and composition: two diverse seeds": _differing(survey, diverse),
        "inserted text: the seeds with most and least": _inserted(filled, text),
    }
    plt = style.pyplot()
    figure, axes = plt.subplots(1, len(panels), figsize=(style.PAGE, 1.9), layout="constrained")
    for axis, (title, (labels, rows)) in zip(axes, panels.items(), strict=True):
        canvas, places = _canvas(rows)
        axis.imshow(canvas, interpolation="nearest")
        axis.set_yticks(places, labels, fontsize=6)
        axis.set_xticks([])
        axis.tick_params(length=0)
        for spine in axis.spines.values():
            spine.set_visible(False)
        axis.set_title(title, fontsize=7)
    return figure


def _canvas(rows: list[list[np.ndarray]]) -> tuple[np.ndarray, list[float]]:
    h, w, _ = rows[0][0].shape
    gap = max(1, round(GAP * w))
    size = (len(rows) * (h + gap) - gap, len(rows[0]) * (w + gap) - gap, 3)
    canvas = np.full(size, 255, dtype=np.uint8)
    for r, row in enumerate(rows):
        for c, picture in enumerate(row):
            y, x = r * (h + gap), c * (w + gap)
            canvas[y : y + h, x : x + w] = picture
    return canvas, [r * (h + gap) + h / 2 for r in range(len(rows))]


def _quality(scores: str, ranked: list[str]):
    table = store.read_table(scores, ["seed", "split"])
    by = "preference" if "preference" in table else "fd"
    one = table[table["split"] == "set1"].sort_values(by, ascending=by == "fd", kind="stable")
    seeds = [int(one["seed"].iloc[0]), int(one["seed"].iloc[-1])]
    prompts = store.read_table(ranked[0], ["prompt_id", "split"])
    ids = prompts.loc[prompts["split"] == "set1", "prompt_id"].head(SHOWN).tolist()
    return _labelled(seeds), _rows(ranked[1:], seeds, ids)


def _differing(survey: list[str], diverse: str):
    chosen = store.read_json(diverse, ["selection_prompts"])
    aim = next(chosen[name] for name in ("style", "composition") if name in chosen)
    seeds = [int(seed) for seed in aim["trials"][0][:2]]
    prompts = store.read_table(survey[0], ["prompt_id", "object"])
    ids = prompts.drop_duplicates("object")["prompt_id"].head(SHOWN).tolist()
    return _labelled(seeds), _rows(survey[1:], seeds, ids)


def _inserted(filled: list[str], text: list[str]):
    mean = store.read_table(text[0], ["seed", "mean"]).groupby("seed")["mean"].mean()
    seeds = [int(mean.idxmax()), int(mean.idxmin())]
    columns = ["seed", "pair_id", "mode", "share"]
    shares = pd.concat([store.read_table(path, columns) for path in text[1:]])
    most = shares[shares["seed"] == seeds[0]].sort_values(
        ["share", "pair_id", "mode"], ascending=[False, True, True], kind="stable"
    )
    most = most.head(SHOWN)
    pairs = store.read_table(filled[0])
    before = dict(zip(pairs["pair_id"], arrays_of(pairs)[0], strict=True))
    ids = (most["pair_id"] + ":" + most["mode"]).tolist()
    rows = [[before[pair] for pair in most["pair_id"]], *_rows(filled[1:], seeds, ids)]
    return ["input", *_labelled(seeds)], rows


def _labelled(seeds: list[int]) -> list[str]:
    return [f"seed {seed}" for seed in seeds]


def _rows(shards: list[str], seeds: list[int], ids: list[str]) -> list[list[np.ndarray]]:
    found = store.pick_images(shards, sorted(set(seeds)), ids)
    return [[found[seed, prompt] for prompt in ids] for seed in seeds]
