"""Every arm of the layout comparison at once: levels, and differences to a partner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from seedbed.lottery_ticket.comparison.aggregate import aggregate, compare


def compare_arms(
    objects: Mapping[str, pd.DataFrame],
    pairs: Sequence[tuple[str, str]],
    n_boot: int,
    seed: int,
    level: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Levels of every arm and paired differences of those that have a partner.

    Args:
        objects: object table (``comparison.objects``) per arm; all of the same layouts.
        pairs: (arm, partner) that are tested; other arms are only levels.
        n_boot: resamples, and sign patterns of each test.
        seed: of both.
        level: of the intervals.

    Returns:
        ``aggregate``'s table with ``arm``, and ``compare``'s with ``arm`` and ``partner``.

    Raises:
        ValueError: a partner is no arm, or two arms cover different objects.
    """
    missing = sorted({arm for pair in pairs for arm in pair} - set(objects))
    if missing:
        raise ValueError(f"{', '.join(missing)} is to be tested but is not drawn")
    levels = [aggregate(o, n_boot, seed, level).assign(arm=a) for a, o in objects.items()]
    differences = [
        compare(objects[arm], objects[partner], n_boot, n_boot, seed, level).assign(
            arm=arm, partner=partner
        )
        for arm, partner in pairs
    ]
    return pd.concat(levels, ignore_index=True), pd.concat(differences, ignore_index=True)
