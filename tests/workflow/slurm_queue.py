"""A real SLURM of this machine (tests/slurm/up.sh): started, asked, stopped."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

SCRIPTS = Path(__file__).resolve().parents[1] / "slurm"
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch")
ENDED = ("COMPLETED", "CANCELLED", "FAILED", "OUT_OF_MEMORY", "TIMEOUT", "NODE_FAIL")
STARVED = "generate_images"
"""The rule whose first attempt gets less memory than a model and its libraries need."""
TOO_LITTLE_MB = 800
WHOLE = os.environ.get("SEEDBED_SLURM") == "whole"
"""All of the smoke run (make test-slurm), or two shards."""
HANGS_S = 3600.0 if WHOLE else 600.0


@dataclass(frozen=True)
class Job:
    """A line of squeue."""

    id: str
    state: str
    memory: str
    rule: str

    @property
    def alive(self) -> bool:
        return self.state not in ENDED


def up() -> None:
    """Start it, or skip the test and say what is missing here."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        pytest.skip(f"no SLURM here: {', '.join(missing)} missing (tests/slurm/up.sh install)")
    if os.geteuid():
        pytest.skip("only root can start munge and write /etc/slurm/slurm.conf")
    # As large as the one job of all tables and figures asks for.
    machine = os.environ | {"CPUS": "8", "MEM_MB": "16000"}
    done = subprocess.run([SCRIPTS / "up.sh"], env=machine, capture_output=True, text=True)
    if "is of another cluster" in done.stderr:
        pytest.skip(done.stderr.strip())
    if done.returncode and os.environ.get("CI"):
        pytest.skip(f"SLURM does not come up here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stdout + done.stderr


def down() -> None:
    """Stop it and remove what it wrote."""
    subprocess.run([SCRIPTS / "down.sh"], check=True)


def jobs() -> list[Job]:
    """All that SLURM has seen, the first first."""
    asked = ["squeue", "--states=all", "--noheader", "--sort=i", "--format=%i|%T|%m|%k"]
    told = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    lines = (line.split("|") for line in told.splitlines())
    return [Job(*fields[:3], fields[3].removeprefix("rule_")) for fields in lines]


def cancel(*chosen: Job) -> None:
    """As a user or a preempting partition would."""
    subprocess.run(["scancel", *(job.id for job in chosen)], check=True)


def wait_for(found: Callable[[], object], process: subprocess.Popen | None = None):
    """What ``found`` returns once it is true; fails where the process ends before."""
    began = time.monotonic()
    while not (answer := found()):
        assert process is None or process.poll() is None, "Snakemake ended too early"
        assert time.monotonic() - began < HANGS_S, "waited in vain"
        time.sleep(0.5)
    return answer


def write_profile(folder: Path) -> str:
    """profiles/slurm for this machine: asked often, a rule starved at first; its place."""
    profile = yaml.safe_load((folder / "profiles" / "slurm" / "config.yaml").read_text())
    profile["jobs"] = 4
    profile["slurm-init-seconds-before-status-checks"] = 3
    profile["slurm-no-account"] = True
    profile["latency-wait"] = 20
    profile["default-resources"]["mem_mb"] = "2500 * attempt"
    # All else is its stage's.
    profile["set-resources"][STARVED] = {"mem_mb": f"{TOO_LITTLE_MB} * attempt"}
    place = folder / "profiles" / "here"
    place.mkdir(exist_ok=True)
    (place / "config.yaml").write_text(yaml.safe_dump(profile, sort_keys=False))
    return "profiles/here"


def kill_hard(process: subprocess.Popen) -> None:
    """As when the login node goes down: its jobs live on."""
    process.send_signal(signal.SIGKILL)
    process.wait()
