"""PartiPrompts: the 1,632 benchmark prompts of Google's Parti.

Source: ``PartiPrompts.tsv`` of github.com/google-research/parti, Apache-2.0. UTF-8, a header and
one prompt per line, four fields parted by tabs; a Note may be empty, its tab is always there.
Quotation marks are part of the text and part no fields, so the file is not read as CSV.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from seedbed.download import at_hand
from seedbed.prompts.table import PromptError, lines_of, make, read_lines

HEADER = ("Prompt", "Category", "Challenge", "Note")


def parse(path: str | Path) -> pd.DataFrame:
    """The prompt table of a PartiPrompts file; every row of it, in its order.

    ``category`` is the file's Category; Challenge and Note are not kept. Blanks around a prompt
    are taken off (ten prompts of the published file have them), those within it are kept. Raises
    PromptError, with the line's number, at a byte that is not UTF-8, another header, another
    number of fields, an empty prompt or category, or a repeated prompt.
    """
    return _table(read_lines(path), path)


def _table(lines: list[str], source: str | Path) -> pd.DataFrame:
    header, *rows = lines
    if tuple(header.split("\t")) != HEADER:
        raise PromptError(
            f"{source}: line 1: the header is {header!r}, not {' <tab> '.join(HEADER)}; "
            "use the original PartiPrompts.tsv"
        )
    if not rows:
        raise PromptError(
            f"{source}: no prompts below the header; use the original PartiPrompts.tsv"
        )
    numbers = range(2, len(rows) + 2)
    pairs = [_pair(row, line, source) for line, row in zip(numbers, rows, strict=True)]
    return make(
        [prompt for prompt, _ in pairs],
        "parti",
        source,
        categories=[category for _, category in pairs],
        lines=numbers,
    )


def _pair(row: str, line: int, path: str | Path) -> tuple[str, str]:
    fields = row.split("\t")
    if len(fields) != len(HEADER):
        raise PromptError(
            f"{path}: line {line}: {len(fields)} fields instead of {len(HEADER)} "
            f"({', '.join(HEADER)}, parted by tabs); add or remove tabs"
        )
    prompt, category = fields[0].strip(), fields[1].strip()
    if prompt and not category:
        raise PromptError(f"{path}: line {line}: the Category is empty; fill it")
    return prompt, category


def from_entry(entry: Mapping, name: str) -> pd.DataFrame:
    """The prompt table of a config entry of kind ``parti``: ``url``, ``sha256``, ``local``."""
    with at_hand(entry, f"prompts.{name}.local") as path:
        # Messages name what the config names, not a copy that is gone when they are read.
        source = entry["local"] or entry["url"]
        return _table(lines_of(path.read_bytes(), source), source)
