"""Values with their intervals as dots with bars, lying."""

from __future__ import annotations

import numpy as np


def bars(axis, y, values, low, high, color, label=None, **kind) -> None:
    """Dots at values, each with a bar from ``low`` to ``high``.

    Args:
        axis: drawn on.
        y: height of each dot.
        values, low, high: of each dot.
        color: of dots and bars.
        label: in a legend.
        kind: further arguments of ``errorbar``.
    """
    error = np.array([np.subtract(values, low), np.subtract(high, values)])
    axis.errorbar(
        values,
        y,
        xerr=error,
        fmt="o",
        ms=3.2,
        color=color,
        capsize=1.5,
        lw=0.9,
        label=label,
        **kind,
    )
