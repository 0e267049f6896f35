"""Verdicts in a few made-up worlds; ``simulate_claims`` tries five hundred of each kind."""

import pandas as pd

from seedbed.render.simulated_claims import simulated, table

WORLDS = 12


def test_planted_effects_are_found_and_missing_ones_seldom():
    full = table(simulated(WORLDS, 3)).full
    assert (full["worlds"] == WORLDS).all()
    assert full.loc[full["false"], "holds"].mean() <= 0.1
    planted = full[full["world"] == "planted"].set_index("about")["holds"]
    assert planted["some seeds are better, by both"] > 0.5
    assert planted["one method is higher, IoU"] > 0.5
    covered = full[~full["about"].str.contains("alone")]["covered"].dropna()
    assert covered.mean() > 0.85


def test_equal_draws_give_equal_verdicts():
    pd.testing.assert_frame_equal(simulated(1, 5), simulated(1, 5))
    assert not simulated(1, 5).equals(simulated(1, 6))
