"""Who holds a run's folder, and unlocking it where nobody does any more.

Snakemake locks the files of a run and unlocks them when it ends. Where it is killed the lock
stays, and says neither whose it is nor whether that process lives. So every run records who it
is (``hold``), and before the next one ``release`` looks for processes and removes the lock of a
dead one. Two runs of different names share a folder and do not lock each other out.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil

from seedbed import partials

LOCKS = Path(".snakemake", "locks")
"""Snakemake's own: each file lists what one Snakemake reads or writes."""
RECORDS = Path(".snakemake", "seedbed", "held")
JOB = re.compile(r"(?:.*/)?\.snakemake/scripts/\w+?\.(?P<script>[\w.]+)")
"""The copy of a script that Snakemake runs, as ``tmpx3f_9k2a.generate_images.py``."""
ONLY_LOOKS = frozenset({"-n", "--dry-run", "--dryrun"})
NETWORK_DRIVES = (
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "fuse.",
    "gluster",
    "gpfs",
    "lustre",
    "nfs",
    "smb",
)
UNLOCK = ".venv/bin/snakemake --unlock"


class HeldError(RuntimeError):
    """A folder that may be in use; the message says by whom and what to do."""


@dataclass(frozen=True)
class Record:
    """Who took hold of a run.

    Attributes:
        host, pid, started: of Snakemake's process; ``started`` in seconds since 1970, since
            another process may have got its id.
        elsewhere: whether its jobs run on machines other than its own.
    """

    host: str
    pid: int
    started: float
    elsewhere: bool

    @property
    def lives(self) -> bool:
        """Whether its process runs on this machine."""
        if self.host != partials.host():
            return False
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < 1
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False


def hold(run: str, elsewhere: bool = False) -> None:
    """Record that this process has locked a run.

    Args:
        run: its folder, ``results/NAME``, below the working directory.
        elsewhere: whether its jobs run on other machines.
    """
    from seedbed import store

    process = psutil.Process()
    record = Record(partials.host(), process.pid, process.create_time(), elsewhere)
    store.write_json(vars(record), RECORDS / f"{Path(run).name}.{record.host}.json")


def release(run: str) -> str | None:
    """Remove the locks that a dead Snakemake left on a run.

    Args:
        run: as in ``hold``.

    Returns:
        One line that says so; nothing where no lock was there.

    Raises:
        HeldError: a process of this machine holds the folder, or another machine may.
    """
    locks = _locks_of(run)
    if not locks:
        return None
    since = min(lock.stat().st_mtime for lock in locks)
    records = _records_of(run, since)
    _refuse_held(run, records, since)
    for lock in locks:
        lock.unlink(missing_ok=True)
    dead = "".join(f" (pid {record.pid})" for record in records)
    return f"{run} was locked by a Snakemake{dead} that is gone: unlocked"


def _refuse_held(run: str, records: list[Record], since: float) -> None:
    """Raises: HeldError, see ``release``."""
    holders = processes(run) | {r.pid: "snakemake" for r in records if r.lives}
    if holders:
        named = ", ".join(f"pid {pid} ({what})" for pid, what in sorted(holders.items()))
        raise HeldError(
            f"{run} is in use by {named}: wait until it has ended, or kill it, then run again"
        )
    when = f"since {datetime.fromtimestamp(since):%Y-%m-%d %H:%M}"
    for record in records:
        if record.host != partials.host():
            raise HeldError(
                f"{run} is locked by pid {record.pid} on {record.host} {when}, which cannot be "
                f"seen from {partials.host()}: run there, or, if it has ended, {UNLOCK}"
            )
        if record.elsewhere:
            raise HeldError(
                f"{run} was locked {when} by a Snakemake that is gone, but its jobs ran on other "
                f"machines: once none of them runs any more, {UNLOCK}"
            )
    if not records and on_network_drive(Path.cwd()):
        raise HeldError(
            f"{run} is locked {when}, perhaps from another machine: if nothing runs there, {UNLOCK}"
        )


def processes(run: str) -> dict[int, str]:
    """Snakemakes and jobs of this machine that work in this folder, by process id.

    A job may live on after its Snakemake. What is known to belong to another run of the same
    folder is left out.
    """
    others = {
        record.pid
        for path in RECORDS.glob(f"*.{partials.host()}.json")
        if path.name != f"{Path(run).name}.{partials.host()}.json"
        and (record := _read(path)) is not None
        and record.lives
    }
    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found = {}
    for process in psutil.process_iter():
        try:
            what = kind(process.cmdline())
            if what is None or process.pid in own or not os.path.samefile(process.cwd(), "."):
                continue
            if others.isdisjoint({process.pid, *(parent.pid for parent in process.parents())}):
                found[process.pid] = what
        except (psutil.Error, OSError):
            continue  # it has ended, or is another user's
    return found


def kind(command: list[str]) -> str | None:
    """What a process is by its command line: ``"snakemake"``, a job's script, or nothing here."""
    if len(command) > 1 and (job := JOB.fullmatch(command[1])):
        return job["script"]
    started = any(os.path.basename(part) == "snakemake" for part in command[:4])
    return "snakemake" if started and ONLY_LOOKS.isdisjoint(command) else None


def on_network_drive(folder: Path) -> bool:
    """Whether other machines may write into a folder."""
    mounts = {
        Path(part.mountpoint): part.fstype
        for part in psutil.disk_partitions(all=True)
        if folder.is_relative_to(part.mountpoint)
    }
    nearest = max(mounts, key=lambda mount: len(mount.parts), default=None)
    return nearest is not None and mounts[nearest].startswith(NETWORK_DRIVES)


def _locks_of(run: str) -> list[Path]:
    """Snakemake's lock files that name something of a run."""
    below = f"{run}/"
    return [
        path
        for path in sorted(LOCKS.glob("*.lock"))
        if any(
            line.startswith(below)
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
        )
    ]


def _records_of(run: str, since: float) -> list[Record]:
    """The records of a run as young as its lock; an older one is of a lock that was removed."""
    paths = sorted(RECORDS.glob(f"{Path(run).name}.*.json"))
    young = [path for path in paths if path.stat().st_mtime >= since]
    return [record for path in young if (record := _read(path)) is not None]


def _read(path: Path) -> Record | None:
    try:
        return Record(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def main() -> None:
    """``python -m seedbed.locks results/smoke``"""
    parser = argparse.ArgumentParser(description="Unlock a run that a dead Snakemake has locked.")
    parser.add_argument("run", help="its folder, results/NAME")
    try:
        said = release(parser.parse_args().run)
    except HeldError as held:
        sys.exit(str(held))
    if said:
        print(said)


if __name__ == "__main__":
    main()
