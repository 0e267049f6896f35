"""docs/config.md, written from the schemas: every key with its type, default and meaning.

python -m seedbed.config.docs
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from seedbed.config.schema import schema

PAGE = Path(__file__).resolve().parents[2] / "docs" / "config.md"

_INTRO = """\
# Configuration

Written from `schemas/` by `python -m seedbed.config.docs`; a test keeps the two equal.

`config.yaml` is the default run. Another run overrides what it needs:
`snakemake --cores all --configfile configs/own_model.yaml`. Tables are merged key by key, lists \
and values are replaced. Things are defined in tables by name (letters, digits, `_` and `-`) and \
selected by name in `good_seed` and `lottery_ticket`; what no one selects is not made. A key \
without a default must be given. A faulty config is refused with one line for each key.
"""
_WORDS = {"object": "table"}


def markdown() -> str:
    """The whole page."""
    run, training = schema("run"), schema("training")
    sections = {k: v for k, v in run["properties"].items() if v.get("type") == "object"}
    top = {k: v for k, v in run["properties"].items() if k not in sections}
    parts = [_INTRO, _section("Run", run["description"], {"properties": top}, "")]
    parts += [_section(f"`{n}`", s["description"], s, n) for n, s in sections.items()]
    parts.append(_section("`configs/training.yaml`", training["description"], training, ""))
    return "\n".join(parts)


def _section(title: str, meaning: str, node: dict, name: str) -> str:
    head = (
        f"## {title}\n\n{meaning}\n\n| Key | Type | Default | Meaning |\n| --- | --- | --- | --- |"
    )
    return "\n".join([head, *(f"| {' | '.join(row)} |" for row in _rows(node, name)), ""])


def _rows(node: dict, path: str, known: tuple = ()) -> Iterator[tuple[str, str, str, str]]:
    """Key, type, default and meaning of everything below a node, but for keys that are known."""
    for option in node.get("oneOf", []):
        kind = option["properties"]["kind"]
        kinds = " or ".join(f"`{k}`" for k in kind.get("enum", [kind.get("const")]))
        yield f"`{path}`", f"kind {kinds}", "", f"{option['description']} {kind['description']}"
        yield from _rows(option, path, ("kind",))
    for key, spec in node.get("properties", {}).items():
        where = f"{path}.{key}" if path else key
        if key not in known:
            yield f"`{where}`", _type(spec), _default(spec), spec["description"]
            yield from _rows(spec, where)
    other = node.get("additionalProperties")
    if isinstance(other, dict):
        if "oneOf" not in other:
            names = [n for n in _names(node) if n not in node.get("properties", {})]
            type_ = _type(other) + (f"; names: {_codes(names)}" if names else "")
            yield f"`{path}.<name>`", type_, "", other["description"]
        yield from _rows(other, f"{path}.<name>")
    if isinstance(node.get("items"), dict):
        yield from _rows(node["items"], f"{path}[]")


def _names(node: dict) -> list[str]:
    return node.get("propertyNames", {}).get("enum", [])


def _codes(values: list) -> str:
    return ", ".join(f"`{'null' if value is None else value}`" for value in values)


def _type(spec: dict) -> str:
    """A key's type with its bounds, as readers say it."""
    if "enum" in spec:
        return _codes(spec["enum"])
    if spec["type"] == "array":
        least = spec.get("minItems")
        number = f" of {least}" if least is not None and least == spec.get("maxItems") else ""
        return f"list{number}, each {_type(spec['items'])}"
    types = spec["type"] if isinstance(spec["type"], list) else [spec["type"]]
    given = " or ".join(_WORDS.get(t, t) for t in types if t != "null")
    return given + _bounds(spec) + (" or `null`" if "null" in types else "")


def _bounds(spec: dict) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    # The largest seed is a limit of the machine's, not of the key's.
    limits = [f"{sign} {spec[k]}" for k, sign in signs.items() if k in spec and spec[k] < 2**62]
    return f" {', '.join(limits)}" if limits else ""


def _default(spec: dict) -> str:
    if "optional" in spec:
        return ""
    if "default" not in spec:
        return "required"
    if spec["default"] == {}:
        return ""
    return f"`{json.dumps(spec['default'], ensure_ascii=False)}`"


if __name__ == "__main__":
    PAGE.write_text(markdown(), encoding="utf-8")
