"""Jobs that go through a real SLURM end in the bytes of a local run, whatever befalls them.

Where SEEDBED_SLURM is ``whole`` (make test-slurm) it is all of the smoke run, otherwise two shards.
"""

import os
import subprocess
import sys

import pytest
import slurm_queue as slurm
from kills import IN_USE, differences, results_of

from seedbed import store

pytestmark = pytest.mark.slurm

SMOKE = ("--configfile", "configs/smoke.yaml")
SHARDS = [
    f"results/smoke/images/storybook-turbo/ranking/seeds_{seeds}_prompts_0000-0023.parquet"
    for seeds in ("0000-0003", "0004-0007")
]


@pytest.fixture
def queue():
    slurm.up()
    yield
    slurm.down()


class Submitted:
    """Snakemake on the login node."""

    def __init__(self, project):
        self.project = project
        self.profile = slurm.write_profile(project.folder)
        self.output = project.folder / "slurm.log"

    def command(self, *arguments: str) -> list[str]:
        options = ["--workflow-profile", self.profile, *SMOKE]
        return [sys.executable, "-m", "snakemake", *arguments, *options]

    def start(self, *arguments: str) -> subprocess.Popen:
        with open(self.output, "ab") as output:
            return subprocess.Popen(
                self.command(*arguments),
                cwd=self.project.folder,
                env=os.environ | self.project.environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def to_the_end(self, *arguments: str) -> None:
        code = self.start(*arguments).wait(slurm.HANGS_S)
        assert code == 0, self.output.read_text(errors="replace")[-6000:]

    def refused(self) -> str:
        """What `make results` would say of the folder as it is, and start nothing."""
        said = self.project.start([sys.executable, "-m", "seedbed.locks", "results/smoke"])
        assert said.returncode != 0
        return said.stderr


def of_starved() -> list[slurm.Job]:
    return [job for job in slurm.jobs() if job.rule.startswith(slurm.STARVED)]


@pytest.fixture
def at_home(request, fresh_project_of, tmp_path_factory):
    """A project that ran here what is to run through SLURM."""
    if slurm.WHOLE:
        return request.getfixturevalue("project")
    made = fresh_project_of(tmp_path_factory)
    made.snakemake("--", *SHARDS)
    return made


def test_cancelled_starved_and_orphaned_jobs_end_in_the_same_bytes(queue, at_home, fresh_project):
    there = Submitted(fresh_project)
    targets = [] if slurm.WHOLE else SHARDS
    running = there.start(*targets)

    # Cancelled: another job does the same.
    first = slurm.wait_for(lambda: [job for job in slurm.jobs() if job.state == "RUNNING"], running)
    slurm.cancel(first[0])
    again = slurm.wait_for(
        lambda: [job for job in slurm.jobs() if job.rule == first[0].rule][1:], running
    )

    # Out of memory: the next attempt gets twice as much.
    twice = f"{2 * slurm.TOO_LITTLE_MB}M"
    slurm.wait_for(lambda: [job for job in of_starved() if job.memory == twice], running)
    failed = [job for job in of_starved() if job.memory == f"{slurm.TOO_LITTLE_MB}M"]

    # Snakemake is killed, its jobs live on; nothing starts beside them.
    slurm.kill_hard(running)
    assert any(job.alive for job in slurm.jobs())
    # One that was still pending starts a little later.
    slurm.wait_for(lambda: IN_USE in there.refused())
    slurm.cancel(*(job for job in slurm.jobs() if job.alive))
    slurm.wait_for(lambda: "its jobs ran on other machines" in there.refused())
    there.to_the_end("--unlock")
    before = len(slurm.jobs())
    made = {
        path: path.stat().st_mtime_ns for path in fresh_project.run.rglob("prompts/**/*.parquet")
    }
    there.to_the_end(*targets)

    states = {job.id: job.state for job in slurm.jobs()}
    assert states[first[0].id] == "CANCELLED" and states[again[0].id] == "COMPLETED"
    assert failed and not any(states[job.id] == "COMPLETED" for job in failed)
    assert made and all(path.stat().st_mtime_ns == then for path, then in made.items())
    assert len(slurm.jobs()) > before
    if slurm.WHOLE:
        assert not any(differences(results_of(at_home.run), results_of(fresh_project.run)).values())
    else:
        for shard in SHARDS:
            found = store.sha256_of(fresh_project.folder / shard)
            assert found == store.sha256_of(at_home.folder / shard)
    assert not list(fresh_project.run.rglob("*.partial"))
