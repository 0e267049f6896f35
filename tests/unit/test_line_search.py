"""The search for constants: what is tried, in which order, and how far it goes on."""

import pytest

from seedbed.lottery_ticket.comparison.line_search import beyond, search


def peak(**at):
    """Highest where every constant is as given, on a scale of factors."""
    from math import log

    return lambda choice: -sum(abs(log(choice[k] / v)) for k, v in at.items())


def test_the_grid_goes_on_in_its_ratio():
    assert beyond([0.25, 0.5], upwards=True) == 1.0
    assert beyond([0.25, 0.5], upwards=False) == 0.125
    assert beyond([2, 5, 10], upwards=True) == 20 and beyond([2, 5], upwards=False) == 1
    assert type(beyond([2, 5], upwards=False)) is int


def test_it_ends_where_there_is_no_next_value():
    assert beyond([0, 1], upwards=False) is None and beyond([0, 1], upwards=True) is None
    assert beyond([1, 2], upwards=False) is None, "0.5 is no whole number, rounded 0"


def test_one_constant_after_another():
    asked = []

    def score(choice):
        asked.append((choice["weight"], choice["width"]))
        return peak(weight=2.0, width=1.0)(choice)

    grid = {"weight": [1.0, 2.0, 4.0], "width": [0.5, 1.0, 2.0], "other": [7.0]}
    tried, chosen, at_edge = search(grid, score, 3)
    assert chosen == {"weight": 2.0, "width": 1.0, "other": 7.0} and at_edge == []
    assert asked == [(1.0, 1.0), (2.0, 1.0), (4.0, 1.0), (2.0, 0.5), (2.0, 2.0)]
    assert [one.choice["weight"] for one in tried] == [1.0, 2.0, 4.0, 2.0, 2.0]
    assert not any(one.added for one in tried)


@pytest.mark.parametrize(("best", "added"), [(16.0, [8.0, 16.0, 32.0]), (0.25, [0.5, 0.25, 0.125])])
def test_a_best_at_the_edge_widens_the_grid_until_it_is_within(best, added):
    tried, chosen, at_edge = search({"weight": [1.0, 2.0, 4.0]}, peak(weight=best), 4)
    assert chosen == {"weight": best} and at_edge == []
    assert [one.choice["weight"] for one in tried if one.added] == added


def test_it_goes_no_further_than_its_limit_and_says_so():
    tried, chosen, at_edge = search({"weight": [1.0, 2.0]}, peak(weight=99.0), 2)
    assert chosen == {"weight": 8.0} and at_edge == ["weight"] and len(tried) == 4
    assert search({"weight": [1.0, 2.0]}, peak(weight=99.0), 0)[2] == ["weight"]


def test_a_fixed_constant_is_at_no_edge():
    tried, chosen, at_edge = search({"weight": [1.0]}, peak(weight=99.0), 4)
    assert (len(tried), chosen, at_edge) == (1, {"weight": 1.0}, [])


def test_of_equal_ones_the_smaller_wins():
    assert search({"weight": [1.0, 2.0, 4.0]}, lambda choice: 0.0, 0)[1] == {"weight": 1.0}
