"""Check a run's configuration and say in one line per fault which key is wrong.

The JSON schema (``schemas/config.schema.json``) holds types, ranges and the meaning of
every key; what a schema cannot say, that names refer to things defined, that ranges
are not empty and do not overlap, is checked here.
"""

from __future__ import annotations

import difflib
import json
from pathlib import Path

from seedbed.prompts.splits import overlaps
from seedbed.tickets.arms import PARTNERS

SCHEMA = Path(__file__).resolve().parent.parent / "schemas" / "config.schema.json"


class ConfigError(ValueError):
    """The configuration is unusable; the message has one line per fault."""


def _dotted(path) -> str:
    return ".".join(str(p) for p in path) or "(top level)"


def _suggest(name: str, known) -> str:
    close = difflib.get_close_matches(str(name), list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(sorted(known))}"


def _of_its_kind(error) -> list:
    """Of a set of alternatives told apart by ``kind``, the faults within the one meant."""
    branches: dict[int, list] = {}
    for sub in error.context:
        branches.setdefault(sub.schema_path[0], []).append(sub)
    for faults in branches.values():
        if not any(list(f.path) == ["kind"] for f in faults):
            return faults
    return []


def _kind_lines(error) -> list[str]:
    where = _dotted([*error.absolute_path, "kind"])
    entry = error.instance
    if isinstance(entry, dict) and "kind" not in entry:
        return [f"{where}: missing; add it"]
    if faults := _of_its_kind(error):
        return [line for fault in faults for line in _schema_lines(fault)]
    specs = [branch["properties"]["kind"] for branch in error.validator_value]
    kinds = [kind for spec in specs for kind in spec.get("enum", [spec.get("const")])]
    return [f"{where}: {entry['kind']!r} is not one of {', '.join(kinds)}"]


def _schema_lines(error) -> list[str]:
    where = _dotted(error.absolute_path)
    if error.validator == "oneOf":
        return _kind_lines(error)
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        return [
            f"{_dotted([*error.absolute_path, k])}: unknown key{_suggest(k, known)}"
            for k in error.instance
            if k not in known
        ]
    if error.validator == "required":
        return [
            f"{_dotted([*error.absolute_path, k])}: missing; add it"
            for k in error.validator_value
            if k not in error.instance
        ]
    if error.validator == "enum":
        allowed = ", ".join(map(str, error.validator_value))
        return [f"{where}: {error.instance!r} is not one of {allowed}"]
    if error.validator == "type":
        wanted = error.validator_value
        wanted = " or ".join(wanted) if isinstance(wanted, list) else wanted
        return [f"{where}: {error.instance!r} is not of type {wanted}"]
    return [f"{where}: {error.message}"]


def _reference_faults(config: dict) -> list[str]:
    study = config["good_seed"]
    faults = []
    for key, table in (
        ("models", "models"),
        ("prompts", "prompts"),
        ("transfer_prompts", "prompts"),
        ("extractor", "extractors"),
        ("preference", "preferences"),
    ):
        names = study[key] if isinstance(study[key], list) else [study[key]]
        for name in names:
            if name not in config[table]:
                where = f"good_seed.{key}"
                faults.append(
                    f"{where}: unknown name {name!r}{_suggest(name, config[table])} (see {table})"
                )
            elif table != "prompts" and name not in config["paper"]:
                faults.append(
                    f"paper.{name}: missing; say what it stands beside in the paper's tables"
                )
    for name in study["kinds_figure"]["prompts"]:
        if name not in config["prompts"]:
            faults.append(
                f"good_seed.kinds_figure.prompts: unknown name {name!r}"
                f"{_suggest(name, config['prompts'])} (see prompts)"
            )
    if study["swap"]["model"] not in config["models"]:
        faults.append(
            f"good_seed.swap.model: unknown name {study['swap']['model']!r}"
            f"{_suggest(study['swap']['model'], config['models'])} (see models)"
        )
    return faults


