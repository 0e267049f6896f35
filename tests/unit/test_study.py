"""Seeds scored and judged on made-up features whose truth is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from seedbed import store
from seedbed.good_seed.golden import select
from seedbed.good_seed.judge import judge, refuse_unfair
from seedbed.good_seed.study import Measured, feature_cube, score
from seedbed.good_seed.trial_seeds import arm_pairs, arm_seeds, read_golden
from seedbed.statistics import frechet

STATISTICS = {"bootstrap": 50, "permutations": 50, "level": 0.9, "seed": 0}
SEEDS, PROMPTS, D = 12, 40, 6


def made(effect: float):
    """Seed s is shifted by s · effect in every feature and scored lower by the same."""
    rng = np.random.default_rng(1)
    prompts = pd.DataFrame(
        {
            "prompt_id": [f"p{i:03d}" for i in range(2 * PROMPTS)],
            "split": ["set1"] * PROMPTS + ["set2"] * PROMPTS,
        }
    )
    index = pd.MultiIndex.from_product(
        [range(SEEDS), prompts["prompt_id"]], names=["seed", "prompt_id"]
    ).to_frame(index=False)
    shift = effect * index["seed"].to_numpy()[:, None]
    features = rng.normal(size=(len(index), D)) + shift
    scores = index.assign(score=rng.normal(size=len(index)) - shift[:, 0])
    return prompts, Measured(index, features, rng.normal(size=(500, D)), scores)


def test_a_planted_effect_is_found_on_both_sets():
    frame, evidence = score(*made(0.3), range(SEEDS), STATISTICS)
    on = frame[frame["split"] == "set1"].set_index("seed")
    assert on["fd"].idxmin() <= 1 and on["fd"].idxmax() == SEEDS - 1
    assert on["preference"].idxmax() <= 1
    assert evidence["set1_against_set2"]["fd"]["correlation"]["rho"] > 0.9
    assert evidence["set1"]["preference"]["gap_p_value"] == pytest.approx(1 / 51)
    assert evidence["fd_against_preference"]["set1"]["rho"] > 0.9
    assert ((on["fd_low"] <= on["fd"]) & (on["fd"] <= on["fd_high"])).all()


def test_no_effect_stays_within_its_null():
    _, evidence = score(*made(0.0), range(SEEDS), STATISTICS)
    assert evidence["set1"]["preference"]["gap_p_value"] > 0.05
    low = evidence["set1_against_set2"]["preference"]["correlation"]["low"]
    assert low < 0.3


def test_scores_do_not_depend_on_the_order_of_rows():
    prompts, measured = made(0.1)
    order = np.random.default_rng(3).permutation(len(measured.index))
    mixed = Measured(
        measured.index.iloc[order].reset_index(drop=True),
        measured.features[order],
        measured.reference,
        measured.scores.sample(frac=1, random_state=1),
    )
    first, _ = score(prompts, measured, range(SEEDS), STATISTICS)
    second, _ = score(prompts, mixed, range(SEEDS), STATISTICS)
    pd.testing.assert_frame_equal(first, second)


def test_missing_image_is_named():
    _, measured = made(0.0)
    index, features = measured.index, measured.features
    with pytest.raises(ValueError, match="seed 0, prompt 'p000' is missing"):
        feature_cube(index.iloc[1:], features[1:], list(range(SEEDS)), ["p000", "p001"])


def judged(effect: float, level: float = 0.9):
    """Golden seeds (0..3) shift nothing; all others shift by ``effect``."""
    rng = np.random.default_rng(2)
    n = 60
    prompts = pd.DataFrame(
        {
            "prompt_id": [f"t{i:03d}" for i in range(2 * n)],
            "split": ["test"] * n + ["transfer"] * n,
        }
    )
    arms = {"golden": range(4), "random": range(16), "fresh": range(100, 116)}
    pairs = arm_pairs(arms, prompts, 3, 5)
    index = pairs[["seed", "prompt_id"]].drop_duplicates(ignore_index=True)
    bad = (index["seed"] >= 4).to_numpy()[:, None]
    features = rng.normal(size=(len(index), D)) + effect * bad
    scores = index.assign(score=rng.normal(size=len(index)) * 0.1 - effect * bad[:, 0])
    reference = rng.normal(size=(400, D))
    statistics = STATISTICS | {"level": level, "bootstrap": 400}
    out = judge(prompts, pairs, Measured(index, features, reference, scores), statistics)
    return *out, pairs, index, features, reference


def test_golden_seeds_that_are_better_are_found_better():
    trials, differences, *_ = judged(1.0)
    row = differences.set_index(["part", "arm", "metric"])
    assert row.loc[("test", "golden", "preference"), "low"] > 0
    assert row.loc[("transfer", "golden", "preference"), "low"] > 0
    assert row.loc[("test", "golden", "fd"), "high"] < 0
    assert set(trials["n"]) == {60}
    assert trials.groupby("arm")["n_seeds"].first()["golden"] == 4


def test_equal_seeds_are_not_told_apart():
    _, differences, *_ = judged(0.0, level=0.99)
    assert ((differences["low"] <= 0) & (differences["high"] >= 0)).all()


def test_a_trial_is_the_distance_of_its_own_pictures():
    trials, _, pairs, index, features, reference = judged(0.5)
    ids = [f"t{i:03d}" for i in range(60)]
    mine = pairs[(pairs["arm"] == "random") & (pairs["trial"] == 1) & pairs["prompt_id"].isin(ids)]
    rows = index.reset_index().merge(mine, on=["seed", "prompt_id"])["index"]
    slow = frechet.distance(features[rows], frechet.Reference.from_features(reference))
    found = trials[(trials["part"] == "test") & (trials["arm"] == "random")].set_index("trial")
    assert found.loc[1, "fd"] == pytest.approx(slow, rel=1e-9)


def test_arms_draw_from_their_own_seeds():
    golden = {"seeds": [3, 5]}
    assert arm_seeds("golden", golden, range(8), 4, 0) == [3, 5]
    assert arm_seeds("random", golden, range(8), 4, 0) == list(range(8))
    fresh = arm_seeds("fresh", golden, range(8), 4, 0)
    assert len(set(fresh)) == 4 and not set(fresh) & set(range(8))
    assert arm_seeds("golden", {"seeds": []}, range(8), 4, 0) == []


def test_an_empty_overlap_is_a_result():
    """Two rankings may share no seed: the golden arm then draws nothing, the others as always."""
    prompts = pd.DataFrame({"prompt_id": ["a", "b"]})
    pairs = arm_pairs({"golden": [], "random": range(4), "fresh": [9]}, prompts, 2, 0)
    assert list(pairs["arm"].unique()) == ["random", "fresh"]
    chosen = select(pd.Series([0.0, 1, 2, 3]), pd.Series([0.0, 1, 2, 3]), 0.25)
    assert chosen.k == 0 and chosen.seeds == () and chosen.p_at_least_k == 1


def test_selection_on_scores_of_the_study():
    frame, _ = score(*made(0.3), range(SEEDS), STATISTICS)
    on = frame[frame["split"] == "set1"].set_index("seed")
    chosen = select(on["fd"], on["preference"], 0.25)
    assert chosen.n_pool == SEEDS and set(chosen.seeds) <= {0, 1, 2, 3}


@pytest.mark.parametrize("missing", ["features", "scores"])
def test_one_kind_of_score_alone_ranks_and_is_as_beside_the_other(missing):
    """Without real pictures there is no distance, without a scorer no preference."""
    prompts, measured = made(0.3)
    both, evidence = score(prompts, measured, range(SEEDS), STATISTICS)
    gone = {"index": None, "features": None, "reference": None} if missing == "features" else {}
    gone |= {"scores": None} if missing == "scores" else {}
    alone, found = score(prompts, replace(measured, **gone), range(SEEDS), STATISTICS)
    metric = "preference" if missing == "features" else "fd"
    columns = [c for c in both if c.split("_")[0] == metric]
    pd.testing.assert_frame_equal(alone[columns], both[columns])
    assert set(found["set1"]) == {metric} and "fd_against_preference" not in found
    assert found["set1"][metric] == evidence["set1"][metric]
    on = alone[alone["split"] == "set1"].set_index("seed")
    chosen = select(on.get("fd"), on.get("preference"), 0.25)
    assert chosen.k == 3 and chosen.k_expected is None and set(chosen.seeds) <= {0, 1, 2, 3}


def test_judging_by_one_score_alone():
    *_, pairs, index, features, reference = judged(1.0)
    prompts = pd.DataFrame({"prompt_id": pairs["prompt_id"].drop_duplicates()})
    prompts["split"] = prompts["prompt_id"].lt("t060").map({True: "test", False: "transfer"})
    statistics = STATISTICS | {"level": 0.9, "bootstrap": 400}
    trials, differences = judge(
        prompts, pairs, Measured(index, features, reference, None), statistics
    )
    assert trials["preference"].isna().all()
    assert trials.loc[trials["part"] == "test", "fd"].notna().all()
    assert set(differences["metric"]) == {"fd"} and (differences["n"] == 60).all()


def test_nothing_measured_is_refused():
    with pytest.raises(ValueError, match="neither features nor scores"):
        Measured.read([], [], [])


@pytest.mark.parametrize("kind", ["index", "scores"])
def test_a_pool_that_shrank_or_grew_is_refused(kind):
    """What was asked for decides, not what is there."""
    prompts, measured = made(0.0)
    rows = getattr(measured, kind)
    half = rows["seed"] < SEEDS // 2
    kept = {"index": measured.index[half], "features": measured.features[half]}
    fewer = replace(measured, **(kept if kind == "index" else {"scores": rows[half]}))
    with pytest.raises(ValueError, match="of seed 6, prompt 'p000' is missing"):
        score(prompts, fewer, range(SEEDS), STATISTICS)
    with pytest.raises(ValueError, match="the image of seed 11, prompt p000 was not asked for"):
        score(prompts, measured, range(SEEDS - 1), STATISTICS)
    with pytest.raises(ValueError, match="prompt p079 was not asked for"):
        score(prompts.iloc[:-1], measured, range(SEEDS), STATISTICS)


def test_golden_seeds_are_of_the_pool(tmp_path):
    path = tmp_path / "golden.json"
    sound = {"seeds": [2, 1], "k": 2, "selection_prompts": ["p0"]}
    store.write_json(sound, path)
    assert read_golden(path, range(4)) == sound
    for seeds, words in (
        ([999, 1], "999 is no seed of the pool"),
        ([True, 1], "True is no seed"),
        ([1.0, 2], "1.0 is no seed"),
        ([1, 1], "they are not k different"),
        ([1], "they are not k different"),
    ):
        store.write_json(sound | {"seeds": seeds}, path)
        with pytest.raises(store.StoreError, match=rf"golden\.json: .*{words}.*; delete it"):
            read_golden(path, range(4))
    store.write_json({}, path)
    with pytest.raises(store.StoreError, match=r"golden\.json: lacks seeds, k, selection_prompts"):
        read_golden(path, range(4))


def test_a_trial_is_whole_and_fair():
    prompts = pd.DataFrame({"prompt_id": ["a", "b", "c"]})
    golden = {"seeds": [1, 2], "selection_prompts": ["x"]}
    pairs = arm_pairs({"golden": [1, 2], "random": range(4), "fresh": [9]}, prompts, 2, 0)
    ids = ["a", "b", "c"]
    refuse_unfair(pairs, golden, ids)
    refuse_unfair(pairs[pairs["arm"] != "golden"], golden | {"seeds": []}, ids)
    strange = pairs.assign(seed=pairs["seed"].mask(pairs["arm"] == "golden", 3))
    for drawn, chosen, tested, words in (
        (
            pairs[pairs["arm"] != "golden"],
            golden,
            ids,
            "arms fresh, random were drawn, fresh, golden, ran",
        ),
        (strange, golden, ids, "seeds that are not golden"),
        (pairs.iloc[:-1], golden, ids, "not every arm and trial"),
        (pd.concat([pairs, pairs.iloc[:1]]), golden, ids, "not every arm and trial"),
        (pairs, golden, [*ids, "d"], "not every arm and trial"),
        (pairs, golden | {"selection_prompts": ["a"]}, ids, "a"),
    ):
        with pytest.raises(ValueError, match=words):
            refuse_unfair(drawn, chosen, tested)
