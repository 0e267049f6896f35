"""Statistics that tell seeds apart: slow formulas, and worlds whose truth is known."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from seedbed.good_seed import worlds
from seedbed.good_seed.pool import SETS, Cells
from seedbed.good_seed.seed_rows import at_once
from seedbed.good_seed.seed_scores import ALONE, by_features, by_preference
from seedbed.statistics import components, jackknife, mmd, per_seed
from seedbed.statistics.cross_sets import cross_covariance
from seedbed.statistics.frechet import GaussianStats, Reference, frechet_distance
from seedbed.statistics.influence import influence

STATISTICS = {"bootstrap": 200, "permutations": 39, "level": 0.95, "seed": 0}
D = 4


class TestDiscrepancy:
    @pytest.fixture(scope="class")
    @staticmethod
    def drawn():
        rng = np.random.default_rng(0)
        x, y = rng.normal(size=(30, D)), rng.normal(size=(20, D)) + 0.3
        sigma = mmd.bandwidth(x, y)

        def kernel(a, b):
            return np.exp(-np.square(a - b).sum() / (2 * sigma**2))

        return x, y, sigma, kernel

    def test_a_witness_is_its_double_loop(self, drawn, monkeypatch):
        x, y, sigma, kernel = drawn
        slow = [
            np.mean([kernel(a, b) for j, b in enumerate(x) if j != i])
            - np.mean([kernel(a, b) for b in y])
            for i, a in enumerate(x)
        ]
        np.testing.assert_allclose(mmd.witness(x, y), slow, atol=1e-6)
        monkeypatch.setattr(mmd, "BLOCK", 1)
        np.testing.assert_allclose(mmd.witness(x, y, sigma), slow, atol=1e-6)

    def test_a_seed_alone_is_its_double_loop_with_and_without_a_group(self, drawn):
        x, y, sigma, kernel = drawn
        groups = [np.array([0, 3]), np.array([1, 2, 4])]
        values, deleted = mmd.alone(x.reshape(6, 5, D), mmd.Real.of(y, sigma), groups)
        of_real = np.mean(
            [kernel(a, b) for i, a in enumerate(y) for j, b in enumerate(y) if i != j]
        )
        for s, rows in enumerate(x.reshape(6, 5, D)):
            for found, left in ((values[s], range(5)), (deleted[s, 0], (1, 2, 4))):
                pairs = [kernel(rows[i], rows[j]) for i in left for j in left if i != j]
                real = [kernel(rows[i], b) for i in left for b in y]
                slow = np.mean(pairs) - 2 * np.mean(real) + of_real
                assert found == pytest.approx(slow)

    def test_its_expectation_does_not_depend_on_n(self):
        rng = np.random.default_rng(1)
        real = rng.normal(size=(400, D))
        few, many = (
            mmd.alone(rng.normal(size=(s, p, D)), mmd.Real.of(real, 2.0), [])[0].mean()
            for s, p in ((2000, 4), (40, 100))
        )
        assert few == pytest.approx(many, abs=4e-3) and abs(many) < 0.01

    def test_pictures_that_are_all_alike_have_no_kernel(self):
        with pytest.raises(ValueError, match="images that differ"):
            mmd.bandwidth(np.ones((5, 2)), np.ones((5, 2)))
        with pytest.raises(ValueError, match="two generated images and a real one"):
            mmd.witness(np.ones((1, 2)), np.ones((5, 2)))


def test_influence_is_the_rate_at_which_a_weight_moves_the_distance():
    rng = np.random.default_rng(2)
    x, real = rng.normal(size=(40, D)) + 0.5, rng.normal(size=(60, D))
    reference = Reference.from_features(real)
    found = influence(x, reference)
    assert found.mean() == pytest.approx(0, abs=1e-9)
    weights, step = np.full(40, 1 / 40), 1e-5

    def distance(w):
        mean = w @ x
        scatter = (x - mean).T @ ((x - mean) * w[:, None]) * 39
        return frechet_distance(GaussianStats(40, mean, scatter), reference)

    for i in (0, 7, 39):
        moved = weights * (1 - step)
        moved[i] += step
        assert found[i] == pytest.approx(
            (distance(moved) - distance(weights)) / step, rel=1e-3, abs=1e-3
        )
    with pytest.raises(ValueError, match="do not fit"):
        influence(x[:, 1:], reference)


class TestComponents:
    def table(self, rng, seeds, prompts, effect, skewed=False):
        noise = rng.exponential(size=(seeds, prompts)) - 1 if skewed else None
        noise = rng.normal(size=(seeds, prompts)) if noise is None else noise
        return effect * rng.normal(size=(seeds, 1)) + 5 * rng.normal(size=prompts) + noise

    def test_by_hand(self):
        # Seeds 0 and 1 apart on average, prompts 0, 2, 10; residuals ±1, 0, ∓1.
        table = np.array([[-1.0, 2, 11], [2, 3, 10]])
        found = components.two_way(table)
        rows, columns = table.mean(axis=1), table.mean(axis=0)
        residual = table - rows[:, None] - columns + table.mean()
        ms_seed = 3 * np.square(rows - table.mean()).sum()
        ms_residual = np.square(residual).sum() / 2
        assert found.f == pytest.approx(ms_seed / ms_residual)
        assert found.seed == pytest.approx((ms_seed - ms_residual) / 3)
        assert found.reliability == pytest.approx(1 - ms_residual / ms_seed)

    def test_variances_are_recovered_though_prompts_differ_more(self):
        found = components.two_way(self.table(np.random.default_rng(3), 600, 40, 0.5))
        assert found.seed == pytest.approx(0.25, rel=0.2)
        assert found.residual == pytest.approx(1, rel=0.05)
        assert found.share == pytest.approx(0.2, rel=0.2)
        assert found.reliability == pytest.approx(0.25 / (0.25 + 1 / 40), rel=0.02)
        assert found.prompts_for_80 == pytest.approx(16, abs=3)

    def test_without_an_effect_p_is_uniform_and_estimates_centre_on_0(self):
        rng = np.random.default_rng(4)
        found = [components.two_way(self.table(rng, 12, 20, 0, skewed=True)) for _ in range(300)]
        assert kstest([f.p_value for f in found], "uniform").pvalue > 0.01
        assert np.mean([f.seed for f in found]) == pytest.approx(0, abs=0.01)
        assert any(f.seed < 0 and f.prompts_for_80 is None for f in found)
        null = components.permuted_share(self.table(rng, 12, 20, 0), 200, rng)
        assert null.mean() == pytest.approx(0, abs=0.01)

    @pytest.mark.parametrize("skewed", [False, True])
    def test_intervals_cover(self, skewed):
        rng = np.random.default_rng(5)
        found = [components.two_way(self.table(rng, 16, 24, 0.3, skewed)) for _ in range(300)]
        share, reliability = 0.09 / 1.09, 0.09 / (0.09 + 1 / 24)
        assert np.mean([f.share_low <= share <= f.share_high for f in found]) > 0.92
        held = [f.reliability_low <= reliability <= f.reliability_high for f in found]
        assert np.mean(held) > 0.92

    def test_too_little_is_refused(self):
        with pytest.raises(ValueError, match="two seeds and two prompts"):
            components.two_way(np.ones((1, 5)))
        with pytest.raises(ValueError, match="not finite"):
            components.two_way(np.array([[1.0, np.nan], [1.0, 2.0]]))
        with pytest.raises(ValueError, match="no residual"):
            components.two_way(np.arange(3.0)[:, None] + np.arange(4.0))


class TestCrossSets:
    def scores(self, rng, seeds, effect):
        truth = effect * rng.normal(size=seeds)
        return truth + rng.normal(size=seeds), truth + 1.2 * rng.normal(size=seeds)

    @pytest.mark.parametrize("effect", [0.0, 0.5, 2.0])
    def test_intervals_cover_and_level_is_kept(self, effect):
        rng = np.random.default_rng(6)
        found = [
            cross_covariance(*self.scores(rng, 20, effect), n_perm=39, seed=i) for i in range(400)
        ]
        assert np.mean([f.low <= effect**2 <= f.high for f in found]) > 0.93
        if effect == 0:
            assert np.mean([f.p_value <= 0.05 for f in found]) < 0.08
            assert np.mean([f.low > 0 for f in found]) < 0.05
        if effect == 2:
            assert np.mean([f.low > 0 for f in found]) > 0.95

    def test_it_is_the_covariance(self):
        one, two = self.scores(np.random.default_rng(7), 9, 1.0)
        found = cross_covariance(one, two, 99, 0)
        assert found.covariance == pytest.approx(np.cov(one, two)[0, 1])
        assert found.low < found.covariance < found.high and found.n_seeds == 9
        with pytest.raises(ValueError, match="three seeds"):
            cross_covariance(one[:2], two[:2], 9, 0)


class TestJackknife:
    def test_of_a_mean_it_is_the_classic_error(self):
        rng = np.random.default_rng(8)
        scores = rng.normal(size=(5, 12))
        groups = jackknife.groups_of(12, 12, rng)
        deleted = np.stack([np.delete(scores, g, axis=1).mean(axis=1) for g in groups], axis=1)
        error, low, high = jackknife.interval(scores.mean(axis=1), deleted, relative=False)
        np.testing.assert_allclose(error, scores.std(axis=1, ddof=1) / np.sqrt(12))
        np.testing.assert_allclose(high - low, 2 * 2.200985 * error, rtol=1e-6)
        # Its pseudo-values are the scores themselves, in the order of the groups.
        values = jackknife.pseudo_values(scores.mean(axis=1), deleted)
        np.testing.assert_allclose(values, scores[:, np.concatenate(groups)])

    def test_groups_hold_every_prompt_once(self):
        groups = jackknife.groups_of(37, 16, np.random.default_rng(0))
        assert sorted(np.concatenate(groups)) == list(range(37)) and len(groups) == 16
        assert {len(g) for g in groups} == {2, 3}
        with pytest.raises(ValueError, match="at least 4 prompts"):
            jackknife.groups_of(3, 16, np.random.default_rng(0))


def of_world(kind, seeds, prompts, sets, rng):
    """Scores of every seed on several sets of prompts of one world."""
    cube, scores, _ = worlds.draw(kind, seeds, sets * prompts, D, rng)
    # So many real pictures that seeds do not differ by the luck of which there are.
    real = np.sqrt(1 + worlds.PROMPT_SD**2) * rng.normal(size=(2000, D))
    table = pd.DataFrame({"prompt_id": range(2 * prompts), "split": np.repeat(SETS, prompts)})
    cells = Cells.of(range(seeds), table)
    for i in range(0, sets, 2):
        both = cube[:, i * prompts : (i + 2) * prompts]
        # Halves rank and judge.
        rows = at_once(both, cells, np.concatenate([real, real]), STATISTICS["seed"])
        for k, name in enumerate(SETS):
            mine = {n.removeprefix(f"{name}."): v for n, v in rows.items() if n.startswith(name)}
            part = slice((i + k) * prompts, (i + k + 1) * prompts)
            found = by_features(mine, None, STATISTICS)
            yield found | {"preference": by_preference(scores[:, part], STATISTICS)}


class TestWorlds:
    """What is found where the truth is known; ``seedbed.good_seed.worlds``."""

    WORLDS = 12

    def verdicts(self, kind):
        found = {metric: 0 for metric in (*ALONE, "fdi", "mmd")}
        for i in range(self.WORLDS):
            rng = np.random.default_rng([9, worlds.KINDS.index(kind), i])
            one, two = of_world(kind, 16, 24, 2, rng)
            for metric in found:
                both = cross_covariance(one[metric].values, two[metric].values, 39, i)
                found[metric] += both.low > 0 and both.p_value < 0.05
        return found

    def test_no_effect_is_seldom_found(self):
        """A rate of 5 % gives more than 3 of 12 in one case of 500."""
        assert max(self.verdicts("none").values()) <= 3

    def test_seeds_that_only_lay_out_differently_are_not_better(self):
        found = self.verdicts("layout")
        assert max(found[metric] for metric in ALONE) <= 3
        # What they add to the pool carries over nonetheless: it is another question.
        assert max(found["fdi"], found["mmd"]) > 3

    def test_better_seeds_are_found(self):
        assert min(self.verdicts("planted").values()) >= self.WORLDS - 2

    def test_intervals_that_compare_seeds_cover(self):
        """Truth: means over many sets of as many prompts, less the mean over seeds."""
        sets = list(of_world("planted", 8, 24, 60, np.random.default_rng(10)))
        for metric in sets[0]:
            values = np.stack([found[metric].values for found in sets])
            truth = (values - values.mean(axis=1, keepdims=True)).mean(axis=0)
            held = [
                (found[metric].low - found[metric].values.mean() <= truth)
                & (truth <= found[metric].high - found[metric].values.mean())
                for found in sets
            ]
            assert 0.9 < np.mean(held) <= 1, metric

    def test_a_relative_interval_leaves_out_what_prompts_share(self):
        rng = np.random.default_rng(11)
        scores = 0.1 * rng.normal(size=(6, 30)) + 10 * rng.normal(size=30)
        low, high = per_seed.relative_interval(scores, 200, 0)
        _, far_low, far_high = per_seed.per_seed_interval(scores, 200, 0)
        assert ((high - low) < 0.1 * (far_high - far_low)).all()
        assert ((low < scores.mean(axis=1)) & (scores.mean(axis=1) < high)).all()
