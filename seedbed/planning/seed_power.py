"""What seeds × prompts can show, from the variances of a finished run.

A score of a picture is seed + prompt + residual (``statistics.components``). With S seeds, P
prompts and a ratio r of the variances of seed and residual:

- that seeds differ at all: F / (1 + P r) has an F distribution with S − 1 and (S − 1)(P − 1)
  degrees of freedom, so that the power of the F test is exact for normal effects;
- that two seeds differ, by a multiple of the standard deviation between seeds: a paired difference
  of means over P prompts, of variance 2 · residual / P;
- that a ranking repeats: the reliability P r / (1 + P r) of a seed's mean.

Defaults are the Storybook models', measured on 48 seeds × 96 prompts: prompts that a reliability of
.8 needs, 4 / r, by model and score. They are of other models and metrics, and say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, sqrt
from pathlib import Path

from scipy.stats import f, norm

from seedbed import store

STORYBOOK = {
    "storybook-sd": {"preference": 770, "fdi": 410, "mmd": 153},
    "storybook-turbo": {"preference": 420, "fdi": 400, "mmd": 137},
}
"""Prompts for a reliability of .8."""
RELIABLE = 0.8
ALPHA = 0.05
SCORES = ("preference", "fdi", "mmd")
NAMES = {"preference": "preference", "fdi": "influence on FD", "mmd": "MMD"}


@dataclass(frozen=True)
class Ratios:
    """Variance of seeds over that of the residual, of one image.

    Attributes:
        by_score: of each score; only those above 0 can be seen with any number of prompts.
        source: what they were estimated on.
    """

    by_score: Mapping[str, float]
    source: str


def ratios(folder: str | None, steps: int) -> Ratios:
    """Of a finished run, or the Storybook models'.

    Args:
        folder: of a run in results/, or ``None``.
        steps: of the model that is planned for: of one step, or of several.

    Raises:
        ValueError: the folder holds no evidence of seeds.
    """
    if folder is None:
        name = "storybook-turbo" if steps == 1 else "storybook-sd"
        known = {score: 4 / needed for score, needed in STORYBOOK[name].items()}
        return Ratios(known, f"{name}, 48 seeds × 96 prompts (no run named in plan_results)")
    files = sorted(Path(folder).glob("seeds/*/*/evidence.json"))
    if not files:
        raise ValueError(
            f"plan_results: {folder}: no seeds/*/*/evidence.json; name the folder of a finished run"
        )
    found: dict[str, list[float]] = {}
    for path in files:
        evidence = store.read_json(path, ["both_sets"])
        for score, parts in evidence["both_sets"].items():
            # A distance has no residual of one image: its rows are groups of prompts.
            if score in SCORES and parts["residual"]:
                found.setdefault(score, []).append(parts["seed"] / parts["residual"])
    return Ratios(
        {score: sum(values) / len(values) for score, values in found.items()},
        f"{folder}, mean of {len(files)} model(s) and ranking(s)",
    )


def power_of_test(seeds: int, prompts: int, ratio: float, alpha: float = ALPHA) -> float:
    """Power of the F test that seeds differ; two of each at least."""
    freedom = seeds - 1, (seeds - 1) * (prompts - 1)
    bound = f.isf(alpha, *freedom)
    return float(f.sf(bound / (1 + prompts * max(ratio, 0.0)), *freedom))


def prompts_to_tell(seeds: int, ratio: float, power: float, most: int = 10**6) -> int | None:
    """Fewest prompts with which the F test of so many seeds has this power; ``None`` beyond
    ``most``."""
    if power_of_test(seeds, most, ratio) < power:
        return None
    low, high = 1, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (
            (low, middle) if power_of_test(seeds, middle, ratio) >= power else (middle, high)
        )
    return high


def prompts_for_two(effect: float, ratio: float, power: float, alpha: float = ALPHA) -> int | None:
    """Fewest prompts that tell two seeds apart, two-sided.

    Args:
        effect: their difference, in standard deviations between seeds.
        ratio: of variances.
        power: that it is seen.
        alpha: of the test.
    """
    if ratio <= 0:
        return None
    needed = norm.isf(alpha / 2) + norm.ppf(power)
    return ceil(2 * needed**2 / (effect**2 * ratio))


def prompts_to_rank(ratio: float, reliability: float = RELIABLE) -> int | None:
    """Fewest prompts whose means rank seeds with this reliability."""
    # Rounding is no prompt.
    return ceil(reliability / (1 - reliability) / ratio - 1e-6) if ratio > 0 else None


def seen_difference(prompts: int, ratio: float, power: float, alpha: float = ALPHA) -> float:
    """The difference of two seeds, in standard deviations between seeds, seen with this power."""
    return (norm.isf(alpha / 2) + norm.ppf(power)) * sqrt(2 / (prompts * ratio))
