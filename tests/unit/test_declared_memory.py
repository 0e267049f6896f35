"""What jobs declare: all that they load at once, and the features that they hold."""

import pytest
from test_config import shipped

from seedbed import config
from seedbed.choices import GRAM_NETWORKS
from seedbed.config import schema
from seedbed.plan import Plan

ROOT = schema.FOLDER.parent
MB = 2**20
VECTOR = 2 * 305_888 / MB
"""MB of VGG-19's Gram vector of a picture."""


@pytest.fixture(scope="module")
def paper():
    return Plan(config.complete(shipped("configs/paper.yaml")))


@pytest.fixture(scope="module")
def default():
    return Plan(config.complete(config.load(ROOT / "config.yaml")))


def test_gram_vectors_of_a_shard_take_more_than_their_network(paper):
    assert GRAM_NETWORKS["vgg19"] == 305_888
    survey = paper.memory.features("sd2/survey/seeds_0000-0007", "vgg")
    assert survey == paper.memory.gram("sd2") > paper.evaluator_mb("extractors", "vgg")
    # 8 seeds with 440 prompts; joined, checked and written they are there four times.
    assert survey == pytest.approx(600 + 4 * 8 * 440 * VECTOR, abs=1)
    # 500 prompts, 3 trials of 4 images.
    tried = paper.memory.features("sd2/diversity/style/random", "vgg")
    assert tried == pytest.approx(600 + 4 * 500 * 12 * VECTOR, abs=1)
    mapped = paper.memory.mapped("sd2/diversity/style", "vgg")
    assert mapped == pytest.approx(600 + 500 * 12 * VECTOR, abs=1)


def test_features_of_a_ranking_shard_are_those_of_its_seeds_and_prompts(paper):
    wide = 4 * 2048 / MB
    for model, seeds in (("sd2", 16), ("sdxl-turbo", 128)):
        held = paper.memory.features(f"{model}/ranking/x", "inception")
        assert held == pytest.approx(max(1000, 600 + 4 * seeds * 1000 * wide), abs=1)
    assert paper.memory.features("reference/coco", "inception") < 4000
    assert paper.memory.features("sd2/examples", "inception") == 1000


def test_what_is_loaded_together_is_added_up(paper):
    alone, detector = paper.memory_mb("sd14"), ("detectors", "yolo")
    assert paper.memory_mb("sd14", detector) == pytest.approx(alone + 2.5 * 110, abs=1)
    both = paper.evaluators_mb(("segmenters", "mask2former"), ("depths", "depth-anything"))
    assert both == pytest.approx(3000 + 2.5 * (826 + 1280), abs=1)
    assert paper.evaluators_mb() == 4000


def test_small_models_ask_for_what_a_job_that_says_nothing_gets(default):
    """So that jobs of the Storybook models run side by side on a laptop as ever."""
    evaluators = [
        (role, name)
        for role in ("extractors", "scorers", "detectors", "segmenters", "depths")
        for name in default.config[role]
    ]
    for model in default.config["models"]:
        assert default.memory_mb(model, *evaluators) == 4000
        for name in default.config["extractors"]:
            for part in ("ranking", "survey", "diversity"):
                assert default.memory.features(f"{model}/{part}/x", name) <= 4000
