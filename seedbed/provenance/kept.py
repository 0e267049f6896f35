"""What was found out about files, kept between starts of Snakemake: syntax trees, weights.

Every start asks for the digests of all code, and on a cluster every job is one; parsing the package
takes three quarters of it. Code is kept by the content of a file, so it is never out of date; what
is lost, broken or not to be written costs time alone.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
from pathlib import Path

from seedbed import partials

CODE_CACHE = Path(".snakemake", "seedbed", "code.json")
"""Below the working directory."""
MOST = 4000
"""Entries; the oldest go first. A package has some 400 files."""

log = logging.getLogger(__name__)


def read(path: Path) -> dict:
    """What is kept there; nothing where it cannot be read."""
    try:
        return dict(json.loads(path.read_text(encoding="ascii")).items())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, RecursionError) as fault:
        log.debug("%s is passed over: %s", path, fault)
        return {}


def write(entries: dict, path: Path) -> None:
    """Keep it, where that can be done."""
    partial = partials.beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            partial.write_text(json.dumps(entries, indent=1) + "\n", encoding="ascii")
            os.replace(partial, path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as fault:
        log.debug("%s is not written: %s", path, fault)


class Kept:
    """Values for JSON by name: read when first asked for, written when the process ends.

    Args:
        path: of the file; a relative one counts from the working directory at first use.
    """

    def __init__(self, path: Path):
        self._given = path
        self._path: Path | None = None
        self._known: dict = {}
        self._new: dict = {}

    def get(self, key: str):
        """The value, ``None`` where there is none."""
        if self._path is None:
            self._path = self._given.absolute()
            self._known = read(self._path)
        return self._known.get(key)

    def put(self, key: str, value) -> None:
        """Keep a value; ``get`` was asked for it in vain."""
        if not self._new:
            atexit.register(self.save)
        self._known[key] = self._new[key] = value

    def save(self) -> None:
        """Write what is new, beside what others wrote in the meantime."""
        entries = list((read(self._path) | self._new).items())[-MOST:]
        write(dict(entries), self._path)
