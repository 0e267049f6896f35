"""Which seeds paint text, and whether they do so in removal and in completion alike (Fig. 12).

Per seed the mean text share over pairs, with a bootstrap interval that resamples pairs; the gap
between the most and the least of them beside what labels permuted within pairs give; the rank
correlation of removal and completion over seeds, which chance does not raise, with the p-value
of permuted seeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from seedbed.good_seed.rank import spearman
from seedbed.good_seed.text_share import tables
from seedbed.statistics import nulls, per_seed

COLUMNS = ("seed", "pair_id", "mode", "share", "input_share")


def study(
    frame: pd.DataFrame, modes: Sequence[str], statistics: Mapping
) -> tuple[pd.DataFrame, dict]:
    """Text shares of every seed, and what they decide.

    Args:
        frame: ``seed``, ``pair_id``, ``mode``, ``share``, ``input_share``; every seed with every
            pair in every mode.
        modes: one or two.
        statistics: ``bootstrap``, ``permutations``, ``level``, ``seed``.

    Returns:
        A row per mode and seed (``mean``, ``low``, ``high``, ``with_text``: share of its images
        with any, ``n``), and JSON-ready evidence: per mode counts, means, the gap beside its
        null; ``between`` the modes the correlation, ``None`` with one mode or without text.
    """
    seeds = sorted(frame["seed"].unique())
    cells = tables(frame, modes, "share")
    parts, evidence = [], {"modes": {}, "n_seeds": len(seeds)}
    for mode, table in cells.items():
        mean, low, high = per_seed.per_seed_interval(
            table, statistics["bootstrap"], statistics["seed"], statistics["level"]
        )
        part = pd.DataFrame({"mode": mode, "seed": seeds, "mean": mean, "low": low, "high": high})
        parts.append(part.assign(with_text=(table > 0).mean(axis=1), n=table.shape[1]))
        own = frame[frame["mode"] == mode]
        gap = nulls.permuted_gap(table, statistics["permutations"], statistics["seed"])
        evidence["modes"][mode] = {
            "n_pairs": table.shape[1],
            "n_images": table.size,
            "mean": float(table.mean()),
            "with_text": float((table > 0).mean()),
            "input_mean": float(own.drop_duplicates("pair_id")["input_share"].mean()),
            "gap": gap.observed,
            "gap_null_95": gap.bound(0.95),
            "p_value": gap.p_value,
            "top_seed": int(seeds[int(np.argmax(mean))]),
        }
    evidence["between"] = between(parts, statistics) if len(modes) == 2 else None
    return pd.concat(parts, ignore_index=True), evidence


def between(parts: Sequence[pd.DataFrame], statistics: Mapping) -> dict | None:
    """Spearman's rho of two modes over seeds; ``None`` where one mode's seeds are all alike."""
    one, two = (part.set_index("seed")["mean"] for part in parts)
    if one.nunique() < 2 or two.nunique() < 2 or len(one) < 3:
        return None
    options = {"n_boot": statistics["bootstrap"], "level": statistics["level"]}
    found = asdict(spearman(one, two, seed=statistics["seed"], **options))
    rng = np.random.default_rng(statistics["seed"])
    a, b = one.rank().to_numpy(), two.rank().to_numpy()
    null = [np.corrcoef(a, rng.permutation(b))[0, 1] for _ in range(statistics["permutations"])]
    at_least = (np.abs(null) >= abs(found["rho"]) - 1e-12).sum()
    return found | {"p_value": float((1 + at_least) / (1 + len(null)))}
