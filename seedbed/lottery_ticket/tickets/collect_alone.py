"""Scores from prompts of one object each, which show foreground alone (Lottery Ticket, 3.2).

They are laid out as the scores of pairs, so that all that follows is the same.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
import torch

from seedbed.attention.capture import Capture, of_words
from seedbed.attention.modules import side_of
from seedbed.attention.tokens import phrase_positions
from seedbed.lottery_ticket.tickets.collect import FIXED_POSITIONS, article_of
from seedbed.lottery_ticket.tickets.collection import Collection
from seedbed.lottery_ticket.tickets.reading import Reading
from seedbed.lottery_ticket.tickets.scores import scores
from seedbed.progress import Progress
from seedbed.sampling.denoise import batches
from seedbed.sampling.drawing import Drawing

log = logging.getLogger(__name__)


def alone_prompt(name: str, article: str = "literal") -> str:
    """The prompt of one object, ``a dog``; ``article``: its form (``tickets.collect``)."""
    return f"{article_of(name, article)} {name}".lower()


def collect_alone(
    drawing: Drawing, reading: Reading, pairs: Sequence[tuple[str, str]], seeds: Sequence[int]
) -> Collection:
    """Score every block of the given noises for either category of every pair, each in a prompt
    of its own.

    Args:
        drawing, reading, seeds: as of ``tickets.collect.collect``.
        pairs: category pairs, as the scores are laid out.

    Returns:
        A collection in which the scores of a category are the same in all its pairs, unless the
        reading shares out attention between the words of a pair.

    Raises:
        ValueError: a name cannot be found in its tokenised prompt, or the layer's cells do not
            form a square grid.
    """
    names = list(dict.fromkeys(name for pair in pairs for name in pair))
    tokenizer = drawing.model.tokenizer
    prompts = [alone_prompt(name, reading.article) for name in names]
    words = [
        FIXED_POSITIONS[0]
        if reading.fixed_positions
        else phrase_positions(tokenizer, text, name.lower(), len(text) - len(name))
        for text, name in zip(prompts, names, strict=True)
    ]
    capture = Capture(
        drawing.model, drawing.model.encode(prompts), [reading.layer], drawing.sampler
    )
    (layer,) = capture.layers
    maps = _maps(drawing, capture, layer, words, seeds)
    of_pairs = [[names.index(name) for name in pair] for pair in pairs]
    found = np.stack(
        [scores(maps[:, pair], reading.mode).numpy().astype(np.float16) for pair in of_pairs], 1
    )
    return Collection(
        scores=found,
        seeds=tuple(int(seed) for seed in seeds),
        pairs=tuple((str(a), str(b)) for a, b in pairs),
        grid=side_of(found.shape[-1]),
        shape=tuple(drawing.model.latent_shape),
        stream=drawing.stream,
        origin={
            **{"model": "", "weights": "", "score_mode": reading.mode, "layer": layer},
            "timestep": str(int(capture.timestep)),
            "tokens": "fixed positions" if reading.fixed_positions else "mean of sub-tokens",
            "article": reading.article,
            "positions": "as_read",
        },
    )


def _maps(
    drawing: Drawing,
    capture: Capture,
    layer: str,
    words: Sequence[Sequence[int]],
    seeds: Sequence[int],
) -> torch.Tensor:
    """(noises, names, cells) float32 attention shares of each name in its own prompt."""
    progress, parts = Progress(len(seeds) * len(words), "maps", log), []
    for part in batches(len(seeds), drawing.batch):
        latents = torch.stack([drawing.latent(seed) for seed in seeds[part]])
        rows: dict[int, list[torch.Tensor]] = {p: [] for p in range(len(words))}
        for noises, prompts, maps in capture.grid(latents, drawing.batch):
            for k, p in enumerate(range(len(words))[prompts]):
                rows[p].append(of_words(maps[layer][:, k], [words[p]])[:, 0].float().cpu())
            progress.add((noises.stop - noises.start) * (prompts.stop - prompts.start))
        parts.append(torch.stack([torch.cat(of_name) for of_name in rows.values()], dim=1))
    return torch.cat(parts)
