"""Tables behind Lottery Ticket: property tests, cost of collections, constants, failures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from seedbed.metrics.bootstrap import correlation_interval
from seedbed.report.tables import MISSING, Cells

PROPERTIES_CAPTION = (
    "Does a ticket keep its score? Spearman correlation, within pairs of words, of a block's "
    "score before and after it is moved to another cell, another noise, or both, and of its "
    "score under another prompt with the same objects; blocks at random: the same for a block "
    "of another noise put where the ticket went, which gets all that place and surroundings "
    "give. One block at a time, each from a noise of its own; "
    "interval over blocks. Scores are min–max per map. The paper shows this property by pictures "
    "and gives no number (sections 2.1 and 4.4)."
)
COST_CAPTION = (
    "What the ticket collection took. A map is one noise under one prompt of two categories. The "
    "skipped share is of the multiply-adds of a whole UNet call with guidance (two branches), "
    "which the authors' public code makes. Seconds are wall time from the prompts' encoding on, "
    "without loading the model, beside whatever else ran. The paper, with Stable Diffusion 1.4: "
    "about 0.15 s per map on a V100, 3 h for 700 pairs and 100 noises (sections 4.2, 4.3)."
)
TUNING_CAPTION = (
    "Constants that the papers leave open, chosen by mean IoU on held-out layouts that no table "
    "uses and on other noises; every method had the same number of choices. Of Soft only the "
    "weight was varied, of BoxDiff only the step size, with fewer refinements than its authors "
    "allow."
)
FAILURES_CAPTION = (
    "Failures found by fixed rules among all guidance boxes, per arm. Wrong colour: of found "
    "objects with a captioned colour, it names less than a fifth of the middle of the best "
    "placed detection. Very small: boxes below one sixteenth of the frame. Bootstrap interval "
    "over images. Misplaced and wrong colour are asked of found objects only, so arms are rated on "
    "different objects there. Lost backgrounds, another failure that the paper shows, are not "
    "measured. The paper shows four failures of SemI and no rates (section 4.5)."
)


def with_model(caption: str, about: Mapping) -> str:
    """A caption with the model and what its readers must know of it: ``model``, ``note``."""
    return f"{caption} Model: {about['model']}. {about['note']}".rstrip()


def comparison_table(
    differences: pd.DataFrame,
    contrasts: list[list[str]],
    labels: Mapping[str, str],
    paper: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """SemI against each method that the paper sets it beside, over all sizes.

    Args:
        differences: of ``metrics.arms``; the highest confidence is shown.
        contrasts: (arm, partner) to show.
        labels: readable name per arm.
        paper: Table 1 of the paper.
    """
    chosen = differences[
        (differences["confidence"] == differences["confidence"].max())
        & (differences["size"] == "all")
    ]
    theirs = paper[paper["size"] == "all"].set_index(["arm", "measure"])["value"]
    rows, printed = [], []
    for arm, partner in contrasts:
        for measure, name in (("iou", "IoU"), ("success", "R_suc, points")):
            found = chosen[
                (chosen["arm"] == arm)
                & (chosen["partner"] == partner)
                & (chosen["measure"] == measure)
            ].iloc[0]
            their = theirs.get((arm, measure), np.nan) - theirs.get((partner, measure), np.nan)
            rows.append({**found.to_dict(), "paper_difference": their})
            cells = Cells(3 if measure == "iou" else 1)
            printed.append(
                {
                    "Method": f"{labels[arm]} − {labels[partner]}",
                    "Measure": name,
                    "Difference": cells.signed(found["difference"]),
                    "Interval": cells.interval(found["low"], found["high"]),
                    "p": f"{found['p_value']:.3f}",
                    "Paper's difference": Cells(2).signed(their),
                    "n": f"{found['n_objects']} / {found['n_images']}",
                }
            )
    return pd.DataFrame(rows), pd.DataFrame(printed)


COMPARISON_CAPTION = (
    "SemI against the methods that the paper sets it beside, paired by layout: bootstrap intervals "
    "over images, p from random signs over images. n = objects / images. The paper gives no "
    "intervals; its standard error of R_suc is at least 0.44 points at its n of 9,000."
)


def properties_table(
    rows: pd.DataFrame, n_boot: int, seed: int, level: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rank correlation, within pairs, of scores before and after, per test.

    Args:
        rows: of ``tickets.properties``.
        n_boot: resamples of the blocks.
        seed: of the resamples.
        level: of the intervals.

    Returns:
        (full, printed).
    """
    found = []
    for test, part in rows.groupby("test", sort=False):
        before, after = part["before"].to_numpy(), part["after"].to_numpy()
        # Words differ in how widely their scores spread; within a pair only blocks differ.
        columns = ["before", "after", "control"]
        ranks = part.groupby(["first", "second"], sort=False)[columns].rank(pct=True)
        rho, chance = (
            correlation_interval(
                ranks["before"].to_numpy(), ranks[column].to_numpy(), n_boot, seed, level
            )
            for column in ("after", "control")
        )
        winners = before > 0.5
        found.append(
            {
                "test": test,
                "rho": rho.value,
                "low": rho.low,
                "high": rho.high,
                "control_rho": chance.value,
                "control_low": chance.low,
                "control_high": chance.high,
                "still_above": after[winners].mean() if winners.any() else np.nan,
                "others_after": after[~winners].mean() if (~winners).any() else np.nan,
                "n_blocks": rho.n,
                "n_pairs": part[["first", "second"]].drop_duplicates().shape[0],
            }
        )
    full = pd.DataFrame(found)
    cells = Cells(2)
    printed = pd.DataFrame(
        {
            "Test": full["test"],
            "Spearman before, after": full["rho"].map(cells.number),
            "Interval": [cells.interval(r.low, r.high) for r in full.itertuples()],
            "Blocks at random": [
                f"{cells.number(r.control_rho)} {cells.interval(r.control_low, r.control_high)}"
                for r in full.itertuples()
            ],
            "Mean score after, tickets (> 0.5 before)": full["still_above"].map(cells.number),
            "Mean score after, other blocks": full["others_after"].map(cells.number),
            "n": [f"{r.n_blocks} blocks, {r.n_pairs} pairs" for r in full.itertuples()],
            "Paper": MISSING,
        }
    )
    return full, printed


