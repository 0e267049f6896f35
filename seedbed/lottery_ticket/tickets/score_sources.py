"""What a ticket's score is made of: the place of its block, and what is in the block.

The paper holds that the pixel values of a block decide (Lottery Ticket, 2.1). Here scores are
predicted, on noises that the prediction has not seen, from the cell alone, from a few numbers of
the block, and from all of its values. What the block's values predict can travel with it; what
the place predicts cannot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.fft import dctn

from seedbed import noise
from seedbed.lottery_ticket.tickets.blocks import to_blocks
from seedbed.lottery_ticket.tickets.collection import Collection

PLACE = "place"
MEANS, LOW, WHOLE = "mean of each channel", "lowest frequencies", "all values"
SOURCES = (PLACE, MEANS, LOW, WHOLE, f"{PLACE} and {WHOLE}")
"""What scores are predicted from, less before more."""


def frequencies(blocks: np.ndarray) -> dict[str, np.ndarray]:
    """Numbers of blocks, from few to all: orthonormal cosine transforms over each block.

    Args:
        blocks: (n, c, b, b).

    Returns:
        (n, k) by name: ``MEANS``, k = c, the constant of each channel; ``LOW``, k = 3 c, with it
        the lowest frequency down and across; ``WHOLE``, k = c b b, all of them.
    """
    waves = dctn(blocks, axes=(2, 3), norm="ortho")
    low = [(0, 0)] if blocks.shape[-1] == 1 else [(0, 0), (0, 1), (1, 0)]
    return {
        MEANS: waves[:, :, 0, 0],
        LOW: np.concatenate([waves[:, :, y, x] for y, x in low], axis=1),
        WHOLE: waves.reshape(len(waves), -1),
    }


def blocks_of(collection: Collection) -> np.ndarray:
    """Every block of every noise: (tickets, c, b, b) float32."""
    shape, stream = tuple(collection.shape), collection.stream
    return np.concatenate(
        [
            to_blocks(noise.latents(seed, shape, stream), collection.grid).numpy()
            for seed in collection.seeds
        ]
    )


def variance_shares(collection: Collection) -> pd.DataFrame:
    """Share of the variance of scores that each source predicts on noises held out.

    Fitted by least squares on the even noises, judged on the odd: 1 - squared error / squared
    distance to the fitted mean. By chance alone 0 or a little less.

    Args:
        collection: scores as read, of 2 noises or more.

    Returns:
        A row per pair and side, a category in a pair: ``category``, ``versus``, and a column per
        name of ``SOURCES``; NaN where its scores do not vary.
    """
    n, cells = len(collection.seeds), collection.cells
    even = np.repeat(np.arange(n) % 2 == 0, cells)
    numbers = frequencies(blocks_of(collection))
    rows = []
    for a, b in collection.pairs:
        for category, versus in ((a, b), (b, a)):
            scores = collection.score(category, versus).astype(np.float64)
            home = scores[even].reshape(-1, cells).mean(axis=0)
            at_home = np.tile(home, n)
            mean = np.full_like(scores, scores[even].mean())
            found = {PLACE: at_home}
            for name, x in numbers.items():
                found[name] = mean + _fitted(x, scores - mean, even)
            found[SOURCES[-1]] = at_home + _fitted(numbers[WHOLE], scores - at_home, even)
            whole = ((scores - mean)[~even] ** 2).sum()
            shares = {
                name: 1 - ((scores - guess)[~even] ** 2).sum() / whole if whole > 0 else np.nan
                for name, guess in found.items()
            }
            rows.append({"category": category, "versus": versus, **shares})
    return pd.DataFrame(rows)


def _fitted(x: np.ndarray, y: np.ndarray, known: np.ndarray) -> np.ndarray:
    weights, *_ = np.linalg.lstsq(x[known], y[known], rcond=None)
    return x @ weights


@dataclass(frozen=True, eq=False)
class Lean:
    """What of a category's average score (eq. 2) is in its blocks, and what in its places.

    Attributes:
        weights: (c b b,) of a block's values in the order of ``frequencies``.
        spread: standard deviation of the weighted sums over the collection's blocks.
        home: (cells,) mean score of each cell over the noises.
    """

    weights: np.ndarray
    spread: float
    home: np.ndarray

    @classmethod
    def of(cls, collection: Collection, blocks: np.ndarray, category: str) -> Lean:
        """Fitted over all blocks, the place taken out first.

        Args:
            collection: scores as read.
            blocks: ``blocks_of`` it.
            category: one of its names.
        """
        scores = collection.average(category).astype(np.float64).reshape(-1, collection.cells)
        home = scores.mean(axis=0)
        x = frequencies(blocks)[WHOLE]
        weights, *_ = np.linalg.lstsq(x, (scores - home).reshape(-1), rcond=None)
        return cls(weights, float((x @ weights).std()), home)

    def __call__(self, blocks: np.ndarray) -> np.ndarray:
        """How far (n, c, b, b) blocks lean to the category: (n,) in standard deviations."""
        leaning = frequencies(blocks)[WHOLE] @ self.weights
        return leaning / self.spread if self.spread > 0 else np.zeros_like(leaning)
