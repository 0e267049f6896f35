"""The prompt table: its columns, its checks, and how its sources are read.

One row per prompt:

- ``prompt_id``: unique and stable: the source's prefix and the prompt's place in it, from 1
- ``text``: what the model is given; stripped, never empty, unique
- ``kind``: one of ``KINDS``
- ``object``, ``modifier``, ``category``: what the source says of the prompt, '' where nothing
- ``line``: line number in the source, from 1; -1 where the prompt was generated
- ``split``: '' until ``splits.split`` names one

Two prompts are the same if they differ only in case and spacing: CLIP's tokenizer lowercases
text and joins its blanks, so the model could not tell them apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from seedbed import outside

COLUMNS = ("prompt_id", "text", "kind", "object", "modifier", "category", "line", "split")
KINDS = ("dense", "short", "synthetic", "parti", "lines")
MOST_PROMPTS = 1_000_000
MOST_CHARACTERS = 10_000
"""Of one prompt: a text encoder reads 77 tokens of it."""


class PromptError(ValueError):
    """Prompts that cannot be used; the message is one line: where, what, what to do."""


def key(text: str) -> str:
    """The form in which prompts are compared: casefolded, each run of blanks one space."""
    return " ".join(text.casefold().split())


def one_line(value: object) -> str:
    """Any value, such as an exception, as one line of text."""
    return " ".join(str(value).split())


def quote(text: str, width: int = 60) -> str:
    """The beginning of a text, in quotes, for a message."""
    return repr(text if len(text) <= width else text[: width - 1] + "…")


def read_lines(path: str | Path) -> list[str]:
    """The lines of a UTF-8 text file, without line ends; a byte order mark is taken off.

    Raises PromptError if the file cannot be read, is no regular one or is empty, and as
    ``lines_of`` does.
    """
    try:
        raw = outside.read(path)
    except outside.OutsideError as error:
        raise PromptError(f"{path}: cannot be read ({error}); name a readable text file") from error
    return lines_of(raw, path)


def lines_of(raw: bytes, source: str | Path) -> list[str]:
    """The lines of UTF-8 text; ``source`` names it in messages.

    Raises PromptError if it is empty, or, with the line's number, at a byte that is not UTF-8 or
    a control character that no line of text should hold.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise PromptError(f"{source}: UTF-16; save the file as UTF-8")
    lines = []
    for number, piece in enumerate(raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        try:
            line = piece.removesuffix(b"\r").decode("utf-8")
        except UnicodeDecodeError as error:
            raise PromptError(
                f"{source}: line {number}: byte 0x{piece[error.start]:02x} is not UTF-8; "
                "save the file as UTF-8"
            ) from error
        if "\r" in line or "\0" in line:
            raise PromptError(
                f"{source}: line {number}: a stray carriage return or null character; "
                "save the file as plain UTF-8 text with ordinary line ends"
            )
        if control := re.search(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]", line):
            raise PromptError(
                f"{source}: line {number}: the control character {control[0]!r}; remove it"
            )
        lines.append(line)
    if lines[-1] == "":  # what follows the last line's end
        lines.pop()
    if not lines:
        raise PromptError(f"{source}: the file is empty; fill it or name another")
    return lines


def make(
    texts: Sequence[str],
    kind: str,
    source: str | Path,
    *,
    prefix: str | None = None,
    objects: Sequence[str] | None = None,
    modifiers: Sequence[str] | None = None,
    categories: Sequence[str] | None = None,
    lines: Sequence[int] | None = None,
) -> pd.DataFrame:
    """A checked prompt table from texts in the order of their source, split still ''.

    Ids are ``{prefix}_0001``, ``{prefix}_0002``, …; the prefix is the kind unless given. Texts
    are stripped. Raises PromptError naming ``source``, as ``check`` does.
    """
    count = len(texts)
    prefix = prefix or kind
    empty = [""] * count
    frame = pd.DataFrame(
        {
            "prompt_id": [f"{prefix}_{number:04d}" for number in range(1, count + 1)],
            "text": [text.strip() if isinstance(text, str) else text for text in texts],
            "kind": [kind] * count,
            "object": empty if objects is None else list(objects),
            "modifier": empty if modifiers is None else list(modifiers),
            "category": empty if categories is None else list(categories),
            "line": pd.Series([-1] * count if lines is None else list(lines), dtype="int64"),
            "split": empty,
        }
    )
    return check(frame, source)


def check(frame: pd.DataFrame, source: str | Path) -> pd.DataFrame:
    """The frame itself, if it is a sound prompt table; ``source`` names it in messages.

    Raises PromptError at the first fault: a column missing, no rows, a value of the wrong type,
    an unknown kind, an empty or unstripped prompt, a repeated prompt or a repeated id. Rows are
    named by their line in the source, or by their number where they have none. Further columns
    are left alone.
    """
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise PromptError(
            f"{source}: no column {missing[0]!r}; a prompt table has {', '.join(COLUMNS)}"
        )
    if frame.empty:
        raise PromptError(f"{source}: holds no prompts; give it at least one")
    if len(frame) > MOST_PROMPTS:
        raise PromptError(
            f"{source}: {len(frame):,} prompts, more than the {MOST_PROMPTS:,} of the largest set; "
            "shorten it"
        )
    if not pd.api.types.is_integer_dtype(frame["line"]):
        raise PromptError(
            f"{source}: column 'line' is {frame['line'].dtype}, not whole numbers; "
            "use the line in the source, -1 if there is none"
        )
    places = [
        f"line {line}" if line > 0 else f"row {row}"
        for row, line in enumerate(frame["line"].tolist(), start=1)
    ]
    for name in COLUMNS:
        if name != "line":
            _check_strings(frame[name].tolist(), name, places, source)
    _check_kinds(frame["kind"].tolist(), places, source)
    _check_texts(frame["text"].tolist(), places, source)
    _check_ids(frame["prompt_id"].tolist(), places, source)
    return frame


def first_prompts(frame: pd.DataFrame, count: int) -> pd.DataFrame:
    """The first prompts of a table.

    Raises:
        PromptError: it has fewer.
    """
    if len(frame) < count:
        raise PromptError(f"{count} prompts asked for, the table has {len(frame)}; lower the count")
    return frame.head(count)


def read(path: str | Path) -> pd.DataFrame:
    """The prompt table stored as Parquet at ``path``.

    Raises PromptError if the file cannot be read as Parquet or its table is not sound.
    """
    try:
        frame = pd.read_parquet(path, engine="pyarrow")
    except (OSError, ValueError) as error:
        raise PromptError(
            f"{path}: cannot be read as a Parquet table ({one_line(error)}); "
            "delete it and let the workflow make it again"
        ) from error
    return check(frame, path)


def _check_strings(values: list, name: str, places: list[str], source: str | Path) -> None:
    for value, place in zip(values, places, strict=True):
        if not isinstance(value, str):
            raise PromptError(
                f"{source}: {place}: column {name!r} holds {value!r}, not a string; "
                "write text there, '' for nothing"
            )


def _check_kinds(kinds: list[str], places: list[str], source: str | Path) -> None:
    for kind, place in zip(kinds, places, strict=True):
        if kind not in KINDS:
            raise PromptError(
                f"{source}: {place}: unknown kind {kind!r}; use one of {', '.join(KINDS)}"
            )


def _check_texts(texts: list[str], places: list[str], source: str | Path) -> None:
    seen: dict[str, int] = {}
    for row, (text, place) in enumerate(zip(texts, places, strict=True)):
        if not text.strip():
            raise PromptError(f"{source}: {place}: the prompt is empty; fill it or remove it")
        if len(text) > MOST_CHARACTERS:
            raise PromptError(
                f"{source}: {place}: the prompt has {len(text):,} characters, more than the "
                f"{MOST_CHARACTERS:,} it may have; shorten it"
            )
        if text != text.strip():
            raise PromptError(
                f"{source}: {place}: the prompt {quote(text)} begins or ends in blanks; strip it"
            )
        first = seen.setdefault(key(text), row)
        if first != row:
            raise PromptError(
                f"{source}: {place}: the prompt {quote(text)} repeats {places[first]} "
                "(case and spacing do not count); keep one of the two"
            )


def _check_ids(ids: list[str], places: list[str], source: str | Path) -> None:
    seen: dict[str, int] = {}
    for row, (prompt_id, place) in enumerate(zip(ids, places, strict=True)):
        if not prompt_id.strip():
            raise PromptError(f"{source}: {place}: prompt_id is empty; give each prompt its own")
        first = seen.setdefault(prompt_id, row)
        if first != row:
            raise PromptError(
                f"{source}: {place}: prompt_id {prompt_id!r} is taken by {places[first]}; "
                "give each prompt its own"
            )
