"""Verdicts on paired differences: hand-made cases, and simulated truth.

Simulated layouts hold one or two objects whose fates are bound, as pictures' are.
"""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from seedbed.lottery_ticket.comparison.aggregate import Resampling, compare
from seedbed.statistics.bootstrap import percentile_interval, ratio_resamples
from seedbed.statistics.verdicts import holm, sign_flip_p, verdict

INSIDE, OUTSIDE = (-0.02, 0.03), (-0.02, 0.06)


class TestVerdict:
    @pytest.mark.parametrize(
        ("interval", "p", "narrow", "expected"),
        [
            ((0.01, 0.09), 0.01, (0.02, 0.08), "higher"),
            ((-0.09, -0.01), 0.01, (-0.08, -0.02), "lower"),
            # A difference that is there and too small to matter is still one.
            ((0.01, 0.03), 0.01, (0.012, 0.028), "higher"),
            ((-0.03, 0.04), 0.3, INSIDE, "level"),
            ((-0.03, 0.07), 0.3, OUTSIDE, "undecided"),
            # Interval and p-value must both say so.
            ((0.01, 0.09), 0.06, (0.02, 0.08), "undecided"),
            ((-0.01, 0.09), 0.04, (0.001, 0.08), "undecided"),
            ((np.nan, np.nan), 0.001, (np.nan, np.nan), "undecided"),
            ((np.nan, np.nan), np.nan, (np.nan, np.nan), "undecided"),
        ],
    )
    def test_known_cases(self, interval, p, narrow, expected):
        assert verdict(interval, p, narrow, margin=0.05) == expected


class TestHolm:
    def test_equals_the_definition(self):
        rng = np.random.default_rng(0)
        p = rng.random(12) ** 3
        expected = np.empty(12)
        reached = 0.0
        for rank, k in enumerate(sorted(range(12), key=lambda i: p[i])):
            reached = max(reached, min(1.0, (12 - rank) * p[k]))
            expected[k] = reached
        np.testing.assert_allclose(holm(p), expected)

    def test_what_was_not_tested_does_not_count(self):
        np.testing.assert_allclose(holm([0.01, np.nan, 0.04]), [0.02, np.nan, 0.04])
        assert np.isnan(holm([np.nan])).all() and holm([]).shape == (0,)


class TestSignFlip:
    def test_equals_all_sign_patterns(self):
        differences = np.array([0.4, -0.1, 0.3, 0.2, 0.25, -0.05, 0.1])
        sums = [abs(np.dot(s, differences)) for s in product([-1, 1], repeat=len(differences))]
        exact = np.mean(np.array(sums) >= abs(differences.sum()) - 1e-12)
        found = sign_flip_p(differences, 20_000, np.random.default_rng(0))
        assert found == pytest.approx(exact, abs=0.01)

    def test_no_difference_and_the_least_possible(self):
        rng = np.random.default_rng(0)
        assert sign_flip_p(np.zeros(5), 100, rng) == 1
        assert sign_flip_p(np.ones(60), 100, rng) == 1 / 101

    def test_columns_are_tested_one_by_one_and_parts_change_nothing_but_draws(self):
        table = np.random.default_rng(1).normal(0.2, 1, (40, 3))
        found = sign_flip_p(table, 4000, np.random.default_rng(0))
        alone = [sign_flip_p(x, 4000, np.random.default_rng(0)) for x in table.T]
        np.testing.assert_allclose(found, alone)
        parts = sign_flip_p(table, 4000, np.random.default_rng(0), values=40 * 7)
        np.testing.assert_allclose(parts, found, atol=0.03)

    def test_even_without_an_effect(self):
        """p is as often below 0.2 as its name says."""
        rng = np.random.default_rng(1)
        p = sign_flip_p(rng.standard_normal((15, 400)), 199, rng)
        assert np.mean(p <= 0.2) == pytest.approx(0.2, abs=0.06)


N, TRIALS = 150, 400
MARGIN = 15.0


