"""The finished tables of style and habits say what they must."""

import numpy as np
import pandas as pd
import pytest

from seedbed import store
from seedbed.good_seed.attributes import FLAGS


@pytest.fixture(scope="module")
def habits(plan) -> pd.DataFrame:
    if not plan.surveyed_models:
        pytest.skip("no model is surveyed in this run")
    return pd.read_csv(plan.run.table("good_seed/habits")[0])


def test_every_habit_of_every_model_has_its_rate_and_interval(habits, plan):
    wanted = [*FLAGS, *(["lettering"] if plan.good_seed["habits"]["detector"] else [])]
    for model in plan.surveyed_models:
        part = habits[habits["model"] == model]
        assert part["habit"].tolist() == wanted
        assert part["rate"].between(part["rate_low"] - 1e-12, part["rate_high"] + 1e-12).all()
        assert (part["confirmed"] <= part["chosen"]).all()


def test_no_image_of_a_survey_is_lost(habits, plan):
    for model in plan.surveyed_models:
        prompts = len(store.read_table(plan.run.split(model, "survey")))
        seeds = sum(map(len, plan.survey_ranges(model).values()))
        part = habits[habits["model"] == model]
        assert (part["images"] == seeds * prompts).all()


def test_a_rate_walks_back_to_its_pictures(habits, plan):
    """The strongest seed of a habit, counted again in the stored pictures."""
    from seedbed.good_seed.attributes import measure

    if not plan.config["keep_images"]:
        pytest.skip("pictures of seeds are removed once they are measured (keep_images)")
    row = habits[habits["habit"].isin(FLAGS)].sort_values("strongest_rate").iloc[-1]
    shards = [
        plan.run.images(plan.run.survey_shard(row["model"], name))
        for name, seeds in plan.survey_ranges(row["model"]).items()
        if row["strongest"] in seeds
    ]
    ids = store.read_table(plan.run.split(row["model"], "survey"))["prompt_id"].tolist()
    found = store.pick_images(shards, [int(row["strongest"])], ids)
    flags = measure(np.stack(list(found.values())), plan.good_seed["habits"])[row["habit"]]
    assert flags.mean() == pytest.approx(row["strongest_rate"])


def test_style_stands_beside_permuted_seeds(plan):
    if not plan.styled_models:
        pytest.skip("no study of style in this run")
    rows = pd.read_csv(plan.run.table("good_seed/style_agreement")[0])
    assert (rows.groupby("model").size() == 7).all()
    assert (rows["low"] <= rows["high"]).all() and rows["null_bound"].notna().all()
    chance = rows["neighbours"] / (rows["n_seeds"] - 1)
    near = rows["measure"] == "neighbours"
    # By chance k of the other seeds are among the nearest.
    assert (rows["null_mean"] - chance)[near].abs().max() < 0.05
