"""The ledger: claims are decided by the run's own tables, and what n would decide is said."""

import json
from copy import deepcopy
from dataclasses import replace
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

from seedbed import store
from seedbed.good_seed.claims_composition import set_by_seed
from seedbed.ledger.book import COLUMNS, UNTESTED, ledger
from seedbed.ledger.claim_files import claims, exhibits
from seedbed.ledger.findings import (
    ABSENT,
    ALIKE,
    FAILS,
    HOLDS,
    NOT_BELOW,
    OPEN,
    WITHIN,
    Estimate,
    File,
    Finding,
    by_interval,
)
from seedbed.ledger.registry import TESTS
from seedbed.render.ledger_table import ledger_of

TABLE1 = "table1_golden_vs_random"


def evidence(low=0.2, p=0.01):
    rho = {"correlation": {"rho": 0.5, "low": low, "high": 0.8, "n": 9}}
    rho["covariance"] = {"covariance": 1.0, "low": low, "high": 2.0, "p_value": p}
    rho["verdict"] = "some are better" if low > 0 and p < 0.05 else "undecided"
    gap = {"gap": 3.0, "gap_null_95": 2.0, "gap_p_value": p}
    return {
        **{"n_seeds": 9, "n_prompts": {"set1": 5, "set2": 6}, "set1": {"fd": gap}},
        "set1_against_set2": {"fd": rho, "preference": deepcopy(rho)},
    }


def written(tmp_path, values, name="evidence.json"):
    path = tmp_path / name
    path.write_text(json.dumps(values))
    return File(str(path), "toy")


def table1(tmp_path, **verdicts):
    rows = [
        {
            **{"model": "toy", "measure": "fd", "part": part, "prompts": part, "arm": "golden"},
            **{"against": "pool", "verdict": verdict, "difference": -1.0, "low": -2.0},
            **{"high": -0.5, "p_value": 0.01, "effect": -0.5},
            **{"n_prompts": 9, "n_trials": 3, "n_seeds": 2, "margin": 0.5},
            **{"narrow_low": -1.8, "narrow_high": -0.6},
        }
        for part, verdict in verdicts.items()
    ]
    path = tmp_path / "table1.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return File(str(path))


def told(files, claim):
    rows = ledger(files)
    assert list(rows.columns) == COLUMNS
    return rows[rows["id"] == claim]


def test_every_claim_is_there_once_and_in_order():
    ids = [f"G{i}" for i in range(1, 23)] + [f"L{i}" for i in range(1, 16)]
    assert [claim.id for claim in claims()] == ids
    rows = ledger({})
    assert rows["id"].tolist() == ids and set(rows["verdict"]) == {ABSENT}
    untested = set(rows.loc[rows["test"] == UNTESTED, "id"])
    assert untested == {claim.id for claim in claims() if not claim.test}
    assert all(claim.chance and claim.where for claim in claims())


def test_every_test_is_a_function_and_decides_a_claim():
    assert {claim.test for claim in claims() if claim.test} == set(TESTS)
    for test in TESTS.values():
        assert callable(getattr(import_module(test.module), test.decide.partition(":")[2]))


def test_every_exhibit_of_both_papers_is_described():
    names = [(it.paper, it.name) for it in exhibits()]
    figures = [("Good Seed", f"Figure {i}") for i in range(1, 13)]
    figures += [("Lottery Ticket", f"Figure {i}") for i in range(1, 9)]
    tables = [(paper, f"Table {i}") for paper in ("Good Seed", "Lottery Ticket") for i in (1, 2)]
    assert sorted(names) == sorted([*figures, *tables])
    shown = {claim for it in exhibits() for claim in it.claims}
    assert shown == {claim.id for claim in claims()}


@pytest.mark.parametrize(
    ("low", "p", "verdicts"),
    [(0.2, 0.01, [HOLDS, HOLDS]), (-0.1, 0.01, [OPEN, OPEN]), (0.2, 0.2, [OPEN, HOLDS])],
)
def test_rankings(tmp_path, low, p, verdicts):
    files = {"evidence.json": [written(tmp_path, evidence(low, p))]}
    found = [told(files, claim)["verdict"].item() for claim in ("G1", "G2")]
    assert found == verdicts


