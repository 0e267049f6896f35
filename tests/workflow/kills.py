"""Kill -9 at random moments while a run goes on, and start it again as a user would.

Three kinds: a worker alone, as when memory runs out; Snakemake alone, whose job lives on; all of
it at any moment, between jobs too, as when the power fails.
"""

import hashlib
import itertools
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import psutil

from seedbed import locks, store

KINDS = ("worker", "snakemake", "all")
UNLOCKED = "that is gone: unlocked"
IN_USE = "is in use by pid"
A_JOB_S = 4.0
"""A worker is killed up to so many seconds after it is first seen."""
HANGS_S = 1800.0
BESIDE = ("logs", "benchmarks", "report.zip")
"""Where a run keeps its times, which are no results."""
TIMED = ("seconds.", "ledger.", "ro-crate-metadata.")
"""What the files are called that hold measured times, or a digest of them: those of claim G21."""


def results_of(run: Path) -> dict[str, str]:
    """The sha256 of every final file of a run, by its path; of the ledger, of the other claims."""
    ledger = run / "ledger.csv"
    lines = ledger.read_text(encoding="utf-8").splitlines() if ledger.exists() else []
    others = "\n".join(line for line in lines if not line.startswith("G21,"))
    return {"ledger.csv": hashlib.sha256(others.encode()).hexdigest()} | {
        path.relative_to(run).as_posix(): store.sha256_of(path)
        for path in sorted(run.rglob("*"))
        if path.is_file()
        and path.relative_to(run).parts[0] not in BESIDE
        and not path.name.startswith(TIMED)
    }


def differences(expected: dict[str, str], found: dict[str, str]) -> dict[str, list[str]]:
    """Paths that are missing, too many, or of other bytes."""
    return {
        "missing": sorted(expected.keys() - found.keys()),
        "too many": sorted(found.keys() - expected.keys()),
        "other bytes": sorted(p for p in expected.keys() & found.keys() if expected[p] != found[p]),
    }


class Campaign:
    """Starts ``make results`` again and again and kills it.

    Attributes:
        tally: what happened, by kind.
    """

    def __init__(self, project, rng: np.random.Generator, cores: int, longest_s: float, say=print):
        """
        Args:
            project: a copy of the repository (``conftest.Project``).
            rng: decides kinds, moments and victims.
            cores: as ``make results CORES=``.
            longest_s: a kill comes up to so many seconds after a start.
            say: gets a line for each kill and start.
        """
        self.project, self.rng, self.cores, self.longest = project, rng, cores, longest_s
        self.say = say
        self.tally = Counter()
        self.orphans: list[psutil.Process] = []
        self.kinds = itertools.chain.from_iterable(
            rng.permutation(KINDS).tolist() for _ in itertools.count()
        )
        self.output = project.folder / "make.log"
        environment = project.folder / ".venv"
        if not environment.exists():
            environment.symlink_to(sys.prefix)

    def to_the_end(self, kills: int) -> None:
        """Kill so many times, or until the run has ended, then let it end.

        Raises:
            AssertionError: a start failed that nobody had killed, something hung, or a
                half file was left.
        """
        while not self._once(next(self.kinds) if self.delivered < kills else None):
            pass
        assert not list((self.project.folder / ".snakemake").glob("locks/*.lock"))
        assert not list((self.project.folder / "results").rglob("*.partial"))
        assert not list((self.project.folder / ".snakemake").rglob("*.partial"))
        with zipfile.ZipFile(self.project.run / "report.zip") as report:
            assert report.testzip() is None

    @property
    def delivered(self) -> int:
        return sum(self.tally[kind] for kind in KINDS)

    def _once(self, kind: str | None) -> bool:
        """One start, killed or not. Whether the run has ended."""
        running = self._start()
        began = time.monotonic()
        killed = kind is not None and self._killed(running, kind)
        after = time.monotonic() - began
        try:
            code = running.wait(HANGS_S)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            raise AssertionError(f"hung: {self._said()[-3000:]}") from None
        said = self._said()
        assert "cannot be locked" not in said, said
        self.tally["unlocked"] += UNLOCKED in said
        if killed and code != 0:
            self.tally[kind] += 1
            self.say(f"kill {self.delivered}: {kind} after {after:.1f} s")
            return False
        if code == 0:
            return True
        assert IN_USE in said, said[-6000:]
        self.tally["refused"] += 1
        self._wait_for_orphans(said)
        return False

    def _start(self) -> subprocess.Popen:
        self.tally["starts"] += 1
        command = ["make", "--old-file=.venv/.ready", "results"]
        command += ["CONFIG=configs/smoke.yaml", f"CORES={self.cores}"]
        with open(self.output, "wb") as output:
            return subprocess.Popen(
                command,
                cwd=self.project.folder,
                env=self.project.environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _said(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def _killed(self, running: subprocess.Popen, kind: str) -> bool:
        """Kill at a random moment, or, where none of the kind lives then, soon after one does."""
        try:
            running.wait(self.rng.uniform(0, self.longest))
            return False
        except subprocess.TimeoutExpired:
            pass
        while running.poll() is None:
            workers = _alive(running, "worker")
            if workers and kind == "worker":
                time.sleep(self.rng.uniform(0, A_JOB_S))
                workers = _alive(running, "worker")
            if workers or kind == "all":
                if kind == "snakemake":
                    self.orphans += workers
                victims = self._victims(running, kind)
                for victim in victims:
                    _kill(victim)
                return bool(victims)
            time.sleep(0.05)
        return False

    def _victims(self, running: subprocess.Popen, kind: str) -> list[psutil.Process]:
        found = _alive(running, kind)
        if kind == "worker" and found:
            return [found[self.rng.integers(len(found))]]
        return found

    def _wait_for_orphans(self, said: str) -> None:
        """What a refused user does: wait for the process that is named."""
        orphans = {process.pid for process in self.orphans}
        (named,) = [line for line in said.splitlines() if IN_USE in line]
        assert any(f"pid {pid} (" in named for pid in orphans), (named, orphans)
        self.say(f"  refused: {named}")
        _, alive = psutil.wait_procs(self.orphans, timeout=HANGS_S)
        assert not alive, "an orphan hangs"
        self.orphans.clear()


def _alive(running: subprocess.Popen, kind: str) -> list[psutil.Process]:
    """Processes of a start that live: the workers, Snakemake, or all."""
    found = []
    for process in psutil.process_iter():
        try:
            # Children whose parent is dead are still of its session.
            if os.getsid(process.pid) != running.pid:
                continue
            is_a = locks.kind(process.cmdline())
        except (psutil.Error, OSError):
            continue
        if kind == "all" or (is_a is not None and (is_a == "snakemake") == (kind != "worker")):
            found.append(process)
    return found


def _kill(process: psutil.Process) -> None:
    try:
        process.send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        pass
