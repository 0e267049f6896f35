"""Collect the scores of all blocks of many noises for pairs of categories (Lottery Ticket, 3.2).

Nothing is denoised: one truncated forward of the first step gives the maps of a noise under
every pair prompt, from which each block gets a score for either category of the pair. What
is kept are scores and the seeds of the noises, from which any block can be drawn again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import torch

from seedbed.attention.capture import Capture, of_words
from seedbed.attention.modules import side_of
from seedbed.attention.tokens import phrase_positions
from seedbed.choices import ARTICLES
from seedbed.lottery_ticket.tickets.collection import Collection
from seedbed.lottery_ticket.tickets.reading import Reading
from seedbed.lottery_ticket.tickets.scores import scores
from seedbed.models.base import LatentModel
from seedbed.progress import Progress
from seedbed.prompts.grammar import article as grammatical
from seedbed.sampling.denoise import batches
from seedbed.sampling.drawing import Drawing

if TYPE_CHECKING:
    import pandas as pd

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


def article_of(name: str, form: str = "literal") -> str:
    """The article of a noun in a pair prompt.

    Args:
        name: the noun.
        form: ``"literal"``, always "a" as in the paper and the authors' code ("a apple and a
            boat"); ``"grammatical"``, "an" before vowels.

    Raises:
        ValueError: the form is unknown.
    """
    if form not in ARTICLES:
        raise ValueError(f"article {form!r} is unknown: use one of {', '.join(ARTICLES)}")
    return grammatical(name) if form == "grammatical" else "a"


def pair_prompt(first: str, second: str, article: str = "literal") -> str:
    """The prompt of a pair, ``a dog and a car`` (Lottery Ticket, 3.2); ``article``: its form."""
    one, other = (article_of(name, article) for name in (first, second))
    return f"{one} {first} and {other} {second}".lower()


def word_positions(
    tokenizer, pair: tuple[str, str], fixed: bool, article: str = "literal"
) -> tuple[tuple[int, ...], ...]:
    """Token positions of both names in their pair prompt."""
    if fixed:
        return FIXED_POSITIONS
    text = pair_prompt(*pair, article)
    second = len(text) - len(pair[1])
    first = len(article_of(pair[0], article)) + 1
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
        flops_per_map: multiply-adds × 2 per (noise, prompt), counted on the first batch of noises,
            which share keys and values of the prompts; without the text encoder.
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
) -> tuple[list[Collection], Cost]:
    """Score every block of the given noises for every pair.

    Args:
        drawing: its model, the noise stream of the seeds, the sampler, whose scheduler and steps
            decide the first timestep, and the batch, rows of (noise, prompt) at a time.
        reading: layer, scores, tokens, form of the prompts.
        pairs: category pairs; each becomes one prompt.
        seeds: of the noises.
        layers: cross-attentions to read instead of the reading's one, by name.
        origin: ``model`` and ``weights`` of the collections' origin, for those that are stored.

    Returns:
        One collection per layer, and what all of them took together.

    Raises:
        ValueError: no pairs, a name cannot be found in its tokenised prompt, or a layer's cells
            do not form a square grid.
    """
    from torch.utils.flop_counter import FlopCounterMode

    began = time.monotonic()
    scoring = Scoring(drawing, reading, pairs, seeds, layers)
    progress = Progress(len(seeds) * len(pairs), "maps", log)
    parts = scoring.parts(progress.add)
    with FlopCounterMode(display=False) as counter:
        first = next(parts)
    for _ in parts:
        pass
    seconds = time.monotonic() - began
    cost = Cost(
        pairs=len(pairs),
        noises=len(seeds),
        flops_per_map=counter.get_total_flops() / (len(first) * len(pairs)),
        flops_full=guided_call_flops(drawing.model, first[:1], scoring.capture),
    )
    log.info(
        "%d noises, %d pairs: %.1f s, %.3f ms per map, %.2f %% of a guided call skipped",
        cost.noises,
        cost.pairs,
        seconds,
        1e3 * seconds / (cost.noises * cost.pairs),
        100 * cost.skipped,
    )
    return scoring.collections(origin), cost


class Scoring:
    """The scoring of the blocks of some noises, a batch of noises at a time.

    Args:
        drawing, reading, pairs, seeds, layers: see ``collect``.

    Raises:
        ValueError: as ``collect`` does.
    """

    def __init__(
        self,
        drawing: Drawing,
        reading: Reading,
        pairs: Sequence[tuple[str, str]],
        seeds: Sequence[int],
        layers: Sequence[str] | None = None,
    ):
        if not pairs:
            raise ValueError(
                "no pair of categories to collect tickets for: the layouts name one category "
                "alone; take more of them"
            )
        model = drawing.model
        condition = model.encode([pair_prompt(*pair, reading.article) for pair in pairs])
        self._words = [
            word_positions(model.tokenizer, pair, reading.fixed_positions, reading.article)
            for pair in pairs
        ]
        self.capture = Capture(model, condition, layers or [reading.layer], drawing.sampler)
        self._drawing, self._reading, self._pairs, self._seeds = drawing, reading, pairs, seeds
        self._found: dict[str, np.ndarray] = {}

    def parts(self, count: Callable[[int], None]) -> Iterator[torch.Tensor]:
        """Score a batch of noises after the other.

        Args:
            count: told how many maps are done, again and again.

        Yields:
            The (n, c, h, w) latents of a batch, when it is scored.
        """
        for part in batches(len(self._seeds), self._drawing.batch):
            latents = torch.stack([self._drawing.latent(s) for s in self._seeds[part]])
            for noises, prompts, maps in self.capture.grid(latents, self._drawing.batch):
                rows = slice(part.start + noises.start, part.start + noises.stop)
                for layer, of_layer in maps.items():
                    self._keep(layer, rows, prompts, of_layer)
                count((rows.stop - rows.start) * (prompts.stop - prompts.start))
            yield latents

    def _keep(self, layer: str, rows: slice, prompts: slice, maps: torch.Tensor) -> None:
        scored = _scores(maps, self._words[prompts], self._reading.mode)
        if layer not in self._found:
            shape = (len(self._seeds), len(self._pairs), *scored.shape[2:])
            self._found[layer] = np.empty(shape, dtype=np.float16)
        self._found[layer][rows, prompts] = scored

    def collections(self, origin: Mapping[str, str] | None = None) -> list[Collection]:
        """One collection per layer, once all parts are scored; ``origin``: see ``collect``."""
        reading = self._reading
        return [
            Collection(
                scores=self._found[layer],
                seeds=tuple(int(s) for s in self._seeds),
                pairs=tuple((str(a), str(b)) for a, b in self._pairs),
                grid=side_of(self._found[layer].shape[-1]),
                shape=tuple(self._drawing.model.latent_shape),
                stream=self._drawing.stream,
                origin={
                    **(origin or {"model": "", "weights": ""}),
                    "score_mode": reading.mode,
                    "layer": layer,
                    "timestep": str(int(self.capture.timestep)),
                    "tokens": "fixed positions"
                    if reading.fixed_positions
                    else "mean of sub-tokens",
                    "article": reading.article,
                    "positions": "as_read",
                },
            )
            for layer in self.capture.layers
        ]


def _scores(maps: torch.Tensor, words: list, mode: str) -> np.ndarray:
    """(n, pairs, 2, cells) float16 of two words each, from (n, pairs, cells, tokens) maps."""
    both = torch.stack([of_words(maps[:, p], pair) for p, pair in enumerate(words)], 1)
    return scores(both.float(), mode).cpu().numpy().astype(np.float16)


@torch.no_grad()
def guided_call_flops(model: LatentModel, latents: torch.Tensor, capture: Capture) -> float:
    """Arithmetic of one whole UNet call with guidance, for one noise and one prompt."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        model.predict(latents.to(model.device), capture.timestep, capture.condition.take([0]))
    return 2.0 * counter.get_total_flops()
