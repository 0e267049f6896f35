"""Figures 1 to 3 of Lottery Ticket: a noise and its tickets, the collection, its scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seedbed import store
from seedbed.lottery_ticket.comparison.latents import BOXES
from seedbed.lottery_ticket.comparison.methods import rule_name
from seedbed.lottery_ticket.tickets.blocks import to_blocks
from seedbed.lottery_ticket.tickets.collection import Collection
from seedbed.lottery_ticket.tickets.collection_files import load_collection
from seedbed.lottery_ticket.tickets.select import Rule, positioned, rule_of, winners
from seedbed.render import style
from seedbed.render.pictures import COLORS, noise_picture, outline, show

STRIP = 32
"""Winning blocks shown per category."""
NOISES = 5
"""Noises shown of a collection."""


def figure1(rule: dict, images: str, objects: str):
    """Figure 1 from files.

    Args:
        rule: see ``tickets.select.rule_of``.
        images: pictures of the scenes, and the noise that is shown.
        objects: table of the scenes.
    """
    arrays = store.read_arrays(images)
    on_the_fly = [str(name) for name in arrays["pair"]]
    said = _said(rule, on_the_fly)
    return concept(arrays, store.read_table(objects), said)


def figure2(rule: dict, seeds: list[int], images: str, tickets: list[str]):
    """Figure 2 from files.

    Args:
        rule: see ``tickets.select.rule_of``.
        seeds: noises of the collection.
        images: of the scenes, whose pair of words is shown.
        tickets: shards of the collection.
    """
    collection, pair = _collected(rule, seeds, images, tickets)
    return collection_picture(collection, pair, _said(rule, pair), noises=NOISES)


def figure3(rule: dict, alternatives: dict, seeds: list[int], images: str, tickets: list[str]):
    """Figure 3 from files.

    Args:
        rule: see ``tickets.select.rule_of``.
        alternatives: ``t_obj`` and ``t_bg`` of the sensitivity arms.
        seeds: noises of the collection.
        images: of the scenes, whose pair of words the rule is for.
        tickets: shards of the collection.
    """
    collection, pair = _collected(rule, seeds, images, tickets)
    return score_distributions(collection, _said(rule, pair), alternatives)


@dataclass(frozen=True)
class Said:
    """What a figure says of the rule that makes a block a ticket.

    Attributes:
        rule: its thresholds.
        semi: which SemI it is.
        score: what a score is called: equalised ones are no values of the first step.
    """

    rule: Rule
    semi: str
    score: str


def _said(entry: dict, pair: Sequence[str]) -> Said:
    score = {"as_read": "score at the first step", "equalised": "score with places equalised"}
    rule = rule_of(entry, list(pair))
    return Said(rule, f"SemI ({rule_name(entry)})", score[entry["positions"]])


def _collected(rule: dict, seeds: list[int], images: str, tickets: list[str]):
    """The collection as the rule reads it, and the scenes' pair of words, if it was collected."""
    collection = positioned(load_collection(tickets, seeds), rule)
    on_the_fly = [str(name) for name in store.read_arrays(images, ["pair"])["pair"]]
    if set(on_the_fly) <= set(collection.names):
        return collection, tuple(on_the_fly)
    return collection, collection.pairs[0]


