"""Agreement over pairs of prompts: shares of variance, maps, neighbours, and simulated truth."""

import numpy as np
import pytest
from scipy.spatial import procrustes

from seedbed.statistics import maps
from seedbed.statistics.prompt_pairs import (
    agreement_of_share,
    covariances,
    off_diagonal,
    permuted_share,
    resampled,
    share,
)

RNG = np.random.default_rng


def test_share_is_the_two_way_components():
    """seed / (seed + residual) by mean squares, the usual way."""
    y = RNG(0).normal(size=(9, 6)) + RNG(1).normal(size=(9, 1)) + 5 * RNG(2).normal(size=6)
    means, grand = y.mean(axis=1, keepdims=True), y.mean()
    residual = y - means - y.mean(axis=0) + grand
    ms_residual = np.square(residual).sum() / (8 * 5)
    ms_seed = 6 * np.square(means - grand).sum() / 8
    seed = (ms_seed - ms_residual) / 6
    assert share(covariances(y)) == pytest.approx(seed / (seed + ms_residual))


def test_a_permuted_share_is_the_share_of_the_permuted_table():
    y = RNG(0).normal(size=(7, 5, 2))
    (order,) = [RNG(3).permuted(np.tile(np.arange(7), (5, 1)), axis=1)]
    moved = np.stack([y[order[p], p] for p in range(5)], axis=1)
    assert permuted_share(y, 1, RNG(3))[0] == pytest.approx(share(covariances(moved)))


def test_a_prompt_is_never_paired_with_itself():
    # Off the diagonal all pairs agree by .2; a resample must not see the ones on it.
    matrix = np.full((6, 6), 0.2) + 0.8 * np.eye(6)
    assert off_diagonal(matrix) == pytest.approx(0.2)
    np.testing.assert_allclose(resampled(matrix, 50, RNG(0)), 0.2)


@pytest.mark.parametrize("bad", [np.zeros((1, 4)), np.zeros((4, 1)), np.full((4, 4), np.nan)])
def test_what_has_no_pairs_is_refused(bad):
    with pytest.raises(ValueError, match=r"two seeds|not finite"):
        covariances(bad)


def test_truth_is_recovered():
    """No effect: few false alarms, and the mean is 0. A planted share lies in its interval."""
    alarms, values, covered = 0, [], 0
    for world in range(40):
        rng = RNG(world)
        none = agreement_of_share(rng.normal(size=(24, 16)), 50, 50, 0.95, rng)
        alarms += none.p_value < 0.05
        values.append(none.value)
        planted = rng.normal(size=(24, 16)) * 0.8 + 0.6 * _unit(rng.normal(size=(24, 1)))
        found = agreement_of_share(planted, 200, 50, 0.95, rng)
        # The seeds are fixed, their variance is .36 exactly.
        covered += found.low <= 0.36 <= found.high
        assert found.p_value < 0.05
    assert alarms <= 5 and abs(np.mean(values)) < 0.01 and covered >= 34


def _unit(x):
    return (x - x.mean()) / x.std(ddof=1)


def test_prompts_that_differ_are_no_effect_of_seeds():
    y = RNG(0).normal(size=(20, 8))
    moved = y + 30 * RNG(1).normal(size=8)
    assert share(covariances(moved)) == pytest.approx(share(covariances(y)))
    null = permuted_share(moved, 5, RNG(2))
    np.testing.assert_allclose(null, permuted_share(y, 5, RNG(2)), atol=1e-9)


def test_procrustes_as_scipy_has_it():
    points = RNG(0).normal(size=(3, 20, 2))
    found = maps.procrustes(points)
    for p in range(3):
        for q in range(3):
            disparity = procrustes(points[p], points[q])[2]
            assert 1 - found[p, q] ** 2 == pytest.approx(disparity, abs=1e-9)
    three = np.concatenate([points, RNG(1).normal(size=(3, 20, 1))], axis=2)
    assert 1 - maps.procrustes(three)[0, 1] ** 2 == pytest.approx(procrustes(*three[:2])[2])


def test_a_turned_and_mirrored_map_is_the_same_map():
    one = RNG(0).normal(size=(15, 2))
    turn = np.array([[0.0, -2.0], [-2.0, 0.0]])
    assert maps.procrustes(np.stack([one, one @ turn + 7]))[0, 1] == pytest.approx(1)


def test_overlaps_as_the_slow_formula():
    points = RNG(0).normal(size=(4, 12, 3))
    nearest = np.stack([maps.neighbours(each, 3) for each in points])
    found = maps.overlaps(nearest)
    for p in range(4):
        for q in range(4):
            common = [len(set(nearest[p, i]) & set(nearest[q, i])) for i in range(12)]
            assert found[p, q] == pytest.approx(np.mean(common) / 3)


def test_permuted_maps_are_the_maps_of_permuted_points():
    points = RNG(0).normal(size=(4, 12, 2))
    nearest = np.stack([maps.neighbours(each, 3) for each in points])
    order = RNG(5).permuted(np.tile(np.arange(12), (4, 1)), axis=1)
    # Point i is now called order[i].
    moved = np.stack([points[p][np.argsort(order[p])] for p in range(4)])
    again = np.stack([maps.neighbours(each, 3) for each in moved])
    expected = off_diagonal(maps.overlaps(again))
    assert maps.permuted_overlaps(nearest, 1, RNG(5))[0] == pytest.approx(expected)
    taken = np.stack([points[p][order[p]] for p in range(4)])
    expected = off_diagonal(maps.procrustes(taken))
    assert maps.permuted_procrustes(points, 1, RNG(5))[0] == pytest.approx(expected)


def test_overlap_by_chance_is_k_of_the_others():
    points = RNG(0).normal(size=(5, 41, 2))
    nearest = np.stack([maps.neighbours(each, 8) for each in points])
    assert maps.permuted_overlaps(nearest, 200, RNG(1)).mean() == pytest.approx(8 / 40, abs=0.01)


def test_neighbours_of_too_few():
    with pytest.raises(ValueError, match="k must lie below"):
        maps.neighbours(np.zeros((4, 2)), 4)
