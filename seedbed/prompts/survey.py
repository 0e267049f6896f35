"""The few prompts that many seeds draw: objects and modifiers spread over those of a set."""

from __future__ import annotations

import pandas as pd

from seedbed.prompts.table import PromptError


def survey_prompts(table: pd.DataFrame, objects: int, modifiers: int) -> pd.DataFrame:
    """Prompts of a survey: objects and modifiers spread over those of a table.

    Args:
        table: a prompt table (``seedbed.prompts.table``).
        objects, modifiers: how many of each; with a set that names no objects, their product is
            how many prompts are taken, the first.

    Raises:
        PromptError: the set has fewer objects, modifiers or prompts.
    """
    if (table["object"] == "").any():
        return _first(table, objects * modifiers)
    kept = table
    for column, count in (("object", objects), ("modifier", modifiers)):
        words = list(dict.fromkeys(table[column]))
        if len(words) < count:
            raise PromptError(
                f"the survey asks for {count} {column}s and the prompt set has {len(words)}; "
                f"lower good_seed.survey.{column}s"
            )
        chosen = {words[round(i * (len(words) - 1) / max(count - 1, 1))] for i in range(count)}
        kept = kept[kept[column].isin(chosen)]
    return kept.reset_index(drop=True)


def _first(table: pd.DataFrame, count: int) -> pd.DataFrame:
    if len(table) < count:
        raise PromptError(
            f"the survey asks for {count} prompts and the prompt set has {len(table)}; lower "
            "good_seed.survey.objects or .modifiers"
        )
    return table.head(count).reset_index(drop=True)