def _range_faults(config: dict) -> list[str]:
    study = config["good_seed"]
    spans = {f"good_seed.splits.{name}": span for name, span in study["splits"].items()}
    faults = overlaps({"good_seed.pool": study["pool"]}) + overlaps(spans)
    if study["transfer_prompts"] == study["prompts"]:
        faults.append(
            "good_seed.transfer_prompts: the same set as good_seed.prompts; golden seeds must not "
            "be chosen and judged on the same prompts"
        )
    size = study["pool"]["stop"] - study["pool"]["start"]
    extremes = study["extremes_figure"]["seeds"]
    if 0 < size < 2 * extremes:
        faults.append(
            f"good_seed.extremes_figure.seeds: {extremes} best and {extremes} worst seeds of a "
            f"pool of {size}; lower it or enlarge good_seed.pool"
        )
    if round(size * study["golden_share"]) < 2:
        faults.append(
            "good_seed.golden_share: the top share of the pool holds fewer than 2 seeds; "
            "raise it or enlarge good_seed.pool"
        )
    return faults


def _swap_faults(config: dict) -> list[str]:
    swap = config["good_seed"]["swap"]
    faults = []
    if config["models"].get(swap["model"], {}).get("steps") == 1:
        faults.append("good_seed.swap.model: a one-step model has no step to swap after")
    if max(swap["after_steps"]) >= swap["steps"]:
        faults.append(
            f"good_seed.swap.after_steps: must stay below good_seed.swap.steps ({swap['steps']})"
        )
    if min(swap["seeds"]) < 0:
        faults.append(f"good_seed.swap.seeds: {min(swap['seeds'])} is negative")
    return faults


def _count_faults(config: dict) -> list[str]:
    study, quality = config["good_seed"], config["quality"]
    faults = []
    for name, needed, who in (
        (study["prompts"], max(s["stop"] for s in study["splits"].values()), "the splits reach"),
        (study["transfer_prompts"], study["swap"]["prompts"], "good_seed.swap.prompts reaches"),
    ):
        count = config["prompts"].get(name, {}).get("count")
        if count is not None and count < needed:
            faults.append(f"prompts.{name}.count: {count} prompts, but {who} up to {needed}")
    if quality["clip_choices"] > quality["scenes"]:
        faults.append(
            f"quality.clip_choices: {quality['clip_choices']} captions to choose from, but "
            f"quality.scenes draws {quality['scenes']}"
        )
    return faults


def _lottery_faults(config: dict) -> list[str]:
    study = config["lottery_ticket"]
    faults = []
    for key, name, known in (
        ("model", study["model"], "models"),
        ("detector", study["detector"], "detectors"),
        ("layouts", study["layouts"], "layouts"),
        ("tuning.layouts", study["tuning"]["layouts"], "layouts"),
    ):
        if name not in config[known]:
            faults.append(
                f"lottery_ticket.{key}: unknown name {name!r}{_suggest(name, config[known])} "
                f"(see {known})"
            )
    if study["tuning"]["layouts"] == study["layouts"]:
        faults.append(
            "lottery_ticket.tuning.layouts: the same set as lottery_ticket.layouts; constants must "
            "not be chosen on the layouts that methods are compared on"
        )
    methods, present = study["methods"], set(study["methods"])
    faults += [
        f"lottery_ticket.methods: {PARTNERS[m]!r} is missing, against which {m!r} is tested"
        for m in methods
        if m in PARTNERS and PARTNERS[m] not in present
    ]
    if study["confidences"] != sorted(set(study["confidences"]), reverse=True):
        faults.append(
            "lottery_ticket.confidences: give them in falling order, each once; the first is the "
            "main one"
        )
    family = config["models"].get(study["model"], {}).get("family", "sd")
    if family != "sd":
        faults.append(
            f"lottery_ticket.model: {study['model']!r} is of family {family!r}; first-step maps "
            "are read from family 'sd' only"
        )
    if "semi" not in present:
        faults.append("lottery_ticket.methods: 'semi' is missing, which Table 2 varies")
    return faults


