"""configs/paper.yaml and configs/pilot.yaml: the papers' counts, in few enough jobs."""

import os
import re
import subprocess
import sys

import pytest
from test_config import shipped

from seedbed import config
from seedbed.config import schema
from seedbed.good_seed.classifier.groups import counts_of
from seedbed.plan import Plan
from seedbed.planning.stages import stages

ROOT = schema.FOLDER.parent
OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "no_proxy": "*"}


@pytest.fixture(scope="module")
def paper():
    return config.complete(shipped("configs/paper.yaml"))


def test_counts_are_the_papers(paper):
    plan = Plan(paper)
    drawn = [s for s in stages(plan) if s.name.split(": ")[-1] in ("ranking", "library", "survey")]
    assert sum(stage.images for stage in drawn) == 1024 * 22512 * 2 == 46_104_576
    for model in plan.seeds_of_models:
        design = plan.design(model)
        lengths = {k: span["stop"] - span["start"] for k, span in design["splits"].items()}
        assert lengths == dict.fromkeys(("set1", "set2", "test"), 10_000)
        assert design["scored"] == 1000 and len(plan.pool(model)) == 1024
        assert design["trials"] == 3 and design["diversity"]["count"] == 4
        assert plan.diverse_counts(model) == {"style": 500, "composition": 440}
    assert paper["references"]["coco"]["count"] == 10_000
    settings = paper["good_seed"]["classifier"]
    shares = settings["val_share"], settings["test_share"]
    assert counts_of(settings["prompts"], *shares) == (9000, 1000, 1000)
    assert settings["epochs"] == 6 and settings["seeds"] == 1024
    assert paper["pairs"]["openimages"]["count"] == 500
    layouts = paper["layouts"]["coco"]
    assert layouts["one"] == layouts["two"] == 3000
    assert len(plan.all_noises) == 100 and paper["lottery_ticket"]["pairs"] == "occurring"


def test_no_job_draws_for_more_than_an_hour_at_the_goal(paper):
    from seedbed.planning.throughput import Machine

    for stage in stages(Plan(paper)):
        if stage.images:
            assert stage.hours(Machine("h200")) / stage.jobs <= 1.0, stage.name


def test_the_pilot_is_a_config_of_its_own():
    pilot = config.complete(shipped("configs/pilot.yaml"))
    assert pilot["run"] == "pilot" and pilot["limits"]["jobs"] >= 1000


def test_every_job_is_listed_without_weights_or_network():
    """How long it takes stands in benchmarks/, since it is the machine's."""
    command = [sys.executable, "-m", "snakemake", "-n", "-q", "rules", "--cores", "1"]
    found = subprocess.run(
        [*command, "--configfile", "configs/paper.yaml"],
        cwd=ROOT,
        env=os.environ | OFFLINE,
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr[-2000:]
    total = re.search(r"^total\s+(\d+)", found.stdout + found.stderr, re.MULTILINE)
    assert 3000 < int(total[1]) < 10_000
