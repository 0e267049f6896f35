"""A run that is killed again and again ends in the same bytes as one that is left alone."""

import shutil
import time

import numpy as np
import pytest
from kills import KINDS, Campaign, differences, results_of

MANY = 100

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="no make here")


def test_a_run_killed_in_every_way_ends_in_the_same_bytes(project):
    """A worker, Snakemake, all: over the few jobs behind one figure and the checks."""
    expected = results_of(project.run)
    campaign = Campaign(project, np.random.default_rng(5), cores=2, longest_s=12)
    while campaign.delivered < len(KINDS):
        for picture in project.run.rglob("fig3_prompt_kinds.*"):
            if picture.suffix in (".png", ".pdf"):
                picture.unlink()
        campaign.to_the_end(len(KINDS))
    assert not any(differences(expected, results_of(project.run)).values())
    assert campaign.tally["unlocked"] >= 1


@pytest.mark.kills
def test_a_hundred_kills_over_the_whole_run(fresh_project_of, tmp_path_factory):
    """From nothing to the end, as often as it takes."""
    began = time.monotonic()

    def say(line):
        print(f"{time.monotonic() - began:7.1f} s  {line}", flush=True)

    rng = np.random.default_rng(11)
    left_alone, killed = (fresh_project_of(tmp_path_factory) for _ in range(2))
    Campaign(left_alone, rng, 1, 0, say).to_the_end(0)
    expected = results_of(left_alone.run)
    say(f"undisturbed: {len(expected)} files")
    campaign = Campaign(killed, rng, 1, 30, say)
    rounds = 0
    while campaign.delivered < MANY:
        for made in ("results", ".snakemake"):
            shutil.rmtree(killed.folder / made, ignore_errors=True)
        campaign.to_the_end(MANY)
        rounds += 1
        found = differences(expected, results_of(killed.run))
        say(f"round {rounds}: {dict(campaign.tally)}, {found}")
        assert not any(found.values()), found
