"""Frechet distance and preference means: analytic cases, oracles, resampling."""

from functools import reduce

import numpy as np
import pandas as pd
import pytest

from seedbed.statistics import bootstrap, frechet
from seedbed.statistics import per_seed as preference
from seedbed.statistics.frechet import GaussianStats, Reference

RNG_SEED = 20240514


def draw(n, d, seed=RNG_SEED, shift=0.0):
    rng = np.random.default_rng(seed)
    mixing = rng.standard_normal((d, d)) / np.sqrt(d) * (1 + np.arange(d)) ** -0.3
    return rng.standard_normal((n, d)) @ mixing + shift


def pair(n, d, n_reference=None):
    rng = np.random.default_rng([n, d])
    mixing = rng.standard_normal((d, d)) / np.sqrt(d)
    reference = rng.standard_normal((n_reference or n, d)) @ mixing
    x = rng.standard_normal((n, d)) * rng.uniform(0.5, 1.5, d) @ mixing + 0.2
    return x, reference


def stats_of(mean, cov, n=1000):
    mean, cov = np.asarray(mean, dtype=np.float64), np.asarray(cov, dtype=np.float64)
    return GaussianStats(n, mean, cov * (n - 1))


def fd(a, b):
    return frechet.frechet_distance(a, Reference.from_stats(b))


class TestAnalytic:
    @pytest.mark.parametrize("n", [12, 200])
    def test_identical_sets_are_at_zero(self, n):
        x = draw(n, 30)
        reference = Reference.from_features(x)
        stats = GaussianStats.from_features(x)
        assert frechet.frechet_distance(stats, reference) == pytest.approx(0, abs=1e-10)
        assert frechet.frechet_distance_small_n(x, x) == pytest.approx(0, abs=1e-10)
        assert frechet.distance(x, reference) == pytest.approx(0, abs=1e-10)

    def test_diagonal_covariances(self):
        a, b = np.array([1.0, 4.0, 9.0]), np.array([4.0, 1.0, 0.25])
        shift = np.array([1.0, -2.0, 0.5])
        expected = shift @ shift + np.square(np.sqrt(a) - np.sqrt(b)).sum()
        found = fd(stats_of(shift, np.diag(a)), stats_of(np.zeros(3), np.diag(b)))
        assert found == pytest.approx(expected, rel=1e-12)

    def test_one_dimension(self):
        found = fd(stats_of([3.0], [[4.0]]), stats_of([1.0], [[25.0]]))
        assert found == pytest.approx((3 - 1) ** 2 + (2 - 5) ** 2, rel=1e-12)

    def test_means_only(self):
        x = draw(500, 8)
        shift = np.arange(8.0)
        reference = Reference.from_features(x)
        assert frechet.distance(x + shift, reference) == pytest.approx(shift @ shift, rel=1e-10)

    def test_supports_without_overlap(self):
        a, b = np.zeros((40, 40)), np.zeros((40, 40))
        rotation = np.linalg.qr(draw(40, 40))[0]
        a[:20, :20], b[20:, 20:] = np.diag(np.arange(1.0, 21)), 2 * np.eye(20)
        a, b = rotation @ a @ rotation.T, rotation @ b @ rotation.T
        found = fd(stats_of(np.zeros(40), a), stats_of(np.zeros(40), b))
        assert found == pytest.approx(np.trace(a) + np.trace(b), rel=1e-5)

    def test_symmetric_in_its_arguments(self):
        x, y = pair(300, 20)
        there = frechet.distance(x, Reference.from_features(y))
        back = frechet.distance(y, Reference.from_features(x))
        assert there == pytest.approx(back, rel=1e-10)


class TestOracle:
    @pytest.mark.parametrize(
        ("n", "d", "n_reference"),
        [
            (50, 2, 50),
            (100, 10, 100),
            (400, 64, 400),
            (300, 128, 500),
            (129, 128, 500),
            (64, 64, 500),
            (30, 64, 500),
            (500, 64, 30),
            (20, 64, 20),
            (50, 128, 40),
        ],
    )
    @pytest.mark.filterwarnings("ignore:The `disp` argument:DeprecationWarning")
    def test_agrees_with_pytorch_fid(self, n, d, n_reference):
        fid_score = pytest.importorskip("pytorch_fid.fid_score")
        x, x_r = pair(n, d, n_reference)
        expected = fid_score.calculate_frechet_distance(
            x.mean(axis=0), np.cov(x, rowvar=False), x_r.mean(axis=0), np.cov(x_r, rowvar=False)
        )
        reference = Reference.from_features(x_r)
        found = frechet.frechet_distance(GaussianStats.from_features(x), reference)
        assert found == pytest.approx(expected, rel=1e-6)
        assert frechet.frechet_distance_small_n(x, x_r) == pytest.approx(found, rel=1e-9)
        assert frechet.distance(x, reference) == pytest.approx(found, rel=1e-9)
        from_stats = Reference.from_stats(GaussianStats.from_features(x_r))
        assert frechet.distance(x, from_stats) == pytest.approx(found, rel=1e-9)
        points = frechet.ProjectedFeatures.of(x, reference)
        assert points.distance(np.arange(n)) == pytest.approx(found, rel=1e-9)

    def test_the_smaller_matrix_is_taken(self, monkeypatch):
        sizes = []
        monkeypatch.setattr(frechet, "_trace_sqrt", lambda m, *_: sizes.append(len(m)) or 0.0)
        x, x_r = pair(50, 30, 200)
        for n in (20, 50):
            frechet.distance(x[:n], Reference.from_features(x_r))
        assert sizes == [20, 30]


