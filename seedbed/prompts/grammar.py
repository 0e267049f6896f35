"""A little English for prompts that are put together from words."""

from __future__ import annotations

import re

# Written with a vowel but spoken with a consonant ("a used car"), and the other way round.
_CONSONANT_SOUND = re.compile(r"eu|ew|one\b|once\b|uni([cfqtv]|on\b)|us[eu]|uten|ukul")
_SILENT_H = re.compile(r"heir|hono|hones|hour")


def article(phrase: str) -> str:
    """The indefinite article of a phrase by its first sound: ``an apple``, ``a used car``."""
    start = phrase.lower()
    vowel = start[0] in "aeiou" and not _CONSONANT_SOUND.match(start)
    return "an" if vowel or _SILENT_H.match(start) else "a"
