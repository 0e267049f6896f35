"""Temporary names of files that are being written, and the sweep of those nobody writes any more.

A job that is killed leaves its half file behind. The name says which process of which machine
was writing it, so whoever comes next can tell a dead job's file from a live one's.
"""

from __future__ import annotations

import glob
import os
import platform
import re
from pathlib import Path

SUFFIX = "partial"
OWNER = re.compile(rf"\.(?P<host>[\w-]+)\.(?P<pid>\d+)\.{SUFFIX}")


def host() -> str:
    """This machine's name, as it stands in a temporary name: letters, digits, ``_`` and ``-``."""
    return re.sub(r"[^\w-]", "_", platform.node(), flags=re.ASCII) or "unnamed"


def beside(path: Path) -> Path:
    """The name under which this process writes ``path`` until it is whole."""
    return path.with_name(f".{path.name}.{host()}.{os.getpid()}.{SUFFIX}")


def runs(pid: int) -> bool:
    """Whether a process of this machine has this id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_stale(partial: Path) -> bool:
    """Whether a temporary file's process was one of this machine and is gone.

    Of another machine's processes nothing is known from here, so their files stay.
    """
    owner = OWNER.search(partial.name)
    return owner is not None and owner["host"] == host() and not runs(int(owner["pid"]))


def sweep_beside(path: Path) -> list[Path]:
    """Remove what dead processes of this machine left of ``path``; returns what is gone."""
    pattern = f".{glob.escape(path.name)}.*.{SUFFIX}"
    return _removed(path.parent.glob(pattern))


def sweep(folder: str | Path) -> list[Path]:
    """Remove what dead processes of this machine left anywhere below a folder."""
    return _removed(Path(folder).rglob(f".*.{SUFFIX}"))


def _removed(found) -> list[Path]:
    gone = []
    for partial in sorted(found):
        if is_stale(partial):
            partial.unlink(missing_ok=True)
            gone.append(partial)
    return gone