class TestStats:
    def test_equals_numpy(self):
        x = draw(200, 7)
        stats = GaussianStats.from_features(x)
        np.testing.assert_allclose(stats.mean, x.mean(axis=0), atol=1e-14)
        np.testing.assert_allclose(stats.cov, np.cov(x, rowvar=False), atol=1e-14)

    def test_merge_equals_whole(self):
        x = draw(300, 9, shift=100.0)
        parts = [GaussianStats.from_features(p) for p in np.split(x, [1, 50, 77])]
        whole = GaussianStats.from_features(x)
        for merged in (
            reduce(GaussianStats.merge, parts),
            parts[3] + parts[1] + (parts[2] + parts[0]),
        ):
            assert merged.n == whole.n
            np.testing.assert_allclose(merged.mean, whole.mean, rtol=1e-13)
            np.testing.assert_allclose(merged.scatter, whole.scatter, rtol=1e-9, atol=1e-9)

    @pytest.mark.parametrize("chunk", [1, 7, 64, 1000])
    def test_independent_of_chunking(self, chunk):
        x = draw(250, 12)
        reference = Reference.from_features(draw(250, 12, seed=1))
        whole = frechet.frechet_distance(GaussianStats.from_features(x), reference)
        found = frechet.frechet_distance(GaussianStats.from_features(x, chunk), reference)
        assert found == pytest.approx(whole, rel=1e-10)

    def test_independent_of_order(self):
        x, x_r = pair(120, 25)
        rng = np.random.default_rng(0)
        rows, columns = rng.permutation(120), rng.permutation(25)
        expected = frechet.distance(x, Reference.from_features(x_r))
        found = frechet.distance(x[rows][:, columns], Reference.from_features(x_r[:, columns]))
        assert found == pytest.approx(expected, rel=1e-10)

    @pytest.mark.parametrize("dtype", [np.float16, np.float32])
    def test_low_precision_is_accumulated_in_float64(self, dtype):
        x = draw(5000, 6, shift=50.0).astype(dtype)
        stats = GaussianStats.from_features(x)
        expected = np.cov(x.astype(np.float64), rowvar=False)
        assert stats.scatter.dtype == np.float64
        np.testing.assert_allclose(stats.cov, expected, rtol=1e-11, atol=1e-12)

    def test_refuses_bad_features(self):
        with pytest.raises(ValueError, match="table"):
            GaussianStats.from_features(np.zeros(5))
        x = np.zeros((4, 3), dtype=np.float16)
        x[2, 1] = np.inf
        with pytest.raises(ValueError, match="feature vector 2 of 4"):
            GaussianStats.from_features(x)
        with pytest.raises(ValueError, match="at least two"):
            GaussianStats.from_features(np.zeros((1, 3))).cov  # noqa: B018
        with pytest.raises(ValueError, match="float64"):
            GaussianStats(4, np.zeros(3, np.float32), np.eye(3, dtype=np.float32))

    def test_refuses_other_dimensions(self):
        reference = Reference.from_features(draw(20, 5))
        for call in (
            lambda: frechet.distance(draw(20, 4), reference),
            lambda: fd(GaussianStats.from_features(draw(20, 4)), reference.stats),
            lambda: frechet.frechet_distance_small_n(draw(20, 4), draw(20, 5)),
        ):
            with pytest.raises(ValueError, match="dimensions"):
                call()

    def test_clearly_negative_eigenvalue_raises_and_rounding_does_not(self):
        good = stats_of(np.zeros(3), np.eye(3))
        bad = stats_of(np.zeros(3), np.diag([1.0, 1.0, -1e-6]))
        rounding = stats_of(np.zeros(3), np.diag([1.0, 1.0, -1e-14]))
        with pytest.raises(FloatingPointError, match="accumulate in float64"):
            fd(bad, good)
        with pytest.raises(FloatingPointError, match="lowest eigenvalue"):
            Reference.from_stats(bad)
        assert fd(rounding, good) == pytest.approx(1.0)
        assert fd(good, rounding) == pytest.approx(1.0)

    def test_covariance_accumulated_in_float32_is_refused(self):
        x = np.maximum(draw(60, 100), 0).astype(np.float32) + 3
        scatter = x.T @ x - 60 * np.outer(x.mean(axis=0), x.mean(axis=0))
        sloppy = GaussianStats(60, x.mean(axis=0).astype(float), scatter.astype(float))
        with pytest.raises(FloatingPointError):
            fd(sloppy, GaussianStats.from_features(draw(300, 100, seed=1)))


