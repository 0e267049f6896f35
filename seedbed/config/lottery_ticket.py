"""Checks of ``lottery_ticket`` that its schema cannot say: names, methods, counts, tuning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from seedbed.config.messages import unknown

# What a constant must be, where "a number from 0" is not enough.
_POSITIVE = ("weight", "step_size", "grid")
_WHOLE = ("grid", "max_refinements")


def faults(config: Mapping) -> list[str]:
    """One line for each fault of the section in a config that is complete."""
    parts = (
        _name_faults,
        _family_faults,
        _method_faults,
        _value_faults,
        _layout_faults,
        _count_faults,
        _tuning_faults,
        _choice_faults,
    )
    return [line for part in parts for line in part(config["lottery_ticket"], config)]


def _tuned(study: Mapping) -> dict[str, tuple[str, ...]]:
    """The controls whose constants are chosen, with those constants; a detector chooses."""
    from seedbed.lottery_ticket.comparison.methods import controls

    return controls(study["methods"]) if study["detectors"] else {}


def _name_faults(study: Mapping, config: Mapping) -> list[str]:
    named = [("models", name, "models") for name in study["models"]]
    named += [("detectors", name, "detectors") for name in study["detectors"]]
    named.append(("layouts", study["layouts"], "layouts"))
    if _tuned(study) and study["tuning"]["layouts"] is not None:
        named.append(("tuning.layouts", study["tuning"]["layouts"], "layouts"))
    return [
        unknown(f"lottery_ticket.{key}", name, config[table], table)
        for key, name, table in named
        if name not in config[table]
    ]


def _family_faults(study: Mapping, config: Mapping) -> list[str]:
    from seedbed.models.registry import families, reads_attention

    readable = " and ".join(repr(family) for family in families() if reads_attention(family))
    chosen = {n: config["models"][n]["family"] for n in study["models"] if n in config["models"]}
    return [
        f"lottery_ticket.models: {name!r} is of family {family!r}; first-step maps are read from "
        f"family {readable} only"
        for name, family in chosen.items()
        if not reads_attention(family)
    ]


def _method_faults(study: Mapping, _: Mapping) -> list[str]:
    from seedbed.lottery_ticket.comparison.methods import METHODS

    present = study["methods"]
    partners = {name: METHODS[name].partner for name in present}
    lines = [
        f"lottery_ticket.methods: {partner!r} is missing, against which {name!r} is tested; add it"
        for name, partner in partners.items()
        if partner and partner not in present
    ]
    if "semi" not in present:
        lines.append("lottery_ticket.methods: 'semi' is missing, which Table 2 varies; add it")
    return lines + _twin_faults(study)


def _twin_faults(study: Mapping) -> list[str]:
    """Methods and settings that would draw what SemI by the config's rule draws."""
    from seedbed.lottery_ticket.comparison.methods import METHODS

    rule = study["rule"]
    lines = [
        f"lottery_ticket.methods: {name!r} draws what lottery_ticket.rule makes 'semi' draw; "
        "leave it out"
        for name in study["methods"]
        if METHODS[name].rule and {**rule, **METHODS[name].rule} == rule
    ]
    for key, changed in (
        ("presets", lambda value: {"preset": value, "t_obj": None, "t_bg": None}),
        ("positions", lambda value: {"positions": value}),
    ):
        lines += [
            f"lottery_ticket.sensitivity.{key}: {value!r} is lottery_ticket.rule's own; Table 2 "
            "needs others"
            for value in study["sensitivity"][key]
            if {**rule, **changed(value)} == rule
        ]
    return lines


def _value_faults(study: Mapping, _: Mapping) -> list[str]:
    lines = []
    if study["confidences"] != sorted(set(study["confidences"]), reverse=True):
        lines.append(
            "lottery_ticket.confidences: give them in falling order, each once; the first is the "
            "main one"
        )
    for key in ("noises", "t_obj", "t_bg"):
        # Settings bear their values in their names, to six digits.
        names = Counter(f"{value:g}" for value in study["sensitivity"][key])
        lines += [
            f"lottery_ticket.sensitivity.{key}: {times} values would all be called {name}; keep one"
            for name, times in names.items()
            if times > 1
        ]
    return lines