def simulated(effect, rng):
    """Sums over the objects of N layouts, success of b less a in per cent, and object counts.

    Both methods place an object well with probability 0.3, which the objects of a layout share in
    part; b turns ``effect`` of what fails into successes.
    """
    counts = rng.integers(1, 3, N)
    sums = np.zeros((N, TRIALS))
    ease = rng.normal(size=(N, TRIALS))
    for k in range(2):
        there = (counts > k)[:, None]
        a, b = (0.7 * ease + rng.normal(size=ease.shape) * 0.714 > 0.524 for _ in range(2))
        b |= rng.random(ease.shape) < effect
        sums += 100.0 * there * (b.astype(float) - a)
    return sums, counts.astype(float)


def outcomes(effect, seed):
    """Verdicts of every trial, and the share of intervals that hold the truth."""
    rng = np.random.default_rng(seed)
    sums, counts = simulated(effect, rng)
    boots = ratio_resamples(sums, counts, 600, rng).T
    wide, narrow = (np.stack(percentile_interval(boots, level), 1) for level in (0.95, 0.9))
    p = sign_flip_p(sums, 600, rng)
    said = [verdict(tuple(w), q, tuple(n), MARGIN) for w, q, n in zip(wide, p, narrow, strict=True)]
    truth = 100 * 0.7 * effect
    return pd.Series(said).value_counts(normalize=True), np.mean(
        (wide[:, 0] <= truth) & (truth <= wide[:, 1])
    )


class TestSimulatedTruth:
    def test_size_and_coverage_without_an_effect(self):
        said, coverage = outcomes(0.0, 0)
        assert said.get("higher", 0) + said.get("lower", 0) == pytest.approx(0.05, abs=0.035)
        assert coverage == pytest.approx(0.95, abs=0.035)

    def test_power_and_coverage_with_one(self):
        """0.7 × 20 = 14 points at a standard error of 4.2: power 0.91 by the normal law."""
        said, coverage = outcomes(0.2, 1)
        assert said["higher"] > 0.8 and said.get("lower", 0) == 0
        assert coverage == pytest.approx(0.95, abs=0.035)

    def test_level_is_said_of_what_is_and_seldom_at_the_margin(self):
        assert outcomes(0.0, 2)[0]["level"] > 0.8
        at_the_margin = outcomes(MARGIN / 70, 3)[0]
        assert at_the_margin.get("level", 0) <= 0.05 + 0.035

    def test_a_small_error_leaves_nothing_undecided(self):
        """Below margin / 3.6 every difference, wherever the truth lies, gets a verdict."""
        error = MARGIN / (1.96 + 1.645) * 0.99
        for found in np.linspace(-2 * MARGIN, 2 * MARGIN, 101):
            wide, narrow = ((found - z * error, found + z * error) for z in (1.96, 1.645))
            p = 0.01 if abs(found) > 1.96 * error else 0.5
            assert verdict(wide, p, narrow, MARGIN) != "undecided"


def test_a_table_of_objects_ends_in_verdicts():
    rng = np.random.default_rng(4)
    parts = {}
    for arm, share in (("a", 0.2), ("same", 0.2), ("b", 0.5)):
        success = (
            np.random.default_rng(5).random(400) < share
            if arm != "b"
            else (rng.random(400) < share)
        )
        parts[arm] = pd.DataFrame(
            {"confidence": 0.25, "layout_id": [f"l{i:03d}" for i in range(400)], "position": 0}
            | {"category": "apple", "size": "small", "iou": success * 0.9, "success": success}
        )
    # One picture of 400 differs.
    parts["same"].loc[0, ["iou", "success"]] = [0.0, False]
    parts["a"].loc[0, ["iou", "success"]] = [0.9, True]
    margins = {"iou": 0.05, "success": 5.0}
    found = compare(parts, [("b", "a"), ("a", "b"), ("same", "a")], Resampling(500, 0), margins)
    shown = found[found["size"] == "all"].set_index(["arm", "partner", "measure"])["verdict"]
    assert shown["b", "a", "iou"] == shown["b", "a", "success"] == "higher"
    assert shown["a", "b", "iou"] == "lower" and shown["same", "a", "success"] == "level"
    rows = found[found["size"] == "all"]
    assert (rows["narrow_low"] >= rows["low"]).all() and (rows["narrow_high"] <= rows["high"]).all()
