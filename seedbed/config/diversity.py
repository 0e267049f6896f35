"""Checks of ``good_seed.composition`` and ``good_seed.diversity`` that no schema can say."""

from __future__ import annotations

from collections.abc import Mapping

from seedbed.config.messages import unknown
from seedbed.good_seed.design import design_of
from seedbed.good_seed.diversity_arms import STYLE, aims_of


def faults(config: Mapping) -> list[str]:
    """One line for each fault in a config that is complete."""
    return [*_composition_faults(config), *_diversity_faults(config)]


def _composition_faults(config: Mapping) -> list[str]:
    entry = config["good_seed"]["composition"]
    lines = [
        unknown(f"good_seed.composition.{key}", entry[key], config[section], section)
        for key, section in (("segmenter", "segmenters"), ("depth", "depths"))
        if entry[key] is not None and entry[key] not in config[section]
    ]
    if entry["segmenter"] and not entry["depth"]:
        lines.append(
            "good_seed.composition.depth: null beside a segmenter, and a composition has a depth; "
            "name one of depths, or set good_seed.composition.segmenter to null"
        )
    return lines


def _diversity_faults(config: Mapping) -> list[str]:
    study, lines = config["good_seed"], []
    aims = aims_of(study)
    for model in study["models"]:
        design = design_of(study, model)
        if not aims or not design["survey"]["prompts"]:
            continue
        span, trial = design["survey"]["seeds"], design["diversity"]
        seeds, wanted = span["stop"] - span["start"], trial["count"] * trial["trials"]
        if 0 < seeds < wanted:
            lines.append(
                f"good_seed.diversity: {trial['trials']} trials of {trial['count']} different "
                f"seeds, and the survey of {model} has {seeds}; lower count or trials, or enlarge "
                "survey.seeds"
            )
        test = design["splits"]["test"]
        prompts = test["stop"] - test["start"]
        if STYLE in aims and 0 < prompts < trial["prompts"]:
            lines.append(
                f"good_seed.diversity.prompts: {trial['prompts']}, and the test split of {model} "
                f"has {prompts} prompts; lower it or enlarge splits.test"
            )
    return lines
