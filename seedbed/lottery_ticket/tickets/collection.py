"""A collection of lottery tickets: the scored blocks of many noises (Lottery Ticket, 3.2).

A ticket is one block of one noise; its index is noise_index × cells + cell, cells row-major. The
blocks themselves are not stored: the seed of a noise gives them again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import torch

from seedbed import noise
from seedbed.lottery_ticket.tickets.blocks import to_blocks
from seedbed.store import StoreError, write_tensors

ORIGIN = (
    *("score_mode", "layer", "timestep", "tokens", "article", "positions"),
    *("model", "weights"),
)
"""What the scores of a stored collection are of; ``weights`` is a digest, ``positions`` says
whether they are ``"as_read"`` or ``"equalised"``."""

OWN = ("pairs", "seeds", "grid", "shape", "stream")
"""Attributes that are stored beside the scores."""


# Drawing SD's noise of the stream "cuda" takes longer than everything else of a construction, and
# layouts draw from the same noises again and again. 256 of them are 16 MB, of SDXL's size 64 MB.
_latent = lru_cache(maxsize=256)(noise.latents)


@dataclass(frozen=True, eq=False)
class Collection:
    """Scores of the blocks of some noises for pairs of categories.

    Attributes:
        scores: (noises, pairs, 2, cells) float16 or float32 in [0, 1], cells = grid × grid
            row-major; the axis of length 2 is the first and the second category of the pair.
        seeds: of the noises.
        pairs: unordered pairs of different categories.
        grid: blocks per side.
        shape: (c, h, w) of the latent; h = w, a multiple of grid.
        stream: noise stream of the seeds.
        origin: the keys of ``ORIGIN``; may stay empty until the collection is saved.

    Raises:
        ValueError: parts that do not fit together, repeated seeds or pairs, or scores that are not
            finite.
    """

    scores: np.ndarray
    seeds: tuple[int, ...]
    pairs: tuple[tuple[str, str], ...]
    grid: int
    shape: tuple[int, int, int]
    stream: str
    origin: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self):
        expected = (len(self.seeds), len(self.pairs), 2, self.cells)
        if self.scores.shape != expected:
            raise ValueError(
                f"ticket scores have shape {self.scores.shape}, their noises, pairs and grid say "
                f"{expected}"
            )
        if self.scores.dtype not in (np.float16, np.float32):
            raise ValueError(f"ticket scores are {self.scores.dtype}, not float16 or float32")
        if not np.isfinite(self.scores).all():
            raise ValueError("ticket scores hold NaN or infinity")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("a noise stands twice in one ticket collection: seeds must differ")
        if any(a == b for a, b in self.pairs) or len(self._places) < 2 * len(self.pairs):
            raise ValueError(
                "pairs of a ticket collection must be of two categories, each pair once"
            )
        _, h, w = self.shape
        if h != w or h % self.grid:
            raise ValueError(
                f"latents of {h} x {w} do not divide into a grid of {self.grid} x {self.grid}"
            )

    @property
    def cells(self) -> int:
        """Blocks per noise."""
        return self.grid * self.grid

    @property
    def tickets(self) -> int:
        """Blocks in all."""
        return len(self.seeds) * self.cells

    @property
    def names(self) -> list[str]:
        """The categories, in the order in which the pairs first name them."""
        return list(dict.fromkeys(name for pair in self.pairs for name in pair))

    @cached_property
    def _places(self) -> dict[tuple[str, str], tuple[int, int]]:
        """(of, versus) to (pair, side)."""
        first = {(a, b): (k, 0) for k, (a, b) in enumerate(self.pairs)}
        return first | {(b, a): (k, 1) for k, (a, b) in enumerate(self.pairs)}

    def score(self, category: str, versus: str) -> np.ndarray:
        """S_i,(j) of every ticket: its score for ``category`` when ``versus`` stands beside it.

        Returns:
            (tickets,) float32.

        Raises:
            ValueError: the pair was not collected.
        """
        if (category, versus) not in self._places:
            raise ValueError(
                f"the pair {category!r}, {versus!r} is not in the ticket collection: collect it"
            )
        pair, side = self._places[category, versus]
        return self.scores[:, pair, side].astype(np.float32).reshape(-1)

    def average(self, category: str) -> np.ndarray:
        """Average score of every ticket for a category over all pairs it is in (eq. 2).

        Eq. 2 divides by the number of other categories; where not every pair was collected, as in
        the paper's 4.3, that is the number of pairs collected.

        Returns:
            (tickets,) float32.

        Raises:
            ValueError: no pair with this category was collected.
        """
        places = [place for (name, _), place in self._places.items() if name == category]
        if not places:
            raise ValueError(
                f"no pair with {category!r} is in the ticket collection, whose categories are "
                f"{', '.join(self.names)}: collect it beside another category"
            )
        pairs, sides = zip(*places, strict=True)
        return self.scores[:, pairs, sides].mean(axis=1, dtype=np.float32).reshape(-1)

    @cached_property
    def equalised(self) -> Collection:
        """The same tickets with the place of a block in the frame taken out of its score.

        Within a cell, noises keep their order; over the noises, every cell gets the distribution
        that all cells of this pair and side have together (quantile normalisation). Thresholds
        therefore mean what they meant, and let as many tickets pass. A reading of our own: where a
        model's maps follow the place, as Storybook's do, the scores as read pick blocks from
        where the word is at home, and such a block is like any other once it is moved.

        Scores are float32; the more noises, the finer. One noise gives every cell the median. Also
        equalised is how far a word's scores spread within a cell, so a cell where the word hardly
        matters supplies as many tickets as any other. Averages over pairs (eq. 2) are of equalised
        scores and are not equalised once more.
        """
        n = len(self.seeds)
        equal = np.empty(self.scores.shape, dtype=np.float32)
        # Pair by pair: ranks are float64, four times the scores.
        for pair in range(len(self.pairs)):
            for side in (0, 1):
                scores = self.scores[:, pair, side].astype(np.float32)
                shares = (ranks(scores) - 0.5) / n
                equal[:, pair, side] = np.quantile(scores.ravel(), shares)
        return replace(self, scores=equal, origin={**self.origin, "positions": "equalised"})

    @property
    def positions(self) -> str:
        """``"as_read"`` or ``"equalised"``."""
        return self.origin.get("positions", "as_read")

    def first(self, n: int) -> Collection:
        """The collection of the first n noises; its tickets keep their indices.

        Raises:
            ValueError: n lies outside 1..noises.
        """
        if not 1 <= n <= len(self.seeds):
            raise ValueError(f"cannot take {n} noises of a collection of {len(self.seeds)}")
        return Collection(
            self.scores[:n],
            self.seeds[:n],
            self.pairs,
            self.grid,
            self.shape,
            self.stream,
            self.origin,
        )

    def blocks(self, tickets: Sequence[int] | np.ndarray) -> torch.Tensor:
        """The blocks of noise behind ticket indices.

        Args:
            tickets: k indices; repeats are allowed.

        Returns:
            (k, c, b, b) float32, b = h / grid.

        Raises:
            ValueError: an index lies outside the collection.
        """
        tickets = np.asarray(tickets, dtype=np.int64)
        if len(tickets) and not 0 <= tickets.min() <= tickets.max() < self.tickets:
            raise ValueError(f"ticket indices must lie in 0..{self.tickets - 1}")
        channels, side, _ = self.shape
        found = torch.empty(len(tickets), channels, side // self.grid, side // self.grid)
        noises, cells = np.divmod(tickets, self.cells)
        for k in np.unique(noises):
            rows = np.flatnonzero(noises == k)
            latent = _latent(self.seeds[k], tuple(self.shape), self.stream)
            found[rows] = to_blocks(latent, self.grid)[cells[rows]]
        return found

    def save(self, path: str | Path) -> None:
        """Write the scores as float16 with all metadata as one safetensors file.

        float16 moves a score in [0, 1] by less than 2.5e-4, so a ticket that close to a threshold
        may fall on its other side.

        Raises:
            StoreError: ``origin`` does not say what the scores are of.
        """
        lacking = [key for key in ORIGIN if key not in self.origin]
        if lacking:
            raise StoreError(f"{path}: the origin of the ticket scores lacks {', '.join(lacking)}")
        metadata = {key: json.dumps(getattr(self, key), ensure_ascii=False) for key in OWN}
        metadata |= {key: self.origin[key] for key in ORIGIN}
        write_tensors(path, {"scores": self.scores.astype(np.float16)}, metadata)


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks of (n, columns) within each column, from 1, ties their mean: (n, columns) float64.

    As ``scipy.stats.rankdata``, which who only uses the library need not have.
    """
    order = np.argsort(values, axis=0, kind="stable")
    ordered = np.take_along_axis(values, order, axis=0)
    edge = np.ones((1, values.shape[1]), dtype=bool)
    other = ordered[1:] != ordered[:-1]
    place = np.arange(len(values))[:, None]
    first = np.maximum.accumulate(np.where(np.vstack([edge, other]), place, 0), axis=0)
    last = np.where(np.vstack([other, edge]), place, len(values))
    last = np.minimum.accumulate(last[::-1], axis=0)[::-1]
    found = np.empty(values.shape)
    np.put_along_axis(found, order, (first + last) / 2 + 1, axis=0)
    return found
