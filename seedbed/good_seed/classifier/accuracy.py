"""How often the seed of a test picture is named, against chance.

Pictures of one prompt are alike, so that prompts are the units that are drawn anew: also where the
split is by picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from seedbed.statistics.bootstrap import percentile_interval, ratio_resamples
from seedbed.statistics.verdicts import sign_flip_p, verdict

REACHED = 0.95
"""Share of the last validation accuracy at which it counts as reached."""


@dataclass(frozen=True)
class Accuracy:
    """Share of test pictures whose seed is named.

    Attributes:
        value, low, high: the share and its interval.
        chance: 1 / S of S seeds.
        p_value: that the share is that of chance (signs of the prompts' differences flipped).
        verdict: ``higher`` or ``lower`` than chance, ``level`` (within 0 and twice chance),
            ``undecided``.
        n_pictures, n_prompts: what it rests on.
    """

    value: float
    low: float
    high: float
    chance: float
    p_value: float
    verdict: str
    n_pictures: int
    n_prompts: int


def accuracy(hits: pd.DataFrame, statistics: dict) -> Accuracy:
    """Accuracy of one training on its test pictures.

    The interval resamples prompts with all their pictures. Where no picture or every picture is
    named right, no resample differs: then it is the exact binomial one over pictures.

    Args:
        hits: ``seed``, ``prompt_id``, ``said`` of every test picture.
        statistics: ``bootstrap``, ``permutations``, ``level``, ``seed``.
    """
    right = (hits["said"] == hits["seed"]).astype(np.float64)
    of_prompt = right.groupby(hits["prompt_id"]).agg(["sum", "size"])
    sums, sizes = (of_prompt[k].to_numpy(np.float64) for k in ("sum", "size"))
    n, value, chance = len(hits), float(right.mean()), 1 / hits["seed"].nunique()
    level, rng = statistics["level"], np.random.default_rng(statistics["seed"])
    drawn = ratio_resamples(sums[:, None], sizes, statistics["bootstrap"], rng)[:, 0]
    wide, narrow = (
        _exact(value, n, at) if value in (0.0, 1.0) else percentile_interval(drawn, at)
        for at in (level, 2 * level - 1)
    )
    p = float(sign_flip_p(sums - chance * sizes, statistics["permutations"], rng))
    said = verdict(
        (wide[0] - chance, wide[1] - chance),
        p,
        (narrow[0] - chance, narrow[1] - chance),
        margin=chance,
        alpha=1 - level,
    )
    low, high = map(float, wide)
    return Accuracy(value, low, high, chance, p, said, n, len(of_prompt))


def _exact(value: float, n: int, level: float) -> tuple[float, float]:
    """Clopper and Pearson's interval of 0 or n hits in n."""
    bound = float(stats.beta.ppf((1 - level) / 2, n, 1))
    return (bound, 1.0) if value == 1 else (0.0, 1 - bound)


def epochs_to_reach(val_accuracy: np.ndarray) -> int:
    """The first epoch, from 1, after which validation accuracy is ``REACHED`` of its last."""
    values = np.asarray(val_accuracy)
    return int(np.argmax(values >= REACHED * values[-1])) + 1
