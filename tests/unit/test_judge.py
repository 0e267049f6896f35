"""The golden-seed trial on made-up features whose truth is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from seedbed import store
from seedbed.good_seed.contrasts import Sets, contrasts, decided
from seedbed.good_seed.halves import judging_half
from seedbed.good_seed.judge import judge, refuse_unfair
from seedbed.good_seed.study import Measured
from seedbed.good_seed.trial_seeds import arm_pairs, arms_of, read_golden
from seedbed.statistics import frechet
from seedbed.statistics.bootstrap import expanded_level

D, N = 6, 60
STATISTICS = {"bootstrap": 300, "permutations": 199, "level": 0.95, "seed": 0, "margin": 0.25}
SPREAD = {"fd": 1.0, "preference": 0.5}
GOLDEN = {"seeds": [0, 1, 2, 3], "k": 4, "tops": {"fd": [*range(5)], "preference": [*range(4)]}}
GOLDEN |= {"selection_prompts": ["x"]}


def trial(effect: float):
    """Golden seeds (0 to 3) shift nothing; all others shift by ``effect``."""
    rng = np.random.default_rng(2)
    ids = [f"t{i:03d}" for i in range(2 * N)]
    prompts = pd.DataFrame({"prompt_id": ids, "split": ["test"] * N + ["transfer"] * N})
    pairs = arm_pairs(arms_of(GOLDEN, range(16), 16, 3, 5), ids, 5)
    index = pairs[["seed", "prompt_id"]].drop_duplicates(ignore_index=True)
    bad = (index["seed"] >= 4).to_numpy()[:, None]
    features = rng.normal(size=(len(index), D)) + effect * bad
    scores = index.assign(score=rng.normal(size=len(index)) * 0.1 - effect * bad[:, 0])
    return prompts, pairs, Measured(index, features, rng.normal(size=(400, D)), scores)


@pytest.fixture(scope="module")
def planted():
    prompts, pairs, measured = trial(1.0)
    return judge(prompts, pairs, measured, SPREAD, STATISTICS)


def test_golden_seeds_that_are_better_are_found_better(planted):
    trials, differences = planted
    row = differences.set_index(["part", "arm", "against", "metric"])
    for part in ("test", "transfer"):
        for against in ("pool", "random_k"):
            found = row.loc[(part, "golden", against, "preference")]
            assert found["low"] > 0 and found["verdict"] == "higher"
    found = row.loc[("test", "golden", "pool", "fd")]
    assert found["high"] < 0 and found["verdict"] == "lower" and found["p_value"] == 1 / 200
    assert found["effect"] == pytest.approx(found["difference"] / SPREAD["fd"])
    found = row.loc[("test", "golden", "pool", "mmd")]
    assert found["high"] < 0 and found["verdict"] == "lower" and np.isnan(found["effect"])
    # The two best lists and golden seeds are as good; fresh seeds are not.
    assert row.loc[("test", "best_fd", "pool", "fd"), "verdict"] == "lower"
    assert row.loc[("test", "fresh", "pool", "preference"), "difference"] < 0
    assert (trials["n"] == N).all() and trials.groupby("arm")["n_seeds"].max()["golden"] == 4
    assert trials.loc[trials["part"] == "transfer", "fd"].isna().all()


def test_equal_seeds_are_not_told_apart():
    prompts, pairs, measured = trial(0.0)
    _, differences = judge(prompts, pairs, measured, SPREAD, STATISTICS | {"level": 0.999})
    assert not differences["verdict"].isin(["higher", "lower"]).any()
    assert ((differences["low"] <= 0) & (differences["high"] >= 0)).all()
    assert (differences["p_adjusted"] >= differences["p_value"]).all()


def test_a_trial_is_the_distance_of_its_own_pictures():
    prompts, pairs, measured = trial(0.5)
    trials, differences = judge(prompts, pairs, measured, SPREAD, STATISTICS)
    reference = frechet.Reference.from_features(measured.reference)

    def slow(arm, number):
        mine = pairs[(pairs["arm"] == arm) & (pairs["trial"] == number)]
        mine = mine[mine["prompt_id"] < f"t{N:03d}"]
        rows = measured.index.reset_index().merge(mine, on=["seed", "prompt_id"])["index"]
        return frechet.distance(measured.features[rows], reference)

    found = trials[trials["part"] == "test"].set_index(["arm", "trial"])["fd"]
    assert found[("pool", 1)] == pytest.approx(slow("pool", 1), rel=1e-9)
    gap = np.mean([slow("golden", t) - slow("pool", t) for t in range(3)])
    row = differences.set_index(["part", "arm", "against", "metric"])
    assert row.loc[("test", "golden", "pool", "fd"), "difference"] == pytest.approx(gap, rel=1e-9)


def test_swapped_pictures_equal_slow_recomputation():
    rng = np.random.default_rng(3)
    reference = frechet.Reference.from_features(rng.normal(size=(50, 3)))
    features = rng.normal(size=(40, 3)) + np.repeat([[0.0], [0.6]], 20, axis=0)
    points = frechet.ProjectedFeatures.of(features, reference)
    rows = {"a": np.arange(20)[None], "b": np.arange(20, 40)[None]}
    found = Sets({}, rows, points, 20).swapped("a", "b", 50, np.random.default_rng(1))
    again = np.random.default_rng(1)

    def gap(a, b):
        return abs(frechet.distance(a, reference) - frechet.distance(b, reference))

    a, b, extreme = features[:20], features[20:], 0
    for _ in range(50):
        turned = again.integers(2, size=20).astype(bool)[:, None]
        extreme += gap(np.where(turned, b, a), np.where(turned, a, b)) >= gap(a, b) - 1e-9
    assert found == (1 + extreme) / 51


def test_expanded_intervals_are_students():
    assert expanded_level(0.95, 10**6) == pytest.approx(0.95, abs=1e-4)
    # 95 % of a mean of 10: t = 2.262, and the resamples' sd is short by the root of .9.
    wide = 2 * norm.cdf(2.2622 * np.sqrt(10 / 9)) - 1
    assert expanded_level(0.95, 10) == pytest.approx(wide, abs=1e-4)
    assert expanded_level(0.95, 2) < 1


def test_adjusted_over_arms_and_not_over_metrics():
    rows = [("a", "pool", "fd", 0.01), ("b", "pool", "fd", 0.04), ("a", "k", "fd", 0.03)]
    table = pd.DataFrame(rows, columns=["arm", "against", "metric", "p_value"])
    table = table.assign(difference=0.1, low=0.05, high=0.2, narrow_low=0.06, narrow_high=0.1, n=9)
    found = decided(table, {"fd": 0.5}, 0.25, 0.95)
    assert found["p_adjusted"].tolist() == [0.02, 0.04, 0.03]
    assert found["effect"].tolist() == [0.2] * 3 and set(found["verdict"]) == {"higher"}
    assert found["margin"].tolist() == [0.125] * 3
    # A metric whose spread is not known has no margin and no effect.
    unknown = decided(table.assign(low=-1.0), {"fd": 0.0}, 0.25, 0.95)
    assert unknown[["effect", "margin"]].isna().all(axis=None)
    assert set(unknown["verdict"]) == {"undecided"}


def test_paired_scores_by_hand():
    scores = {"preference": {"a": np.array([[1.0, 2.0], [3.0, 2.0]]), "b": np.array([[1.0, 1.0]])}}
    found = contrasts(Sets(scores, {}, None, 2), [("a", "b")], STATISTICS, np.random.default_rng(0))
    assert found["difference"].tolist() == [1.0] and found["n"].tolist() == [2]
    assert (found[["low", "high", "narrow_low", "narrow_high"]] == 1.0).all(axis=None)


@pytest.mark.parametrize("missing", ["features", "scores"])
def test_judging_by_one_score_alone(missing):
    prompts, pairs, measured = trial(1.0)
    gone = {"index": None, "features": None, "reference": None} if missing == "features" else {}
    gone |= {"scores": None} if missing == "scores" else {}
    trials, differences = judge(prompts, pairs, replace(measured, **gone), SPREAD, STATISTICS)
    by_features = {"fd", "mmd"}
    there, away = by_features, {"preference"}
    if missing == "features":
        there, away = away, there
    assert set(differences["metric"]) == there and trials[list(away)].isna().all(axis=None)
    assert set(differences["part"]) == ({"test"} if there == by_features else {"test", "transfer"})


def test_halves_of_the_reference_share_nothing():
    reference = np.arange(7)
    assert judging_half(reference).tolist() == [3, 4, 5, 6]


def test_golden_seeds_are_of_the_pool(tmp_path):
    path = tmp_path / "golden.json"
    sound = {"seeds": [2, 1], "k": 2, "tops": {"fd": [2, 1, 3]}, "selection_prompts": ["p0"]}
    store.write_json(sound, path)
    assert read_golden(path, range(4)) == sound
    for change, words in (
        ({"seeds": [999, 1]}, "999 is no seed of the pool"),
        ({"seeds": [True, 1]}, "True is no seed"),
        ({"seeds": [1.0, 2]}, "1.0 is no seed"),
        ({"seeds": [1, 1]}, "they are not k different"),
        ({"seeds": [1]}, "they are not k different"),
        ({"tops": {"fd": [7]}}, "7 is no seed of the pool"),
        ({"tops": {"fd": None}}, "None is no list"),
        ({"tops": [1]}, "no table"),
    ):
        store.write_json(sound | change, path)
        with pytest.raises(store.StoreError, match=rf"golden\.json: .*{words}.*; delete it"):
            read_golden(path, range(4))
    store.write_json({}, path)
    wanted = r"golden\.json: lacks seeds, k, tops, selection_prompts"
    with pytest.raises(store.StoreError, match=wanted):
        read_golden(path, range(4))


def test_a_trial_is_whole_and_fair():
    chosen = {"seeds": [1, 2], "k": 2, "tops": {"fd": [1, 2, 3]}, "selection_prompts": ["x"]}
    ids = ["a", "b", "c"]
    pairs = arm_pairs(arms_of(chosen, range(4), 1, 2, 0), ids, 0)
    refuse_unfair(pairs, chosen, ids)
    none = pairs[~pairs["arm"].isin(["golden", "random_k"])]
    refuse_unfair(none, chosen | {"seeds": []}, ids)
    strange = pairs.assign(seed=pairs["seed"].mask(pairs["arm"] == "best_fd", 0))
    for drawn, golden, tested, words in (
        (none, chosen, ids, "arms best_fd, fresh, pool were drawn, best_fd, fresh, golden, pool"),
        (strange, chosen, ids, "best_fd drew seeds that are not its own"),
        (pairs.iloc[:-1], chosen, ids, "not every arm and trial"),
        (pd.concat([pairs, pairs.iloc[:1]]), chosen, ids, "not every arm and trial"),
        (pairs, chosen, [*ids, "d"], "not every arm and trial"),
        (pairs, chosen | {"selection_prompts": ["a"]}, ids, "a"),
    ):
        with pytest.raises(ValueError, match=words):
            refuse_unfair(drawn, golden, tested)
