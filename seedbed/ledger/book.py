"""Every claim with what a run says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module

import pandas as pd

from seedbed.ledger.claim_files import Claim, claims
from seedbed.ledger.findings import ABSENT, File, Finding
from seedbed.ledger.registry import TESTS

COLUMNS = [
    *("id", "paper", "claim", "where", "about", "verdict", "ours", "value", "low", "high"),
    *("units", "unit", "n", "chance", "needed", "test", "source"),
]
UNTESTED = "no test"
"""Stands for the test of a claim that nothing decides."""


def ledger(files: Mapping[str, Sequence[File]]) -> pd.DataFrame:
    """The ledger of a run.

    Args:
        files: those of each source that the run has.

    Returns:
        ``COLUMNS``: a row per finding, and one that says ``ABSENT`` for a claim that nothing in the
        run decides; ``test`` is ``UNTESTED`` where nothing in any run does. ``value``, ``low``,
        ``high`` and ``units`` (how many of ``unit``) are numbers of what decides, in the unit of
        ``ours`` or as shares of it; ``needed`` is what would decide a finding that is open.

    Raises:
        StoreError: a file is missing or lacks what a claim reads.
        ValueError: a claim names an unknown test.
    """
    rows = [_row(claim, found) for claim in claims() for found in _findings(claim, files)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _findings(claim: Claim, files: Mapping[str, Sequence[File]]) -> list[Finding]:
    if claim.test and claim.test not in TESTS:
        raise ValueError(f"claim {claim.id}: no test {claim.test!r}: see seedbed.ledger.registry")
    found: list[Finding] = []
    if claim.test and files.get(TESTS[claim.test].source):
        test = TESTS[claim.test]
        decide = getattr(import_module(test.module), test.decide.partition(":")[2])
        found = list(decide(*(files.get(each, ()) for each in test.sources), **test.options))
    return found or [Finding("", ABSENT)]


def _row(claim: Claim, found: Finding) -> dict:
    row = {key: getattr(claim, key) for key in ("id", "paper", "claim", "where")}
    row |= {key: getattr(found, key) for key in ("about", "verdict", "ours", "n", "needed")}
    row |= {"chance": found.chance or claim.chance, "test": claim.test or UNTESTED}
    absent = found.verdict == ABSENT and not found.about
    row["source"] = "" if absent or not claim.test else ", ".join(TESTS[claim.test].sources)
    if found.estimate is not None:
        row |= {key: getattr(found.estimate, key) for key in ("value", "low", "high", "unit")}
        row["units"] = found.estimate.n
    return row