def concept(arrays: dict[str, np.ndarray], scenes: pd.DataFrame, said: Said):
    """Figure 1: a real noise, its two maps and tickets; what noise made of tickets becomes.

    Args:
        arrays: of ``lottery_ticket.comparison.scene_pictures.draw_scenes``.
        scenes: its table; the first scene of figure 1 is shown.
        said: what makes a block a ticket.
    """
    plt = style.pyplot()
    scene = scenes[scenes["figure"] == "1"]
    scene = scene[scene["scene"] == scene["scene"].iloc[0]]
    k, boxes, names = (
        int(scene["scene"].iloc[0]),
        scene[BOXES].to_numpy(),
        scene["category"].tolist(),
    )
    pair = [str(name) for name in arrays["pair"]]
    maps, noise = arrays["maps"], noise_picture(arrays["noise"])
    figure, axes = plt.subplots(2, 4, figsize=(style.PAGE, 3.9), layout="constrained")
    top, bottom = axes
    show(top[0], noise)
    top[0].set_title("a random noise", fontsize=7)
    for axis, of_word, name, color in zip(top[1:3], maps, pair, COLORS, strict=False):
        show(axis, of_word)
        outline(axis, of_word > said.rule.t_obj, of_word.shape, color)
        axis.set_title(f"“{name}”: {said.score}", fontsize=7)
    show(top[3], noise)
    for of_word, color in zip(maps, COLORS, strict=False):
        outline(top[3], of_word > said.rule.t_obj, noise.shape[:2], color)
    top[3].set_title(f"its tickets (score > {said.rule.t_obj:g})", fontsize=7)
    show(bottom[0], arrays["sd"][k], boxes)
    bottom[0].set_title("image from random noise", fontsize=7)
    show(bottom[1], np.ones((8, 8, 3)), boxes)
    for box, name, color in zip(boxes, names, COLORS, strict=False):
        x, y = 4 * (box[0] + box[2]), 4 * (box[1] + box[3])
        bottom[1].text(x, y, name, color=color, ha="center", va="center", fontsize=8)
    bottom[1].set_title("wanted", fontsize=7)
    show(bottom[2], noise_picture(arrays["latents"][k]), boxes)
    bottom[2].set_title("noise built of tickets", fontsize=7)
    show(bottom[3], arrays["semi"][k], boxes)
    bottom[3].set_title("image from built noise", fontsize=7)
    # The map scale is the same for both words.
    figure.colorbar(top[2].images[0], ax=top[2], fraction=0.05, pad=0.02).ax.tick_params(
        labelsize=5
    )
    figure.suptitle(f"{said.semi}: “{scene['caption'].iloc[0]}”", fontsize=8)
    return figure


