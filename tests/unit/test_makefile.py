"""What is typed after ``make`` reaches the programs as it was typed, and is never run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKE = shutil.which("make")
# Prints its arguments, one a line; the run's folder where that is asked for.
STAND_IN = """#!/bin/sh
case "$*" in *--folder*) echo results/mine; exit ;; esac
echo "${0##*/}"
printf '%s\\n' "$@"
"""
ODD = [
    "a b.yaml",
    'it\'s "mine".yaml',
    "$(touch ran).yaml",
    "$(shell touch ran).yaml",
    "`touch ran`",
    '"; touch ran; "',
    "$(error ran)",
    "$HOME $$x # y.yaml",
    "a\\b.yaml",
    "-n",
    "*.yaml",
    "ü.yaml",
]

pytestmark = pytest.mark.skipif(MAKE is None, reason="no make here")


@pytest.fixture
def folder(tmp_path):
    """A Makefile beside an environment whose programs only print what they are given."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("python", "snakemake"):
        (programs / name).write_text(STAND_IN)
        (programs / name).chmod(0o755)
    return tmp_path


def make(folder, *arguments, **variables):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        [MAKE, "--old-file=.venv/.ready", *arguments],
        cwd=folder,
        env=environment | variables,
        capture_output=True,
        text=True,
    )


def untouched(folder):
    return {path.name for path in folder.iterdir()} == {"Makefile", ".venv"}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("way", ["argument", "environment"])
def test_any_name_of_a_config_arrives_whole(folder, name, way):
    given = {"CONFIG": name, "CORES": "3"}
    if way == "argument":
        done = make(folder, "results", *(f"{k}={v}" for k, v in given.items()))
    else:
        done = make(folder, "results", **given)
    assert done.returncode == 0, done.stderr
    calls = done.stdout.splitlines()
    assert calls[:4] == ["python", "-m", "seedbed.locks", "results/mine"]
    assert calls[4:7] == ["snakemake", "--cores=3", f"--configfile={name}"]
    assert calls.count(f"--configfile={name}") == 2
    assert untouched(folder)


@pytest.mark.parametrize("value", ["$(shell touch ran)", "1; touch ran", "`touch ran`"])
@pytest.mark.parametrize("variable", ["CORES", "PYTHON"])
def test_other_variables_are_not_run_either(folder, variable, value):
    goal = "results" if variable == "CORES" else "python"
    done = make(folder, goal, f"{variable}={value}")
    assert (f"--cores={value}" in done.stdout) == (variable == "CORES")
    assert untouched(folder)


def test_a_python_may_lie_anywhere(folder, tmp_path_factory):
    place = tmp_path_factory.mktemp("a folder") / "my python"
    place.symlink_to(sys.executable)
    assert make(folder, "python", f"PYTHON={place}").stdout.splitlines() == [str(place)]
