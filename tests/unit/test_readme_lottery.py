"""README's words about Lottery Ticket follow from hand-made numbers, whichever they are."""

from copy import deepcopy

import pytest

from seedbed.render import readme_lottery
from seedbed.render.readme_ledger import KEYS
from seedbed.statistics.verdicts import HIGHER, LEVEL, LOWER, UNDECIDED


def measured(verdict, paper=None):
    numbers = {"difference": 0.05, "low": 0.01, "high": 0.09, "p": 0.002, "p_adjusted": 0.03}
    return numbers | {"verdict": verdict, "value": 0.25, "paper": paper}


def arm(label, partner, verdict=None):
    both = {m: measured(verdict, 0.2) for m in readme_lottery.MEASURES}
    sizes = {size: deepcopy(both) for size in ("small", "medium", "large")}
    return {
        "label": label,
        "partner": partner,
        "n_objects": 9,
        "n_images": 6,
        "sizes": sizes,
    } | both


def results(verdict):
    pair = {m: measured(verdict, -0.03) for m in readme_lottery.MEASURES}
    moved = {"rho": 0.14, "low": 0.1, "high": 0.2}
    moved |= {"control_rho": 0.0, "control_low": -0.1, "control_high": 0.01}
    study = {
        "model": "m",
        "detector": "d",
        "methods": {
            "sd": arm("SD", None),
            "soft": arm("Soft", "sd", verdict),
            "semi": arm("SemI (paper)", "sd", verdict),
            "semi_soft": arm("SemI (paper)+Soft", "soft", verdict),
            "semi_code": arm("SemI (authors' code)", "sd", verdict),
            "semi_code_soft": arm("SemI (authors' code)+Soft", "soft", verdict),
        },
        "settings": {"semi": arm("Default", None), "semi_n4": arm("N = 4", "semi", verdict)},
        "rivals": {a: {"soft": deepcopy(pair)} for a in ("semi", "semi_code")},
        "tuning": [
            {"control": "soft", "choices": 7, "chosen": "weight 1", "at_edge": ""}
            | {"by_success": "weight 2", "n_objects": 204}
        ],
        "properties": [
            {"test": "another place", **moved},
            {"test": "another place and noise", **moved},
        ],
        "figure4": {"sd": 0.1, "semi": 0.2, "n_objects": 72},
    }
    about = {"level": 0.95, "margins": {"iou": 0.035, "success": 5}, "semi": "SemI (paper)"}
    readings = ["semi", "semi_code"]
    row = dict.fromkeys(KEYS, "") | {"id": "L1", "paper": "Lottery Ticket", "verdict": "holds"}
    return {"ledger": [row]} | {
        "lottery_ticket": {**about, "readings": readings, "studies": [study]}
    }


@pytest.mark.parametrize("verdict", [HIGHER, LOWER, LEVEL, UNDECIDED])
def test_no_verdict_is_fixed(verdict):
    text = readme_lottery.lottery_ticket_section(results(verdict))
    others = {HIGHER, LOWER, LEVEL, UNDECIDED} - {verdict}
    said = text.split("\n- ", 1)[1]
    assert f"SemI (paper) against random noise: IoU {verdict}, R_suc {verdict}" in said
    assert f"is in IoU {verdict} in 1 of 1 cases" in said
    for word in others - {LEVEL, LOWER}:
        # "level" and "lower" are also what the paper has, and how settings are counted.
        assert f"IoU {word}" not in said


def test_every_sentence_names_its_semi():
    text = readme_lottery.lottery_ticket_section(results(HIGHER))
    for line in text.split("\n"):
        for word in line.replace("SemI has no constant", "").split("SemI")[1:]:
            assert word.startswith(" (paper)") or word.startswith(" (authors' code)"), line
    assert "SemI (paper): mean IoU" in readme_lottery.gallery_section(results(HIGHER))


def test_conditions_and_budgets_are_told():
    text = readme_lottery.lottery_ticket_section(results(LEVEL))
    for part in (
        "6 layouts (9 objects)",
        "p < 0.05",
        "90 % interval lies within ±0.035 IoU or ±5 points",
        "204 held-out objects",
        "soft 7 (weight 1; R_suc would choose weight 2)",
        "2 rules of selection",
        "small IoU level, R_suc level",
    ):
        assert part in text


def test_a_run_without_layouts_is_said_to_be_none():
    none = {"lottery_ticket": results(LEVEL)["lottery_ticket"] | {"studies": []}}
    assert readme_lottery.lottery_ticket_section(none) == readme_lottery.NOT_THERE
    assert readme_lottery.NOT_THERE in readme_lottery.gallery_section(none)


def test_the_paper_is_level_within_one_printed_step():
    said = [readme_lottery.in_the_paper(d) for d in (0.02, -0.03, 0.01, -0.010000000000000009, 0.0)]
    assert said == [f"paper: {w}" for w in ("higher", "lower", "level", "level", "level")]
    assert readme_lottery.in_the_paper(None) == "not in the paper"


def test_methods_are_grouped_by_verdict():
    said = readme_lottery.against({"Paint": LOWER, "Swap": LEVEL, "Soft": LOWER})
    assert said == "lower than Paint and Soft, level with Swap"
    assert readme_lottery.counted([LEVEL, HIGHER, LEVEL]) == "higher in 1 of 3 cases, level in 2"


def test_scores_travel_where_intervals_lie_apart():
    apart = {"rho": 0.14, "low": 0.1, "control_high": 0.01}
    assert readme_lottery.travels(apart).endswith("weakly")
    assert readme_lottery.travels(apart | {"rho": 0.4}).endswith("moderately")
    assert readme_lottery.travels(apart | {"rho": 0.8}).endswith("strongly")
    assert "cannot be told" in readme_lottery.travels(apart | {"control_high": 0.1})
    assert "surroundings" in readme_lottery.belongs_to({"rho": 0.49})
    assert "block" in readme_lottery.belongs_to({"rho": 0.5})
