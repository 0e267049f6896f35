"""The schemas of config files: read, checked against, and the source of every default.

A schema lies in several files (``schemas/``), one for each section. They are read into one tree
with every ``$ref`` written out and every ``registry`` replaced by the names that the code knows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path

import yaml

from seedbed.config.loader import MAX_DEPTH
from seedbed.config.messages import dotted, lines_of
from seedbed.config.registries import registries

FOLDER = Path(__file__).resolve().parents[2] / "schemas"
MAX_BITS = 10_000
"""Of a whole number; Python refuses to write one of more than 4,300 digits."""
# Faults over which the validator itself would break.
_NESTED, _DIGITS = "nested deeper than", "a number of thousands of digits"
# ``jsonschema`` would go on with its own idea of an integer below a ``$schema``.
_WRITTEN_OUT = ("$schema", "$ref", "$defs", "registry", "partial")


@cache
def source(file: str) -> dict:
    """A schema file as it is written."""
    return yaml.safe_load((FOLDER / file).read_text(encoding="utf-8"))


@cache
def schema(name: str) -> dict:
    """The whole schema ``run`` or ``training``, without references; not to be changed."""
    return _resolved(source(f"{name}.yaml"), f"{name}.yaml")


def _resolved(node: object, file: str) -> object:
    if isinstance(node, list):
        return [_resolved(entry, file) for entry in node]
    if not isinstance(node, dict):
        return node
    own = {k: _resolved(v, file) for k, v in node.items() if k not in _WRITTEN_OUT}
    if "partial" in node:
        own["properties"] = {k: _partial(spec) for k, spec in own["properties"].items()}
    if "registry" in node:
        own["enum"] = list(registries()[node["registry"]])
    if "$ref" not in node:
        return own
    name, _, pointer = node["$ref"].partition("#/")
    target = source(name or file)
    for part in filter(None, pointer.split("/")):
        target = target[part]
    # What stands beside a reference is about this place, so it goes before.
    return {**_resolved(target, name or file), **own}


def _partial(node: object) -> object:
    """A schema of values that take the place of others, where they are given: no key is required,
    and none has a default."""
    if not isinstance(node, dict):
        return node
    kept = {k: _partial(v) for k, v in node.items() if k not in ("default", "required")}
    return kept | {"optional": True} if "type" in node else kept


def plain(value: object) -> object:
    """A copy in dicts and lists, whatever mapping or sequence Snakemake made of it."""
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return value


def faults(config: object, name: str) -> list[str]:
    """One line for everything in a config that its schema does not allow."""
    broken = dict(_unreadable(config))
    if any(_NESTED in line or _DIGITS in line for line in broken.values()):
        return list(broken.values())
    errors = sorted(
        _validator(name).iter_errors(config), key=lambda error: list(map(str, error.absolute_path))
    )
    # One error for each missing key comes with all of them.
    lines = dict.fromkeys(line for error in errors for line in lines_of(error))
    others = [line for line in lines if line.partition(": ")[0] not in broken]
    return [*broken.values(), *others]


def _unreadable(value: object, path: tuple = ()) -> Iterator[tuple[str, str]]:
    """Keys with what no schema can say about them: keys that are no text, numbers that are none."""
    where = dotted(path)
    if len(path) > MAX_DEPTH:
        yield where, f"{where.partition('.')[0]}: {_NESTED} {MAX_DEPTH}; write it flatter"
    elif isinstance(value, dict):
        for key, entry in value.items():
            if not isinstance(key, str):
                place = dotted([*path, key])
                yield place, f"{place}: the key is not text; put it in quotes"
            yield from _unreadable(entry, (*path, key))
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _unreadable(entry, (*path, number))
    elif isinstance(value, int) and value.bit_length() > MAX_BITS:
        yield where, f"{where}: {_DIGITS}; write a smaller one"
    elif isinstance(value, float) and not math.isfinite(value):
        yield where, f"{where}: {value} is not a finite number; write one"


@cache
def _validator(name: str):
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    # JSON calls 8.0 an integer; Python's range does not.
    whole = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, v: type(v) is int)
    return extend(Draft202012Validator, type_checker=whole)(schema(name))


def branch(node: dict, value: object) -> dict:
    """Of alternatives told apart by ``kind``, the one of a value; any other schema is itself."""
    for option in node.get("oneOf", []):
        kind = option["properties"]["kind"]
        if isinstance(value, dict) and value.get("kind") in kind.get("enum", [kind.get("const")]):
            return option
    return node


def filled(value: object, node: dict) -> object:
    """A sound value with every default in place, its keys in the order of the schema."""
    node = branch(node, value)
    if isinstance(value, list):
        return [filled(entry, node.get("items", {})) for entry in value]
    if not isinstance(value, dict):
        return value
    known = node.get("properties", {})
    full = {
        key: filled(value[key] if key in value else deepcopy(spec["default"]), spec)
        for key, spec in known.items()
        if key in value or "default" in spec
    }
    other = node.get("additionalProperties")
    other = other if isinstance(other, dict) else {}
    return full | {key: filled(entry, other) for key, entry in value.items() if key not in known}