def _sizes(study: Mapping, config: Mapping) -> dict[str, int]:
    """How many layouts the sets hold that are drawn."""
    used = [study["layouts"], *([study["tuning"]["layouts"]] if _tuned(study) else [])]
    entries = {name: config["layouts"][name] for name in used if name in config["layouts"]}
    return {name: entry["one"] + entry["two"] for name, entry in entries.items()}


def _layout_faults(study: Mapping, config: Mapping) -> list[str]:
    noises, lines = study["noises"], []
    for name, count in _sizes(study, config).items():
        if count == 0:
            lines.append(f"layouts.{name}: no layouts; raise one or two")
        first, stop = study["base_seed"], study["base_seed"] + count
        if count and noises["start"] < stop and first < noises["start"] + noises["count"]:
            lines.append(
                f"lottery_ticket.base_seed: the noises of layouts.{name} ({first} to {stop - 1}) "
                "meet those of lottery_ticket.noises; tickets must come from other noises"
            )
    return lines


def _count_faults(study: Mapping, config: Mapping) -> list[str]:
    noises, smaller = study["noises"]["count"], ("layers", "single_prompts")
    used = [(f"{name}.noises", study[name]["noises"]) for name in smaller]
    used += [("sensitivity.noises", n) for n in study["sensitivity"]["noises"]]
    lines = [
        f"lottery_ticket.{key}: {value} noises, but lottery_ticket.noises.count is {noises}; "
        "lower it"
        for key, value in used
        if value > noises
    ]
    size = _sizes(study, config).get(study["layouts"])
    lines += [
        f"lottery_ticket.{name}.layouts: {study[name]['layouts']} layouts, but "
        f"layouts.{study['layouts']} has {size}; lower it"
        for name in smaller
        if size is not None and study[name]["layouts"] > size
    ]
    return lines


def _tuning_faults(study: Mapping, _: Mapping) -> list[str]:
    tuning, tuned, lines = study["tuning"], _tuned(study), []
    if not tuned:
        return []
    if tuning["layouts"] is None:
        lines.append("lottery_ticket.tuning.layouts: missing; name layouts to choose constants on")
    if tuning["layouts"] == study["layouts"]:
        lines.append(
            "lottery_ticket.tuning.layouts: the same set as lottery_ticket.layouts; constants must "
            "not be chosen on the layouts that methods are compared on"
        )
    grids = {control: tuning.get(control) or {} for control in tuned}
    lines += [
        f"lottery_ticket.tuning.{control}: no choices, but a method uses this control; give one"
        for control, grid in grids.items()
        if not grid
    ]
    # One constant after another: the first choice, and each further value of each constant.
    numbers = {name: 1 + sum(len(v) - 1 for v in grid.values()) for name, grid in grids.items()}
    # Methods that could choose among more would be favoured.
    if all(grids.values()) and len(set(numbers.values())) > 1:
        lines.append(
            "lottery_ticket.tuning: every control needs the same number of choices, not "
            + ", ".join(f"{name} {n}" for name, n in numbers.items())
            + "; even them out"
        )
    return lines


def _choice_faults(study: Mapping, _: Mapping) -> list[str]:
    from seedbed.lottery_ticket.comparison.methods import controls

    if not study["detectors"]:
        return []
    lines = []
    for control, constants in controls().items():
        grid = study["tuning"].get(control) or {}
        where = f"lottery_ticket.tuning.{control}"
        if grid and set(grid) != set(constants):
            lines.append(
                f"{where}: give exactly {', '.join(constants)}; this has {', '.join(grid)}"
            )
        for name, values in grid.items():
            lines += _values_faults(f"{where}.{name}", name, values)
    return lines


def _values_faults(where: str, name: str, values: list) -> list[str]:
    lines = []
    for number, value in enumerate(values):
        if name in _WHOLE and type(value) is not int:
            lines.append(f"{where}.{number}: {value!r} is not of type integer; write one")
        if name in _POSITIVE and value <= 0:
            lines.append(f"{where}.{number}: {value!r} is not above 0; raise it")
    if values != sorted(set(values)):
        lines.append(f"{where}: give the values in rising order, each once")
    return lines
