"""The config of the Storybook models' training: a file of its own (``configs/training.yaml``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seedbed.config import schema
from seedbed.config.messages import ConfigError

# Recipes that compute in the precision of their schedule (``storybook.recipes``).
_AUTOCAST = ("text_to_image", "turbo.schedule", "turbo.matching", "inpaint.schedule")


def complete_training(config: Mapping) -> dict:
    """A copy of a training config with every default filled in.

    Raises:
        ConfigError: one line for each faulty key.
    """
    copy = schema.plain(config)
    faults = schema.faults(copy, "training")
    if not faults:
        copy = schema.filled(copy, schema.schema("training"))
        faults = [*_scene_faults(copy), *_precision_faults(copy)]
    if faults:
        raise ConfigError("\n".join(f"training: {line}" for line in faults))
    return copy


def _scene_faults(config: Mapping) -> list[str]:
    scenes, pairs = config["scenes"], config["turbo"]["pairs"]
    faults = [
        f"scenes.{part}.mix: the shares add up to {sum(entry['mix']):.9g}, not to 1; correct them"
        for part, entry in scenes.items()
        if abs(sum(entry["mix"]) - 1) > 1e-8
    ]
    if pairs > scenes["generator"]["count"]:
        faults.append(
            f"turbo.pairs: {pairs} pairs, each with a caption of its own, but "
            f"scenes.generator.count is {scenes['generator']['count']}; lower it"
        )
    return faults


def schedules(config: Mapping, path: str = "") -> Iterator[tuple[str, dict]]:
    """Every training schedule of a training config, by its dotted key."""
    for key, entry in config.items():
        if isinstance(entry, Mapping):
            where = f"{path}.{key}" if path else key
            if "lr" in entry:
                yield where, entry
            yield from schedules(entry, where)


def _precision_faults(config: Mapping) -> list[str]:
    return [
        f"{key}.precision: this recipe computes in float32 only; leave it out"
        for key, entry in schedules(config)
        if entry["precision"] != "float32" and key not in _AUTOCAST
    ]