@pytest.mark.parametrize("preference", ["undecided", None])
def test_a_distance_alone_makes_no_seed_better(tmp_path, preference):
    values = evidence()
    values["set1_against_set2"]["fd"]["verdict"] = "carries over"
    if preference is None:
        del values["set1_against_set2"]["preference"]
    else:
        values["set1_against_set2"]["preference"]["verdict"] = preference
    files = {"evidence.json": [written(tmp_path, values)]}
    row = told(files, "G1").iloc[0]
    assert row["verdict"] == OPEN
    if preference is None:
        assert "scorer" in row["needed"]
        # No preference was measured.
        assert told(files, "G3")["verdict"].item() == ABSENT


def test_rankings_by_distance_say_whether_that_is_quality(tmp_path):
    values = evidence()
    row = told({"evidence.json": [written(tmp_path, values)]}, "G2").iloc[0]
    assert row["verdict"] == HOLDS and row["ours"].endswith("; preference agrees")
    assert "layout" in row["chance"]
    values["set1_against_set2"]["fd"]["verdict"] = "carries over"
    files = {"evidence.json": [written(tmp_path, values)]}
    row = told(files, "G2").iloc[0]
    # Rankings do carry over; that they show quality is another claim.
    assert row["verdict"] == HOLDS and row["ours"].endswith("; not shown to be quality, see G1")
    assert told(files, "G3")["ours"].item() == "0.50 [0.20, 0.80]"
    values["set1_against_set2"]["fd"]["correlation"]["low"] = -0.1
    row = told({"evidence.json": [written(tmp_path, values)]}, "G2").iloc[0]
    assert row["verdict"] == OPEN and row["ours"] == "0.50 [-0.10, 0.80]"


@pytest.mark.parametrize(("p", "verdict"), [(0.01, HOLDS), (0.46, OPEN)])
def test_overlap_beside_what_chance_gives(tmp_path, p, verdict):
    golden = {"k": 65, "k_expected": 64.0, "k_sd": 6.0, "p_at_least_k": p, "n_pool": 1024}
    row = told({"golden.json": [written(tmp_path, golden, "golden.json")]}, "G4").iloc[0]
    assert row["verdict"] == verdict and row["chance"].startswith("64.0 ± 6.0")
    assert row["about"] == "toy" and row["source"] == "golden.json"


def test_golden_seeds_beat_random_ones_where_the_table_says_so(tmp_path):
    for verdict, expected in (("lower", HOLDS), ("higher", FAILS), ("level", FAILS)):
        files = {TABLE1: [table1(tmp_path, test=verdict, crossfit="undecided")]}
        found = told(files, "G5")
        assert found["verdict"].tolist() == [expected, OPEN]
        assert found["ours"].iloc[0] == "-1.00 [-2.00, -0.50], p = 0.010, -0.50 sd over seeds"
        assert told(files, "G6")["verdict"].item() == ABSENT


def test_a_difference_within_the_margin_needs_no_millions_of_prompts(tmp_path):
    """+0.02 sd beside a margin of .25 sd is soon level, which fails."""
    file = table1(tmp_path, crossfit="undecided")
    numbers = {"difference": 0.04, "low": -2.47, "high": 2.62, "p_value": 0.992, "effect": 0.02}
    numbers |= {"narrow_low": -2.1, "narrow_high": 2.2, "margin": 0.5, "n_prompts": 128}
    pd.read_csv(file.path).assign(**numbers).to_csv(file.path, index=False)
    row = told({TABLE1: [file]}, "G5").iloc[0]
    # (2.16 / 0.46)² times 128.
    assert row["verdict"] == OPEN and row["needed"] == "about 2,823 prompts (it then fails)"
    # Without a spread over seeds no margin is known.
    pd.read_csv(file.path).assign(margin=np.nan).to_csv(file.path, index=False)
    assert "4," in told({TABLE1: [file]}, "G5")["needed"].item()


def test_no_golden_seed_leaves_it_open(tmp_path):
    file = table1(tmp_path, test="lower")
    pd.read_csv(file.path).assign(arm="fresh").to_csv(file.path, index=False)
    row = told({TABLE1: [file]}, "G5").iloc[0]
    assert row["verdict"] == OPEN and "k = 0" in row["ours"]


