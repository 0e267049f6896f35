"""Faults of a configuration as lines: the dotted key, what is wrong, the nearest spelling."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_REMEDIES = {
    "minimum": "raise it",
    "exclusiveMinimum": "raise it",
    "maximum": "lower it",
    "exclusiveMaximum": "lower it",
    "minItems": "add to it",
    "minLength": "fill it",
    "minProperties": "add to it",
    "maxItems": "shorten it",
    "maxLength": "shorten it",
    "uniqueItems": "keep one of each",
}


class ConfigError(ValueError):
    """The configuration is unusable; the message has one line per fault."""


def shown(part: object) -> str:
    """A key, or a file's name, as a line can hold it."""
    text = str(part)
    text = text if text.isprintable() else repr(text)
    return text if len(text) <= 200 else f"{text[:199]}…"


def brief(value: object, width: int = 100) -> str:
    """A value as a line can hold it: its beginning, where it is long."""
    try:
        text = repr(value)
    except ValueError:  # Python writes no whole number of thousands of digits
        return "a number of thousands of digits"
    return text if len(text) <= width else f"{text[: width - 1]}…"


def dotted(path: Iterable) -> str:
    """The place of a key: its parents and itself, with dots between them."""
    return ".".join(map(shown, path)) or "(top level)"


def suggest(name: object, known: Iterable) -> str:
    """How to go on after an unknown name: the nearest one, or all there are."""
    known = sorted(map(str, known))
    close = difflib.get_close_matches(str(name), known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(known) or 'none'}"


def unknown(key: str, name: object, known: Iterable, table: str) -> str:
    """The line about a name that its table does not have."""
    return f"{key}: unknown name {brief(name)}{suggest(name, known)} (see {table})"


def lines_of(error) -> list[str]:
    """The lines about one error of ``jsonschema``."""
    path = list(error.absolute_path)
    where, given = dotted(path), brief(error.instance)
    if "propertyNames" in error.relative_schema_path:
        return [_name_line(path, error)]
    if error.validator == "oneOf":
        return _kind_lines(error)
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        return [
            f"{dotted([*path, key])}: unknown key{suggest(key, known)}"
            for key in error.instance
            if key not in known
        ]
    if error.validator == "required":
        return [
            f"{dotted([*path, key])}: missing; add it"
            for key in error.validator_value
            if key not in error.instance
        ]
    if error.validator == "pattern":
        return [f"{where}: {given} is not {error.schema['means']}; change it"]
    if error.validator in ("enum", "const"):
        values = error.validator_value
        allowed = values if error.validator == "enum" else [values]
        words = ", ".join("null" if value is None else str(value) for value in allowed)
        return [f"{where}: {given} is not one of {words}; choose one"]
    if error.validator == "type":
        wanted = error.validator_value
        wanted = " or ".join(wanted) if isinstance(wanted, list) else wanted
        return [f"{where}: {given} is not of type {wanted}; write one"]
    said = error.message.replace(repr(error.instance), given)
    return [f"{where}: {said}; {_REMEDIES.get(error.validator, 'change it')}"]


def _name_line(path: list, error) -> str:
    """About a key that a table may not have."""
    if error.validator == "enum":
        key = dotted([*path, error.instance])
        return f"{key}: unknown key{suggest(error.instance, error.validator_value)}"
    wanted = error.schema.get("means", "a name")
    return f"{dotted(path)}: {brief(error.instance)} is not {wanted}; rename it"


def _of_its_kind(error) -> list:
    """Of a set of alternatives told apart by ``kind``, the faults within the one meant."""
    branches: dict[int, list] = {}
    for sub in error.context:
        branches.setdefault(sub.schema_path[0], []).append(sub)
    for faults in branches.values():
        if not any(list(fault.path) == ["kind"] for fault in faults):
            return faults
    return []


def _kind_lines(error) -> list[str]:
    where = dotted([*error.absolute_path, "kind"])
    entry = error.instance
    if isinstance(entry, dict) and "kind" not in entry:
        return [f"{where}: missing; add it"]
    if faults := _of_its_kind(error):
        return [line for fault in faults for line in lines_of(fault)]
    specs = [branch["properties"]["kind"] for branch in error.validator_value]
    kinds = [kind for spec in specs for kind in spec.get("enum", [spec.get("const")])]
    return [f"{where}: {brief(entry['kind'])} is not one of {', '.join(kinds)}; choose one"]
