"""Claims of Lottery Ticket are decided by the verdicts and the limits of the run's tables."""

import pandas as pd
import pytest

from seedbed import store
from seedbed.ledger.findings import ABSENT, FAILS, HOLDS, OPEN, File
from seedbed.lottery_ticket import claims_arms, claims_tickets

RULE = {"preset": "paper", "positions": "as_read", "t_obj": None, "t_bg": None}
SETTINGS = {"n_boot": 500, "seed": 1, "level": 0.95, "margins": {"iou": 0.035, "success": 5.0}}
ARMS = {
    "semi": {"noises": 100, "t_obj": None, "t_bg": None},
    "semi_n10": {"noises": 10, "t_obj": None, "t_bg": None},
    "semi_n50": {"noises": 50, "t_obj": None, "t_bg": None},
    "semi_t_obj_0.7": {"noises": 100, "t_obj": 0.7, "t_bg": None},
    "semi_t_obj_0.3": {"noises": 100, "t_obj": 0.3, "t_bg": None},
    "semi_t_bg_0.05": {"noises": 100, "t_obj": None, "t_bg": 0.05},
}
SETTINGS |= {"rule": RULE, "noises": 100, "arms": ARMS}


def file_of(tmp_path, rows, name="table.csv"):
    path = tmp_path / name
    pd.DataFrame(rows).to_csv(path, index=False)
    return [File(str(path), "toy", SETTINGS)]


def compared(arm, partner, verdict, **other):
    row = {"arm": arm, "partner": partner, "size": "all", "measure": "iou", "confidence": 0.25}
    row |= {"difference": 0.1, "difference_low": 0.05, "difference_high": 0.15, "value": 0.3}
    row |= {"low": 0.2, "high": 0.4, "narrow_low": 0.06, "narrow_high": 0.14, "p_value": 0.01}
    return row | {"verdict": verdict, "n_objects": 30, "n_images": 20, **other}


@pytest.mark.parametrize(
    ("said", "expected"),
    [("higher", HOLDS), ("level", FAILS), ("lower", FAILS), ("undecided", OPEN)],
)
def test_a_difference_holds_by_the_tables_verdict(tmp_path, said, expected):
    rows = [compared("sd", None, None), compared("semi", "sd", said)]
    rows.append(compared("semi", "sd", "level", confidence=0.001))
    (found,) = claims_arms.arms_differ(file_of(tmp_path, rows), {"semi": "higher"})
    assert found.verdict == expected and found.about == "toy: semi − sd, IoU"
    assert found.ours.startswith("+0.100 [+0.050, +0.150], p = 0.010")
    assert found.estimate.margin == 0.035 and found.n == "20 layouts, 30 objects"


def test_partners_have_verdicts_of_their_own(tmp_path):
    rows = [compared("semi", other, "level") for other in ("paint", "swap", "boxdiff")]
    wanted = {"paint": "higher", "swap": "level", "soft": "level"}
    found = list(claims_arms.arms_differ(file_of(tmp_path, rows), wanted, "semi"))
    assert [it.verdict for it in found] == [FAILS, HOLDS]


def test_no_such_object_leaves_it_open(tmp_path):
    nothing = dict.fromkeys(("difference", "difference_low", "difference_high"))
    rows = [compared("semi", "sd", None, **nothing)]
    (found,) = claims_arms.arms_differ(file_of(tmp_path, rows), {"semi": "higher"})
    assert found.verdict == OPEN and found.ours == "no such object"


def test_small_objects_are_hardest_where_limits_are_apart(tmp_path):
    rows = []
    for size, limits in (("small", (1, 0, 3)), ("medium", (20, 10, 30)), ("large", (50, 40, 60))):
        level = dict(zip(("value", "low", "high"), limits, strict=True))
        rows.append(compared("semi", "sd", "higher", size=size, measure="success", **level))
    *gains, hardest = claims_arms.sizes_gain(file_of(tmp_path, rows), "semi")
    assert [it.verdict for it in gains] == [HOLDS] * 3 and hardest.verdict == HOLDS
    assert (hardest.estimate.value, hardest.estimate.low) == (19, 7)
    rows[1] |= {"low": 2}
    *_, hardest = claims_arms.sizes_gain(file_of(tmp_path, rows), "semi")
    assert hardest.verdict == OPEN


