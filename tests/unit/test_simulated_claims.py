"""Verdicts in a few made-up worlds; ``simulate_claims`` tries five hundred of each kind."""

from pathlib import Path

import pandas as pd

from seedbed.render.simulated_claims import CAPTION, DIVERSE, FALSE, simulated, table

ROOT = Path(__file__).resolve().parents[2]
WORLDS = 12


def test_planted_effects_are_found_and_missing_ones_seldom():
    full = table(simulated(WORLDS, 3)).full
    assert (full["worlds"] == WORLDS).all()
    assert full.loc[full["false"], "holds"].mean() <= 0.1
    planted = full[full["world"] == "planted"].set_index("about")["holds"]
    assert planted["some seeds are better, by both"] > 0.5
    assert planted["one method is higher, IoU"] > 0.5
    layouts = full[(full["world"] == "layout") & (full["of"] == DIVERSE)].set_index("about")
    assert layouts.loc["diverse seeds are less alike, by trial and survey", "holds"] > 0
    covered = full[~full["about"].str.contains("alone")]["covered"].dropna()
    assert covered.mean() > 0.85


def test_equal_draws_give_equal_verdicts():
    pd.testing.assert_frame_equal(simulated(1, 5), simulated(1, 5))
    assert not simulated(1, 5).equals(simulated(1, 6))


def test_the_page_says_what_was_tried():
    text = (ROOT / "docs" / "simulated_claims.md").read_text(encoding="utf-8")
    assert CAPTION.split(".")[0] in text
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    false = [line.split("|") for line in lines if line.split("|")[4].strip() == "false"]
    assert len(false) >= sum(map(len, FALSE.values()))
    for cells in false:
        assert int(cells[5]) >= 500
        assert float(cells[6].split("%")[0]) <= 5, cells
