"""A job whose peak memory ``memory`` measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

OTHERWISE = 4000
"""MB of a job that says nothing (profiles/default)."""


@dataclass(frozen=True)
class Job:
    """One that is measured.

    Attributes:
        run: the job itself, as its script calls it, on what lies in the folder.
        before: writes what it reads, in a process that is not measured.
        declared: MB that its rule asks for, of what lies in the folder.
    """

    run: Callable[[Path], None]
    before: Callable[[Path], None]
    declared: Callable[[Path], int]