def cost_table(costs: list[dict]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sums over the shards of a collection.

    Args:
        costs: ``tickets.collect.Cost`` of every shard as written by the workflow.
    """
    frame = pd.DataFrame(costs)
    maps = int((frame["pairs"] * frame["noises"]).sum())
    full = pd.DataFrame(
        [
            {
                "pairs": int(frame["pairs"].iloc[0]),
                "noises": int(frame["noises"].sum()),
                "maps": maps,
                "seconds": float(frame["seconds"].sum()),
                "seconds_per_map": float(frame["seconds"].sum()) / maps,
                "skipped": float(frame["skipped"].mean()),
                "shards": len(frame),
            }
        ]
    )
    row = full.iloc[0]
    printed = pd.DataFrame(
        [
            {
                "Pairs": f"{row['pairs']:.0f}",
                "Noises": f"{row['noises']:.0f}",
                "Maps": f"{maps}",
                "Seconds": f"{row['seconds']:.1f}",
                "ms per map": f"{1000 * row['seconds_per_map']:.3f}",
                "Arithmetic skipped": f"{100 * row['skipped']:.2f} %",
                "Paper's pairs": "≈ 700",
                "Paper's ms per map": "150",
            }
        ]
    )
    return full, printed


def tuning_table(rows: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every choice tried per control.

    Args:
        rows: of ``tickets.tuning`` per control.
    """
    known = ("iou", "success", "n_objects", "chosen")
    found = []
    for control, part in rows.items():
        constants = [c for c in part.columns if c not in known]
        for row in part.to_dict("records"):
            text = ", ".join(f"{c} {row[c]:g}" for c in constants)
            found.append({"control": control, "constants": text, **{k: row[k] for k in known}})
    full = pd.DataFrame(found)
    printed = pd.DataFrame(
        {
            "Method": full["control"],
            "Constants": full["constants"],
            "Chosen": full["chosen"].map({True: "yes", False: ""}),
            "Mean IoU": full["iou"].map(Cells(3).number),
            "R_suc %": full["success"].map(Cells(1).number),
            "n (objects)": full["n_objects"].astype(str),
        }
    )
    return full, printed


def failures_table(
    rates: pd.DataFrame, labels: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Failure rates of the arms side by side.

    Args:
        rates: of ``metrics.failures.failure_rates``.
        labels: readable name per arm.
    """
    full = rates.assign(method=rates["arm"].map(labels))
    cells = Cells(1)
    printed = pd.DataFrame(
        {
            "Method": full["method"],
            "Failure": full["kind"],
            "Rate %": [cells.number(100 * r) for r in full["rate"]],
            "Interval": [
                MISSING
                if np.isnan(r.low)
                else f"[{cells.number(100 * r.low)}, {cells.number(100 * r.high)}]"
                for r in full.itertuples()
            ],
            "n": full["n"].astype(str),
            "Paper": MISSING,
        }
    )
    return full, printed
