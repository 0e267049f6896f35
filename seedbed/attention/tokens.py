"""Where a phrase of a caption stands among the tokens that the UNet attends to."""

from __future__ import annotations

WORD_END = "</w>"
"""How CLIP's byte-pair vocabulary marks the last token of a word."""


def phrase_positions(
    tokenizer, text: str, phrase: str, start: int | None = None
) -> tuple[int, ...]:
    """Positions of a phrase's tokens in the encoded text; the start token has position 0.

    The phrase is sought as a run of token ids that begins with a word, so that "ball" is
    not found in "kickball".

    Args:
        tokenizer: a CLIP tokenizer.
        text: the caption, encoded as ``models.sd.token_ids`` does.
        phrase: one or several words of it.
        start: character offset at which the phrase begins; without it, the first occurrence.

    Raises:
        ValueError: the phrase is not there, or its tokens lie beyond the tokenizer's length.
    """
    ids, run = _ids(tokenizer, text), _ids(tokenizer, phrase)
    if start is None:
        candidates = range(len(ids))
    else:
        candidates = [len(_ids(tokenizer, text[:start]))] if 0 <= start < len(text) else []
    for first in candidates:
        if run and ids[first : first + len(run)] == run and _begins_word(tokenizer, ids, first):
            break
    else:
        where = "" if start is None else f" at character {start}"
        raise ValueError(f"phrase {phrase!r} is not in the text {text!r}{where}")
    positions = tuple(range(first + 1, first + 1 + len(run)))
    room = tokenizer.model_max_length - 2  # the start and the end token take two places
    if positions[-1] > room:
        raise ValueError(
            f"phrase {phrase!r} has token {positions[-1]}, the tokenizer keeps {room}: "
            f"shorten the text {text!r}"
        )
    return positions


def _ids(tokenizer, text: str) -> list[int]:
    """Token ids without start, end, padding and truncation."""
    return tokenizer(text, add_special_tokens=False, truncation=False, verbose=False).input_ids


def _begins_word(tokenizer, ids: list[int], k: int) -> bool:
    return k == 0 or tokenizer.convert_ids_to_tokens(ids[k - 1]).endswith(WORD_END)
