"""G21: golden and diverse seeds cost nothing at inference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seedbed.ledger.findings import FAILS, HOLDS, OPEN, WITHIN, Estimate, File, Finding

MARGIN = 0.05
"""A ratio of seconds within it of 1 is no cost."""


def costs_nothing(files: Sequence[File]) -> Iterator[Finding]:
    """Seconds per image with chosen seeds are those with random ones, to ``MARGIN``.

    The claim holds where the interval of the ratio lies within the margin, and fails where it lies
    above it or below: then the batches were not alike.
    """
    for file in files:
        found = file.values(["arms", "clock", "rounds", "images", "golden_are"])
        random = found["arms"]["random"]["seconds"]
        for arm, it in found["arms"].items():
            if arm == "random":
                continue
            name = found["golden_are"] if arm == "golden" else "diverse seeds"
            inside = 1 - MARGIN <= it["low"] and it["high"] <= 1 + MARGIN
            outside = it["low"] > 1 + MARGIN or it["high"] < 1 - MARGIN
            yield Finding(
                f"{file.about}, {name}",
                HOLDS if inside else FAILS if outside else OPEN,
                f"{it['ratio']:.3f} [{it['low']:.3f}, {it['high']:.3f}] of the seconds of random "
                f"seeds ({it['seconds']:.3g} to {random:.3g} s an image, {found['clock']} time)",
                f"{found['rounds']} batches of {found['images']} an arm",
                f"1; holds within ±{100 * MARGIN:.0f} %",
                Estimate(
                    *(it["ratio"], it["low"], it["high"], found["rounds"], "batches"),
                    null=1.0,
                    claimed=WITHIN,
                    margin=MARGIN,
                    narrow=(it["low"], it["high"]),
                ),
            )
