"""Every arm of the layout comparison at once: levels, and differences as their tables test them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from seedbed.lottery_ticket.comparison.aggregate import Resampling, aggregate, compare
from seedbed.statistics.verdicts import holm

FAMILY = ["table", "confidence", "size"]
"""p-values are adjusted over what stands together: both measures of all tests of one table."""


def compare_arms(
    objects: Mapping[str, pd.DataFrame],
    tests: Sequence[tuple[str, str, str]],
    resampling: Resampling,
    margins: Mapping[str, float],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Levels of every arm, and the differences that are tested.

    Args:
        objects: object table (``comparison.objects``) per arm; all of the same layouts.
        tests: (table, arm, partner) of what is tested; other arms are only levels.
        resampling: resamples, seed, level.
        margins: of each measure, see ``aggregate.compare``.

    Returns:
        ``aggregate``'s table, and ``compare``'s with ``table`` and ``p_adjusted`` (Holm, within
        ``FAMILY``).

    Raises:
        ValueError: a partner is no arm, or two arms cover different objects.
    """
    missing = sorted({arm for _, *pair in tests for arm in pair} - set(objects))
    if missing:
        raise ValueError(f"{', '.join(missing)} is to be tested but is not drawn")
    levels = aggregate(objects, resampling)
    pairs = list(dict.fromkeys((arm, partner) for _, arm, partner in tests))
    found = compare(objects, pairs, resampling, margins) if pairs else pd.DataFrame()
    parts = [
        found[(found["arm"] == arm) & (found["partner"] == partner)].assign(table=table)
        for table, arm, partner in tests
    ]
    differences = pd.concat(parts, ignore_index=True) if parts else found
    if parts:
        adjusted = differences.groupby(FAMILY)["p_value"].transform(lambda p: holm(p.to_numpy()))
        differences["p_adjusted"] = adjusted
    return levels, differences
