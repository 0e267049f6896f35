"""A search among values of constants, one constant after another, by a rule that is fixed before.

A best value at the edge of what was tried says that the range was too short; then the grid goes
on, as it began, until the best is within or a stated number of values was added.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Choice = dict[str, float]
KNOWN = ("iou", "success", "n_objects", "n_images", "added", "chosen", "best_success", "at_edge")
"""Columns of a table of what was tried that are no constants (``comparison.tuning``)."""


@dataclass(frozen=True)
class Tried:
    """One choice that was tried.

    Attributes:
        choice: value of every constant.
        score: what it reached.
        added: it lies beyond the grid that was given.
    """

    choice: Choice
    score: float
    added: bool


def beyond(values: Sequence[float], upwards: bool) -> float | None:
    """The next value of a geometric grid, in the ratio of its last two (first two downwards).

    Args:
        values: two or more, rising. Where all are whole, so is the next.
        upwards: beyond the last, or below the first.

    Returns:
        ``None`` where there is none: below 0, and where rounding gives a value that is there.
    """
    near, far = (values[-1], values[-2]) if upwards else (values[0], values[1])
    if near == 0 or far == 0:
        return None
    found = near * near / far
    if all(type(value) is int for value in values):
        found = round(found)
    return None if found in (*values, 0) else found


def search(
    grid: Mapping[str, Sequence[float]], score: Callable[[Choice], float], most_added: int
) -> tuple[list[Tried], Choice, list[str]]:
    """Try the values of one constant after another, in the order given; the highest score wins.

    The others stand at the middle of their list (the lower one of two) or as chosen. Of equal
    scores the smaller value wins.

    Args:
        grid: values of each constant, rising; one value is fixed.
        score: of a choice, higher is better; asked once for each.
        most_added: values that each constant may get beyond its list.

    Returns:
        What was tried, in turn; the choice; and the constants whose best is still at an edge.
    """
    at = {name: values[(len(values) - 1) // 2] for name, values in grid.items()}
    scores: dict[tuple, float] = {}
    tried: list[Tried] = []

    def reached(name: str, value: float) -> float:
        choice = {**at, name: value}
        key = tuple(choice.values())
        if key not in scores:
            scores[key] = score(choice)
            added = any(choice[k] not in values for k, values in grid.items())
            tried.append(Tried(choice, scores[key], added))
        return scores[key]

    at_edge = []
    for name, given in grid.items():
        values = list(given)
        best = max(values, key=lambda value, name=name: reached(name, value))
        for _ in range(most_added):
            new = _next(values, best)
            if new is None:
                break
            values = sorted([*values, new])
            best = max(values, key=lambda value, name=name: reached(name, value))
        if _next(values, best) is not None:
            at_edge.append(name)
        at[name] = best
    return tried, at, at_edge


def _next(values: Sequence[float], best: float) -> float | None:
    """What would be added to values whose best is known."""
    if len(values) < 2 or best not in (values[0], values[-1]):
        return None
    return beyond(values, upwards=best == values[-1])
