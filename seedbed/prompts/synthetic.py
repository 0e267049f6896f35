"""Synthetic prompts: every object with every modifier, "a pale horse", "a round bowl", "a cup".

Source: the Good Seed paper, section 3.2: 40 objects and 22 modifiers, one of them empty, make
880 prompts. It names the objects "horse" and "bowl" and the modifiers "pale", "round" and "";
the lists as a whole are unpublished. Ours are in ``resources/words``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from seedbed.prompts.grammar import article
from seedbed.prompts.table import MOST_PROMPTS, PromptError, key, make, quote, read_lines


def read_words(path: str | Path) -> list[str]:
    """The words of a list in its order: one per line, ``#`` begins a comment.

    Raises PromptError, with the line's number, at a line with nothing on it, a repeated word, a
    sign that no word has, or a byte that is not UTF-8; without one, if there are no words.
    """
    words: list[str] = []
    seen: dict[str, int] = {}
    for line, content in enumerate(read_lines(path), start=1):
        word, comment, _ = content.partition("#")
        word = word.strip()
        if not word and comment:
            continue
        _check_word(word, f"{path}: line {line}")
        first = seen.setdefault(key(word), line)
        if first != line:
            raise PromptError(
                f"{path}: line {line}: the word {quote(word)} repeats line {first}; "
                "keep one of the two"
            )
        words.append(word)
    if not words:
        raise PromptError(f"{path}: holds no words; write one per line")
    return words


def combine(
    objects: Sequence[str], modifiers: Sequence[str], with_empty: bool = True
) -> pd.DataFrame:
    """The prompt table of every object with every modifier, object by object.

    ``with_empty`` puts the empty modifier first: each object on its own. Raises PromptError if
    there are no objects or no modifiers, an object is empty, or an object or modifier comes twice.
    """
    objects = [thing.strip() for thing in objects]
    modifiers = [modifier.strip() for modifier in modifiers]
    if not all(objects):
        raise PromptError("synthetic prompts: an object is empty; name or remove it")
    modifiers = ["", *modifiers] if with_empty else modifiers
    for name, words in (("objects", objects), ("modifiers", modifiers)):
        if not words:
            raise PromptError(f"synthetic prompts: no {name}; list at least one")
        counts = Counter(key(word) for word in words)
        twice = [word for word, times in counts.items() if times > 1]
        if twice:
            raise PromptError(
                f"synthetic prompts: {quote(twice[0])} comes twice among the {name}; "
                "remove one (with_empty adds the modifier '' by itself)"
            )
    if len(objects) * len(modifiers) > MOST_PROMPTS:
        raise PromptError(
            f"synthetic prompts: {len(objects):,} objects with {len(modifiers):,} modifiers are "
            f"more than {MOST_PROMPTS:,} prompts; shorten a list"
        )
    pairs = [(thing, modifier) for thing in objects for modifier in modifiers]
    phrases = [f"{modifier} {thing}".strip() for thing, modifier in pairs]
    return make(
        [f"{article(phrase)} {phrase}" for phrase in phrases],
        "synthetic",
        "synthetic prompts",
        objects=[thing for thing, _ in pairs],
        modifiers=[modifier for _, modifier in pairs],
    )


def _check_word(word: str, place: str) -> None:
    if not word:
        raise PromptError(
            f"{place}: nothing on it; remove the line (the empty modifier is implied)"
        )
    if not all(sign.isalpha() or sign in " -'" for sign in word):
        raise PromptError(f"{place}: {quote(word)} is not one word; write one per line")


def from_entry(entry: Mapping, name: str) -> pd.DataFrame:
    """The prompt table of a config entry of kind ``synthetic``: ``objects``, ``modifiers``."""
    return combine(read_words(entry["objects"]), read_words(entry["modifiers"]))