def _lottery_count_faults(config: dict) -> list[str]:
    study = config["lottery_ticket"]
    noises, faults = study["noises"], []
    counts = {
        name: config["layouts"][name]["one"] + config["layouts"][name]["two"]
        for name in (study["layouts"], study["tuning"]["layouts"])
        if name in config["layouts"]
    }
    for name, count in counts.items():
        if count == 0:
            faults.append(f"layouts.{name}: no layouts; raise one or two")
        bases = range(study["base_seed"], study["base_seed"] + count)
        stop = noises["start"] + noises["count"]
        if bases and noises["start"] < bases.stop and bases.start < stop:
            faults.append(
                f"lottery_ticket.base_seed: the noises of layouts.{name} ({bases.start} to "
                f"{bases.stop - 1}) meet those of lottery_ticket.noises; tickets must come from "
                "other noises"
            )
    for key, value in (
        ("layers.noises", study["layers"]["noises"]),
        *(("sensitivity.noises", n) for n in study["sensitivity"]["noises"]),
    ):
        if value > noises["count"]:
            faults.append(
                f"lottery_ticket.{key}: {value} noises, but lottery_ticket.noises.count is "
                f"{noises['count']}"
            )
    if study["layers"]["layouts"] > counts.get(study["layouts"], study["layers"]["layouts"]):
        faults.append(
            f"lottery_ticket.layers.layouts: {study['layers']['layouts']} layouts, but "
            f"layouts.{study['layouts']} has {counts[study['layouts']]}"
        )
    lengths = {c: len(study["tuning"][c]) for c in ("paint", "soft", "boxdiff")}
    if len(set(lengths.values())) > 1:
        faults.append(
            "lottery_ticket.tuning: every control needs the same number of choices, not "
            + ", ".join(f"{name} {n}" for name, n in lengths.items())
        )
    return faults


def _training_faults(config: dict) -> list[str]:
    training = config["training"]
    scenes, pairs = training["scenes"], training["turbo"]["pairs"]
    faults = [
        f"training.scenes.{part}.mix: the shares add up to {sum(entry['mix']):.9g}, not to 1"
        for part, entry in scenes.items()
        if abs(sum(entry["mix"]) - 1) > 1e-8
    ]
    if pairs > scenes["generator"]["count"]:
        faults.append(
            f"training.turbo.pairs: {pairs} pairs, each with a caption of its own, but "
            f"training.scenes.generator.count is {scenes['generator']['count']}"
        )
    return faults


def check(config: dict) -> None:
    """Raise ``ConfigError`` naming every faulty key; return ``None`` if all is well."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    # JSON calls 8.0 an integer; Python's range does not.
    whole = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, v: type(v) is int)
    validator = extend(Draft202012Validator, type_checker=whole)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    errors = sorted(
        validator(schema).iter_errors(config), key=lambda e: list(map(str, e.absolute_path))
    )
    # One error for each missing key comes with all of them.
    faults = list(dict.fromkeys(line for e in errors for line in _schema_lines(e)))
    if not faults:
        parts = (
            _reference_faults,
            _range_faults,
            _swap_faults,
            _count_faults,
            _lottery_faults,
            _lottery_count_faults,
            _training_faults,
        )
        faults = [line for part in parts for line in part(config)]
    if faults:
        raise ConfigError("\n".join(f"config: {line}" for line in faults))


def seed_ranges(pool: dict, per_job: int) -> dict[str, range]:
    """Cut a pool of seeds into the ranges that jobs handle: ``seeds_0000-0063`` and so on."""
    ranges = {}
    for start in range(pool["start"], pool["stop"], per_job):
        stop = min(start + per_job, pool["stop"])
        ranges[f"seeds_{start:04d}-{stop - 1:04d}"] = range(start, stop)
    return ranges
