"""Figure 3 of Good Seed: kinds of prompts."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.render.good_seed.picture_grid import picture_grid


def kinds(models: list[str], images: list[str], prompts: list[str]):
    """Figure 3 from files.

    Args:
        models: names.
        images: an image shard per model.
        prompts: a prompt table per model; all hold the same prompts.
    """
    return prompt_kinds(dict(zip(models, images, strict=True)), store.read_table(prompts[0]))


def prompt_kinds(shards: dict[str, str], prompts: pd.DataFrame):
    """Figure 3: a row per kind of prompt and model, a column per seed.

    Args:
        shards: image shard per model.
        prompts: one prompt per kind, in order.
    """
    pictures, labels = [], []
    for prompt in prompts.itertuples(index=False):
        for model, shard in shards.items():
            found = store.pick_images([shard], None, [prompt.prompt_id])
            seeds = sorted({seed for seed, _ in found})
            pictures.append([found[seed, prompt.prompt_id] for seed in seeds])
            text = textwrap.shorten(prompt.text, 150, placeholder=" …")
            labels.append(textwrap.fill(f"{prompt.kind}, {model}: “{text}”", 46))
    return picture_grid(np.array(pictures), labels, [f"seed {s}" for s in seeds], cell=0.95)
