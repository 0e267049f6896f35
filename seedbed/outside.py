"""Files from outside: regular ones, of a size that fits what they are, read once and whole.

A path in a config may name anything: a pipe that never ends, a folder, a device, a disk image.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

CHUNK = 1 << 20
MOST_TEXT = 256 * 2**20
"""Bytes of the largest text file that is read whole: prompts, word lists, scenes."""
MOST_SETTINGS = 64 * 2**20
"""Bytes of the largest JSON file of a model or an evaluator; tokenizers are the largest."""


class OutsideError(ValueError):
    """What is wrong with a file, without its name: whoever reads it knows its key too."""


def chunks(path: str | Path, most: int | None = None) -> Iterator[bytes]:
    """The bytes of a regular file, piece by piece.

    Args:
        path: the file; a pipe, a device or a socket is refused before anything is read.
        most: bytes that it may have; ``None`` for any number.

    Raises:
        OutsideError: no such file, none that may be read, not a regular one, or a larger one.
    """
    try:
        # Without O_NONBLOCK, opening a pipe waits for one who writes.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise OutsideError(_said(error)) from None
    try:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode):
            is_folder = stat.S_ISDIR(state.st_mode)
            raise OutsideError("a folder, not a file" if is_folder else "not a regular file")
        if most is not None and state.st_size > most:
            raise OutsideError(f"{state.st_size:,} bytes, more than the {most:,} it may have")
        while chunk := os.read(handle, CHUNK):
            yield chunk
    except OSError as error:
        raise OutsideError(_said(error)) from None
    finally:
        os.close(handle)


def read(path: str | Path, most: int = MOST_TEXT) -> bytes:
    """All bytes of a regular file; raises as ``chunks`` does."""
    return b"".join(chunks(path, most))


def read_json(
    path: str | Path,
    most: int = MOST_TEXT,
    object_hook: Callable | None = None,
    constants: Callable | None = None,
):
    """What a JSON file holds.

    Args:
        path: the file.
        most: bytes that it may have.
        object_hook: as of ``json.loads``.
        constants: what NaN and Infinity become, which JSON does not know; without it, a fault.

    Raises:
        OutsideError: as ``chunks``, or no JSON, NaN or infinity in it, or nesting too deep.
    """
    try:
        raw = read(path, most)
        return json.loads(raw, object_hook=object_hook, parse_constant=constants or _no_number)
    except OutsideError:
        raise
    except RecursionError:
        raise OutsideError("not JSON that can be read: nested too deep") from None
    except ValueError as error:
        raise OutsideError(f"not JSON: {' '.join(str(error).split())[:200]}") from None


def _no_number(word: str):
    raise ValueError(f"{word} is not a finite number")


def _said(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or " ".join(str(error).split())