def test_a_table_that_is_missing_is_named(tmp_path):
    for source, name in (("evidence.json", "e.json"), (TABLE1, "t.csv")):
        with pytest.raises(store.StoreError, match=name):
            ledger({source: [File(str(tmp_path / name))]})
    (tmp_path / "t.csv").write_text("a\n1\n")
    with pytest.raises(store.StoreError, match="lacks model, measure"):
        ledger({TABLE1: [File(str(tmp_path / "t.csv"))]})


def test_intervals_decide():
    assert (by_interval(0.1, 1), by_interval(-1, 1), by_interval(-1, -0.1)) == (HOLDS, OPEN, FAILS)


def test_the_table_says_where_it_comes_from(tmp_path):
    file = written(tmp_path, evidence())
    table = ledger_of([file.path], ["evidence.json"], ["toy"], {})
    row = table.printed.set_index("").loc["G2"]
    assert (row["Here"], row["Verdict"], row["From"]) == ("toy", HOLDS, "evidence.json")
    assert table.printed.set_index("").loc["G9", "Ours [interval]"] == "–"
    assert table.full.set_index("id").loc["G2", ["value", "low", "units"]].tolist() == [0.5, 0.2, 9]


class TestWhatWouldDecide:
    def test_four_times_the_units_halve_an_interval(self):
        estimate = Estimate(0.5, -0.5, 1.5, 100, "seeds")
        assert estimate.to_decide() == (400, HOLDS)
        assert Finding("", OPEN, estimate=estimate).needed == "about 400 seeds (it then holds)"
        assert Finding("", HOLDS, estimate=estimate).needed == ""

    def test_the_other_side_fails(self):
        assert Estimate(-0.5, -1.5, 0.5, 100, "seeds").to_decide() == (400, FAILS)
        assert Estimate(-0.5, -1.5, 0.5, 100, "seeds", claimed=-1).to_decide() == (400, HOLDS)

    def test_a_margin_is_reached_where_the_effect_is_small(self):
        near = Estimate(0.1, -0.9, 1.1, 100, "seeds", margin=0.6, narrow=(-0.9, 1.1))
        assert near.to_decide() == (400, FAILS)
        alike = Estimate(0.1, -0.9, 1.1, 100, "s", claimed=0, margin=0.6, narrow=(-0.9, 1.1))
        assert alike.to_decide() == (400, HOLDS)

    def test_alike_by_verdict_fails_by_less_than_the_margin(self):
        """As ``statistics.verdicts``: what excludes 0 first is higher, however small."""
        inside = Estimate(0.4, -0.1, 0.9, 100, "s", claimed=ALIKE, margin=0.6, narrow=(0.0, 0.8))
        assert inside.to_decide() == (157, FAILS)  # (.5 / .4)², before (.4 / .2)²
        beyond = Estimate(0.9, -0.1, 1.9, 100, "s", claimed=ALIKE, margin=0.6, narrow=(0.1, 1.7))
        assert beyond.to_decide() == (124, FAILS)

    def test_alike_within_a_margin_fails_beyond_it_alone(self):
        """G21: a ratio of 1.020 excludes 1 soon, and holds within 5 % with 19 batches."""
        limits = (0.999, 1.058)
        ratio = Estimate(
            *(1.020, *limits, 12, "batches"), null=1.0, claimed=WITHIN, margin=0.05, narrow=limits
        )
        assert ratio.to_decide() == (20, HOLDS)  # (.038 / .030)² times 12 is 19.3
        narrow = (-0.1, 1.9)
        beyond = Estimate(0.9, -0.1, 1.9, 100, "s", claimed=WITHIN, margin=0.6, narrow=narrow)
        assert beyond.to_decide() == (1112, FAILS)  # (1 / .3)²
        below = Estimate(-0.9, -1.9, 0.1, 100, "s", claimed=WITHIN, margin=0.6, narrow=(-1.9, 0.1))
        assert below.to_decide() == (1112, FAILS)
        at = Estimate(0.5, 0.1, 0.9, 100, "s", claimed=WITHIN, margin=0.5, narrow=(0.1, 0.9))
        assert at.to_decide() == (None, "")

    def test_not_below_holds_where_level(self):
        near = Estimate(
            -0.1, -1.1, 0.9, 100, "s", claimed=NOT_BELOW, margin=0.6, narrow=(-1.1, 0.9)
        )
        assert near.to_decide() == (400, HOLDS)
        assert Estimate(-0.5, -1.5, 0.5, 100, "s", claimed=NOT_BELOW).to_decide() == (400, FAILS)
        assert Estimate(0.5, -0.5, 1.5, 100, "s", claimed=NOT_BELOW).to_decide() == (400, HOLDS)

    def test_a_test_that_decides_too_asks_for_its_own(self):
        interval = Estimate(0.5, 0.1, 0.9, 100, "seeds", p_value=0.3173)
        assert interval.to_decide() == (385, HOLDS)  # (1.96 / 1)²

    def test_no_effect_no_number(self):
        assert Estimate(0.0, -1.0, 1.0, 9, "seeds").to_decide() == (None, "")
        assert "no number" in Finding("", OPEN, estimate=Estimate(0, -1, 1, 9, "seeds")).needed
        unknown = Estimate(1.0, float("nan"), float("nan"), 9, "seeds")
        assert unknown.to_decide() == (None, "")

    def test_simulated_estimates_of_that_size_are_decided_half_the_time(self):
        """By drawing: means of n normal values whose interval just excludes 0 on average."""
        rng = np.random.default_rng(0)
        needed, _ = Estimate(0.1, 0.1 - 1.96 / 10, 0.1 + 1.96 / 10, 100, "seeds").to_decide()
        for n, share in ((needed, 0.5), (2 * needed, 0.8)):
            means = rng.normal(0.1, 1 / np.sqrt(n), 20_000)
            assert abs((means > 1.96 / np.sqrt(n)).mean() - share) < 0.02


