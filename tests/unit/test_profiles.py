"""Profiles of clusters ask for what every rule needs, and for more after a failure."""

import re
from pathlib import Path

import pytest
import yaml

from seedbed import config
from seedbed.plan import Plan

ROOT = Path(__file__).resolve().parents[2]
RULES = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("rules/**/*.smk"))
NETWORKS = re.compile(r"Drawing\.of\(|registry\.load\(|classifier\.(fits|explanation)|captioner")
BRIEF = {"check_layouts", "check_reader"}
"""Rules that load a detector only to ask what it knows."""


def profile(name):
    return yaml.safe_load((ROOT / "profiles" / name / "config.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def scripts():
    """The text of every rule's script, by the rule's name."""
    plan = Plan(config.complete(config.load(ROOT / "config.yaml")))
    drawing = [f"draw_{group}" for group in plan.arm_groups]
    # Rules that are made in a loop.
    looped = {
        "generate_images": ["generate_images", "generate_survey"],
        "draw_layouts": drawing,
        "make_table": [],
        "render": [],
    }
    found = {}
    pieces = re.split(r"^\s*rule\s*(\w*):", RULES, flags=re.MULTILINE)
    for name, body in zip(pieces[1::2], pieces[2::2], strict=True):
        script = re.search(r'script:\s*"(?:\.\./)+(scripts/[\w/]+\.py)"', body)
        if script:
            text = (ROOT / script[1]).read_text(encoding="utf-8")
            names = [name] if name else looped[Path(script[1]).stem]
            found |= dict.fromkeys(names, text)
    assert len(found) > 50
    return found


@pytest.mark.parametrize("name", ["slurm", "kubernetes"])
def test_what_runs_a_network_gets_a_gpu_and_nothing_else_does(name, scripts):
    asked = profile(name)["set-resources"]
    on_gpu = {rule for rule, resources in asked.items() if resources.get("gpu")}
    assert on_gpu == {rule for rule, text in scripts.items() if NETWORKS.search(text)} - BRIEF
    assert set(asked) <= set(scripts)


@pytest.mark.parametrize("name", ["slurm", "kubernetes"])
def test_more_is_asked_for_after_a_failure(name):
    found = profile(name)
    assert found["retries"] >= 2
    stages = [found["default-resources"], *found["set-resources"].values()]
    values = [value for stage in stages for key, value in stage.items() if key.endswith("_mb")]
    assert values and all("* attempt" in value for value in values)
    functions = re.findall(r"mem_mb=([a-z_]+)", RULES)
    assert functions
    for function in functions:
        assert f"def {function}(wildcards, attempt):" in RULES, function


@pytest.mark.parametrize("name", ["slurm", "kubernetes"])
def test_nothing_of_the_default_profile_is_lost(name):
    default, found = profile("default"), profile(name)
    kept = ("rerun-triggers", "rerun-incomplete", "show-failed-logs", "printshellcmds")
    assert {key: found[key] for key in kept} == {key: default[key] for key in kept}
    assert set(default) <= set(found)
    assert found["latency-wait"] >= default["latency-wait"]


def test_time_and_partition_of_every_stage():
    found = profile("slurm")
    default = found["default-resources"]
    for rule, resources in found["set-resources"].items():
        asked = default | resources
        assert asked["slurm_partition"] == ("gpu" if resources.get("gpu") else "cpu"), rule
        assert "attempt" in str(asked["runtime"]) or rule == "train_model"
    assert found["slurm-status-command"] == "squeue" and found["slurm-requeue"] is True
