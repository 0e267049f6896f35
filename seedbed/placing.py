"""Noise that puts named objects into boxes, in one call: lottery tickets for anyone's pipeline.

    latents = seedbed.place(pipe, "a boat and a tree", {"boat": left, "tree": right}, seed=0)
    image = pipe("a boat and a tree", latents=latents).images[0]

Blocks of many noises are scored by the cross-attention of the first step, and those that win fill
the boxes (Lottery Ticket, 3.2, 3.3 and 4.1). They come from a card's collection where it has the
words, else they are collected now, which takes as long as a few pictures.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import torch

from seedbed import noise
from seedbed.attention.modules import cross_attention
from seedbed.card import Card, CardWarning
from seedbed.card_schema import THERE
from seedbed.layouts.regions import masks_of
from seedbed.lottery_ticket.tickets.collect import Scoring, pairs_of
from seedbed.lottery_ticket.tickets.collection import Collection
from seedbed.lottery_ticket.tickets.construct import construct
from seedbed.lottery_ticket.tickets.reading import Reading
from seedbed.lottery_ticket.tickets.select import positioned, rule_of, winners
from seedbed.models.base import LatentModel
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.schedulers import Sampler

NOISES = range(100_000, 100_100)
"""Whose blocks are tickets where no card says otherwise: N = 100 as in the paper (4.3)."""
RULE = {"preset": "paper", "positions": "as_read", "t_obj": None, "t_bg": None}
"""Which tickets win where no card says otherwise: equations 3 to 5 with the paper's thresholds."""
BESIDE = ("person", "dog", "car", "chair")
"""What one word alone is scored beside: a ticket's score belongs to a pair of words."""
STEPS = 50
"""Where no card says otherwise: they decide the first timestep, 981 of 1,000 for DDIM."""
LEAST_GRID = 8
"""Cells a side of the maps that are read, at least."""

Box = Sequence[float]


class PlaceError(ValueError):
    """Objects cannot be placed as asked; one line."""


@dataclass(frozen=True)
class _Plan:
    """How tickets are read and chosen: as the card says, else as the paper does."""

    drawing: Drawing
    reading: Reading
    rule: Mapping[str, Any]
    noises: Sequence[int]


def place(
    pipe,
    prompt: str,
    boxes: Mapping[str, Box | Sequence[Box]],
    seed: int = 0,
    card: Card | str | None = None,
    *,
    beside: Sequence[str] = (),
    batch: int = 16,
) -> torch.Tensor:
    """Initial latents in which the named objects begin in their boxes.

    Args:
        pipe: a ``StableDiffusionPipeline`` (1.x, 2.x, Storybook) or ``StableDiffusionXLPipeline``,
            on any device. It draws square pictures of its own size.
        prompt: what will be drawn; it names every word.
        boxes: by word its box, or several: x0, y0, x1, y1 in shares of the frame, 0 to 1, y down.
            Where two overlap, the smaller has the cells.
        seed: of the noise that stays where no ticket won, and of the draw among those that did.
        card: a seed card of the pipeline's model, or where one is: its tickets, thresholds,
            reading, number of noises and noise stream. Without it the paper's.
        beside: words that a single word is scored beside, where tickets are collected now;
            ``BESIDE`` without it.
        batch: rows of the UNet at a time, where tickets are collected now.

    Returns:
        (1, c, h, w) on the pipeline's device and of its dtype, not scaled: for ``latents=`` of one
        call with the prompt.

    Raises:
        PlaceError: one line: a pipeline without first-step maps, a word that the prompt lacks, a
            box outside the frame, tickets of other latents.
        CardError: the card cannot be read, or is of another model's latents.
    """
    where = _checked(prompt, boxes)
    model = _model_of(pipe)
    if card is not None and not isinstance(card, Card):
        card = Card.load(card)
    if card is not None:
        card.fits(pipe)
    words = list(where)
    plan = _plan_of(model, card, batch)
    collection = _from_card(card, words, model.latent_shape)
    if collection is None:
        collection = _collected(pipe, model, plan, words, beside)
    collection = positioned(collection, plan.rule)
    chosen = winners(collection, words, rule_of(plan.rule, words))
    each = [(word, box) for word, several in where.items() for box in several]
    made = construct(
        chosen,
        [word for word, _ in each],
        masks_of(np.array([box for _, box in each]), collection.grid),
        collection,
        noise.latents(seed, tuple(collection.shape), collection.stream),
        np.random.default_rng(seed),
    )
    _tell(made.report["regions"])
    return made.latent[None].to(device=model.device, dtype=model.unet.dtype)


# What was asked


def _checked(prompt: str, boxes: Mapping) -> dict[str, list[list[float]]]:
    """By word its boxes.

    Raises:
        PlaceError: as ``place``.
    """
    if not isinstance(prompt, str):
        raise PlaceError(f"one prompt is placed at a time, as text, not {type(prompt).__name__}")
    if not isinstance(boxes, Mapping) or not boxes:
        raise PlaceError("no boxes: give a table of words, each with its box (x0, y0, x1, y1)")
    found = {}
    for word, given in boxes.items():
        if not isinstance(word, str) or word.lower() not in prompt.lower() or not word.strip():
            raise PlaceError(f"the prompt {prompt!r} does not name {word!r}: name it as it does")
        several = _numbers(given, word)
        sound = np.isfinite(several) & (several >= 0) & (several <= 1)
        if not sound.all() or not (several[:, :2] < several[:, 2:]).all():
            raise PlaceError(
                f"the box of {word!r} is {given}: give x0, y0, x1, y1 in shares of the frame, "
                "0 to 1, with x0 < x1 and y0 < y1"
            )
        found[word] = several.tolist()
    return found


