"""The finished tables of composition and diverse seeds say what they must."""

import numpy as np
import pandas as pd
import pytest

from seedbed import store
from seedbed.good_seed.diversity_arms import COMPOSITION, DIVERSE, RANDOM
from seedbed.statistics.similarity import pairwise


@pytest.fixture(scope="module")
def shares(plan) -> pd.DataFrame:
    if not plan.surveyed_models:
        pytest.skip("no model is surveyed in this run")
    return pd.read_csv(plan.run.table("good_seed/composition_shares")[0])


@pytest.fixture(scope="module")
def table2(plan) -> pd.DataFrame:
    if not plan.diverse_aims:
        pytest.skip("no diverse seeds in this run: neither style nor composition is measured")
    return pd.read_csv(plan.run.table("good_seed/table2_diversity")[0])


def test_every_share_has_its_chance_interval_and_n(shares, plan):
    assert set(shares["model"]) == set(plan.surveyed_models)
    known = shares[shares["share"].notna()]
    assert known["share"].between(known["low"] - 1e-5, known["high"] + 1e-5).all()
    assert known["bound"].notna().all() and (known["p_holm"] >= known["p_value"]).all()
    assert (shares["n_found"] <= shares["n_images"]).all()
    assert not ((known["verdict"] == "higher") & (known["low"] <= 0)).any()


def test_no_image_of_a_survey_is_lost_to_the_shares(shares, plan):
    for model in plan.surveyed_models:
        prompts = len(store.read_table(plan.run.split(model, "survey")))
        seeds = sum(map(len, plan.survey_ranges(model).values()))
        part = shares[(shares["model"] == model) & (shares["scope"] == "across")]
        assert (part["n_images"] == seeds * prompts).all()


def test_pixels_need_no_object(shares):
    told = shares[shares["attribute"].isin(["brightness", "tint_a", "tint_b", "chroma"])]
    assert (told["n_found"] == told["n_images"]).all()


def test_every_arm_of_table_2_has_every_image(table2, plan):
    for row in table2.itertuples():
        diversity = plan.design(row.model)["diversity"]
        assert row.drawn == (row.arm in plan.diverse_arms(row.model))
        if row.drawn:
            groups = diversity["prompts"] * diversity["trials"]
            assert row.n_groups == groups and row.n_images == groups * diversity["count"]
            assert row.n_found <= row.n_images


def test_differences_of_table_2_lie_in_their_intervals(table2):
    for measure in ("similarity", "distance", "agreement"):
        names = [f"{measure}_{name}" for name in ("difference", "low", "high")]
        known = table2.dropna(subset=names)
        assert known[names[0]].between(known[names[1]] - 1e-9, known[names[2]] + 1e-9).all()
        assert known.loc[known["arm"] == RANDOM].empty


def test_diverse_seeds_were_chosen_on_other_prompts(table2, plan):
    for model in plan.surveyed_models:
        chosen = store.read_json(plan.run.seed_study(model, "diverse.json"))
        asked = store.read_table(plan.run.split(model, "diversity"))
        assert not set(chosen["selection_prompts"]) & set(asked["prompt_id"])
        for aim in plan.diverse_aims:
            groups = store.read_table(plan.run.diversity_groups(model, aim, DIVERSE))
            for trial, seeds in enumerate(chosen[aim]["trials"]):
                mine = groups[groups["trial"] == trial].sort_values("place")
                assert (
                    mine.groupby("prompt_id")["seed"].agg(list).map(tuple) == tuple(seeds)
                ).all()


def test_a_similarity_walks_back_to_its_composition(table2, plan):
    """Equation 2 of random groups, computed again prompt by prompt from the measured places."""
    if COMPOSITION not in plan.diverse_aims:
        pytest.skip("no composition is measured in this run")
    model = plan.surveyed_models[0]
    shard = plan.run.diversity_shard(model, COMPOSITION, RANDOM)
    placed = store.read_table(plan.diverse_measured(COMPOSITION, shard))
    places = placed.set_index(["seed", "prompt_id"])[["x", "y", "size", "depth"]]
    groups = store.read_table(plan.run.diversity_groups(model, COMPOSITION, RANDOM))
    found = [
        (trial, pairwise(places.loc[list(zip(part["seed"], part["prompt_id"], strict=True))])[0])
        for (trial, _), part in groups.groupby(["trial", "prompt_id"])
    ]
    by_trial = pd.DataFrame(found, columns=["trial", "similarity"]).groupby("trial").mean()
    at = (table2["model"] == model) & (table2["aim"] == COMPOSITION) & (table2["arm"] == RANDOM)
    assert np.isclose(by_trial["similarity"].mean(), table2.loc[at, "similarity_mean"].iloc[0])


def test_every_first_seed_was_tried(plan, table2):
    found = pd.read_csv(plan.run.table("good_seed/diversity_survey")[0])
    for model in plan.surveyed_models:
        part = found[found["model"] == model]
        assert len(part) == 2 * len(plan.diverse_aims)
        assert (part["n_seeds"] == sum(map(len, plan.survey_ranges(model).values()))).all()
        assert part["below"].between(0, 1).all()
