"""Do tickets keep their scores in another place, another noise, under another prompt?

The paper shows it by pictures (Lottery Ticket, 2.1, 4.4 and Fig. 7). Here one block at a
time is moved and scored again, and beside it a block drawn at random is put in the same cell
of the same noise, under the same prompt: whatever the place and the surroundings give to any
block, that one gets too.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch

from seedbed.attention.capture import Capture, of_words
from seedbed.attention.modules import side_of
from seedbed.attention.tokens import phrase_positions
from seedbed.lottery_ticket.tickets.blocks import to_blocks
from seedbed.lottery_ticket.tickets.collect import pair_prompt, word_positions
from seedbed.lottery_ticket.tickets.construct import moved
from seedbed.lottery_ticket.tickets.reading import Reading
from seedbed.lottery_ticket.tickets.scores import scores
from seedbed.sampling.drawing import Drawing

PLACE, NOISE, BOTH, PROMPT = (
    "another place",
    "another noise",
    "another place and noise",
    "another prompt",
)


class _Scorer:
    """Scores of the first category of a pair for latents, under one prompt."""

    def __init__(self, drawing: Drawing, reading: Reading, prompt: str, words):
        condition = drawing.model.encode([prompt])
        self._capture = Capture(drawing.model, condition, [reading.layer], drawing.sampler)
        self._words, self._mode = words, reading.mode

    def __call__(self, latents: torch.Tensor) -> np.ndarray:
        """(n, cells) float."""
        maps = self._capture.paired(latents, [0] * len(latents))[self._capture.layers[0]]
        return scores(of_words(maps, self._words).float(), self._mode)[:, 0].cpu().numpy()


def spread(pairs: Sequence[tuple[str, str]], count: int) -> list[tuple[str, str]]:
    """``count`` pairs, or all if there are fewer, evenly from a sorted list."""
    count = min(count, len(pairs))
    return [pairs[k * len(pairs) // count] for k in range(count)]


def other_prompt(first: str, second: str, adjective: str, article: str = "literal") -> str:
    """The same objects in other words, as the paper's "black dog": ``a red apple and a boat``."""
    return pair_prompt(f"{adjective} {first}", second, article)


def _placed(score: _Scorer, blocks, latents: torch.Tensor, cells: np.ndarray) -> np.ndarray:
    """Scores of blocks put into the cells of latents, one each."""
    placed = [moved(b, z, c) for b, z, c in zip(blocks, latents, cells, strict=True)]
    return score(torch.stack(placed))[np.arange(len(cells)), cells]


def property_rows(
    drawing: Drawing,
    reading: Reading,
    pairs: Sequence[tuple[str, str]],
    adjectives: Sequence[str],
    first_noise: int,
    moves: int,
    seed: int,
) -> pd.DataFrame:
    """Scores of tickets before and after a move or another prompt.

    Args:
        drawing: gives the noises and their first-step maps.
        reading: how maps become scores.
        pairs: category pairs; tickets are scored for the first of each.
        adjectives: used in turn for the other prompt.
        first_noise: noises are those of ``first_noise`` on, 2 × ``moves`` for each pair.
        moves: tickets per pair and test, each from a noise of its own, in a cell drawn at random.
        seed: of cells.

    Returns:
        ``test``, ``first``, ``second``, ``category``, ``before``, ``after``, and ``control``: the
        score of a block drawn at random where the ticket's ``after`` was measured.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for k, pair in enumerate(pairs):
        first = first_noise + 2 * moves * k
        latents = torch.stack([drawing.latent(first + i) for i in range(2 * moves)])
        home, away = latents[:moves], latents[moves:]
        words = word_positions(drawing.model.tokenizer, pair, False, reading.article)
        score = _Scorer(drawing, reading, pair_prompt(*pair, reading.article), words)
        at_home = score(home)
        grid = side_of(at_home.shape[1])
        cells = grid * grid
        rows = np.arange(moves)
        cell = rng.integers(cells, size=moves)
        elsewhere = (cell + rng.integers(1, cells, size=moves)) % cells
        other = rng.integers(cells, size=moves)
        blocks = [to_blocks(z, grid) for z in home]
        ticket = [b[c] for b, c in zip(blocks, cell, strict=True)]
        # A block of the next noise over, so that chance alone joins it to the ticket.
        chance = [blocks[(i + 1) % moves][c] for i, c in enumerate(other)]

        text = other_prompt(*pair, adjectives[k % len(adjectives)], reading.article)
        named = (
            phrase_positions(drawing.model.tokenizer, text, pair[0].lower()),
            phrase_positions(
                drawing.model.tokenizer, text, pair[1].lower(), start=len(text) - len(pair[1])
            ),
        )
        reworded = _Scorer(drawing, reading, text, named)
        destinations = {
            PLACE: (score, home, elsewhere),
            NOISE: (score, away, cell),
            BOTH: (score, away, elsewhere),
            PROMPT: (reworded, home, cell),
        }
        for test, (scorer, latents_there, where) in destinations.items():
            values = _placed(scorer, ticket, latents_there, where)
            control = _placed(scorer, chance, latents_there, where)
            parts.append(
                pd.DataFrame(
                    {
                        "test": test,
                        "first": pair[0],
                        "second": pair[1],
                        "category": pair[0],
                        "before": at_home[rows, cell].astype(float),
                        "after": values.astype(float),
                        "control": control.astype(float),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)
