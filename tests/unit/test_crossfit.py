"""Golden seeds judged on the ranking images themselves; one seed for all prompts."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from seedbed.good_seed import fixed_seed
from seedbed.good_seed.crossfit import ASSIGNMENTS, crossfit, going_round, mean_of
from seedbed.good_seed.simulate import PARTS, simulate, summary
from seedbed.good_seed.study import Measured
from seedbed.good_seed.worlds import KINDS, draw
from seedbed.statistics import frechet
from seedbed.statistics.per_seed import to_matrix

STATISTICS = {"bootstrap": 200, "permutations": 99, "level": 0.95, "seed": 0, "margin": 0.25}
SEEDS, N, D = 16, 24, 4


def made(kind="planted", seed=3):
    """A world as the workflow measures it, with per-seed scores on both sets."""
    rng = np.random.default_rng(seed)
    cube, scores, real = draw(kind, SEEDS, 2 * N, D, rng)
    ids = [f"p{i:03d}" for i in range(2 * N)]
    prompts = pd.DataFrame({"prompt_id": ids, "split": ["set1"] * N + ["set2"] * N})
    index = pd.MultiIndex.from_product([range(SEEDS), ids], names=["seed", "prompt_id"])
    index = index.to_frame(index=False)
    measured = Measured(index, cube.reshape(-1, D), real, index.assign(score=scores.ravel()))
    reference = frechet.Reference.from_features(rng.normal(size=(200, D)))
    halves = {"set1": slice(0, N), "set2": slice(N, 2 * N)}
    frame = pd.concat(
        pd.DataFrame(
            {
                "seed": range(SEEDS),
                "split": name,
                "fd": frechet.per_seed(cube[:, half], reference),
                "preference": scores[:, half].mean(axis=1),
            }
        )
        for name, half in halves.items()
    )
    return prompts, measured, frame


def test_a_direction_is_the_mean_of_its_own_pictures():
    prompts, measured, frame = made()
    trials, differences = crossfit(prompts, measured, frame, 0.5, STATISTICS)
    on = frame[frame["split"] == "set1"].set_index("seed")
    fd, preference = on["fd"].nsmallest(8), on["preference"].nlargest(8)
    golden = sorted(set(fd.index) & set(preference.index))
    ids = prompts.loc[prompts["split"] == "set2", "prompt_id"].tolist()
    matrix = to_matrix(measured.scores, "score", list(range(SEEDS)), ids)
    rows = trials.set_index(["arm", "trial"])
    assert rows.loc[("golden", 0), "preference"] == pytest.approx(matrix[golden].mean())
    assert rows.loc[("golden", 0), "n_seeds"] == len(golden)
    assert rows.loc[("pool", 0), "preference"] == pytest.approx(matrix.mean())
    told = differences.set_index(["arm", "against", "metric"])
    gap = rows.loc["golden", "preference"] - rows.loc["pool", "preference"]
    found = told.loc[("golden", "pool", "preference")]
    assert found["difference"] == pytest.approx(gap.mean()) and found["n"] == 2 * N
    assert found["low"] > 0 and found["verdict"] == "higher"
    # All seeds at random have the pool's mean.
    assert told.loc[("random_k", "pool", "preference"), "difference"] == pytest.approx(0)
    assert {"best_fd", "best_preference"} <= set(trials["arm"])


def test_rounds_use_seeds_evenly():
    found = going_round([3, 5, 8], 9, np.random.default_rng(0))
    assert found.shape == (ASSIGNMENTS, 9)
    for each in found:
        assert np.bincount(each)[[3, 5, 8]].tolist() == [3, 3, 3]
    assert len(set(map(tuple, found.tolist()))) == 3
    assert set(going_round([7], 4, np.random.default_rng(0)).ravel()) == {7}


def directions(p_values, differences):
    columns = {"arm": "golden", "against": "pool", "metric": "fd", "low": -1.0, "high": 2.0}
    columns |= {"narrow_low": -0.5, "narrow_high": 1.0, "n": 10}
    for p, difference in zip(p_values, differences, strict=True):
        yield pd.DataFrame([columns | {"difference": difference, "p_value": p}])


def test_directions_are_averaged_as_if_their_errors_went_together():
    (row,) = mean_of(list(directions([0.04, 0.04], [1.0, 2.0]))).itertuples()
    assert (row.difference, row.low, row.high, row.n) == (1.5, -1.0, 2.0, 20)
    assert row.p_value == pytest.approx(0.04)
    (apart,) = mean_of(list(directions([0.04, 0.04], [1.0, -1.0]))).itertuples()
    assert apart.p_value == pytest.approx(1.0)
    (mixed,) = mean_of(list(directions([0.01, 1.0], [1.0, 1.0]))).itertuples()
    assert mixed.p_value == pytest.approx(2 * norm.sf(norm.isf(0.005) / 2))


def test_one_direction_without_golden_seeds_leaves_the_other():
    prompts, measured, frame = made()
    turned = frame.copy()
    # On Set 1 the two rankings are opposite, so that none is golden.
    one = turned["split"] == "set1"
    turned.loc[one, "preference"] = turned.loc[one, "fd"]
    trials, differences = crossfit(prompts, measured, turned, 0.25, STATISTICS)
    assert trials.loc[trials["arm"] == "golden", "trial"].tolist() == [1]
    told = differences.set_index(["arm", "against", "metric"])
    assert told.loc[("golden", "pool", "fd"), "n"] == N
    assert told.loc[("best_fd", "pool", "fd"), "n"] == 2 * N
    turned["preference"] = turned["fd"]
    trials, differences = crossfit(prompts, measured, turned, 0.25, STATISTICS)
    assert "golden" not in set(trials["arm"]) and len(differences)


class TestFixedSeed:
    def cost(self, layout, level=0.95, seed=0, n_seeds=12):
        rng = np.random.default_rng([seed, int(10 * layout)])
        cube = rng.normal(size=(n_seeds, 30, D)) + rng.normal(size=(30, D))
        cube += layout * rng.normal(size=(n_seeds, 1, D))
        reference = frechet.Reference.from_features(np.sqrt(2) * rng.normal(size=(300, D)))
        points = frechet.ProjectedFeatures.of(cube.reshape(-1, D), reference)
        return fixed_seed.distance_cost(points, n_seeds, 30, level, rng)

    def test_layouts_of_seeds_cost(self):
        found = self.cost(0.8)
        assert found["cost"] == pytest.approx(found["single"] - found["mixed"])
        assert found["low"] > 0 and found["p_value"] == 1 / 101
        assert found["cost"] > 10 * found["null_sd"]

    def test_without_layouts_there_is_no_cost(self):
        found = [self.cost(0.0, seed=i) for i in range(20)]
        assert np.mean([f["low"] <= 0 <= f["high"] for f in found]) >= 0.9
        assert np.mean([f["p_value"] < 0.05 for f in found]) <= 0.2

    def test_single_and_mixed_sets_hold_the_same_pictures(self):
        rng = np.random.default_rng(1)
        points = frechet.ProjectedFeatures.of(
            rng.normal(size=(6, D)), frechet.Reference.from_features(rng.normal(size=(20, D)))
        )
        found = fixed_seed.distance_cost(points, 2, 3, 0.95, rng)
        slow = [points.distance(np.arange(3)), points.distance(np.arange(3, 6))]
        assert found["single"] == pytest.approx(np.mean(slow))

    def test_a_mean_of_pictures_has_none_by_design(self):
        prompts, measured, _ = made()
        found = fixed_seed.fixed_seed_cost(
            prompts["prompt_id"], measured, range(SEEDS), STATISTICS
        ).set_index("metric")
        assert found.loc["preference", "cost"] == 0 and found.loc["preference", "p_value"] == 1
        assert found.loc["preference", "mixed"] == pytest.approx(measured.scores["score"].mean())
        # The discrepancy's cost is 0 by construction and would test nothing.
        assert found.index.tolist() == ["fd", "preference"]
        assert found.loc["fd", "low"] <= found.loc["fd", "cost"] <= found.loc["fd", "high"]
        assert set(found["n_prompts"]) == {2 * N}


@pytest.mark.parametrize("n", [3, 12])
def test_many_sets_at_a_time_are_as_one_by_one(n):
    rng = np.random.default_rng(0)
    reference = frechet.Reference.from_features(rng.normal(size=(30, 6)))
    points = frechet.ProjectedFeatures.of(rng.normal(size=(40, 6)), reference)
    rows = rng.integers(40, size=(9, n))
    slow = [points.distance(*np.unique(each, return_counts=True)) for each in rows]
    np.testing.assert_allclose(points.distances(rows), slow, rtol=1e-6)
    np.testing.assert_allclose(points.distances(rows, values=1), slow, rtol=1e-6)


class TestSimulations:
    @pytest.fixture(scope="class")
    @staticmethod
    def found():
        rows = pd.concat([simulate(kind, 10, seed=7) for kind in KINDS])
        return summary(rows).set_index(["kind", "design", "metric"]).sort_index()

    def test_no_effect_is_seldom_found(self, found):
        """10 worlds of a kind: a rate of 5 % gives more than 2 in one case of a hundred."""
        for kind in ("none", "layout"):
            assert (10 * found.loc[kind, "better"] < 2.5).all()

    def test_intervals_cover(self, found):
        assert found["covered"].mean() > 0.92 and found["covered"].min() >= 0.7

    def test_a_planted_effect_is_found(self, found):
        assert (found.loc["planted", "better"] > 0.5).all()
        assert (found.loc["planted", "worse"] == 0).all()
        preference = found.xs("preference", level="metric").loc["planted", "truth"]
        assert (preference > 0.3).all()

    def test_a_world_depends_on_its_number_alone(self):
        few, more = simulate("none", 1, seed=1), simulate("none", 2, seed=1)
        pd.testing.assert_frame_equal(few, more[: len(few)])
        assert not simulate("none", 1, seed=2).equals(few) and list(PARTS)[2] == "test"
