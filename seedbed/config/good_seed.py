"""Checks of ``good_seed`` that its schema cannot say: names, ranges, counts, the swap."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter

from seedbed.config import (
    diversity,
    good_seed_classifier,
    good_seed_inpainting,
    good_seed_particle_guidance,
    good_seed_style,
)
from seedbed.config.messages import unknown
from seedbed.good_seed.design import KEYS, design_of
from seedbed.prompts.splits import overlaps


def swap_model(config: Mapping) -> str | None:
    """The model whose seeds are swapped: the one named, or the first with steps to swap after."""
    study, models = config["good_seed"], config["models"]
    several = (name for name in study["models"] if models.get(name, {}).get("steps", 0) > 1)
    given = study["swap"]["model"]
    return next(several, None) if given is None else given


def faults(config: Mapping) -> list[str]:
    """One line for each fault of the section in a config that is complete."""
    parts = (
        _name_faults,
        _design_faults,
        _range_faults,
        _pool_faults,
        _swap_faults,
        _survey_faults,
        _count_faults,
        good_seed_inpainting.faults,
        good_seed_particle_guidance.faults,
        good_seed_classifier.faults,
        good_seed_style.faults,
        diversity.faults,
    )
    return [line for part in parts for line in part(config)]


def _name_faults(config: Mapping) -> list[str]:
    study = config["good_seed"]
    named = [
        (f"good_seed.{key}", name, table)
        for key, names, table in (
            ("models", study["models"], "models"),
            ("extractors", study["extractors"], "extractors"),
            ("scorers", study["scorers"], "scorers"),
            ("reference", [study["reference"]], "references"),
            ("prompts", [study["prompts"]], "prompts"),
            ("transfer_prompts", [study["transfer_prompts"]], "prompts"),
            ("survey.prompts", [study["survey"]["prompts"]], "prompts"),
            ("kinds_figure.prompts", study["kinds_figure"]["prompts"], "prompts"),
            ("library.prompts", study["library"]["prompts"], "prompts"),
            ("swap.model", [study["swap"]["model"]], "models"),
        )
        for name in names
        if name is not None
    ]
    return [
        unknown(key, name, config[table], table)
        for key, name, table in named
        if name not in config[table]
    ]


def _design_faults(config: Mapping) -> list[str]:
    study = config["good_seed"]
    lines = [
        unknown("good_seed.designs", name, config["models"], "models")
        for name in study["designs"]
        if name not in config["models"]
    ]
    for name, own in study["designs"].items():
        prompts = own.get("survey", {}).get("prompts")
        if prompts is not None and prompts not in config["prompts"]:
            key = f"good_seed.designs.{name}.survey.prompts"
            lines.append(unknown(key, prompts, config["prompts"], "prompts"))
    return lines


def places(config: Mapping) -> list[tuple[str, dict]]:
    """The study and the models' designs that differ from it: where each is in the config."""
    study = config["good_seed"]
    found = [("good_seed", {key: study[key] for key in KEYS})]
    found += [
        (f"good_seed.designs.{model}", design_of(study, model))
        for model in study["models"]
        if model in study["designs"]
    ]
    return found


def _range_faults(config: Mapping) -> list[str]:
    study, lines = config["good_seed"], []
    for where, design in places(config):
        spans = {f"{where}.splits.{name}": span for name, span in design["splits"].items()}
        seeds = {f"{where}.pool": design["pool"]}
        lines += overlaps(seeds) + overlaps(spans)
        lines += overlaps({f"{where}.survey.seeds": design["survey"]["seeds"]})
    if study["transfer_prompts"] == study["prompts"]:
        lines.append(
            "good_seed.transfer_prompts: the same set as good_seed.prompts; golden seeds must not "
            "be chosen and judged on the same prompts"
        )
    return lines


def _pool_faults(config: Mapping) -> list[str]:
    return [line for where, design in places(config) for line in _pool_of(config, where, design)]


def _pool_of(config: Mapping, where: str, design: Mapping) -> list[str]:
    study, lines = config["good_seed"], []
    size = design["pool"]["stop"] - design["pool"]["start"]
    extremes = study["extremes_figure"]["seeds"]
    if 0 < size < 2 * extremes:
        lines.append(
            f"good_seed.extremes_figure.seeds: {extremes} best and {extremes} worst seeds of a "
            f"pool of {size}; lower it or enlarge {where}.pool"
        )
    if round(size * study["golden_share"]) < 2:
        lines.append(
            "good_seed.golden_share: the top share of the pool holds fewer than 2 seeds; "
            f"raise it or enlarge {where}.pool"
        )
    spans = [design["splits"][name] for name in ("set1", "set2")]
    prompts = sum(span["stop"] - span["start"] for span in spans)
    if 0 < prompts < study["extremes_figure"]["prompts"]:
        lines.append(
            "good_seed.extremes_figure.prompts: more prompts than set1 and set2 of "
            f"{where}.splits have together ({prompts}); lower it or enlarge them"
        )
    return lines


def _survey_faults(config: Mapping) -> list[str]:
    lines = []
    for where, design in places(config):
        survey = design["survey"]
        # Of a file or a download, the rows are known only once it is read.
        count = config["prompts"].get(survey["prompts"], {}).get("count")
        wanted = survey["objects"] * survey["modifiers"]
        if count is not None and count < wanted:
            lines.append(
                f"{where}.survey: asks for {wanted} prompts and prompts.{survey['prompts']}.count "
                f"is {count}; lower survey.objects or survey.modifiers, or raise it"
            )
    return lines


def _swap_faults(config: Mapping) -> list[str]:
    swap, studied, lines = config["good_seed"]["swap"], config["good_seed"]["models"], []
    name = swap["model"]
    if studied and name in config["models"] and name not in studied:
        lines.append(
            f"good_seed.swap.model: {name!r} is not among good_seed.models, so Figure 2 would be "
            "of a model that the run does not study; name one of them, or null for the first fit"
        )
    if config["models"].get(name, {}).get("steps") == 1:
        lines.append(
            "good_seed.swap.model: a one-step model has no step to swap after; name another"
        )
    if max(swap["after_steps"]) >= swap["steps"]:
        lines.append(
            "good_seed.swap.after_steps: must stay below good_seed.swap.steps "
            f"({swap['steps']}); lower them"
        )
    return lines


def prompts_needed(config: Mapping) -> dict[str, tuple[int, str]]:
    """How many prompts of a set the study reaches, by the set, and which key reaches so far."""
    study = config["good_seed"]
    transfer = study["transfer_prompts"]
    swapped = study["swap"]["pairs"] * study["swap"]["prompts"]
    needs = [
        (transfer, swapped, "good_seed.swap.pairs and prompts reach"),
        (transfer, study["contact_sheet"]["prompts"], "good_seed.contact_sheet.prompts reaches"),
    ]
    for where, design in places(config):
        reached = max(span["stop"] for span in design["splits"].values())
        key = "the splits reach" if where == "good_seed" else f"{where}.splits reach"
        needs.append((study["prompts"], reached, key))
    # The largest need of a set says all.
    return {name: (count, who) for name, count, who in sorted(needs, key=itemgetter(1))}


def _count_faults(config: Mapping) -> list[str]:
    lines = []
    for name, (needed, who) in prompts_needed(config).items():
        # Of a file or a download, the rows are known only once it is read.
        count = config["prompts"].get(name, {}).get("count")
        if count is not None and count < needed:
            lines.append(
                f"prompts.{name}.count: {count} prompts, but {who} up to {needed}; raise it"
            )
    return lines
