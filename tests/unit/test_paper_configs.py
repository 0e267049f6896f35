"""configs/paper.yaml and configs/pilot.yaml: the papers' counts, in few enough jobs."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
from test_config import load, shipped

from seedbed import config
from seedbed.config import schema
from seedbed.good_seed.classifier.groups import counts_of
from seedbed.good_seed.halves import judging_half, ranking_half
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
    # One half ranks, the other judges; each is compared with as many pictures.
    real = np.arange(paper["references"]["coco"]["count"])
    assert len(ranking_half(real)) == len(judging_half(real)) == 10_000
    settings = paper["good_seed"]["classifier"]
    shares = settings["val_share"], settings["test_share"]
    assert counts_of(settings["prompts"], *shares) == (9000, 1000, 1000)
    assert settings["epochs"] == 6 and settings["seeds"] == 1024
    assert paper["pairs"]["openimages"]["count"] == 500
    layouts = paper["layouts"]["coco"]
    assert layouts["one"] == layouts["two"] == 3000
    assert len(plan.all_noises) == 100 and paper["lottery_ticket"]["pairs"] == "occurring"


@pytest.mark.parametrize("name", ["paper", "pilot", "real_models"])
def test_the_network_that_names_seeds_is_the_papers(name):
    import timm
    import torch

    settings = config.complete(shipped(f"configs/{name}.yaml"))["good_seed"]["classifier"]
    assert settings["network"] == "efficientformer_l3" and settings["arguments"] == {}
    assert (settings["input_size"], settings["head"]) == (224, "mean")
    with torch.device("meta"):
        body = timm.create_model(settings["network"], num_classes=0, **settings["arguments"])
    # Its paper's: 4, 4, 12 and 6 blocks, the last 4 of them with attention; 31.4 million weights,
    # two heads of 1,000 classes among them.
    depths = [sum(1 for key, _ in s.blocks.named_children() if key) for s in body.stages]
    assert [depths[0], depths[1], depths[2]] == [4, 4, 12] and depths[3] >= 6
    heads = 2 * (512 * 1000 + 1000)
    assert sum(p.numel() for p in body.parameters()) + heads == pytest.approx(31.4e6, rel=0.01)
    layers = {key for key, _ in body.named_modules()}
    assert set(settings["gradcam"]["layers"]) <= layers


def test_pins_of_one_model_are_the_same_everywhere():
    keys = ("family", "revision", "variant", "scheduler", "steps", "guidance", "weights")
    by_source = {}
    for name in ("paper", "pilot", "real_models"):
        for entry in load(f"configs/{name}.yaml")["models"].values():
            pinned = {key: entry.get(key) for key in keys}
            assert by_source.setdefault(entry["source"], pinned) == pinned, (name, entry["source"])
    assert len(by_source) == 4


def test_a_metric_is_the_papers_own_only_where_as_many_pictures_are_compared(paper):
    pilot = config.complete(shipped("configs/pilot.yaml"))
    for full in (paper, pilot):
        lengths = [len(range(*span.values())) for span in full["good_seed"]["splits"].values()]
        real = full["references"]["coco"]["count"] // 2
        enough = real == 10_000 and set(lengths) == {10_000}
        assert full["extractors"]["inception"]["paper"]["same"] == enough


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
