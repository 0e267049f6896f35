"""Config faults of composition and diverse seeds, and what a run without them leaves out."""

from copy import deepcopy
from pathlib import Path

import pytest

from seedbed import config
from seedbed.plan import Plan

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def entries():
    return deepcopy(config.load(ROOT / "config.yaml"))


def refused(entries) -> str:
    with pytest.raises(ValueError) as fault:
        config.complete(entries)
    return str(fault.value)


def test_a_segmenter_needs_a_depth(entries):
    entries["good_seed"]["composition"] = {"segmenter": "storybook-seg"}
    assert "good_seed.composition.depth: null beside a segmenter" in refused(entries)


def test_names_must_be_known(entries):
    entries["good_seed"]["composition"] = {"segmenter": "seg", "depth": "far"}
    said = refused(entries)
    assert "good_seed.composition.segmenter" in said and "good_seed.composition.depth" in said


def test_groups_need_enough_seeds_and_prompts(entries):
    entries["good_seed"]["diversity"] = {"count": 16, "trials": 5, "prompts": 97}
    said = refused(entries)
    assert "5 trials of 16 different seeds, and the survey of storybook-sd has 64" in said
    assert "good_seed.diversity.prompts: 97, and the test split of storybook-sd has 96" in said
    assert "survey of storybook-turbo" not in said


def test_arms_and_aims_of_the_default_run(entries):
    plan = Plan(config.complete(entries))
    assert plan.diverse_aims == ("style", "composition")
    assert plan.diverse_arms("storybook-sd") == ("random", "particle_guidance", "diverse")
    assert plan.diverse_arms("storybook-turbo") == ("random", "diverse")


def test_without_evaluators_there_are_no_diverse_seeds(entries):
    entries["good_seed"] |= {"composition": {}, "style": {}}
    plan = Plan(config.complete(entries))
    assert plan.diverse_aims == () and plan.diverse_counts("storybook-sd")["style"] == 0
    told = "\n".join(plan.left_out)
    assert "good_seed.composition.segmenter is null" in told
