"""What syntax trees were found to hold, kept between starts of Snakemake.

Each asks for the digests of all code, and on a cluster every job is a start; parsing the package
takes three quarters of it. What is kept goes by the content of a file, so it is never out of date,
and a file of it that is lost, broken or not to be written costs time alone.
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
            self._known = self._read()
        return self._known.get(key)

    def put(self, key: str, value) -> None:
        """Keep a value; ``get`` was asked for it in vain."""
        if not self._new:
            atexit.register(self.save)
        self._known[key] = self._new[key] = value

    def save(self) -> None:
        """Write what is new, beside what others wrote in the meantime."""
        entries = list((self._read() | self._new).items())[-MOST:]
        partial = partials.beside(self._path)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                partial.write_text(json.dumps(dict(entries)) + "\n", encoding="ascii")
                os.replace(partial, self._path)
            finally:
                partial.unlink(missing_ok=True)
        except OSError as fault:
            log.debug("%s is not written: %s", self._path, fault)

    def _read(self) -> dict:
        try:
            stored = json.loads(self._path.read_text(encoding="ascii"))
            return dict(stored.items())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError, RecursionError) as fault:
            log.debug("%s is passed over: %s", self._path, fault)
            return {}
