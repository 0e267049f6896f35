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
from seedbed.planning.stages import stages
from seedbed.planning.throughput import Machine

FEWEST = {"seeds": 16, "prompts": 24}
SEEDS = (16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
LEAST_SHARE = 1e-4
FILLED = 0.97
"""Of the budget: exchanging seeds for prompts rounds."""


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
    hours *= FILLED
    if total(shrunk(config, high), machine) <= hours:
        low = high
    for _ in range(24 if low < high else 0):
        middle = (low * high) ** 0.5
        fits = total(shrunk(config, middle), machine) <= hours
        low, high = (middle, high) if fits else (low, middle)
    found = shrunk(config, low)
    chosen = []
    for model in found["good_seed"]["models"]:
        seeds, prompts = _best(found, config, model, ratio_of[model])
        _put(found, model, seeds, prompts)
        power = power_of_test(seeds, prompts, ratio_of[model])
        chosen.append(Proposal(model, seeds, prompts, power))
    return found, chosen, total(found, machine)


def total(config: Mapping, machine: Machine) -> float:
    """Hours of all stages."""
    return sum(stage.hours(machine) for stage in stages(Plan(config)))


def shrunk(config: Mapping, share: float) -> dict:
    """A copy with every count that decides how many pictures there are times a share.

    Two counts that are multiplied shrink by its root each.
    """
    found, root = deepcopy(dict(config)), share**0.5
    study = found["good_seed"]
    for where in (study, *study["designs"].values()):
        if "pool" in where:
            _shorten(where["pool"], root, FEWEST["seeds"])
        if "splits" in where:
            start = 0
            for name in ("set1", "set2", "test"):
                span = where["splits"][name]
                size = max(round((span["stop"] - span["start"]) * root), FEWEST["prompts"])
                size = min(size, span["stop"] - span["start"])
                where["splits"][name] = {"start": start, "stop": start + size}
                start += size
        if where.get("transfer_count"):
            where["transfer_count"] = max(round(where["transfer_count"] * root), 16)
        if "seeds" in where.get("survey", {}):
            _shorten(where["survey"]["seeds"], root, FEWEST["seeds"])
        for key in ("objects", "modifiers"):
            if key in where.get("survey", {}):
                where["survey"][key] = max(round(where["survey"][key] * share**0.25), 2)
        if "prompts" in where.get("diversity", {}):
            where["diversity"]["prompts"] = max(round(where["diversity"]["prompts"] * share), 16)
    if study["transfer_count"] is None and share < 1:
        study["transfer_count"] = max(round(1632 * root), 16)
    if study["diversity"].get("composition_prompts"):
        study["diversity"]["composition_prompts"] = study["diversity"]["prompts"]
    if share < 1:
        study["library"] = study["library"] | {"prompts": []}
    _shorten(study["inpainting"]["seeds"], root, FEWEST["seeds"])
    for entry in found["pairs"].values():
        if "count" in entry:
            entry["count"] = max(round(entry["count"] * root), 8)
    for entry in found["prompts"].values():
        if entry["kind"] == "llava":
            entry["count"] = max(round(entry["count"] * root), 64)
    for entry in found["layouts"].values():
        for key in ("one", "two"):
            entry[key] = max(round(entry[key] * share), min(entry[key], 24))
    classifier = study["classifier"]
    if classifier["prompts"]:
        classifier["prompts"] = max(round(classifier["prompts"] * root), 30)
    return found


def _shorten(span: dict, share: float, least: int) -> None:
    size = span["stop"] - span["start"]
    span["stop"] = span["start"] + min(size, max(round(size * share), least))


def _best(found: Mapping, config: Mapping, model: str, ratio: float) -> tuple[int, int]:
    """Seeds and prompts of a set, of as many pictures as the shrunk design draws."""
    plan = Plan(found)
    spans = plan.design(model)["splits"]
    pictures = len(plan.pool(model)) * (spans["set1"]["stop"] - spans["set1"]["start"])
    whole = Plan(config)
    most = len(whole.pool(model))
    longest = whole.design(model)["splits"]["set1"]
    longest = longest["stop"] - longest["start"]
    pairs = [(s, min(pictures // s, longest)) for s in SEEDS if s <= most]
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
