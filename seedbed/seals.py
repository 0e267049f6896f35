"""Seals: the digest of every file that a job wrote, so that no later job reads another.

A file below a run's folder that was cut, edited or put there by hand can be sound in itself: half
the rows of a shard, a seed that was never drawn. What decides is whether it is what its job wrote.
A file without a seal, of restored results for example, is read as it is.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

from seedbed import store
from seedbed.run import ROOT, Run

log = logging.getLogger(__name__)


def seal_of(path: str | Path) -> Path | None:
    """Where the seal of a run's file lies; ``None`` for files outside of runs."""
    parts = Path(path).parts
    if len(parts) < 3 or parts[0] != ROOT:
        return None
    return Path(Run(parts[1]).seal("/".join(parts[2:])))


def seal(paths: Iterable[str | Path]) -> None:
    """Write the seals of files that a job has just written."""
    for path in paths:
        place = seal_of(path)
        if place is not None and Path(path).is_file():
            with store.atomic(place, logging.DEBUG) as partial:
                partial.write_text(store.sha256_of(path) + "\n", encoding="ascii")


def refuse_changed(paths: Iterable[str | Path]) -> None:
    """Refuse files that are not as their job wrote them.

    Raises:
        StoreError: one line that names the file and what to do.
    """
    checked, without = 0, 0
    for path in paths:
        place = seal_of(path)
        if place is None or not Path(path).is_file():
            continue
        if not place.is_file():
            without += 1
            continue
        checked += 1
        if place.read_text(encoding="utf-8").strip() != store.sha256_of(path):
            raise store.StoreError(
                f"{path}: is not what its job wrote: something changed it since; {store.AGAIN} "
                f"(or delete {place} to have it read as it is)"
            )
    log.debug("%d inputs are as they were written, %d bear no seal", checked, without)
