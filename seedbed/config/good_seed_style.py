"""Checks of ``good_seed.style`` and ``good_seed.habits``, and of extractors of Gram features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seedbed.config.messages import unknown

GRAM = "gram"


def faults(config: Mapping) -> list[str]:
    """One line for each fault in a config that is complete."""
    return [*_extractor_faults(config), *_style_faults(config), *_habit_faults(config)]


def _extractor_faults(config: Mapping) -> Iterator[str]:
    for name, entry in config["extractors"].items():
        if (entry["kind"] == GRAM) != (entry["network"] is not None):
            yield (
                f"extractors.{name}.network: goes with kind: {GRAM} and only with it; "
                f"{'name one' if entry['kind'] == GRAM else 'remove it'}"
            )
        if entry["layers"] and entry["kind"] != GRAM:
            yield f"extractors.{name}.layers: goes with kind: {GRAM} only; remove it"
    for name in config["good_seed"]["extractors"]:
        if config["extractors"].get(name, {}).get("kind") == GRAM:
            yield (
                f"good_seed.extractors: {name!r} is of kind {GRAM}, which describes style and "
                "ranks no seeds; name it under good_seed.style.extractor"
            )


def _style_faults(config: Mapping) -> Iterator[str]:
    name = config["good_seed"]["style"]["extractor"]
    if name is None:
        return
    if name not in config["extractors"]:
        yield unknown("good_seed.style.extractor", name, config["extractors"], "extractors")
    elif config["extractors"][name]["kind"] != GRAM:
        kind = config["extractors"][name]["kind"]
        yield (
            f"good_seed.style.extractor: {name!r} is of kind {kind!r}, not {GRAM}; name one that is"
        )


def _habit_faults(config: Mapping) -> Iterator[str]:
    habits = config["good_seed"]["habits"]
    name = habits["detector"]
    if name is not None and name not in config["detectors"]:
        yield unknown("good_seed.habits.detector", name, config["detectors"], "detectors")
    if habits["most_width"] < habits["least_width"]:
        yield "good_seed.habits.most_width: below good_seed.habits.least_width; raise it"
