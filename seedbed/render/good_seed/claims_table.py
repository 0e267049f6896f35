"""What the run says of every claim of Good Seed."""

from __future__ import annotations

from seedbed.good_seed.claims import ledger
from seedbed.good_seed.findings import File
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
    "source": "From",
}


def claims(files: list[str], sources: list[str], abouts: list[str]) -> Table:
    """The table of claims.

    Args:
        files: results of the run.
        sources: what the catalog calls each of them.
        abouts: what each is of, in words.
    """
    by_source: dict[str, list[File]] = {}
    for path, source, about in zip(files, sources, abouts, strict=True):
        by_source.setdefault(source, []).append(File(path, about))
    full = ledger(by_source)
    printed = full.rename(columns=HEADS).astype(str).replace("", MISSING)
    return Table(full, printed)