def test_thresholds_help_or_harm_by_side_and_size(tmp_path):
    arms = {"semi_t_obj_0.7": "higher", "semi_t_obj_0.3": "lower", "semi_t_bg_0.05": "higher"}
    rows = [
        compared(arm, "semi", said if size != "large" else "undecided", size=size)
        for arm, said in arms.items()
        for size in ("small", "medium", "large")
    ]
    found = list(claims_arms.thresholds_trade(file_of(tmp_path, rows)))
    assert [it.verdict for it in found] == [HOLDS, HOLDS, OPEN] * 3
    assert "T_obj = 0.7, small" in found[0].about


def test_more_noises_repeat_less_and_quality_is_not_told(tmp_path):
    reuse = {"semi": 0.1, "semi_n10": 0.5, "semi_n50": 0.2, "semi_t_obj_0.3": 0.0}
    rows = [compared(arm, "semi", "level", method=arm, reuse=r) for arm, r in reuse.items()]
    repeated, quality = claims_arms.noises_repeat(file_of(tmp_path, rows))
    assert repeated.verdict == HOLDS and quality.verdict == ABSENT
    assert repeated.ours == "N = 10 50.0 %, N = 50 20.0 %, N = 100 10.0 %"


def test_failures_beside_those_of_sd(tmp_path):
    def rate(arm, kind, value, low, high, n=50):
        return {"arm": arm, "kind": kind, "rate": value, "low": low, "high": high, "n": n}

    rows = [rate("sd", "wrong colour", 0.1, 0.05, 0.2), rate("semi", "wrong colour", 0.4, 0.3, 0.5)]
    rows += [rate(arm, "very small box missed", 0.6, 0.45, 0.8) for arm in ("sd", "semi")]
    colour, tiny, lost = claims_arms.failures_shown(file_of(tmp_path, rows))
    assert (colour.verdict, tiny.verdict, lost.verdict) == (HOLDS, OPEN, ABSENT)
    assert tiny.needed == "about 113 boxes (it then holds)"  # 50 × (0.15 / 0.1)²


@pytest.mark.parametrize(
    ("low", "high", "expected"), [(0.3, 0.6, HOLDS), (0.1, 0.6, OPEN), (-0.3, -0.1, FAILS)]
)
def test_scores_travel_where_limits_are_apart(tmp_path, low, high, expected):
    row = {"test": "another noise", "rho": (low + high) / 2, "low": low, "high": high}
    row |= {"control_rho": 0.0, "control_low": -0.15, "control_high": 0.2, "n_blocks": 64}
    files = file_of(tmp_path, [row | {"n_pairs": 4}, row | {"n_pairs": 4, "test": "another"}])
    (found,) = claims_tickets.keep_scores(files, ["another noise"])
    assert found.verdict == expected


def test_scenes_are_what_is_resampled(tmp_path):
    rows = [
        {"figure": figure, "scene": scene, "iou_sd": 0.2, "iou_semi": 0.2 + 0.01 * scene}
        for figure in ("4", "5")
        for scene in range(1, 13)
        for _ in range(3)
    ]
    path = tmp_path / "scenes.parquet"
    store.write_table(pd.DataFrame(rows), path)
    (found,) = claims_tickets.scenes_placed([File(str(path), "toy", SETTINGS)], "4")
    assert found.verdict == HOLDS and found.n == "12 scenes, 36 objects"
    assert found.estimate.value == pytest.approx(0.065)


def test_backgrounds_moments_and_costs(tmp_path):
    rows = [
        {"quantity": f"right - {other}", "value": 0.1, "low": low, "high": 0.2, "n_seeds": 24}
        for other, low in (("elsewhere", 0.05), ("random", -0.05))
    ]
    found = list(claims_tickets.backgrounds_placed(file_of(tmp_path, rows)))
    assert [it.verdict for it in found] == [HOLDS, OPEN]
    limits = {"value": -0.1, "low": -0.2, "high": -0.05, "n": 40, "moment": "sd"}
    rows = [limits | {"quantity": f"gain {of}"} for of in ("of the farthest", "with departure")]
    found = list(claims_tickets.tolerates(file_of(tmp_path, rows)))
    assert [it.verdict for it in found] == [FAILS, HOLDS]
    row = {"pairs": 3, "noises": 10, "maps": 30, "skipped": 0.99}
    (cost,) = claims_tickets.costs_maps(file_of(tmp_path, [row]))
    assert cost.verdict == HOLDS and "30 maps" in cost.ours
    (cost,) = claims_tickets.costs_maps(file_of(tmp_path, [row | {"maps": 31}]))
    assert cost.verdict == FAILS
