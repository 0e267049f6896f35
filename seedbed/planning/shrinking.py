"""A config with smaller counts that is still sound, and what has to be written to have it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

from seedbed.config.good_seed import prompts_needed
from seedbed.config.used import used_prompts
from seedbed.good_seed.classifier.groups import counts_of, prompts_of
from seedbed.plan import Plan
from seedbed.planning.stages import rows_of

FEWEST = {"seeds": 16, "prompts": 24}
"""That a pool and a set of prompts shrink to."""


def shrunk(config: Mapping, share: float) -> dict:
    """A copy with every count that decides how many pictures there are times a share.

    Two counts that are multiplied shrink by its root each; none becomes larger than it was, and
    inputs that the run does not use stay as they are.

    Args:
        config: complete.
        share: above 0, at most 1.
    """
    found, root = deepcopy(dict(config)), share**0.5
    study, plan = found["good_seed"], Plan(config)
    designs = (study["designs"].get(model, {}) for model in study["models"])
    for where in (study, *designs):
        _shrink_design(where, study, share)
    if study["models"] and study["transfer_count"] is None and share < 1:
        rows = rows_of(plan, study["transfer_prompts"])
        study["transfer_count"] = _less(rows, root, 16) or None
    if share < 1:
        study["library"]["prompts"] = []
    _shorten(study["inpainting"]["seeds"], root, FEWEST["seeds"])
    if plan.inpainting_model:
        pairs = found["pairs"][study["inpainting"]["pairs"]]
        if "count" in pairs:
            pairs["count"] = _less(pairs["count"], root, 8)
    for name in used_prompts(config):
        entry = found["prompts"][name]
        if entry["kind"] == "llava":
            entry["count"] = _less(entry["count"], root, 64)
    classifier = study["classifier"]
    if classifier["prompts"]:
        classifier["prompts"] = _less(classifier["prompts"], root, 30)
    if plan.ticket_models:
        _shrink_layouts(found, share)
    return found


def _less(count: int, share: float, least: int) -> int:
    """A share of a count, no less than makes sense and no more than it was."""
    return min(count, max(round(count * share), least))


def _shrink_design(where: dict, study: Mapping, share: float) -> None:
    """The counts of the study, or of what one model has otherwise."""
    root = share**0.5
    if "pool" in where:
        _shorten(where["pool"], root, FEWEST["seeds"])
    if "splits" in where:
        start = 0
        for name in ("set1", "set2", "test"):
            span = where["splits"][name]
            size = _less(span["stop"] - span["start"], root, FEWEST["prompts"])
            where["splits"][name] = {"start": start, "stop": start + size}
            start += size
    if where.get("transfer_count"):
        where["transfer_count"] = _less(where["transfer_count"], root, 16)
    survey, trial = where.get("survey", {}), where.get("diversity", {})
    if "seeds" in survey:
        groups = study["diversity"] | trial
        _shorten(survey["seeds"], root, max(FEWEST["seeds"], groups["count"] * groups["trials"]))
    for key in ("objects", "modifiers"):
        if key in survey:
            survey[key] = _less(survey[key], share**0.25, 2)
    for key in ("prompts", "composition_prompts"):
        if trial.get(key):
            trial[key] = _less(trial[key], share, 16)


def _shrink_layouts(found: dict, share: float) -> None:
    """The layouts that are drawn and those that constants are chosen on."""
    lottery = found["lottery_ticket"]
    for name in {lottery["layouts"], lottery["tuning"]["layouts"]} - {None}:
        entry = found["layouts"].get(name, {"one": 0, "two": 0})
        for key in ("one", "two"):
            entry[key] = _less(entry[key], share, 24)
    entry = found["layouts"][lottery["layouts"]]
    for name in ("layers", "single_prompts"):
        few = lottery[name]["layouts"]
        lottery[name]["layouts"] = min(few, entry["one"] + entry["two"])


def _shorten(span: dict, share: float, least: int) -> None:
    span["stop"] = span["start"] + _less(span["stop"] - span["start"], share, least)


def follow(config: dict) -> None:
    """Counts that others must reach, and those that must not be more than others; in its place.

    Args:
        config: of ``shrunk``, with whatever seeds and prompts since.
    """
    study, plan = config["good_seed"], Plan(config)
    needs = {name: needed for name, (needed, _) in prompts_needed(config).items()}
    guided = study["particle_guidance"]
    asked = [(guided["prompts"], guided["count"])]
    for design in plan.designs.values():
        survey = design["survey"]
        asked.append((survey["prompts"], survey["objects"] * survey["modifiers"]))
    for name, count in asked:
        needs[name] = max(needs.get(name, 0), count)
    for name in used_prompts(config):
        entry = config["prompts"][name]
        if entry["kind"] == "llava":
            entry["count"] = max(entry["count"], needs.get(name, 0))
    extremes, settings = study["extremes_figure"], study["classifier"]
    shown = settings["gradcam"]
    for model, design in plan.designs.items():
        seeds = len(plan.pool(model))
        extremes["seeds"] = min(extremes["seeds"], max(seeds // 2, 1))
        if settings["seeds"]:
            prompts = prompts_of(settings, design)
            _, _, test = counts_of(prompts, settings["val_share"], settings["test_share"])
            named = min(seeds, settings["seeds"])
            for key, most in (("prompts", test), ("shown_prompts", test), ("shown_seeds", named)):
                shown[key] = min(shown[key], most)


def difference(config: Mapping, other: Mapping) -> dict:
    """What is to be merged over a config to make it the other, which has every key of it.

    Args:
        config: below.
        other: what it becomes; its lists and values replace those below.
    """
    found = {}
    for key, value in other.items():
        if key not in config:
            found[key] = value
        elif isinstance(value, Mapping) and isinstance(config[key], Mapping):
            if inner := difference(config[key], value):
                found[key] = inner
        elif value != config[key]:
            found[key] = value
    return found
