"""What the run says of every claim of both papers, as a table."""

from __future__ import annotations

import pandas as pd

from seedbed.ledger.book import ledger
from seedbed.ledger.findings import File
from seedbed.render.tables import MISSING, Table

HEADS = {
    "id": "",
    "claim": "Claim",
    "where": "In the paper",
    "about": "Here",
    "verdict": "Verdict",
    "ours": "Ours [interval]",
    "n": "n",
    "chance": "Chance alone",
    "needed": "What would decide it",
    "test": "Test",
    "source": "From",
}


def ledger_of(files: list[str], sources: list[str], abouts: list[str], settings: dict) -> Table:
    """The ledger of a run.

    Args:
        files: results of the run.
        sources: what the catalog calls each of them.
        abouts: what each is of, in words.
        settings: of the run, see ``ledger.findings.File``.
    """
    by_source: dict[str, list[File]] = {}
    for path, source, about in zip(files, sources, abouts, strict=True):
        by_source.setdefault(source, []).append(File(path, about, settings))
    full = ledger(by_source)
    return Table(full, printed(full))


def printed(full: pd.DataFrame) -> pd.DataFrame:
    """The rows as readers see them: a claim's words stand once."""
    shown = full[list(HEADS)].fillna("").astype(str)
    again = shown["id"].duplicated()
    for column in ("claim", "where", "test"):
        shown.loc[again, column] = ""
    return shown.replace("", MISSING).rename(columns=HEADS)
