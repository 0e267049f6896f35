"""Checks of what the sections draw from: names of things, and the counts of the quality check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from seedbed.config.messages import suggest

EVALUATORS = ("extractors", "scorers", "detectors", "segmenters", "depths")
TABLES = ("models", *EVALUATORS, "references", "prompts", "layouts", "pairs")
RESERVED = ("all", "evaluators", "layouts", "reference")
"""Folders and targets of the workflow's own, beside those that bear the names of things."""
# Names that must differ from one another: results of all evaluators lie side by side.
_TOGETHER = (
    ("models",),
    EVALUATORS,
    ("references",),
    ("prompts",),
    ("layouts",),
    ("pairs",),
)


def name_faults(config: Mapping) -> list[str]:
    """Names that the workflow uses itself, and those that some file systems cannot tell apart."""
    named = [("run", config["run"])]
    named += [(f"{table}.{name}", name) for table in TABLES for name in config[table]]
    faults = [
        f"{key}: the name {name!r} is reserved; choose another"
        for key, name in named
        if name.lower() in RESERVED
    ]
    return faults + [line for tables in _TOGETHER for line in _twins(config, tables)]


def _twins(config: Mapping, tables: Sequence[str]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for table in tables:
        for name in config[table]:
            key = f"{table}.{name}"
            first = seen.setdefault(name.lower(), key)
            if first != key:
                yield (
                    f"{key}: the same name as {first}, letter case aside; rename one, or their "
                    "files would meet"
                )


def layout_faults(config: Mapping) -> list[str]:
    """Sets of layouts that leave out the images of one that is not there, or of each other."""
    sets, faults = config["layouts"], []
    for name, entry in sets.items():
        if (entry.get("instances") is None) != (entry.get("captions") is None):
            faults.append(
                f"layouts.{name}: one of instances and captions alone; give both, or neither"
            )
        other, key = entry.get("exclude"), f"layouts.{name}.exclude"
        if other is None:
            continue
        if other not in sets:
            faults.append(f"{key}: unknown name {other!r}{suggest(other, sets)} (see layouts)")
        elif other == name or sets[other].get("exclude") is not None:
            faults.append(
                f"{key}: {other!r} must be another set that excludes none itself; name one"
            )
    return faults


def quality_faults(config: Mapping) -> list[str]:
    """Counts of the quality check that do not fit each other."""
    quality = config["quality"]
    if quality["clip_choices"] <= quality["scenes"]:
        return []
    return [
        f"quality.clip_choices: {quality['clip_choices']} captions to choose from, but "
        f"quality.scenes draws {quality['scenes']}; lower it"
    ]
