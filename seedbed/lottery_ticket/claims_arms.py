"""L3 to L10, L14: what the tables of arms say of SemI, its settings and its failures.

Verdicts are those of the tables: paired by layout, with margins (``statistics.verdicts``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from seedbed.layouts.table import SIZES
from seedbed.ledger.findings import (
    ABOVE,
    ABSENT,
    ALIKE,
    BELOW,
    FAILS,
    HOLDS,
    OPEN,
    Estimate,
    File,
    Finding,
    told,
)
from seedbed.lottery_ticket.comparison.arms import BASE
from seedbed.lottery_ticket.tickets.select import rule_of
from seedbed.statistics.verdicts import HIGHER, LEVEL, LOWER, UNDECIDED

CLAIMED = {HIGHER: ABOVE, LOWER: BELOW, LEVEL: ALIKE}
MEASURES = {"iou": ("IoU", 3), "success": ("R_suc", 1)}
"""Names and digits; R_suc in points."""
MOST = 0.5
"""Very small boxes are hard where more than this share of them is missed."""
_TESTED = ["difference", "narrow_low", "narrow_high", "p_value", "verdict", "n_objects", "n_images"]
_KEYS = ["arm", "partner", "size", "measure", "confidence"]


def _differences(file: File) -> pd.DataFrame:
    """Tests at the confidence that is shown, limits as ``low`` and ``high`` in every table."""
    table = file.table([*_KEYS, *_TESTED])
    if "difference_low" in table:
        table = table.drop(columns=["low", "high"])
        table = table.rename(columns={"difference_low": "low", "difference_high": "high"})
    return table[table["confidence"] == table["confidence"].max()]


def arms_differ(
    files: Sequence[File], wanted: Mapping[str, str], of: str | None = None
) -> Iterator[Finding]:
    """Arms against their partners over all sizes, by both measures.

    Args:
        files: a table of arms or of comparisons for each model and detector.
        wanted: the verdict that the claim says, by arm; by partner where ``of`` is given.
        of: the arm whose partners are named.
    """
    for file in files:
        table = _differences(file)
        table = table[(table["size"] == "all") & table["partner"].notna()]
        for name, verdict in wanted.items():
            mine = table["arm"] == name
            if of is not None:
                mine = (table["arm"] == of) & (table["partner"] == name)
            for row in table[mine].to_dict("records"):
                yield _compared(file, row, verdict)


def _compared(file: File, row: Mapping, wanted: str, about: str = "") -> Finding:
    """A tested difference beside the verdict that a claim says."""
    name, digits = MEASURES[row["measure"]]
    about = f"{file.about}: {about or row['arm'] + ' − ' + row['partner']}, {name}"
    if np.isnan(row["difference"]):
        return Finding(about, OPEN, "no such object")
    said = row["verdict"]
    return Finding(
        about,
        HOLDS if said == wanted else OPEN if said == UNDECIDED else FAILS,
        f"{told(row['difference'], row['low'], row['high'], digits, '+')}, "
        f"{_p_said(row['p_value'])}: {said}",
        f"{row['n_images']:.0f} layouts, {row['n_objects']:.0f} objects",
        "0",
        Estimate(
            *(row[key] for key in ("difference", "low", "high")),
            *(int(row["n_images"]), "layouts"),
            claimed=CLAIMED[wanted],
            margin=file.settings.get("margins", {}).get(row["measure"]),
            narrow=(row["narrow_low"], row["narrow_high"]),
            p_value=row["p_value"],
        ),
    )


def _p_said(p_value: float) -> str:
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def sizes_gain(files: Sequence[File], arm: str) -> Iterator[Finding]:
    """An arm beats its partner at every size, and succeeds least with small objects.

    Args:
        files: Table 1 for each model and detector.
        arm: its name.
    """
    for file in files:
        table = _differences(file)
        mine = table[(table["arm"] == arm) & table["partner"].notna()]
        for size in SIZES:
            for row in mine[mine["size"] == size].to_dict("records"):
                yield _compared(file, row, HIGHER, f"{arm}, {size}")
        levels = file.table([*_KEYS, "value", "low", "high", "n_images"])
        levels = levels[(levels["arm"] == arm) & (levels["measure"] == "success")]
        levels = levels[levels["confidence"] == levels["confidence"].max()].set_index("size")
        yield _hardest(file, arm, levels)


def _hardest(file: File, arm: str, levels: pd.DataFrame) -> Finding:
    """Whether small objects succeed less than the next size, limits apart."""
    small, medium = (levels.loc[size] for size in SIZES[:2])
    about = f"{file.about}: {arm}, small against medium, R_suc"
    if np.isnan(small["value"]) or np.isnan(medium["value"]):
        return Finding(about, OPEN, "no such object")
    return Finding(
        about,
        apart(medium, small),
        " against ".join(told(*row[["value", "low", "high"]], 1) for row in (small, medium)) + " %",
        f"{small['n_images']:.0f} and {medium['n_images']:.0f} layouts",
        "alike",
        _gap(medium, small, "n_images", "layouts"),
    )


def apart(higher: pd.Series, lower: pd.Series) -> str:
    """Whether one level is above another by limits that do not meet."""
    if higher["low"] > lower["high"]:
        return HOLDS
    return FAILS if higher["high"] < lower["low"] else OPEN


def _gap(higher: pd.Series, lower: pd.Series, count: str, unit: str) -> Estimate:
    """Difference of two levels, with the limits at which theirs meet."""
    names = ("value", "low", "high") if "value" in higher else ("rate", "low", "high")
    (a, a_low, a_high), (b, b_low, b_high) = (row[list(names)] for row in (higher, lower))
    return Estimate(a - b, a_low - b_high, a_high - b_low, int(lower[count]), unit)


def thresholds_trade(files: Sequence[File]) -> Iterator[Finding]:
    """T_obj above the default and T_bg below it: higher for small and medium, lower for large.

    Settings on the other side of the default are taken with the signs turned.

    Args:
        files: Table 2 for each model and detector.
    """
    for file in files:
        table = _differences(file)
        table = table[table["partner"] == BASE]
        default = _thresholds(file.settings["rule"])
        for threshold, sign in (("t_obj", 1), ("t_bg", -1)):
            for arm, varied in file.settings["arms"].items():
                value = varied[threshold]
                if value in (None, file.settings["rule"][threshold], default[threshold]):
                    continue
                helps = sign * (value - default[threshold]) > 0
                mine = table[(table["arm"] == arm) & (table["measure"] == "iou")]
                for row in mine[mine["size"].isin(SIZES)].to_dict("records"):
                    up = helps == (row["size"] != SIZES[-1])
                    label = f"{threshold.replace('t_', 'T_')} = {value:g}, {row['size']}"
                    yield _compared(file, row, HIGHER if up else LOWER, label)


def _thresholds(rule: Mapping) -> dict[str, float]:
    """T_obj and T_bg of a rule for two categories, as most layouts have that hold several."""
    found = rule_of(rule, ["one", "other"])
    return {"t_obj": found.t_obj, "t_bg": found.t_bg}


def noises_repeat(files: Sequence[File]) -> Iterator[Finding]:
    """The more noises a collection holds, the fewer blocks are used twice; quality is not measured.

    Args:
        files: Table 2 for each model and detector.
    """
    for file in files:
        table = file.table([*_KEYS, "method", "reuse", "n_images"])
        every = table[(table["size"] == "all") & (table["measure"] == "iou")]
        every = every[every["confidence"] == every["confidence"].max()].set_index("arm")
        most = file.settings["noises"]
        counts = {
            varied["noises"]: arm
            for arm, varied in file.settings["arms"].items()
            if varied["noises"] != most and arm in every.index
        }
        if counts and BASE in every.index:
            counts[most] = BASE
            shares = [every.loc[counts[n], "reuse"] for n in sorted(counts)]
            pairs = zip(sorted(counts), shares, strict=True)
            yield Finding(
                f"{file.about}: blocks used twice",
                _falls(shares[0], shares[-1]),
                ", ".join(f"N = {n} {100 * share:.1f} %" for n, share in pairs),
                f"{every.loc[BASE, 'n_images']:.0f} latents each, a count",
                "alike",
            )
        yield Finding(f"{file.about}: image quality", ABSENT, "no score of quality by N")


def _falls(first: float, last: float) -> str:
    # Where nothing repeats with the fewest noises, nothing is left to fall.
    return HOLDS if last < first else OPEN if last == first == 0 else FAILS


def failures_shown(files: Sequence[File]) -> Iterator[Finding]:
    """SemI paints wrong colours more often than SD, and misses most very small boxes.

    Args:
        files: the table of failures for each model and detector.
    """
    for file in files:
        rates = file.table(["arm", "kind", "rate", "low", "high", "n"]).set_index(["kind", "arm"])
        sd, semi = (rates.loc[("wrong colour", arm)] for arm in ("sd", BASE))
        if semi["n"] and sd["n"]:
            yield Finding(
                f"{file.about}: wrong colour",
                apart(semi, sd),
                f"{100 * semi['rate']:.1f} [{100 * semi['low']:.1f}, {100 * semi['high']:.1f}] %",
                f"{semi['n']:.0f} found objects with a colour",
                f"SD {100 * sd['rate']:.1f} [{100 * sd['low']:.1f}, {100 * sd['high']:.1f}] %",
                _gap(semi, sd, "n", "objects"),
            )
        tiny = rates.loc[("very small box missed", BASE)]
        if tiny["n"]:
            limits = [tiny[key] for key in ("rate", "low", "high")]
            yield Finding(
                f"{file.about}: very small boxes missed",
                HOLDS if limits[1] > MOST else FAILS if limits[2] < MOST else OPEN,
                f"{100 * limits[0]:.0f} [{100 * limits[1]:.0f}, {100 * limits[2]:.0f}] %",
                f"{tiny['n']:.0f} boxes",
                f"most of them, {100 * MOST:.0f} %",
                Estimate(*limits, int(tiny["n"]), "boxes", null=MOST),
            )
        yield Finding(f"{file.about}: lost backgrounds", ABSENT, "not measured")