def file_of(tmp_path, rows, name):
    path = tmp_path / f"{name}.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return {name: [File(str(path))]}


def test_places(tmp_path):
    row = {"model": "toy", "share": 0.3, "low": 0.2, "high": 0.4, "bound": 0.05, "p_holm": 0.01}
    row |= {"n_seeds": 64, "n_prompts": 24, "n_found": 1000, "n_images": 1536, "scope": "within"}
    rows = [
        row | {"attribute": "x", "verdict": "higher"},
        row | {"attribute": "y", "verdict": "level"},
        row | {"attribute": "size", "verdict": "undecided"},
        row | {"attribute": "depth", "verdict": "", "share": float("nan")},
        row | {"attribute": "x", "verdict": "level", "scope": "across"},
    ]
    files = file_of(tmp_path, rows, "composition_shares")
    assert told(files, "G16")["verdict"].tolist() == [HOLDS, FAILS]
    found = told(files, "G17")
    assert found["verdict"].tolist() == [OPEN, OPEN]
    assert found["ours"].tolist()[1] == "too few objects found"


def test_depth_of_single_objects_of_the_toy_world_cannot_be_told(tmp_path):
    row = {"share": 0.1, "low": 0.05, "high": 0.2, "bound": 0.04, "p_holm": 0.01}
    row |= {"n_seeds": 64, "n_prompts": 24, "n_found": 1000, "n_images": 1536, "scope": "within"}
    row |= {"verdict": "higher"}
    rows = [
        row | {"model": model, "attribute": attribute}
        for model in ("toy", "real")
        for attribute in ("size", "depth")
    ]
    (shares,) = file_of(tmp_path, rows, "composition_shares")["composition_shares"]
    shares = replace(shares, settings={"toy_models": ["toy"]})
    found = list(set_by_seed([shares], ("size", "depth")))
    assert [it.verdict for it in found] == [HOLDS, OPEN, HOLDS, HOLDS]
    assert "always nearest" in found[1].needed and found[1].about == "toy, depth"
    assert found[1].ours.startswith("0.10 [0.05, 0.20]")


CHANGES = {
    "lower": {"difference": -0.01, "low": -0.02, "high": -0.005, "p_value": 0.01},
    "level": {"difference": -0.001, "low": -0.003, "high": 0.001, "p_value": 0.4},
    "undecided": {"difference": -0.005, "low": -0.015, "high": 0.005, "p_value": 0.3},
}