class TestPerSeed:
    def test_array_and_mapping_agree(self):
        features = np.stack([draw(40, 6, seed=s) for s in range(3)])
        reference = Reference.from_features(draw(60, 6, seed=9))
        found = frechet.per_seed(features, reference)
        assert found.shape == (3,)
        backwards = {s: features[s] for s in (2, 0, 1)}
        np.testing.assert_array_equal(frechet.per_seed(backwards, reference), found[[2, 0, 1]])

    def test_unequal_n_names_the_seed(self):
        features = {5: draw(40, 6), 696: draw(39, 6)}
        with pytest.raises(ValueError, match="seed 696 has 39 images and seed 5 has 40"):
            frechet.per_seed(features, Reference.from_features(draw(60, 6)))


class TestBootstrap:
    @pytest.mark.parametrize(("n", "d", "n_reference"), [(60, 8, 90), (25, 40, 30), (25, 40, 90)])
    def test_equals_slow_recomputation(self, n, d, n_reference):
        reference = Reference.from_features(draw(n_reference, d, seed=99))
        features = np.stack([draw(n, d, seed=s, shift=0.1 * s) for s in range(3)])
        features = features.astype(np.float32)
        points = [frechet.ProjectedFeatures.of(x, reference) for x in features]
        for rows in bootstrap.bootstrap_indices(n, 5, np.random.default_rng(4)):
            found = [each.distance(*np.unique(rows, return_counts=True)) for each in points]
            slow = [fd(GaussianStats.from_features(x[rows]), reference.stats) for x in features]
            np.testing.assert_allclose(found, slow, rtol=1e-6)

    def test_counts_are_the_indices(self):
        indices = bootstrap.bootstrap_indices(9, 4, np.random.default_rng(3))
        counts = bootstrap.bootstrap_counts(9, 4, np.random.default_rng(3))
        assert (counts.sum(axis=1) == 9).all()
        for row, count in zip(indices, counts, strict=True):
            np.testing.assert_array_equal(np.repeat(np.arange(9), count), np.sort(row))

    def test_paired_difference(self):
        rng = np.random.default_rng(0)
        shared = rng.normal(0, 10, 400)
        found = bootstrap.paired_difference(
            shared + 1 + rng.normal(0, 0.1, 400), shared, n_boot=500, seed=1
        )
        assert found.low < 1 < found.high and found.high - found.low < 0.05
        assert found.n == 400
        with pytest.raises(ValueError, match="missing unit"):
            bootstrap.paired_difference(np.array([1.0, np.nan]), np.zeros(2), 10, 0)

    def test_correlation_interval(self):
        rng = np.random.default_rng(2)
        x = rng.normal(size=300)
        found = bootstrap.correlation_interval(x, x + rng.normal(size=300), 300, seed=0)
        assert 0 < found.low < found.value < found.high < 1
        monotone = bootstrap.correlation_interval(x, np.exp(x), 50, seed=0)
        assert (monotone.low, monotone.value, monotone.high) == pytest.approx((1, 1, 1))
        few = bootstrap.correlation_interval([1, 2, 3], [1, 3, 2], 200, seed=0)
        assert -1 <= few.low <= few.value <= few.high <= 1
        with pytest.raises(ValueError, match="constant"):
            bootstrap.correlation_interval(x, np.zeros(300), 50, seed=0)


class TestPreference:
    def table(self):
        cells = [(s, p, s + len(p)) for s in (3, 1) for p in ("a", "bb", "ccc")]
        return pd.DataFrame(cells, columns=["seed", "prompt_id", "score"])

    def test_pivot(self):
        shuffled = self.table().sample(frac=1, random_state=0)
        matrix = preference.to_matrix(shuffled, "score", [1, 3], ["ccc", "a"])
        np.testing.assert_array_equal(matrix, [[4.0, 2.0], [6.0, 4.0]])

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda t: t.drop(index=1), "seed 3, prompt 'bb' is missing"),
            (lambda t: pd.concat([t, t.iloc[[4]]]), "seed 1, prompt 'bb' appears more than once"),
            (
                lambda t: t.assign(score=t["score"].where(t.index != 5)),
                "prompt 'ccc' is not finite",
            ),
            (lambda t: t.drop(columns="score"), "lacks column 'score'"),
        ],
    )
    def test_refuses_holes(self, change, message):
        with pytest.raises(ValueError, match=message):
            preference.to_matrix(change(self.table()), "score", [1, 3], ["a", "bb", "ccc"])

    def test_mean_and_interval(self):
        rng = np.random.default_rng(5)
        scores = rng.normal([[0.0], [1.0]], 1.0, (2, 200))
        mean, low, high = preference.per_seed_interval(scores, 300, seed=0)
        np.testing.assert_allclose(mean, scores.mean(axis=1))
        assert (low < mean).all() and (mean < high).all()
        np.testing.assert_allclose(high - low, 2 * 1.96 / np.sqrt(200), rtol=0.25)
        with pytest.raises(ValueError, match="seed row 1, prompt column 2"):
            preference.per_seed_mean([[1, 2, 3], [1, 2, np.nan]])
