"""What n would decide what n did not: intervals narrow as one over the root of n.

At the same effect d an interval of half width h excludes the null value where n is (h / |d|)² times
what it was; one of half width w lies within a margin m where n is (w / (m - |d|))² times that, and
beyond it where n is (h / (|d| - m))² times that. An estimate that comes out so again is then just
decided, as half of all repetitions are; twice as many units, ((1.96 + 0.84) / 1.96)², decide four
of five.
"""

from __future__ import annotations

import math

from scipy.stats import norm


def times_to_exclude(effect: float, half: float, margin: float = 0.0) -> float:
    """By what factor n must grow until an interval at the same effect excludes the null value.

    Args:
        effect: estimate less null value, in any unit.
        half: half width of the interval towards the null value, same unit, 0 or above.
        margin: the interval must lie beyond so much, same unit, 0 or above.

    Returns:
        The factor, below 1 where it excludes it already; infinity for an effect within the margin.
    """
    room = abs(effect) - margin
    return (half / room) ** 2 if room > 0 else math.inf


def times_to_level(effect: float, half: float, margin: float) -> float:
    """By what factor n must grow until an interval at the same effect lies within a margin.

    Args:
        effect: estimate less null value.
        half: half width of the interval for equivalence on the side away from the null value.
        margin: above 0; effects below it do not matter.

    Returns:
        The factor; infinity where the effect itself reaches the margin.
    """
    room = margin - abs(effect)
    return (half / room) ** 2 if room > 0 else math.inf


def times_to_reach(p_value: float, alpha: float) -> float:
    """By what factor n must grow until a two-sided test at the same effect reaches alpha.

    Args:
        p_value: of the test, 0..1; taken as that of a normal statistic.
        alpha: 0..1.

    Returns:
        The factor, below 1 where it reaches it already; infinity for a p-value of 1.
    """
    found = norm.isf(p_value / 2)
    return float((norm.isf(alpha / 2) / found) ** 2) if found > 0 else math.inf


def units_needed(n: int, times: float) -> int | None:
    """n times the factor, rounded up; ``None`` where no number would do."""
    return math.ceil(n * times) if math.isfinite(times) else None
