"""L1, L2, L11 to L13, L15: tickets keep their scores, place scenes and backgrounds, and cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from seedbed.ledger.findings import (
    BELOW,
    FAILS,
    HOLDS,
    OPEN,
    Estimate,
    File,
    Finding,
    by_interval,
    told,
)
from seedbed.lottery_ticket.comparison.background_levels import ELSEWHERE, QUANTITIES, RANDOM, RIGHT
from seedbed.statistics.bootstrap import expanded_level, paired_difference
from seedbed.statistics.verdicts import sign_flip_p

MATTERS = 0.1
"""A rank correlation that is not above that of blocks at random by so much does not matter."""


def keep_scores(files: Sequence[File], moves: Sequence[str]) -> Iterator[Finding]:
    """Scores before and after go together more than those of blocks at random, limits apart.

    Args:
        files: the table of property tests for each model.
        moves: of ``tickets.properties``.
    """
    for file in files:
        columns = ["test", "n_blocks", "n_pairs"]
        columns += [f"{of}{end}" for of in ("", "control_") for end in ("rho", "low", "high")]
        for row in file.table(columns).to_dict("records"):
            if row["test"] not in moves:
                continue
            gap, spared = row["low"] - row["control_high"], row["high"] - row["control_low"]
            yield Finding(
                f"{file.about}: {row['test']}",
                scores_kept(row["low"], row["high"], row["control_low"], row["control_high"]),
                f"Spearman {told(row['rho'], row['low'], row['high'], 2)}",
                f"{row['n_blocks']} blocks, {row['n_pairs']} pairs",
                "blocks at random "
                + told(row["control_rho"], row["control_low"], row["control_high"], 2),
                Estimate(
                    *(row["rho"] - row["control_rho"], gap, spared, int(row["n_blocks"])),
                    "blocks",
                ),
            )


def scores_kept(low: float, high: float, control_low: float, control_high: float) -> str:
    """Whether a correlation is above that of blocks at random, from the limits of both."""
    if low > control_high:
        return HOLDS
    return FAILS if high - control_low < MATTERS else OPEN


def scenes_placed(files: Sequence[File], figure: str) -> Iterator[Finding]:
    """SemI places the objects of example scenes better than random noise, scenes resampled.

    Args:
        files: objects of all scenes for each model.
        figure: whose scenes count.
    """
    for file in files:
        table = file.table(["figure", "scene", "iou_sd", "iou_semi"])
        known = table[table["figure"].astype(str) == figure].dropna(subset=["iou_sd", "iou_semi"])
        means = known.groupby("scene")[["iou_sd", "iou_semi"]].mean()
        if len(means) < 2:
            continue
        semi, sd = means["iou_semi"].to_numpy(), means["iou_sd"].to_numpy()
        n_boot, seed, level = (file.settings[key] for key in ("n_boot", "seed", "level"))
        found = paired_difference(semi, sd, n_boot, seed, expanded_level(level, len(means)))
        p = sign_flip_p(semi - sd, n_boot, np.random.default_rng(seed))
        verdict = by_interval(found.low, found.high)
        yield Finding(
            f"{file.about}: Figure {figure}",
            verdict if p < 1 - level else OPEN,
            f"IoU {semi.mean():.3f} against {sd.mean():.3f}, "
            f"{told(found.value, found.low, found.high, 3, '+')}, p = {p:.3f}",
            f"{len(means)} scenes, {len(known)} objects",
            "0",
            Estimate(found.value, found.low, found.high, found.n, "scenes"),
        )


def backgrounds_placed(files: Sequence[File]) -> Iterator[Finding]:
    """A region holds the background that it was built for, more than elsewhere and than by chance.

    Args:
        files: the table of backgrounds for each model.
    """
    for file in files:
        rows = file.table(["quantity", "value", "low", "high", "n_seeds"]).set_index("quantity")
        for other in (ELSEWHERE, RANDOM):
            name = f"{RIGHT} - {other}"
            value, low, high = rows.loc[name, ["value", "low", "high"]].astype(float)
            n = int(rows.loc[name, "n_seeds"])
            known = not np.isnan(low)
            yield Finding(
                f"{file.about}: {QUANTITIES[name]}",
                by_interval(low, high) if known else OPEN,
                f"{told(100 * value, 100 * low, 100 * high, 1, '+')} points" if known else "",
                f"{n} seeds",
                "0",
                Estimate(value, low, high, n, "seeds") if known else None,
            )


def tolerates(files: Sequence[File]) -> Iterator[Finding]:
    """Latents far from Gaussian still place objects; the farther, the less.

    Agreement with the layout stands for quality, which no score measures here.

    Args:
        files: the table of moments for each model and detector.
    """
    for file in files:
        columns = ["moment", "quantity", "value", "low", "high", "n"]
        for row in file.table(columns).to_dict("records"):
            limits = [row[key] for key in ("value", "low", "high")]
            known = not np.isnan(row["low"])
            farthest = row["quantity"] == "gain of the farthest"
            verdict = by_interval(*limits[1:]) if farthest else by_interval(-limits[2], -limits[1])
            yield Finding(
                f"{file.about}: {row['quantity']}, {row['moment']}",
                verdict if known else OPEN,
                ("IoU " if farthest else "Spearman ") + told(*limits, 2 + farthest, "+")
                if known
                else "constant",
                f"{row['n']} layouts",
                "0",
                Estimate(*limits, int(row["n"]), "layouts")
                if farthest
                else Estimate(*limits, int(row["n"]), "layouts", claimed=BELOW),
            )


def costs_maps(files: Sequence[File]) -> Iterator[Finding]:
    """A collection takes a map for each pair and noise; seconds are no result and stand elsewhere.

    Args:
        files: the table of costs for each model.
    """
    for file in files:
        for row in file.table(["pairs", "noises", "maps", "skipped"]).to_dict("records"):
            counted = row["maps"] == row["pairs"] * row["noises"]
            yield Finding(
                f"{file.about}: N_p · N maps",
                HOLDS if counted else FAILS,
                f"{row['maps']:,.0f} maps, {100 * row['skipped']:.1f} % of the arithmetic skipped",
                f"{row['pairs']:.0f} pairs × {row['noises']:.0f} noises, a count",
                "seconds depend on the device: see the run's benchmarks",
            )