@pytest.mark.parametrize(
    ("verdict", "every", "expected"),
    [
        ("lower", "lower", [HOLDS, FAILS]),
        ("level", "level", [FAILS, HOLDS]),
        ("undecided", "lower", [OPEN, OPEN]),
        ("lower", "undecided", [OPEN, OPEN]),
        ("lower", "level", [OPEN, OPEN]),
        ("lower", None, [OPEN, OPEN]),
    ],
)
def test_diverse_seeds(tmp_path, verdict, every, expected):
    numbers = CHANGES[verdict] | {"narrow_low": -0.018, "narrow_high": -0.006, "margin": 0.004}
    row = {"arm": "diverse", "aim": "composition", "n_prompts": 24, "n_trials": 3}
    for measure in ("similarity", "distance"):
        row |= {f"{measure}_{name}": value for name, value in numbers.items()}
        row |= {f"{measure}_verdict": verdict}
    papers = {"sd": "SD 2.0", "turbo": "SDXL Turbo"}
    rows = [row | {"model": model, "paper_model": paper} for model, paper in papers.items()]
    files = file_of(tmp_path, [*rows, rows[0] | {"arm": "random"}], "table2_diversity")
    if every is not None:
        about = {"aim": "composition", "measure": "similarity", "n_seeds": 64, "n_prompts": 20}
        about |= numbers | CHANGES[every] | {"verdict": every}
        survey = [about | {"model": model} for model in papers]
        survey += [row | {"measure": "distance"} for row in survey]
        files |= file_of(tmp_path, survey, "diversity_survey")
    found = told(files, "G19")
    assert found["verdict"].tolist() == expected
    ours, needed = found["ours"].iloc[0], found["needed"].iloc[0]
    if verdict == "lower":
        assert ours.startswith("similarity -0.0100 [-0.0200, -0.0050], p = 0.010")
    assert ("from every first seed, similarity" in ours) == (every is not None)
    if every is None:
        assert "the table of every first seed" in needed
    elif {verdict, every} == {"lower", "level"}:
        assert "more sets of seeds" in needed
    elif OPEN in expected:
        # The one of the two that is open says how many prompts, of its own number.
        assert found["units"].iloc[0] == (24 if verdict == "undecided" else 20)
        assert found["value"].iloc[0] == -0.005 and needed.endswith("prompts (it then holds)")
    assert found["source"].iloc[0] == "table2_diversity, diversity_survey"
    assert told(files, "G18")["verdict"].item() == ABSENT


@pytest.mark.parametrize(
    ("p", "low", "expected"), [(0.01, 0.1, HOLDS), (0.2, 0.1, OPEN), (0.01, -0.1, OPEN)]
)
def test_inserted_text(tmp_path, p, low, expected):
    row = {"model": "toy", "n_seeds": 64, "n_pairs": 12, "with_text": 0.02, "input_mean": 0.001}
    row |= {"gap": 0.1, "gap_null_95": 0.05}
    row |= {"between_rho": 0.4, "between_low": low, "between_high": 0.7}
    rows = [row | {"mode": "removal", "p_value": 0.01}, row | {"mode": "completion", "p_value": p}]
    found = told(file_of(tmp_path, rows, "inpainting_text"), "G20")
    assert found["verdict"].item() == expected and "modes 0.40" in found["ours"].item()


@pytest.mark.parametrize(
    ("modes", "words"),
    [(("removal", "completion"), "so few have any"), (("removal",), "other mode")],
)
def test_text_that_is_hardly_there_needs_pictures_with_text(tmp_path, modes, words):
    row = {"model": "toy", "n_seeds": 48, "n_pairs": 24, "with_text": 0.003, "input_mean": 0.0}
    row |= {"gap": 0.0, "gap_null_95": 0.0, "p_value": 1.0}
    row |= dict.fromkeys(("between_rho", "between_low", "between_high"), np.nan)
    files = file_of(tmp_path, [row | {"mode": mode} for mode in modes], "inpainting_text")
    found = told(files, "G20").iloc[0]
    assert found["verdict"] == OPEN and words in found["needed"]
