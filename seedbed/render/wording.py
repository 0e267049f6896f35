"""Numbers as README's sentences write them."""

from __future__ import annotations

from collections.abc import Sequence


def number(value: float, digits: int, signed: bool = False) -> str:
    """A number with a true minus sign."""
    return f"{value:{'+' if signed else ''}.{digits}f}".replace("-", "−")


def interval(low: float | None, high: float | None, digits: int, signed: bool = False) -> str:
    """An interval in brackets; a dash where it is missing."""
    if low is None or high is None:
        return "[–]"
    return f"[{number(low, digits, signed)}, {number(high, digits, signed)}]"


def joined(parts: Sequence[str], last: str = "and") -> str:
    """``a, b and c``."""
    *most, end = parts
    return f"{', '.join(most)} {last} {end}" if most else end


def p_value(value: float) -> str:
    """``p = 0.012``, or that it is below what three digits show."""
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"