def collection_picture(collection: Collection, pair: tuple[str, str], said: Said, noises: int):
    """Figure 2: noises, their maps for one pair of words, and the pools of winning blocks.

    Args:
        collection: holds the pair.
        pair: the two categories.
        said: what makes a block a ticket.
        noises: how many noises are shown.
    """
    from seedbed import noise as streams

    plt = style.pyplot()
    grid, n = collection.grid, min(noises, len(collection.seeds))
    score = [
        collection.score(a, b).reshape(-1, grid, grid) for a, b in (pair, tuple(reversed(pair)))
    ]
    figure = plt.figure(figsize=(style.PAGE, 4.6), layout="constrained")
    parts = figure.subfigures(2, 1, height_ratios=[3, 1.5])
    axes = parts[0].subplots(3, n, squeeze=False)
    parts[0].suptitle(f"tickets of {said.semi}: {said.score}, outlined", fontsize=7)
    latents = [
        streams.latents(s, tuple(collection.shape), collection.stream).numpy()
        for s in collection.seeds[:n]
    ]
    for i, latent in enumerate(latents):
        show(axes[0, i], noise_picture(latent))
        axes[0, i].set_title(f"noise {collection.seeds[i]}", fontsize=6)
        for row, (of_word, color) in enumerate(zip(score, COLORS, strict=False), 1):
            show(axes[row, i], of_word[i])
            outline(axes[row, i], of_word[i] > said.rule.t_obj, (grid, grid), color)
    labels = ["noise", *(f"{a}\n(vs. {b})" for a, b in (pair, tuple(reversed(pair))))]
    for axis, label in zip(axes[:, 0], labels, strict=True):
        axis.set_ylabel(label, fontsize=6.5, rotation=0, ha="right", va="center")
    chosen = winners(collection, pair, said.rule)
    pools = [*((name, chosen.objects[name]) for name in pair), ("background", chosen.background)]
    strips = parts[1].subplots(len(pools), 1, squeeze=False)[:, 0]
    blocks_of = {i: to_blocks(_tensor(latent), grid) for i, latent in enumerate(latents)}
    for axis, (name, pool) in zip(strips, pools, strict=True):
        shown = [t for t in pool if t // collection.cells < n][:STRIP]
        block = collection.shape[1] // grid
        strip = np.ones((block, STRIP * (block + 1) - 1, 3))
        for k, ticket in enumerate(shown):
            i, cell = divmod(int(ticket), collection.cells)
            x = k * (block + 1)
            strip[:, x : x + block] = noise_picture(blocks_of[i][cell].numpy())
        show(axis, strip)
        axis.set_ylabel(
            f"{name}\n{len(pool)} tickets", fontsize=6.5, rotation=0, ha="right", va="center"
        )
    parts[1].suptitle(
        f"winning blocks of these noises (the first {STRIP} at most); counts are of all "
        f"{len(collection.seeds)} noises, {collection.tickets} blocks",
        fontsize=7,
    )
    return figure


def _tensor(latent: np.ndarray):
    import torch

    return torch.from_numpy(latent)


def score_distributions(collection: Collection, said: Said, alternatives: dict[str, list[float]]):
    """Figure 3: scores against every other category, their averages, and how large pools are.

    Args:
        collection: all pairs.
        said: what makes a block a ticket; thresholds are drawn as lines.
        alternatives: ``t_obj`` and ``t_bg`` of the sensitivity arms, drawn thin.
    """
    plt = style.pyplot()
    names = collection.names
    figure, axes = plt.subplots(1, 3, figsize=(style.PAGE, 2.4), layout="constrained")
    edges = np.linspace(0, 1, 51)
    every = collection.scores.astype(np.float32).ravel()
    averages = np.concatenate([collection.average(name) for name in names])
    for axis, values, title, key in (
        (axes[0], every, "score $S_{i,(j)}$", "t_obj"),
        (axes[1], averages, "average score over all $j$", "t_bg"),
    ):
        axis.hist(values, edges, density=True, color=style.BLUE, alpha=0.75)
        axis.set_xlabel(title)
        axis.set_yscale("log")
        axis.set_ylabel("density")
        threshold = getattr(said.rule, key)
        above = float((values > threshold).mean())
        text = (
            f"$T_{{obj}}$ = {threshold:g}\n{100 * above:.1f} % above"
            if key == "t_obj"
            else f"$T_{{bg}}$ = {threshold:g}\n{100 * (1 - above):.1f} % below"
        )
        axis.axvline(threshold, color=style.RED, lw=1.2)
        for other in alternatives[key]:
            axis.axvline(other, color=style.RED, lw=0.6, ls=":")
        axis.text(0.97, 0.95, text, transform=axis.transAxes, ha="right", va="top", fontsize=6.5)
    axes[0].set_title(f"n = {every.size:,} scores", fontsize=7)
    axes[1].set_title(f"n = {averages.size:,} averages", fontsize=7)
    thresholds = np.linspace(0, 0.98, 50)
    for k, name in enumerate(names):
        average = np.sort(collection.average(name))
        share = 1 - np.searchsorted(average, thresholds, side="right") / len(average)
        axes[2].plot(
            thresholds, 100 * share, color=style.GREY, lw=0.6, alpha=0.7,
            label="a category" if k == 0 else None,
        )  # fmt: skip
    pairs = np.sort(every)
    share = 1 - np.searchsorted(pairs, thresholds, side="right") / len(pairs)
    axes[2].plot(thresholds, 100 * share, color=style.BLUE, lw=1.6, label="all pairs")
    axes[2].axvline(said.rule.t_obj, color=style.RED, lw=1.2)
    axes[2].set_yscale("log")
    axes[2].set_ylim(0.05, 110)
    axes[2].set_xlabel("threshold")
    axes[2].set_ylabel("blocks above it (%)")
    axes[2].set_title(f"{len(collection.seeds)} noises × {collection.cells} blocks", fontsize=7)
    axes[2].legend(fontsize=6)
    figure.suptitle(f"{said.semi}: {said.score}", fontsize=7.5)
    return figure
