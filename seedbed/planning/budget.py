"""Counts that fit a number of GPU-hours: the config's own, made smaller together.

Of all pairs of seeds and prompts that cost as much, the one is taken whose F test has the most
power, and of several such the one that ranks seeds reliably, with as many seeds as can be: few
prompts cannot tell seeds apart, however many there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass

from seedbed.plan import Plan
from seedbed.planning.seed_power import power_of_test, prompts_to_rank
from seedbed.planning.shrinking import FEWEST, follow, shrunk
from seedbed.planning.stages import stages
from seedbed.planning.throughput import Machine

SEEDS = (16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
LEAST_SHARE = 1e-4
FILLED = 0.97
"""Of the budget: exchanging seeds for prompts rounds."""
STEP = 0.95
"""Of the share, where that was not enough."""


@dataclass(frozen=True)
class Proposal:
    """Counts of one model that fit.

    Attributes:
        model: in the config.
        seeds: of the pool.
        prompts: of each ranking set.
        power: of the F test.
    """

    model: str
    seeds: int
    prompts: int
    power: float


def proposed(
    config: Mapping, hours: float, machine: Machine, ratio_of: Mapping[str, float]
) -> tuple[dict, list[Proposal], float]:
    """A config whose stages take at most so many hours, or the smallest that there is.

    Args:
        config: complete.
        hours: of the budget.
        machine: that computes.
        ratio_of: by model, of the variances of seed and residual.

    Returns:
        (edited config, what was chosen of each model, its hours). Every count is the config's own
        times one share; seeds and prompts of the ranking then change places, at an equal number of
        pictures, towards the most power.
    """
    low, high = LEAST_SHARE, 1.0
    if total(config, machine) <= hours:
        return deepcopy(dict(config)), _as_it_is(config, ratio_of), total(config, machine)
    for _ in range(24):
        middle = (low * high) ** 0.5
        fits = total(shrunk(config, middle), machine) <= hours * FILLED
        low, high = (middle, high) if fits else (low, middle)
    while True:
        found, chosen = _fitted(config, low, ratio_of)
        # What follows the numbers of prompts, as their captions, may cost more than was counted.
        if total(found, machine) <= hours or low <= LEAST_SHARE:
            return found, chosen, total(found, machine)
        low = max(low * STEP, LEAST_SHARE)


def _as_it_is(config: Mapping, ratio_of: Mapping[str, float]) -> list[Proposal]:
    """The counts of a config that fits as it is."""
    plan, chosen = Plan(config), []
    for model in plan.seeds_of_models:
        span = plan.design(model)["splits"]["set1"]
        counts = len(plan.pool(model)), span["stop"] - span["start"]
        chosen.append(Proposal(model, *counts, power_of_test(*counts, ratio_of[model])))
    return chosen


def total(config: Mapping, machine: Machine) -> float:
    """Hours of all stages."""
    return sum(stage.hours(machine) for stage in stages(Plan(config)))


def _fitted(
    config: Mapping, share: float, ratio_of: Mapping[str, float]
) -> tuple[dict, list[Proposal]]:
    """``shrunk`` with seeds exchanged for prompts, and all that rests on their numbers."""
    found, chosen = shrunk(config, share), []
    for model in found["good_seed"]["models"]:
        seeds, prompts = _best(found, config, model, ratio_of[model])
        _put(found, model, seeds, prompts)
        power = power_of_test(seeds, prompts, ratio_of[model])
        chosen.append(Proposal(model, seeds, prompts, power))
    if chosen:
        follow(found)
    return found, chosen


def _best(found: Mapping, config: Mapping, model: str, ratio: float) -> tuple[int, int]:
    """Seeds and prompts of a set, of as many pictures as the shrunk design draws."""
    plan = Plan(found)
    spans = plan.design(model)["splits"]
    pictures = len(plan.pool(model)) * (spans["set1"]["stop"] - spans["set1"]["start"])
    whole = Plan(config)
    most = len(whole.pool(model))
    splits, share = whole.design(model)["splits"], whole.good_seed["golden_share"]
    longest = min(splits[name]["stop"] - splits[name]["start"] for name in ("set1", "set2"))
    enough_on_top = [s for s in SEEDS if s <= most and round(s * share) >= 2]
    pairs = [(s, min(pictures // s, longest)) for s in enough_on_top]
    pairs = [(s, p) for s, p in pairs if p >= FEWEST["prompts"]]
    pairs = pairs or [(min(most, FEWEST["seeds"]), min(longest, FEWEST["prompts"]))]
    enough = prompts_to_rank(ratio) or longest

    def merit(pair: tuple[int, int]) -> tuple[float, int, int]:
        """Where several have all the power that there is: a reliable ranking, then more seeds."""
        return round(power_of_test(*pair, ratio), 3), min(pair[1], enough), pair[0]

    return max(pairs, key=merit)


def _put(config: dict, model: str, seeds: int, prompts: int) -> None:
    design = config["good_seed"]["designs"].setdefault(model, {})
    plan = Plan(config).design(model)
    test = plan["splits"]["test"]["stop"] - plan["splits"]["test"]["start"]
    start = plan["pool"]["start"]
    design["pool"] = {"start": start, "stop": start + seeds}
    design["splits"] = {
        "set1": {"start": 0, "stop": prompts},
        "set2": {"start": prompts, "stop": 2 * prompts},
        "test": {"start": 2 * prompts, "stop": 2 * prompts + test},
    }
