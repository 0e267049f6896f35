"""Collect the scores of all blocks of many noises for pairs of categories (Lottery Ticket, 3.2).

Nothing is denoised: one truncated forward of the first step gives the maps of a noise under
every pair prompt, from which each block gets a score for either category of the pair. What
is kept are scores and the seeds of the noises, from which any block can be drawn again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import torch

from seedbed.attention.capture import Capture, of_words
from seedbed.attention.modules import side_of
from seedbed.attention.tokens import phrase_positions
from seedbed.lottery_ticket.tickets.collection import Collection
from seedbed.lottery_ticket.tickets.reading import Reading
from seedbed.lottery_ticket.tickets.scores import scores
from seedbed.models.base import LatentModel
from seedbed.progress import Progress
from seedbed.prompts.grammar import article
from seedbed.sampling.denoise import batches
from seedbed.sampling.drawing import Drawing

log = logging.getLogger(__name__)

FIXED_POSITIONS = ((2,), (5,))
"""Where the authors' code looks for the two words of "a c1 and a c2" (BOS is 0)."""


def pairs_of(categories: Sequence[str]) -> list[tuple[str, str]]:
    """All unordered pairs of different categories."""
    return list(combinations(dict.fromkeys(categories), 2))


def wanted_pairs(layouts: pd.DataFrame, which: str) -> list[tuple[str, str]]:
    """The pairs to collect for a layout table.

    Args:
        layouts: layout table.
        which: ``"all"`` pairs of its categories, or those ``"occurring"`` together in a layout
            (Lottery Ticket, 4.3: about 700).

    Raises:
        ValueError: a category that never occurs beside another, whose average (eq. 2) would be
            over nothing.
    """
    if which == "all":
        return pairs_of(sorted(layouts["category"].unique()))
    groups = layouts.groupby("layout_id", sort=False)["category"]
    found = sorted({p for _, names in groups for p in pairs_of(sorted(names))})
    alone = set(layouts["category"]) - {name for pair in found for name in pair}
    if alone:
        raise ValueError(
            f"category {min(alone)!r} occurs beside no other in the layouts ({len(alone)} such): "
            "set lottery_ticket.pairs to all"
        )
    return found


def pair_prompt(first: str, second: str) -> str:
    """The prompt of a pair, ``a dog and a car`` (Lottery Ticket, 3.2)."""
    return f"{article(first)} {first} and {article(second)} {second}".lower()


def word_positions(tokenizer, pair: tuple[str, str], fixed: bool) -> tuple[tuple[int, ...], ...]:
    """Token positions of both names in their pair prompt."""
    if fixed:
        return FIXED_POSITIONS
    text = pair_prompt(*pair)
    second = len(text) - len(pair[1])
    first = len(article(pair[0])) + 1
    return tuple(
        phrase_positions(tokenizer, text, name.lower(), start)
        for name, start in zip(pair, (first, second), strict=True)
    )


@dataclass(frozen=True)
class Cost:
    """What a collection took, in arithmetic: a time would differ between two equal runs.

    Attributes:
        pairs: prompts.
        noises: noises, each under every prompt.
        flops_per_map: multiply-adds × 2 per (noise, prompt), counted on the first batch, keys and
            values of the prompts shared by all noises; without the text encoder.
        flops_full: of one UNet call with guidance (two branches) for one (noise, prompt).
    """

    pairs: int
    noises: int
    flops_per_map: float
    flops_full: float

    @property
    def skipped(self) -> float:
        """Share of a full guided call's arithmetic that was not done."""
        return 1 - self.flops_per_map / self.flops_full


