"""Files that are whole or absent: atomic writes, text, JSON, digests.

Every file is written under a temporary name in its own folder and renamed when it
is whole, so a job killed at any moment leaves either the whole file or none.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from seedbed import partials

log = logging.getLogger(__name__)

AGAIN = "delete it and run again"
_DISK_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class StoreError(ValueError):
    """A stored file is missing, incomplete or not what it should be."""


@contextmanager
def atomic(path: str | Path, level: int = logging.INFO) -> Iterator[Path]:
    """Yield a temporary path that is renamed to ``path`` when the block ends well.

    On an exception the temporary file is removed and ``path`` is left as it was. The name
    carries host and process, so duplicate jobs do not write into each other; what a process
    that was killed left of the same ``path`` is removed.

    Args:
        path: what is written.
        level: of the log line about it.

    Raises:
        OSError: nothing can be written; where the disk is the reason, ``path`` is named.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    for swept in partials.sweep_beside(path):
        log.info("removed %s, which a killed process left", swept)
    partial = partials.beside(path)
    try:
        yield partial
        partial.replace(path)
        log.log(level, "wrote %s (%d bytes)", path, path.stat().st_size)
    except OSError as fault:
        # What writes into an open file does not know its name.
        if fault.errno not in _DISK_FAULTS or fault.filename:
            raise
        raise OSError(fault.errno, os.strerror(fault.errno), str(path)) from fault
    finally:
        partial.unlink(missing_ok=True)


def write_text(text: str, path: str | Path) -> None:
    """Write UTF-8 text atomically."""
    with atomic(path) as partial:
        partial.write_text(text, encoding="utf-8")


def write_json(value, path: str | Path) -> None:
    """Write JSON atomically, keys in the given order."""
    write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", path)


def read_json(path: str | Path, keys: Collection[str] = ()):
    """Read a JSON file.

    Args:
        path: of the file.
        keys: what its top level must hold.

    Raises:
        StoreError: it is missing, is no JSON, holds NaN or infinity, or lacks a key.
    """
    with reading(path, "JSON"):
        text = Path(path).read_text(encoding="utf-8")
        value = json.loads(text, parse_constant=_no_number)
    if keys and not isinstance(value, dict):
        raise StoreError(f"{path}: holds no table of keys; {AGAIN}")
    lacking = [key for key in keys if key not in value]
    if lacking:
        raise StoreError(f"{path}: lacks {', '.join(lacking)}; {AGAIN}")
    return value


def _no_number(text: str):
    raise ValueError(f"{text} is not a finite number")


@contextmanager
def reading(path: str | Path, what: str) -> Iterator[None]:
    """Turn whatever a library makes of a broken file into one line that names the file.

    Args:
        path: of the file that is read inside.
        what: the file should be, with its article where it has one.

    Raises:
        StoreError: anything went wrong inside, but a ``StoreError`` that names a file already.
    """
    try:
        yield
    except StoreError:
        raise
    except FileNotFoundError as error:
        raise StoreError(f"{path}: is not there; run again") from error
    # A file with flipped bytes leads a library anywhere.
    except Exception as error:
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise StoreError(f"{path}: not {what} that can be read ({reason}); {AGAIN}") from error


def sha256_of(path: str | Path) -> str:
    """Hex digest of a file's bytes."""
    digest = hashlib.sha256()
    with open(path, "rb") as handle:
        while chunk := handle.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
