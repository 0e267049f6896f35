"""The form of a seed card's ``card.json``: a JSON Schema, and a check by the standard library.

The schema is written beside every card. It keeps to the few keywords that ``fault`` knows, so that
who only reads cards needs no validator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

FORMAT, VERSION = "seedbed-card", 1
CARD, SCHEMA, PAGE, TICKETS = "card.json", "card.schema.json", "README.md", "tickets.safetensors"
"""Files of a card's folder."""

THERE, ABSENT = "there", "absent"
SUPPORTED, UNDECIDED, REFUTED = "supported", "undecided", "refuted"
"""What a run says of a list: its claim held on data that chose none of it, cannot be told, or
was found wrong (the contrary, or a difference that does not matter)."""

_TEXT = {"type": "string"}
_MAYBE_TEXT = {"type": ["string", "null"]}
_NUMBER = {"type": ["number", "null"]}
_SHARE = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
_SEED = {"type": "integer", "minimum": 0, "maximum": 2**64 - 1}
_SEEDS = {"type": "array", "items": _SEED}
_COUNTS = {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}}
_VERDICT = {"enum": [SUPPORTED, UNDECIDED, REFUTED, None]}


def _table(required: Mapping[str, Any], **optional: Any) -> dict:
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **optional},
        "additionalProperties": False,
    }


EVIDENCE = _table(
    {
        "what": _TEXT,  # what is claimed or measured
        "measure": _TEXT,
        "value": _NUMBER,
        "low": _NUMBER,
        "high": _NUMBER,
        "level": _SHARE,  # of the interval low to high
        "chance": _NUMBER,  # what chance alone gives
        "chance_is": _TEXT,
        "p_value": _SHARE,
        "p_adjusted": _SHARE,  # where it is one of several
        "n": _COUNTS,
        "verdict": _TEXT,
    }
)
"""One measured number: with interval, n, what chance gives, and what it decides."""

GAIN = _table(
    {
        "measure": _TEXT,
        "value": _NUMBER,
        "better": {"enum": ["higher", "lower"]},
        "kind": {"enum": ["shrunken", "held out"]},
        "about": _TEXT,
    }
)
"""What a list is expected to bring. Shrunken: towards the mean of all seeds, by how far scores
repeat. Held out: measured on prompts that chose none of it, so that there is nothing to shrink."""

ROW = {
    "type": "object",
    "required": ["seed"],
    "properties": {"seed": _SEED},
    "additionalProperties": {"type": ["number", "string", "boolean", "null"]},
}

_STATE = {
    "about": _TEXT,
    "state": {"enum": [THERE, ABSENT]},
    "why": _MAYBE_TEXT,  # it is absent
    "verdict": _VERDICT,
    "says": _TEXT,  # why this verdict, in a sentence
    "evidence": {"type": "array", "items": EVIDENCE},
}

SEEDS = _table(
    {
        **_STATE,
        "seeds": _SEEDS,  # best or strongest first; of diverse seeds the first set
        "next": _SEEDS,  # who would follow, were more wanted than there are
        "sets": {"type": "array", "items": _SEEDS},  # of diverse seeds, each a group by itself
        "rows": {"type": "array", "items": ROW},  # numbers of each seed
        "gain": {"type": "array", "items": GAIN},
    }
)

_SIDES = {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 3, "maxItems": 3}

JSON_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": f"{FORMAT} {VERSION}",
    **_table(
        {
            "format": {"const": FORMAT},
            "version": {"const": VERSION},
            "model": _table(
                {
                    "name": _TEXT,
                    "family": _TEXT,
                    "source": _TEXT,
                    "revision": _MAYBE_TEXT,
                    "weights": _TEXT,
                    "latent_shape": {**_SIDES, "type": ["array", "null"]},
                }
            ),
            "measured_under": _table(
                {
                    "stream": _TEXT,
                    "scheduler": _TEXT,
                    "steps": {"type": "integer", "minimum": 1},
                    "guidance": {"type": "number", "minimum": 0},
                    "eta": {"type": "number", "minimum": 0, "maximum": 1},
                    "precision": _TEXT,
                    "weights": _TEXT,  # their type
                },
                gpu=_MAYBE_TEXT,
            ),
            "made_by": {
                "type": "object",
                "required": ["run", "commit", "config", "seedbed"],
                "properties": {
                    **{"run": _TEXT, "commit": _TEXT, "config": _TEXT, "seedbed": _TEXT}
                },
            },
            "lists": {"type": "object", "additionalProperties": SEEDS},
            "tickets": _table(
                {
                    **_STATE,
                    "file": _MAYBE_TEXT,
                    "sha256": _MAYBE_TEXT,
                    "rule": {"type": ["object", "null"]},
                    "reading": {"type": ["object", "null"]},
                    "noises": _SEEDS,
                    "words": {"type": "array", "items": _TEXT},
                }
            ),
        }
    ),
}

_TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}
_A = {"object": "a table", "array": "a list", "string": "text", "null": "null"} | {
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
}


def fault(value: Any, schema: Mapping = JSON_SCHEMA) -> tuple[str, str] | None:
    """The first thing in which a value is not as a schema says: (key, what is wrong), or ``None``.

    Args:
        value: what JSON gave.
        schema: of the keywords type, const, enum, minimum, maximum, required, properties,
            additionalProperties, items, minItems, maxItems.
    """
    return next(_faults(value, schema, ""), None)


def _faults(value: Any, schema: Mapping, at: str) -> Iterator[tuple[str, str]]:
    wanted = schema.get("type", [])
    wanted = [wanted] if isinstance(wanted, str) else wanted
    if wanted and not any(_is(value, kind) for kind in wanted):
        yield at, f"is {_shown(value)}, not {' or '.join(_A[kind] for kind in wanted)}"
        return
    if "const" in schema and value != schema["const"]:
        yield at, f"is {_shown(value)}, not {_shown(schema['const'])}"
    if "enum" in schema and value not in schema["enum"]:
        yield at, f"is {_shown(value)}, not one of {', '.join(map(_shown, schema['enum']))}"
    if _is(value, "number") and not schema.get("minimum", value) <= value:
        yield at, f"is {_shown(value)}, below {schema['minimum']}"
    if _is(value, "number") and not value <= schema.get("maximum", value):
        yield at, f"is {_shown(value)}, above {schema['maximum']}"
    if isinstance(value, dict):
        yield from _in_table(value, schema, at)
    elif isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield at, f"has {len(value)} items, not {schema.get('minItems')}"
        for place, each in enumerate(value):
            yield from _faults(each, schema.get("items", {}), f"{at}[{place}]")


def _in_table(value: dict, schema: Mapping, at: str) -> Iterator[tuple[str, str]]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    for key in schema.get("required", ()):
        if key not in value:
            yield f"{at}.{key}".lstrip("."), "is lacking"
    for key, each in value.items():
        inside = f"{at}.{key}".lstrip(".")
        if key not in known and others is False:
            yield inside, "is unknown"
        yield from _faults(each, known.get(key, others if isinstance(others, dict) else {}), inside)


def _is(value: Any, kind: str) -> bool:
    # For Python true is a whole number.
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
