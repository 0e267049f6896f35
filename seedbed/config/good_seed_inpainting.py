"""Checks of ``good_seed.inpainting``, and of where models that fill masks may stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seedbed.config.messages import unknown
from seedbed.models.registry import fills_masks


def faults(config: Mapping) -> list[str]:
    """One line for each fault of the section in a config that is complete."""
    return [*_name_faults(config), *_family_faults(config), *_range_faults(config)]


def _name_faults(config: Mapping) -> Iterator[str]:
    section = config["good_seed"]["inpainting"]
    for key, table in (("model", "models"), ("pairs", "pairs"), ("reader", "detectors")):
        name = section[key]
        if name is not None and name not in config[table]:
            yield unknown(f"good_seed.inpainting.{key}", name, config[table], table)
    if (section["model"] is None) != (section["pairs"] is None):
        yield "good_seed.inpainting: one of model and pairs alone; name both, or neither"


def _family_faults(config: Mapping) -> Iterator[str]:
    models = config["models"]
    study, lottery = config["good_seed"], config["lottery_ticket"]
    for key, names in (
        ("good_seed.models", study["models"]),
        ("lottery_ticket.models", lottery["models"]),
    ):
        for name in names:
            if name in models and fills_masks(models[name]["family"]):
                yield (
                    f"{key}: {name!r} fills masks and draws nothing without one; name it under "
                    "good_seed.inpainting alone"
                )
    name = config["good_seed"]["inpainting"]["model"]
    if name in models and not fills_masks(models[name]["family"]):
        yield (
            f"good_seed.inpainting.model: {name!r} is of family {models[name]['family']!r}, which "
            "fills no masks; name one of family 'sd_inpaint'"
        )


def _range_faults(config: Mapping) -> Iterator[str]:
    seeds = config["good_seed"]["inpainting"]["seeds"]
    if seeds["stop"] <= seeds["start"]:
        yield "good_seed.inpainting.seeds: stop must be above start; raise it"
