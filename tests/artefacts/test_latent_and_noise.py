"""Figure 2 and the strength of Particle Guidance say what they must."""

import pandas as pd
import pytest

from seedbed import store


@pytest.fixture(scope="module")
def swapped(plan):
    """The table of what exchanged latents and step noise change."""
    if plan.swap_model is None:
        pytest.skip("no studied model has a step to swap after")
    return pd.read_csv(plan.run.table("good_seed/seed_swap")[0])


def test_every_arm_at_every_eta(swapped, plan):
    swap = plan.good_seed["swap"]
    measures = {"pixels", *(["features"] if plan.first_extractor else [])}
    assert set(swapped["measure"]) == measures
    assert set(swapped["eta"]) == set(swap["etas"])
    moved = swapped[swapped["quantity"] == "distance"]
    each = moved.groupby(["measure", "eta"]).size()
    assert (each == len(swap["after_steps"]) + 3).all()
    assert (moved["n_pairs"] == swap["pairs"]).all()
    assert (moved["n_images"] == swap["pairs"] * swap["prompts"]).all()


def test_intervals_hold_their_value(swapped):
    assert (swapped["low"] <= swapped["value"] + 1e-9).all()
    assert (swapped["value"] <= swapped["high"] + 1e-9).all()


def test_without_eta_step_noise_changes_no_pixel(swapped):
    calm = swapped[(swapped["eta"] == 0) & (swapped["quantity"] == "distance")]
    assert (calm.loc[calm["arm"].isin(["swap", "other_noise"]), "value"] == 0).all()
    assert (calm.loc[calm["arm"].isin(["other_latent", "all_other"]), "value"] > 0).all()
    shares = swapped[(swapped["eta"] == 0) & (swapped["quantity"] == "share")]
    assert (shares.loc[shares["arm"] == "latent", "value"] == 1).all()


def test_with_eta_it_does_and_shares_add_up(swapped, plan):
    noisy = swapped[swapped["eta"] > 0]
    moved = noisy[noisy["quantity"] == "distance"]
    # The last step goes to the clean picture and adds no noise.
    last = (moved["arm"] == "swap") & (moved["swap_step"] >= plan.good_seed["swap"]["steps"] - 1)
    assert (moved.loc[~last, "value"] > 0).all()
    parts = noisy[noisy["arm"].isin(["latent", "noise", "interaction"])]
    sums = parts.groupby(["measure", "eta"])["value"].sum()
    assert sums.to_numpy() == pytest.approx(1)
    said = noisy.loc[noisy["arm"] == "latent_less_noise", "verdict"]
    assert said.isin(["higher", "lower", "level", "undecided"]).all()


def test_the_chosen_strength_keeps_to_its_cost(plan):
    for model in plan.guided_models:
        rows = store.read_table(plan.run.tuning(model, "particle_guidance.parquet"))
        chosen = rows[rows["chosen"]]
        told = store.read_json(plan.run.tuning(model, "particle_guidance.json"), ["coefficient"])
        assert len(chosen) == 1 and chosen["coefficient"].iloc[0] == told["coefficient"]
        assert chosen["cost"].iloc[0] <= plan.good_seed["particle_guidance"]["max_cost"]
        assert rows["coefficient"].iloc[0] == 0
        assert chosen["distance"].iloc[0] == rows.loc[rows["allowed"], "distance"].max()
