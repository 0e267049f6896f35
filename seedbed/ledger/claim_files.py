"""What the papers claim and show, from ``claims/*.yaml``: one file per paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from seedbed.provenance import files_digest

FOLDER = Path(__file__).resolve().parents[2] / "claims"
PAPERS = ("good_seed", "lottery_ticket")
"""The files, in the order of the ledger."""


@dataclass(frozen=True)
class Claim:
    """One claim of a paper.

    Attributes:
        id: G or L and a number.
        paper: its name.
        claim: in a sentence.
        where: its place in the paper.
        chance: what chance or design alone gives.
        test: name of a record of ``registry.TESTS``; empty where nothing decides it.
    """

    id: str
    paper: str
    claim: str
    where: str
    chance: str
    test: str = ""


@dataclass(frozen=True)
class Exhibit:
    """A table or figure of a paper.

    Attributes:
        paper: its name.
        name: its number in the paper.
        shows: what it shows, in our words.
        numbers: what the paper reports there.
        ours: records of the catalog that stand beside it.
        claims: ids of what it supports.
    """

    paper: str
    name: str
    shows: str
    numbers: str
    ours: tuple[str, ...]
    claims: tuple[str, ...]


@cache
def claims() -> tuple[Claim, ...]:
    """Every claim, by paper and number.

    Raises:
        ValueError: a file lacks a key or has one too many.
    """
    found = []
    for name in PAPERS:
        paper, entries, _ = _read(name)
        for id_, entry in entries.items():
            found.append(_made(Claim, name, id_, {"id": id_, "paper": paper, **entry}))
    return tuple(found)


@cache
def exhibits() -> tuple[Exhibit, ...]:
    """Every table and figure of both papers.

    Raises:
        ValueError: a file lacks a key, has one too many, or an exhibit names an unknown claim.
    """
    known = {claim.id for claim in claims()}
    found = []
    for name in PAPERS:
        paper, _, entries = _read(name)
        for entry in entries:
            lists = {key: tuple(entry.get(key, ())) for key in ("ours", "claims")}
            made = _made(Exhibit, name, entry.get("name", "?"), {"paper": paper, **entry, **lists})
            unknown = set(made.claims) - known
            if unknown:
                raise ValueError(f"claims/{name}.yaml: {made.name}: no claim {min(unknown)}")
            found.append(made)
    return tuple(found)


@cache
def digest() -> str:
    """Of the files, whose edits rerun what is written from them."""
    return files_digest(FOLDER / f"{name}.yaml" for name in PAPERS)


@cache
def _read(name: str) -> tuple[str, Mapping, list]:
    path = FOLDER / f"{name}.yaml"
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
        return entries["paper"], entries["claims"], entries["exhibits"]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: no claims and exhibits of a paper: {error}") from None


def _made(kind: type, name: str, at: str, values: Mapping):
    try:
        return kind(**values)
    except TypeError as error:
        raise ValueError(f"claims/{name}.yaml: {at}: {error}") from None