def collect(
    drawing: Drawing,
    reading: Reading,
    pairs: Sequence[tuple[str, str]],
    seeds: Sequence[int],
    *,
    layers: Sequence[str] | None = None,
    origin: Mapping[str, str] | None = None,
    batch: int = 8,
) -> tuple[list[Collection], Cost]:
    """Score every block of the given noises for every pair.

    Args:
        drawing: its model, the noise stream of the seeds, and the sampler, whose scheduler and
            steps decide the first timestep.
        reading: layer, scores, tokens.
        pairs: category pairs; each becomes one prompt.
        seeds: of the noises.
        layers: cross-attentions to read instead of the reading's one, by name.
        origin: ``model`` and ``weights`` of the collections' origin, for those that are stored.
        batch: noises per forward.

    Returns:
        One collection per layer, and what all of them took together.

    Raises:
        ValueError: no pairs, a name cannot be found in its tokenised prompt, or a layer's cells
            do not form a square grid.
    """
    from torch.utils.flop_counter import FlopCounterMode

    if not pairs:
        raise ValueError(
            "no pair of categories to collect tickets for: the layouts name one category alone; "
            "take more of them"
        )
    began = time.monotonic()
    model, sampler = drawing.model, drawing.sampler
    condition = model.encode([pair_prompt(*pair) for pair in pairs])
    words = [word_positions(model.tokenizer, pair, reading.fixed_positions) for pair in pairs]
    with FlopCounterMode(display=False) as once:
        capture = Capture(model, condition, layers or [reading.layer], sampler)
    latents = torch.stack([drawing.latent(s) for s in seeds])

    def scored(part: slice) -> list[np.ndarray]:
        maps = capture.grid(latents[part])
        return [_scores(maps[layer], words, reading.mode) for layer in capture.layers]

    progress = Progress(len(seeds), "noises", log)
    parts = list(batches(len(seeds), batch))
    with FlopCounterMode(display=False) as counter:
        found = [scored(parts[0])]
    done = parts[0].stop - parts[0].start
    progress.add(done)
    for part in parts[1:]:
        found.append(scored(part))
        progress.add(part.stop - part.start)
    seconds = time.monotonic() - began
    collections = [
        Collection(
            scores=np.concatenate(shards),
            seeds=tuple(int(s) for s in seeds),
            pairs=tuple((str(a), str(b)) for a, b in pairs),
            grid=side_of(shards[0].shape[-1]),
            shape=tuple(model.latent_shape),
            stream=drawing.stream,
            origin={
                **(origin or {"model": "", "weights": ""}),
                "score_mode": reading.mode,
                "layer": layer,
                "timestep": str(int(capture.timestep)),
                "tokens": "fixed positions" if reading.fixed_positions else "mean of sub-tokens",
            },
        )
        for layer, shards in zip(capture.layers, zip(*found, strict=True), strict=True)
    ]
    cost = Cost(
        pairs=len(pairs),
        noises=len(seeds),
        flops_per_map=(counter.get_total_flops() / done + once.get_total_flops() / len(seeds))
        / len(pairs),
        flops_full=guided_call_flops(model, latents[:1], capture),
    )
    log.info(
        "%d noises, %d pairs: %.1f s, %.3f ms per map, %.2f %% of a guided call skipped",
        cost.noises,
        cost.pairs,
        seconds,
        1e3 * seconds / (cost.noises * cost.pairs),
        100 * cost.skipped,
    )
    return collections, cost


def _scores(maps: torch.Tensor, words: list, mode: str) -> np.ndarray:
    """(n, pairs, 2, cells) float16 from the maps (n, pairs, cells, tokens) of one layer."""
    both = torch.stack([of_words(maps[:, p], pair) for p, pair in enumerate(words)], 1)
    return scores(both.float(), mode).cpu().numpy().astype(np.float16)


@torch.no_grad()
def guided_call_flops(model: LatentModel, latents: torch.Tensor, capture: Capture) -> float:
    """Arithmetic of one whole UNet call with guidance, for one noise and one prompt."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        model.predict(latents.to(model.device), capture.timestep, capture.condition.take([0]))
    return 2.0 * counter.get_total_flops()
