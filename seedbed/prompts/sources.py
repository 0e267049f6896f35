"""One door to every kind of prompt set named in the config."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd

from seedbed.prompts import lines, parti, synthetic
from seedbed.prompts.download import fetch


def make_prompts(entry: dict, name: str) -> pd.DataFrame:
    """The prompt table of a real-world source; the Storybook world has its own writer.

    Args:
        entry: the set's entry under ``prompts`` in the config.
        name: the set's name there, for messages.

    Raises:
        PromptError: an unusable file, row or download.
        ValueError: a kind that has no source here.
    """
    kind = entry["kind"]
    if kind == "synthetic":
        return synthetic.combine(
            synthetic.read_words(entry["objects"]), synthetic.read_words(entry["modifiers"])
        )
    if kind == "lines":
        return lines.parse(entry["path"])
    if kind == "parti":
        with tempfile.TemporaryDirectory() as folder:
            path = fetch(
                entry["url"],
                entry["sha256"],
                Path(folder) / "PartiPrompts.tsv",
                local=entry["local"],
                key=f"prompts.{name}.local",
            )
            return parti.parse(path)
    raise ValueError(f"prompts.{name}.kind: {kind!r} has no source")
