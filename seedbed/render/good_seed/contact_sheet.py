"""Contact sheets: seeds down, prompts across."""

from __future__ import annotations

import numpy as np

from seedbed import store
from seedbed.render.good_seed.picture_grid import picture_grid


def contact_sheet(model: str, n_seeds: int, n_prompts: int, images: str, prompts: str):
    """The first seeds with the first prompts.

    Args:
        model: name for the title.
        n_seeds, n_prompts: rows and columns.
        images: shard of these pictures.
        prompts: table whose first prompts they show.

    Raises:
        StoreError: a picture is missing.
    """
    shown = store.read_table(prompts).head(n_prompts)
    seeds, ids = list(range(n_seeds)), shown["prompt_id"].tolist()
    found = store.pick_images([images], seeds, ids)
    grid = np.array([[found[seed, prompt] for prompt in ids] for seed in seeds])
    labels = [f"seed {seed}" for seed in seeds]
    return picture_grid(grid, labels, shown["text"].tolist(), title=model)
