"""The share of variance between seeds in tables with missing cells: against truth that is known."""

import numpy as np
import pytest

from seedbed.statistics.unbalanced import seed_share

ONE = np.zeros(6)


def world(rng, seeds, prompts, share, missing=0.0):
    """Seeds that explain a share of the variance about prompts' means; cells lost by prompt."""
    seed = rng.normal(size=(seeds, 1)) * np.sqrt(share)
    table = (
        seed + 3 * rng.normal(size=prompts) + rng.normal(size=(seeds, prompts)) * np.sqrt(1 - share)
    )
    table[rng.random((seeds, prompts)) < rng.uniform(0, missing, prompts)] = np.nan
    return table


def by_mean_squares(table):
    """The two-way intraclass correlation of a complete table, as textbooks have it."""
    s, p = table.shape
    grand = table.mean()
    rows, columns = table.mean(axis=1, keepdims=True), table.mean(axis=0, keepdims=True)
    residual = np.square(table - rows - columns + grand).sum() / ((s - 1) * (p - 1))
    seed = p * np.square(rows - grand).sum() / (s - 1)
    return (seed - residual) / (seed + (p - 1) * residual)


def slowly(table, groups):
    """The same definition with loops over pairs of prompts."""
    between, between_n, total, total_n = 0.0, 0, 0.0, 0
    for p in range(table.shape[1]):
        own = table[np.isfinite(table[:, p]), p]
        total, total_n = total + np.square(own - own.mean()).sum(), total_n + len(own) - 1
        for q in range(table.shape[1]):
            both = np.isfinite(table[:, p]) & np.isfinite(table[:, q])
            if p == q or groups[p] != groups[q] or both.sum() < 2:
                continue
            a, b = table[both, p], table[both, q]
            between += ((a - a.mean()) * (b - b.mean())).sum()
            between_n += both.sum() - 1
    return between / between_n / (total / total_n)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_complete_table_gives_the_intraclass_correlation(share):
    rng = np.random.default_rng(1)
    table = world(rng, 20, 6, share)
    assert seed_share(table, ONE, 10, rng).share == pytest.approx(by_mean_squares(table))


@pytest.mark.parametrize("groups", [ONE, np.array([0, 0, 1, 1, 2, 2])])
def test_missing_cells_and_groups_as_the_slow_sums(groups):
    rng = np.random.default_rng(2)
    table = world(rng, 30, 6, 0.4, missing=0.7)
    found = seed_share(table, groups, 10, rng)
    assert found.share == pytest.approx(slowly(table, groups))
    assert found.cells == np.isfinite(table).sum() and found.low < found.share < found.high


def test_neither_unit_nor_prompt_matters():
    table = world(np.random.default_rng(3), 25, 6, 0.4, missing=0.4)
    one, other = (
        seed_share(t, ONE, 20, np.random.default_rng(0))
        for t in (table, 1e4 * table - 1e6 * np.arange(6))
    )
    assert other.share == pytest.approx(one.share, abs=1e-6)
    assert other.p_value == one.p_value


def test_categories_of_their_own_effect_show_within_and_not_across():
    rng = np.random.default_rng(4)
    apart = np.concatenate([world(rng, 200, 3, 0.6), world(rng, 200, 3, 0.6)], axis=1)
    within = seed_share(apart, np.array([0, 0, 0, 1, 1, 1]), 10, rng).share
    assert within == pytest.approx(0.6, abs=0.1)
    # Of the 30 pairs 12 lie within a category.
    assert seed_share(apart, ONE, 10, rng).share == pytest.approx(0.6 * 12 / 30, abs=0.1)


@pytest.mark.parametrize(("share", "missing"), [(0.0, 0.6), (0.25, 0.0), (0.25, 0.6)])
def test_simulated_truth_is_recovered(share, missing):
    """Of 120 worlds: unbiased, intervals that cover, a test of the size that it states."""
    worlds, covered, rejected, shares = 120, 0, 0, []
    for number in range(worlds):
        rng = np.random.default_rng((number, 5))
        found = seed_share(world(rng, 48, 6, share, missing), ONE, 39, rng)
        covered += found.low <= share <= found.high
        rejected += found.p_value <= 0.05
        shares.append(found.share)
    assert np.mean(shares) == pytest.approx(share, abs=0.02)
    assert covered / worlds >= 0.89  # 0.95 less three standard errors
    assert rejected / worlds <= 0.11 if share == 0 else rejected / worlds > 0.9


def test_what_has_no_share_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="3 seeds"):
        seed_share(np.ones((2, 6)), ONE, 10, rng)
    with pytest.raises(ValueError, match="are equal"):
        seed_share(np.ones((5, 6)), ONE, 10, rng)
    lonely = np.where(np.eye(6, dtype=bool), 1.0, np.nan)
    with pytest.raises(ValueError, match="in common"):
        seed_share(lonely, ONE, 10, rng)
