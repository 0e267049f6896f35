"""Prompts from a plain text file, one per line: captions made elsewhere, or one's own.

Source: any UTF-8 text file; a caption that spans several lines must be joined into one first.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from seedbed.prompts.table import make, read_lines


def parse(path: str | Path, kind: str = "lines") -> pd.DataFrame:
    """The prompt table of a text file; ids begin with the kind, ``line`` is the file's.

    Raises PromptError, with the line's number, at a blank line, a repeated prompt or a byte that
    is not UTF-8; without one, if the file is missing or empty or the kind is unknown.
    """
    texts = read_lines(path)
    return make(texts, kind, path, lines=range(1, len(texts) + 1))


def from_entry(entry: Mapping, name: str) -> pd.DataFrame:
    """The prompt table of a config entry of kind ``lines``: ``path``."""
    return parse(entry["path"])
