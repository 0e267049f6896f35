"""What the parts of a card are put together from: rows of evidence, gains, entries."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from seedbed.card_schema import ABSENT, REFUTED, SUPPORTED, THERE, UNDECIDED
from seedbed.statistics.verdicts import HIGHER, LEVEL, LOWER

BETTER = {True: "lower", False: "higher"}
"""Whether a low value is a good one, to what is better."""


def plain(value: Any) -> Any:
    """A number of NumPy or pandas as JSON has it; what is not finite becomes ``None``."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def evidence(what: str, measure: str, row: Mapping[str, Any], **more: Any) -> dict:
    """A row of evidence.

    Args:
        what: was measured, in words.
        measure: its name.
        row: ``value`` or ``difference``, ``low``, ``high``, ``p_value``, ``p_adjusted``,
            ``verdict`` of the run's table; those that it lacks are ``None``.
        more: ``level``, ``chance``, ``chance_is``, ``n``, or what stands in place of the row's.
    """
    at = {"value": row.get("difference"), "chance": 0.0, "chance_is": "no difference"}
    at |= {key: row[key] for key in ("value", "low", "high", "p_value", "p_adjusted") if key in row}
    at |= {"level": None, "n": {}, "verdict": row.get("verdict")} | more
    keys = ("value", "low", "high", "level", "chance", "chance_is", "p_value", "p_adjusted")
    return {
        "what": what,
        "measure": measure,
        **{key: plain(at.get(key)) for key in keys},
        "n": {key: int(n) for key, n in at["n"].items()},
        "verdict": str(at["verdict"] or "a count"),
    }


def gain(measure: str, value: Any, better: str, kind: str, about: str) -> dict:
    """What a list is expected to bring by one measure."""
    return {
        "measure": measure,
        "value": plain(value),
        "better": better,
        "kind": kind,
        "about": about,
    }


def entry(about: str, verdict: str, says: str, seeds: Sequence[int], **more: Any) -> dict:
    """A list of seeds that is there; ``more``: ``next``, ``sets``, ``rows``, ``evidence``,
    ``gain``."""
    empty = {"next": [], "sets": [], "rows": [], "gain": [], "evidence": []}
    return (
        _state(about, THERE, None, verdict, says) | {"seeds": list(map(int, seeds))} | empty | more
    )


def absent(about: str, why: str) -> dict:
    """A list that the run has not."""
    found = entry(about, UNDECIDED, f"not in this run: {why}", [])
    return found | {"state": ABSENT, "why": why, "verdict": None}


def _state(about: str, state: str, why: str | None, verdict: str | None, says: str) -> dict:
    return {"about": about, "state": state, "why": why, "verdict": verdict, "says": says}


def by_direction(verdict: str, good: str) -> str:
    """A test's verdict as what it says of a claim: that the difference goes the good way.

    Args:
        verdict: of ``statistics.verdicts``.
        good: ``HIGHER`` or ``LOWER``.
    """
    if verdict == good:
        return SUPPORTED
    # Level is a finding: what difference there is does not matter.
    return REFUTED if verdict in (HIGHER, LOWER, LEVEL) else UNDECIDED


def any_of(verdicts: Sequence[str]) -> str:
    """A claim that needs one of several to hold: supported, all refuted, or undecided."""
    if SUPPORTED in verdicts:
        return SUPPORTED
    return REFUTED if verdicts and set(verdicts) == {REFUTED} else UNDECIDED
