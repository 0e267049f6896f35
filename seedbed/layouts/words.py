"""Where a caption mentions a category: whole words, whatever their case.

The Lottery Ticket paper (section 4.3) takes images whose "bounding box categories are all
mentioned in their image captions" and does not say how a mention is told. The word list,
``resources/words/coco_synonyms.csv``, is our own choice: for each of the 80 names, words that
people use for nothing else once such an object is in the picture ("table" for a dining table,
"man" for a person). Left out is what might as well be another category ("computer": laptop or
tv; "glass": wine glass or cup), what names several objects at once ("couple", "crowd") and
"ski", which in captions is mostly part of "ski slope".
"""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from pathlib import Path

WORDS = Path(__file__).resolve().parents[2] / "resources" / "words" / "coco_synonyms.csv"
"""``category``, ``word`` (the name itself or a synonym), ``plural`` where it is irregular."""


def plural(word: str) -> str:
    """The regular plural: ``benches``, ``butterflies``, ``cups``."""
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + ("es" if re.search(r"(s|x|z|ch|sh)$", word) else "s")


def mentions(category: str, caption: str, synonyms: bool = True) -> list[tuple[int, str]]:
    """Every mention of a category in a caption, in order.

    A word inside the longer name of another category is none: no dog in "a hot dog".

    Args:
        category: one of the 80 COCO names or, matched by its name and regular plural, any other.
        caption: any text.
        synonyms: also accept synonyms; otherwise only the name and its plural.

    Returns:
        (start, text): the character offset and the words as the caption writes them.
    """
    found = _pattern(category, synonyms).finditer(caption)
    return [(match.start(), match["mention"]) for match in found if match["mention"]]


@lru_cache
def _forms(synonyms: bool) -> dict[str, tuple[str, ...]]:
    """Each category's words and plurals, lower case."""
    forms: dict[str, list[str]] = {}
    with open(WORDS, encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            if synonyms or row["word"] == row["category"]:
                plurals = row["plural"] or plural(row["word"])
                forms.setdefault(row["category"], []).extend((row["word"], plurals))
    return {category: tuple(dict.fromkeys(words)) for category, words in forms.items()}


@lru_cache(maxsize=256)
def _pattern(category: str, synonyms: bool) -> re.Pattern:
    forms = _forms(synonyms)
    own = forms.get(category, (category, plural(category)))
    parts = re.compile(_any_of(own))
    others = [
        form
        for other, words in forms.items()
        for form in words
        if other != category and form not in own and parts.search(form)
    ]
    # A longer name comes first, so that it takes its words away from the names inside it.
    longer = f"{_any_of(others)}|" if others else ""
    return re.compile(f"{longer}(?P<mention>{_any_of(own)})", re.IGNORECASE)


def _any_of(forms: list[str] | tuple[str, ...]) -> str:
    """A pattern of whole forms, the longest first; any run of blanks or a hyphen joins words."""
    ordered = sorted(forms, key=len, reverse=True)
    spaced = [r"[\s-]+".join(map(re.escape, form.split())) for form in ordered]
    return rf"\b(?:{'|'.join(spaced)})\b"