def _numbers(given: Any, word: str) -> np.ndarray:
    try:
        several = np.atleast_2d(np.asarray(given, dtype=np.float64))
    except (TypeError, ValueError):
        several = np.empty((0, 0))
    if several.ndim != 2 or several.shape[1] != 4 or not len(several):
        raise PlaceError(f"the box of {word!r} is {given}: give four numbers x0, y0, x1, y1")
    return several


# The pipeline


def _model_of(pipe) -> LatentModel:
    """The pipeline's networks as the library reads them.

    Raises:
        PlaceError: it is none whose first-step maps can be read.
    """
    wanted = "give a StableDiffusionPipeline or StableDiffusionXLPipeline"
    kind = type(pipe).__name__
    if any(getattr(pipe, part, None) is None for part in ("unet", "vae", "tokenizer")):
        raise PlaceError(f"a {kind} has no UNet whose first-step maps could be read; {wanted}")
    channels = pipe.unet.config.in_channels
    if channels != pipe.vae.config.latent_channels:
        raise PlaceError(f"the UNet of this {kind} takes {channels} channels; {wanted}")
    if getattr(pipe, "text_encoder_2", None) is not None:
        from seedbed.models.sdxl import Family
    else:
        from seedbed.models.sd import Family
    return Family(pipe)


def default_layer(unet) -> str:
    """The cross-attention that is read where no card says otherwise.

    The paper's of Stable Diffusion 1.x, ``down_blocks.2.attentions.1`` with 16×16 cells, and its
    like elsewhere: the last on the way down whose map has at least ``LEAST_GRID`` cells a side.

    Args:
        unet: a diffusers UNet, whose blocks on the way down each halve the sides.

    Raises:
        PlaceError: it has no cross-attention on the way down.
    """
    down = [name.split(".") for name in cross_attention(unet) if name.startswith("down_blocks.")]
    if not down:
        raise PlaceError("this UNet has no cross-attention on the way down: give a card")
    side = unet.config.sample_size
    wide = [parts for parts in down if side // 2 ** int(parts[1]) >= LEAST_GRID] or down[:1]
    return ".".join(wide[-1][:4])


def _plan_of(model: LatentModel, card: Card | None, batch: int) -> _Plan:
    under, tickets = {}, {}
    if card is not None:
        under, tickets = card.content["measured_under"], card.content["tickets"]
    sampler = Sampler(
        under.get("steps", STEPS),
        under.get("guidance", 0.0),
        scheduler=under.get("scheduler", "own"),
    )
    reading = Reading(default_layer(model.unet))
    if tickets.get("reading"):
        reading = Reading.of(tickets["reading"])
    return _Plan(
        Drawing(model, sampler, under.get("stream", "cpu"), batch),
        reading,
        tickets.get("rule") or RULE,
        tickets.get("noises") or list(NOISES),
    )


# The tickets


def _from_card(
    card: Card | None, words: Sequence[str], shape: tuple[int, int, int]
) -> Collection | None:
    """The card's collection, if it has what these words need.

    Raises:
        PlaceError: its tickets are of other latents than the model's.
    """
    if card is None or card.content["tickets"]["state"] != THERE:
        return None
    known = set(card.content["tickets"]["words"])
    if not known.issuperset(words):
        return None
    if tuple(card.tickets.shape) != tuple(shape):
        raise PlaceError(
            f"the tickets of {card.model} are of latents {tuple(card.tickets.shape)}, the "
            f"pipeline's are {tuple(shape)}: give a card of its model"
        )
    held = {frozenset(pair) for pair in card.tickets.pairs}
    wanted = [frozenset(pair) for pair in combinations(words, 2)]
    return card.tickets if held.issuperset(wanted) else None


def _collected(
    pipe, model: LatentModel, plan: _Plan, words: Sequence[str], beside: Sequence[str]
) -> Collection:
    """Every block of the noises scored for these words, with a progress bar."""
    pairs = pairs_of(words)
    if not pairs:
        (word,) = words
        pairs = [(word, other) for other in dict.fromkeys(beside or BESIDE) if other != word]
    seeds = list(plan.noises)
    with torch.no_grad(), _bar(pipe, len(seeds) * len(pairs)) as bar:
        try:
            scoring = Scoring(plan.drawing, plan.reading, pairs, seeds)
            for _ in scoring.parts(bar.update):
                pass
        except ValueError as error:
            raise PlaceError(f"no tickets can be collected from this pipeline: {error}") from error
    (collection,) = scoring.collections()
    return collection


@contextmanager
def _bar(pipe, total: int) -> Iterator[Any]:
    """The pipeline's own bar, which its user has set up or switched off."""
    with pipe.progress_bar(total=total) as bar:
        bar.set_description("tickets")
        yield bar


def _tell(regions: Sequence[Mapping]) -> None:
    for region in regions:
        why = None
        if not region["cells"]:
            why = "smaller boxes cover its own"
        elif region["kept"]:
            why = "no ticket won for it, and its box keeps the noise of the seed"
        if why:
            warnings.warn(f"{region['category']!r} is not placed: {why}", CardWarning, stacklevel=3)
