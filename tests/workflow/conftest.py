"""One smoke run of the whole workflow in a temporary folder, shared by the tests here."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    "CITATION.cff",
    "Makefile",
    "Snakefile",
    "captions",
    "claims",
    "config.yaml",
    "configs",
    "envs",
    "profiles",
    "pyproject.toml",
    "resources",
    "rules",
    "schemas",
    "scripts",
    "seedbed",
    "tests",
)
SMOKE = ("--configfile", "configs/smoke.yaml")


class Project:
    """A copy of the repository in which Snakemake can be run."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.run = folder / "results" / "smoke"
        for part in PARTS:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, folder / part)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "snakemake", "--cores", "2", *SMOKE, *arguments]

    def environment(self) -> dict[str, str]:
        hidden = ("SEEDBED_", "PYTEST_", "MAKE", "MFLAGS", "OMP_")
        return {k: v for k, v in os.environ.items() if not k.startswith(hidden)}

    def start(self, command: list[str]) -> subprocess.CompletedProcess:
        """Run a command in the project's folder to its end."""
        return subprocess.run(
            command, cwd=self.folder, env=self.environment(), capture_output=True, text=True
        )

    def snakemake(self, *arguments: str) -> str:
        """Run to the end and return what was printed; fail the test if Snakemake failed."""
        done = self.start(self.command(*arguments))
        output = done.stdout + done.stderr
        assert done.returncode == 0, output[-6000:]
        return output

    def fails(self, *arguments: str) -> str:
        """Run, and return what was printed; fail the test if Snakemake did not fail."""
        done = self.start(self.command(*arguments))
        assert done.returncode != 0
        return done.stdout + done.stderr

    def planned(self, *arguments: str) -> dict[str, int]:
        """Jobs that a dry-run would start, by rule."""
        return jobs_of(self.snakemake("-n", *arguments))


def jobs_of(output: str) -> dict[str, int]:
    """Parse Snakemake's table of jobs, without the targets that only collect."""
    found = re.search(r"^job +count\n-[- ]+\n(.*?)^total", output, re.MULTILINE | re.DOTALL)
    if found is None:
        return {}
    rows = (line.split() for line in found.group(1).splitlines() if line.strip())
    collecting = ("all", "good_seed", "lottery_ticket", "storybook")
    return {rule: int(count) for rule, count in rows if rule not in collecting}


@pytest.fixture(scope="session")
def project(tmp_path_factory) -> Project:
    """The project after one whole smoke run."""
    made = Project(tmp_path_factory.mktemp("project"))
    made.first_output = made.snakemake()
    return made


@pytest.fixture(scope="session")
def fresh_project_of():
    """Makes a project before any run, for fixtures of a wider scope."""
    return lambda factory: Project(factory.mktemp("fresh"))


@pytest.fixture
def fresh_project(tmp_path_factory) -> Project:
    """The project before any run."""
    return Project(tmp_path_factory.mktemp("fresh"))
