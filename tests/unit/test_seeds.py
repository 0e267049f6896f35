"""Rankings, golden seeds and null models of seed effects."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from seedbed.good_seed import golden, rank
from seedbed.good_seed import trial_seeds as arms
from seedbed.statistics import frechet, nulls
from seedbed.statistics.components import two_way
from seedbed.statistics.frechet import Reference


def series(values, start=0):
    return pd.Series(values, index=range(start, start + len(values)), dtype=float)


def noise(n_seeds, n_prompts, rng, effect=0.0):
    """Prompt effects far larger than the noise, and a seed effect of this sd."""
    prompts = rng.normal(0, 5, n_prompts)
    seeds = rng.normal(0, 1, (n_seeds, 1)) * effect
    return prompts + seeds + rng.normal(0, 1, (n_seeds, n_prompts))


class TestRank:
    def test_direction_and_ties(self):
        scores = pd.Series({7: 2.0, 3: 1.0, 5: 2.0, 1: 9.0})
        average = rank.ranks(scores, ascending=True)
        assert average.to_dict() == {1: 4.0, 3: 1.0, 5: 2.5, 7: 2.5}
        assert rank.ranks(scores, ascending=True, ties="seed").to_dict() == {1: 4, 3: 1, 5: 2, 7: 3}
        assert rank.ranks(scores, ascending=False, ties="seed").to_dict() == {
            1: 1,
            5: 2,
            7: 3,
            3: 4,
        }
        assert rank.best(scores, 3, ascending=False) == (1, 5, 7)

    def test_selection_does_not_depend_on_the_order_of_the_table(self):
        scores = series([1, 1, 1, 0, 1, 1])
        shuffled = scores.sample(frac=1, random_state=3)
        assert rank.best(shuffled, 3, ascending=True) == (3, 0, 1)

    def test_refuses_missing_scores(self):
        with pytest.raises(ValueError, match="seed 1 has no finite score"):
            rank.ranks(series([1, np.nan]), ascending=True)
        with pytest.raises(ValueError, match="seed 2 is scored on one side only"):
            rank.spearman(series([1, 2]), series([1, 2, 3]))
        with pytest.raises(ValueError, match="seed 4 has two scores"):
            rank.ranks(pd.Series([1.0, 2.0], index=[4, 4]), ascending=True)

    def test_spearman_matches_by_seed(self):
        a = series(np.arange(50.0))
        found = rank.spearman(a, -a.sample(frac=1, random_state=0), n_boot=50)
        assert found.rho == pytest.approx(-1)
        assert found.n == 50

    def test_split_half(self):
        rng = np.random.default_rng(1)
        skill = rng.normal(size=500)
        halves = [series(skill + rng.normal(size=500)) for _ in range(2)]
        found = rank.split_half(*halves, n_boot=200)
        rho = found.correlation.rho
        assert found.correlation.low < rho < found.correlation.high
        assert rho == pytest.approx(0.5, abs=0.1) and found.correlation.p_value < 1e-6
        assert found.both_sets == pytest.approx(2 * rho / (1 + rho))
        unrelated = rank.split_half(series([1, 2, 3, 4]), series([4, 3, 2, 1]), n_boot=20)
        assert unrelated.both_sets is None


class TestGolden:
    def test_by_hand(self):
        # Best four of eight by distance: 0 1 2 3; by preference: 2 3 6 7.
        fd = series([1, 2, 3, 4, 5, 6, 7, 8])
        preference = series([0, 1, 5, 9, 2, 3, 7, 8])
        found = golden.select({"fd": fd, "preference": preference}, quantile=0.5)
        assert found.tops == {"fd": (0, 1, 2, 3), "preference": (3, 7, 6, 2)}
        assert found.seeds == (3, 2)
        assert (found.k, found.n_pool, found.k_expected) == (2, 8, 2.0)
        # P(k >= 2) = 1 - [C(4,0) C(4,4) + C(4,1) C(4,3)] / C(8,4) = 1 - 17/70
        assert found.p_at_least_k == pytest.approx(53 / 70)

    def test_chance_at_the_papers_size(self):
        rng = np.random.default_rng(0)
        found = golden.select({m: series(rng.random(1024)) for m in golden.LOW_IS_GOOD})
        assert [len(top) for top in found.tops.values()] == [256] * 3
        assert round(found.k_expected, 2) == 64.00
        assert round(found.k_sd, 2) == 6.00
        assert abs(found.k - 64) < 4 * 6

    def test_probability_of_the_papers_counts(self):
        # Overlaps of exactly 65 and 67 of the two lists.
        fd = series(np.arange(1024))
        for k, expected in ((65, 0.46), (67, 0.34)):
            preference = np.zeros(1024)
            preference[256 - k : 512 - k] = 1
            found = golden.select({"fd": fd, "preference": series(preference)})
            assert found.k == k
            assert found.p_at_least_k == pytest.approx(expected, abs=0.005)

    def test_no_overlap(self):
        same = series([0, 1, 2, 3])
        found = golden.select({"fd": same, "preference": same}, quantile=0.25)
        assert found.seeds == () and found.k == 0 and found.p_at_least_k == 1.0
        with pytest.raises(ValueError, match="selects none"):
            golden.select({"fd": series([0, 1]), "preference": series([0, 1])}, quantile=0.25)

    def test_another_score_has_a_top_list_and_changes_no_golden_seed(self):
        rng = np.random.default_rng(4)
        two = {"fd": series(rng.random(16)), "preference": series(rng.random(16))}
        three = golden.select(two | {"mmd": series(rng.random(16)), "fd_low": series([0])})
        assert three.seeds == golden.select(two).seeds and list(three.tops)[1] == "mmd"
        with pytest.raises(ValueError, match="to be chosen by"):
            golden.select({"mmd": two["fd"]})

    def test_spreads_are_those_over_seeds(self):
        frame = pd.DataFrame({"seed": [0, 1, 0, 1], "split": ["set1"] * 2 + ["set2"] * 2})
        frame = frame.assign(fd=[0.0, 2.0, 0.0, 4.0], fd_low=9.0)
        assert golden.spreads(frame) == {"fd": pytest.approx(np.sqrt((2 + 8) / 2))}

    def test_assert_fair(self):
        golden.assert_fair(["a", "b"], ["c"])
        with pytest.raises(ValueError, match="'b' and 0 more"):
            golden.assert_fair(["a", "b"], ["b", "c"])
        with pytest.raises(ValueError, match="'7'"):
            golden.assert_fair([7], ["7"])
        with pytest.raises(ValueError, match="fair test needs"):
            golden.assert_fair([], ["b"])

    def test_arms_of_a_trial(self):
        chosen = {"seeds": [3, 5], "k": 2, "tops": {"fd": [3, 5, 6], "preference": [5, 3, 7]}}
        found = arms.arms_of(chosen, range(8), 4, trials=3, seed=0)
        assert list(found) == ["golden", "random_k", "pool", "fresh", "best_fd", "best_preference"]
        assert all(len(by_trial) == 3 for by_trial in found.values())
        assert found["golden"][0] == [3, 5] and found["pool"][2] == list(range(8))
        assert all(len(set(s)) == 2 and set(s) <= set(range(8)) for s in found["random_k"])
        assert len(set(map(tuple, found["random_k"]))) > 1
        assert len(set(found["fresh"][0])) == 4 and not set(found["fresh"][0]) & set(range(8))
        alone = arms.arms_of(
            {"seeds": [1], "k": 1, "tops": {"preference": [1]}}, range(4), 1, trials=2, seed=0
        )
        assert "best_preference" not in alone

    def test_an_empty_overlap_is_a_result(self):
        none = {"seeds": [], "k": 0, "tops": {"fd": [1], "preference": [2]}}
        found = arms.arms_of(none, range(8), 4, trials=3, seed=0)
        assert list(found) == ["pool", "fresh", "best_fd", "best_preference"]

    def test_pairs_are_even_shared_and_stable(self):
        prompts = [f"p{i}" for i in range(2000)]
        own = {"few": [[2, 4, 9]] * 2, "pool": [list(range(12))] * 2}
        drawn = arms.arm_pairs(own, prompts, seed=1)
        pd.testing.assert_frame_equal(drawn, arms.arm_pairs(own, prompts, seed=1))
        by = drawn.set_index(["arm", "trial", "prompt_id"])["seed"].unstack("prompt_id")
        assert list(drawn["arm"].unique()) == ["few", "pool"] and list(by.columns) != []
        few, pool = by.loc[("few", 0)], by.loc[("pool", 0)]
        np.testing.assert_allclose(few.value_counts(normalize=True), 1 / 3, atol=0.05)
        np.testing.assert_allclose(pool.value_counts(normalize=True), 1 / 12, atol=0.03)
        # Where the pool draws one of the few, both draw it.
        shared = pool.isin([2, 4, 9])
        assert (few[shared] == pool[shared]).all() and shared.mean() == pytest.approx(
            1 / 4, abs=0.05
        )
        assert (few != by.loc[("few", 1)]).mean() == pytest.approx(2 / 3, abs=0.05)
        alone = arms.arm_pairs({"pool": own["pool"]}, prompts, seed=1)
        pd.testing.assert_frame_equal(alone, drawn[drawn["arm"] == "pool"].reset_index(drop=True))
        with pytest.raises(ValueError, match="'a' is listed twice"):
            arms.arm_pairs(own, ["a", "a"], seed=0)

    def test_fresh_seeds(self):
        fresh = arms.fresh_seeds(range(1024), 500, seed=3)
        assert fresh == arms.fresh_seeds(range(1024), 500, seed=3)
        assert len(set(fresh)) == 500 and not set(fresh) & set(range(1024))
        assert fresh != arms.fresh_seeds(range(1024), 500, seed=4)

    def test_fresh_seeds_avoid_the_pool(self, monkeypatch):
        monkeypatch.setattr(arms, "SEED_LIMIT", 16)
        assert sorted(arms.fresh_seeds(range(12), 4, seed=0)) == [12, 13, 14, 15]


class TestNulls:
    def test_p_values_are_uniform_without_an_effect(self):
        rng = np.random.default_rng(11)
        p_values = [
            nulls.permuted_gap(noise(6, 15, rng), n_perm=79, seed=i).p_value for i in range(250)
        ]
        assert min(p_values) >= 1 / 80
        assert kstest(p_values, "uniform").pvalue > 0.01

    def test_planted_effect_is_found(self):
        found = nulls.permuted_gap(noise(20, 60, np.random.default_rng(2), 0.6), 199, seed=0)
        assert found.p_value == 1 / 200
        assert found.observed > found.bound(0.99)
        assert len(found.null) == 199

    def test_permutation_stays_within_prompts(self):
        # All scores of a prompt are equal: nothing can be permuted into a gap.
        found = nulls.permuted_gap(np.tile(np.arange(5.0), (4, 1)), 20, seed=0)
        assert found.observed == 0 and (found.null == 0).all() and found.p_value == 1

    def test_is_deterministic(self):
        scores = noise(5, 9, np.random.default_rng(0))
        one, two, three = (nulls.permuted_gap(scores, 20, seed=s) for s in (1, 1, 2))
        np.testing.assert_array_equal(one.null, two.null)
        assert not np.array_equal(one.null, three.null)

    def test_frechet_gap(self):
        rng = np.random.default_rng(3)
        reference = Reference.from_features(rng.normal(size=(80, 12)))
        features = rng.normal(size=(4, 30, 12)) + rng.normal(size=(30, 12))
        plain = nulls.permuted_gap_fd(features, reference, 40, seed=0)
        expected = np.ptp(frechet.per_seed(features, reference))
        assert plain.observed == pytest.approx(expected, rel=1e-8)
        assert plain.p_value > 0.05
        features[2] += 1.5
        planted = nulls.permuted_gap_fd(features, reference, 40, seed=0)
        assert planted.p_value == 1 / 41

    def test_frechet_null_equals_slow_recomputation(self):
        rng = np.random.default_rng(5)
        reference = Reference.from_features(rng.normal(size=(50, 5)))
        features = rng.normal(size=(3, 20, 5))
        found = nulls.permuted_gap_fd(features, reference, 3, seed=8)
        labels = np.repeat(np.arange(3)[:, None], 20, axis=1)
        again = np.random.default_rng(8)
        for gap in found.null:
            permuted = again.permuted(labels, axis=0)
            shuffled = np.take_along_axis(features, permuted[:, :, None], axis=0)
            assert gap == pytest.approx(np.ptp(frechet.per_seed(shuffled, reference)), rel=1e-8)

    def test_frechet_p_values_without_an_effect(self):
        rng = np.random.default_rng(6)
        reference = Reference.from_features(rng.normal(size=(40, 3)))
        p_values = [
            nulls.permuted_gap_fd(rng.normal(size=(4, 15, 3)), reference, 19, seed=i).p_value
            for i in range(60)
        ]
        assert np.mean(p_values) == pytest.approx(0.525, abs=0.12)
        assert np.mean(np.array(p_values) <= 0.05) < 0.15

    def test_shrinks_to_the_grand_mean_without_an_effect(self):
        means = np.array([1.0, 2.0, 6.0])
        np.testing.assert_array_equal(nulls.shrunken(means, -0.5), 3.0)
        np.testing.assert_allclose(nulls.shrunken(means, 0.5), [2.0, 2.5, 4.5])

    def test_shrinkage_undoes_the_winners_curse(self):
        rng = np.random.default_rng(8)
        truth = rng.normal(0, 0.2, (1000, 1))
        scores = truth + rng.normal(0, 1, (1000, 20))
        means = scores.mean(axis=1)
        found = nulls.shrunken(means, two_way(scores).reliability)
        top = np.argsort(means)[-50:]
        assert means[top].mean() > 1.5 * truth[top].mean()
        assert found[top].mean() == pytest.approx(truth[top].mean(), rel=0.15)

    def test_refuses_single_seeds_and_no_permutation(self):
        with pytest.raises(ValueError, match="two of them"):
            nulls.permuted_gap([[1.0, 2.0, 3.0]], 5, seed=0)
        with pytest.raises(ValueError, match="n_perm"):
            nulls.permuted_gap(np.eye(3), 0, seed=0)
