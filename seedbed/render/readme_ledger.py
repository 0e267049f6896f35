"""README's tables of claims: what the ledger says, a row per claim and verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from seedbed.ledger.findings import ABSENT, FAILS, HOLDS, OPEN
from seedbed.render.tables import MISSING, to_markdown
from seedbed.render.wording import joined

KEYS = ("id", "paper", "claim", "about", "verdict", "ours", "n", "chance", "needed", "test")
"""Columns of the ledger that README reads."""
NAMED = 3
"""So many models or designs are named in a cell."""


def claims_said(rows: Sequence[Mapping], paper: str) -> str:
    """How many claims of a paper come out how, and a table of them.

    Args:
        rows: of the ledger, ``KEYS``.
        paper: its name there.
    """
    frame = pd.DataFrame(rows).fillna("")
    mine = frame[frame["paper"] == paper]
    printed = [_row(part) for _, part in mine.groupby(["id", "verdict"], sort=False)]
    table = pd.DataFrame(printed)
    again = table["Claim"].duplicated()
    table.loc[again, "Claim"] = ""
    return f"{_counted(mine)}\n\n{to_markdown(table.replace('', MISSING))}"


def _counted(mine: pd.DataFrame) -> str:
    """``22 claims: 5 holding wherever they were tried, 2 …``."""
    cases = mine[mine["verdict"] != ABSENT].groupby("id", sort=False)["verdict"].agg(set)
    untested = mine["id"].nunique() - len(cases)
    counts = {
        "holding wherever they were tried": sum(found == {HOLDS} for found in cases),
        "failing wherever they were tried": sum(found == {FAILS} for found in cases),
        "not to be told at this size": sum(found == {OPEN} for found in cases),
        "different by model, design or measure": sum(len(found) > 1 for found in cases),
        "not decided by this run": untested,
    }
    told = joined([f"{n} {words}" for words, n in counts.items() if n])
    return f"{mine['id'].nunique()} claims: {told}."


def _row(part: pd.DataFrame) -> dict[str, str]:
    """One verdict of a claim: where, and the numbers of the first case."""
    first = part.iloc[0]
    named = [about for about in part["about"] if about]
    more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
    several = f" ({len(part)})" if len(part) > 1 else ""
    return {
        "Claim": f"{first['id']}: {first['claim']}",
        "Verdict": f"{first['verdict']}{several}",
        "Here": "; ".join(named[:NAMED]) + more,
        "Ours": first["ours"],
        "n": first["n"],
        "Chance alone": first["chance"],
        "What would decide it": first["needed"],
    }
