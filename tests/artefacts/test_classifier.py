"""The classifier of seeds and Figure 4 say what they must, down to the pixels."""

import numpy as np
import pandas as pd
import pytest

from seedbed import store
from seedbed.good_seed.classifier.fits import restore, split_of
from seedbed.good_seed.classifier.gradcam import KINDS
from seedbed.good_seed.classifier.groups import TRAINING_KEYS
from seedbed.good_seed.classifier.labelled import read
from seedbed.good_seed.classifier.network import named


@pytest.fixture(scope="module")
def models(plan):
    if not plan.named_models:
        pytest.skip("no seeds are told apart in this run")
    return plan.named_models


@pytest.fixture(scope="module")
def ours(plan, models):
    table = pd.read_csv(plan.run.table("good_seed/classifier")[0])
    return table[table["source"] == "ours"]


def test_every_training_is_there_with_its_interval_and_chance(ours, plan, models):
    for model in models:
        part = ours[ours["model"] == model]
        assert len(part) == sum(map(len, plan.trainings(model).values()))
        assert (part["seeds"] == len(plan.classified_seeds(model))).all()
    assert np.allclose(ours["chance"], 1 / ours["seeds"])
    assert ((ours["low"] <= ours["value"]) & (ours["value"] <= ours["high"])).all()


def test_by_prompt_no_test_prompt_was_trained_on(plan, models):
    """The test's prompts are those of all its seeds, so that none is left to another part."""
    for model in models:
        hits = store.read_table(plan.run.classifier(model, "prompt.hits.parquet"))
        assert len(hits) == hits["seed"].nunique() * hits["prompt_id"].nunique()
        assert not hits.duplicated(["seed", "prompt_id"]).any()


def test_the_accuracy_walks_back_to_its_pixels(ours, plan, models):
    model = models[-1]
    settings = {key: plan.good_seed["classifier"][key] for key in TRAINING_KEYS}
    prompts = store.read_table(plan.run.split(model, "ranking"))["prompt_id"].tolist()
    seeds = plan.classified_seeds(model)
    side = settings["input_size"]
    data = read(plan.classified_images(model), seeds, prompts[: settings["prompts"]], side)
    weights, _ = store.read_tensors(plan.run.classifier(model, "prompt.safetensors"))
    test = split_of(data, "prompt", settings).test
    said = named(restore(weights, settings, len(seeds)), data.pixels[test])
    row = ours[(ours["model"] == model) & (ours["split"] == "prompt")]
    row = row[row["variant"] == "whole"].sort_values("per_seed").iloc[-1]
    assert np.mean(said == data.labels[test]) == pytest.approx(row["value"], abs=2 / len(test))
    digest = store.read_json(plan.run.classifier(model, "prompt.json"))
    arrays = plan.run.classifier(model, "prompt.safetensors")
    assert digest["sha256"] == store.sha256_of(arrays) and digest["pictures"] == data.digest


def test_maps_are_compared_at_every_layer(plan, models):
    table = pd.read_csv(plan.run.table("good_seed/gradcam_areas")[0])
    layers = plan.good_seed["classifier"]["gradcam"]["layers"]
    assert len(table) == len(models) * len(layers) * len(KINDS)
    assert (table["area"].dropna() <= 1).all() and (table["empty"] <= table["n_pictures"]).all()
