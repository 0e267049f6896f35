"""How often claims about layouts come out as holding in worlds whose truth is known.

Layouts hold one or two objects, whose IoU share the layout's luck and a method's noise; a second
method adds nothing, as much as the margin, or more. Verdicts are those of the functions that judge
a run.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from seedbed.ledger.findings import HOLDS, by_interval
from seedbed.lottery_ticket.claims_arms import MOST, apart
from seedbed.lottery_ticket.claims_tickets import scores_kept
from seedbed.lottery_ticket.comparison.aggregate import Resampling, compare
from seedbed.lottery_ticket.comparison.failures import KINDS, failure_rates
from seedbed.lottery_ticket.comparison.moments import moment_levels
from seedbed.lottery_ticket.comparison.objects import SUCCESS
from seedbed.statistics.bootstrap import correlation_interval
from seedbed.statistics.verdicts import HIGHER, LEVEL

LAYOUTS, BLOCKS, LEVEL_OF, DRAWS = 120, 60, 0.95, 299
MARGINS = {"iou": 0.035, "success": 5.0}
EFFECTS = {"none": 0.0, "margin": MARGINS["iou"], "planted": 0.15}
"""What the second method adds to the IoU of every object, by kind of world."""


def layout_claims(kind: str, number: int, seed: int) -> list[dict]:
    """Claims of one world.

    Args:
        kind: of ``EFFECTS``.
        number: of the world; it and ``seed`` decide all that is drawn.
        seed: of the simulation.

    Returns:
        As ``good_seed.simulate_claims.seed_claims``.
    """
    rng = np.random.default_rng([seed, 100 + list(EFFECTS).index(kind), number])
    rows = _contrasts(kind, rng)
    if kind != "margin":
        rows += _levels(kind, rng) + _tickets(kind, rng)
    keys = ("claims", "about", "holds", "covered")
    return [{"world": kind, **dict(zip(keys, row, strict=True))} for row in rows]


def _objects(kind: str, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Object tables of both methods."""
    counts = rng.integers(1, 3, LAYOUTS)
    layout = np.repeat(np.arange(LAYOUTS), counts)
    position = np.concatenate([np.arange(n) for n in counts])
    luck = 0.2 * rng.normal(size=LAYOUTS)[layout] + 0.1 * rng.normal(size=len(layout))
    tables = {}
    for arm, effect in (("sd", 0.0), ("semi", EFFECTS[kind])):
        own = 0.15 * rng.normal(size=LAYOUTS)[layout] + 0.1 * rng.normal(size=len(layout))
        iou = 0.45 + luck + own + effect
        tables[arm] = pd.DataFrame(
            {
                **{"confidence": 0.25, "layout_id": layout, "position": position},
                **{"category": "object", "size": "small", "iou": iou, "success": iou > SUCCESS},
            }
        )
    return tables


def _contrasts(kind: str, rng: np.random.Generator) -> list[tuple]:
    """Higher, and level, by both measures; IoU is not cut to 0..1, so that its truth is known."""
    resampling = Resampling(DRAWS, int(rng.integers(2**31)), LEVEL_OF)
    found = compare(_objects(kind, rng), [("semi", "sd")], resampling, MARGINS)
    found = found[found["size"] == "all"].set_index("measure")
    rows = []
    for measure, name in (("iou", "IoU"), ("success", "R_suc")):
        row = found.loc[measure]
        truth = EFFECTS[kind] if measure == "iou" else 0.0 if kind == "none" else np.nan
        covered = float(row["low"] <= truth <= row["high"]) if truth == truth else np.nan
        higher, level = row["verdict"] == HIGHER, row["verdict"] == LEVEL
        rows.append(("L3, L5 to L9", f"one method is higher, {name}", higher, covered))
        if measure == "iou":
            rows.append(("L6", "methods are level, IoU", level, np.nan))
    return rows


def _levels(kind: str, rng: np.random.Generator) -> list[tuple]:
    """Rates of failures: one above another, one above half."""
    tilt = 0.0 if kind == "none" else 0.25
    parts = []
    for arm, rate in (("sd", 0.3), ("semi", 0.3 + tilt)):
        # Objects of one layout fail together half of the time.
        shared = rng.random(LAYOUTS) < rate
        own = rng.random((LAYOUTS, 2)) < rate
        failed = np.where(rng.random((LAYOUTS, 2)) < 0.5, shared[:, None], own).ravel()
        columns = dict.fromkeys(KINDS, failed.astype(float))
        parts.append(
            pd.DataFrame({"arm": arm, "layout_id": np.repeat(np.arange(LAYOUTS), 2), **columns})
        )
    rates = failure_rates(pd.concat(parts), DRAWS, int(rng.integers(2**31)), LEVEL_OF)
    rates = rates[rates["kind"] == KINDS[2]].set_index("arm")
    semi, sd = (rates.loc[arm] for arm in ("semi", "sd"))
    covered = float(semi["low"] <= 0.3 + tilt <= semi["high"])
    rows = [("L8, L14", "one rate is above another", apart(semi, sd) == HOLDS, covered)]
    half = (rng.random(BLOCKS) < 0.5 + tilt).astype(float)
    judged = pd.DataFrame({"arm": "semi", "layout_id": np.arange(BLOCKS)})
    rate = failure_rates(
        judged.assign(**dict.fromkeys(KINDS, half)), DRAWS, int(rng.integers(2**31)), LEVEL_OF
    ).iloc[0]
    covered = float(rate["low"] <= 0.5 + tilt <= rate["high"])
    rows.append(("L14", "a rate is above half", rate["low"] > MOST, covered))
    return rows


def _tickets(kind: str, rng: np.random.Generator) -> list[tuple]:
    """Scores that travel, and gains where latents are far from Gaussian."""
    draws, keeps = int(rng.integers(2**31)), 0.0 if kind == "none" else 1.0
    before = rng.normal(size=BLOCKS)
    place = rng.normal(size=BLOCKS)
    rho, chance = (
        correlation_interval(before, values, DRAWS, draws, LEVEL_OF)
        for values in (keeps * before + place + rng.normal(size=BLOCKS), place)
    )
    kept = scores_kept(rho.low, rho.high, chance.low, chance.high) == HOLDS
    rows = [("L1, L2", "blocks keep their scores", kept, np.nan)]
    gain = EFFECTS[kind] + 0.25 * rng.normal(size=LAYOUTS)
    moments = {"sd": rng.normal(1, 0.05, LAYOUTS), "excess_kurtosis": rng.normal(size=LAYOUTS)}
    table = pd.DataFrame(moments).assign(gain=gain)
    far = moment_levels(table, DRAWS, draws, LEVEL_OF).iloc[0]
    covered = float(far["low"] <= EFFECTS[kind] <= far["high"])
    holds = by_interval(far["low"], far["high"]) == HOLDS
    rows.append(("L11 to L13", "a mean gain of two dozen is above 0", holds, covered))
    return rows
