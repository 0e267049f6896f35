"""Figure 11 of Good Seed: groups of images of a prompt, by random, guided and diverse seeds."""

from __future__ import annotations

import textwrap

import numpy as np

from seedbed import store
from seedbed.render import style
from seedbed.render.good_seed.diversity_table import ARM_NAMES


def diverse(
    arms: list[dict], images: list[str], groups: list[str], prompts: str, model: str, n_prompts: int
):
    """The first trial of the first prompts of each aim, from files.

    Args:
        arms: ``aim`` and ``arm`` of each shard, aim by aim.
        images, groups: a shard and its groups for each of them.
        prompts: of the trial.
        model: name.
        n_prompts: of each aim.
    """
    asked = store.read_table(prompts, ["prompt_id", "text", "split"])
    blocks: dict[tuple[str, str], list[tuple[str, np.ndarray]]] = {}
    for about, shard, path in zip(arms, images, groups, strict=True):
        first = asked[asked["split"] == about["aim"]].head(n_prompts)
        table = store.read_table(path, ["trial", "prompt_id", "place", "seed"])
        table = table[table["trial"] == 0].sort_values("place")
        for prompt in first.itertuples():
            seeds = table.loc[table["prompt_id"] == prompt.prompt_id, "seed"].tolist()
            found = store.pick_images([shard], seeds, [prompt.prompt_id])
            pictures = np.stack([found[seed, prompt.prompt_id] for seed in seeds])
            rows = blocks.setdefault((about["aim"], prompt.text), [])
            rows.append((ARM_NAMES[about["arm"]], pictures))
    return groups_of_pictures(blocks, model)


def groups_of_pictures(blocks: dict, model: str):
    """A block per prompt: a row of pictures per arm.

    Args:
        blocks: by (aim, prompt) the rows (name, (C, h, w, 3) uint8).
        model: name.
    """
    plt = style.pyplot()
    aims = list(dict.fromkeys(aim for aim, _ in blocks))
    columns = max(sum(aim == mine for mine, _ in blocks) for aim in aims)
    arms = max(map(len, blocks.values()))
    figure = plt.figure(figsize=(style.PAGE, len(aims) * (0.56 * arms + 0.45)))
    outer = figure.add_gridspec(len(aims), columns, wspace=0.06, hspace=0.3)
    for row, aim in enumerate(aims):
        mine = [(text, rows) for (of, text), rows in blocks.items() if of == aim]
        for column, (text, rows) in enumerate(mine):
            axis = figure.add_subplot(outer[row, column])
            _block(axis, [pictures for _, pictures in rows])
            short = textwrap.shorten(text, 110, placeholder=" …")
            axis.set_title(textwrap.fill(f"“{short}”", 44), fontsize=5.5, pad=3)
            if column == 0:
                side = rows[0][1].shape[1] * 1.06
                centres = [(k + 0.47) * side for k in range(len(rows))]
                axis.set_yticks(centres, [name for name, _ in rows], fontsize=6)
                axis.set_ylabel(f"differ in {aim}", fontsize=7)
    figure.suptitle(model, fontsize=8, y=1.0)
    return figure


def _block(axis, rows: list[np.ndarray]) -> None:
    """Pictures in rows, with white between them."""
    count, h, w, _ = rows[0].shape
    gap = max(1, round(0.06 * h))
    canvas = np.full((len(rows) * (h + gap) - gap, count * (w + gap) - gap, 3), 255, np.uint8)
    for r, pictures in enumerate(rows):
        for c, picture in enumerate(pictures):
            canvas[r * (h + gap) :, c * (w + gap) :][:h, :w] = picture
    axis.imshow(canvas, interpolation="nearest")
    axis.set_xticks([])
    axis.set_yticks([])
    axis.tick_params(length=0)
    for spine in axis.spines.values():
        spine.set_visible(False)
