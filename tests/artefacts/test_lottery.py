"""The finished tables of Lottery Ticket say what they must, down to the pixels."""

import numpy as np
import pandas as pd
import pytest

from seedbed import store
from seedbed.evaluators import registry
from seedbed.lottery_ticket.comparison.arms import papers_rows, rows_of
from seedbed.lottery_ticket.comparison.objects import iou_matrix

SIZES = ["all", "small", "medium", "large"]
PAPERS_OWN = {"sd", "paint", "soft", "swap", "semi", "semi_soft", "semi_swap", "semi_soft_swap"}


def place(judged_layouts, name):
    return "lottery_ticket/{}/{}/".format(*judged_layouts) + name


@pytest.fixture(scope="module", params=["1", "2"])
def table(request, plan, judged_layouts):
    if not rows_of(plan.lottery_ticket, request.param):
        pytest.skip(f"no arm of Table {request.param} is drawn in this run")
    return pd.read_csv(plan.run.table(place(judged_layouts, f"table{request.param}"))[0])


@pytest.fixture(scope="module")
def first(plan):
    """The main confidence."""
    return max(plan.lottery_ticket["confidences"])


@pytest.fixture(scope="module")
def objects(plan, judged_layouts):
    model, detector = judged_layouts
    return store.read_table(plan.run.layout_scores(detector, model, "objects"))


@pytest.fixture(scope="module")
def layouts(plan):
    return store.read_table(plan.run.layouts(plan.lottery_ticket["layouts"]))


def test_every_arm_has_every_size_measure_and_confidence(table, plan):
    for _, part in table.groupby("arm"):
        assert len(part) == len(plan.lottery_ticket["confidences"]) * 4 * 2
        assert set(part["size"]) == set(SIZES) and set(part["measure"]) == {"iou", "success"}


def test_sizes_add_up(table):
    for _, part in table.groupby(["arm", "measure", "confidence"]):
        n = part.set_index("size")["n_objects"]
        assert n["all"] == n[["small", "medium", "large"]].sum()


def test_values_lie_in_their_intervals_and_ranges(table):
    known = table.dropna(subset=["value", "low"])
    assert (known["low"] <= known["value"] + 1e-9).all()
    assert (known["value"] <= known["high"] + 1e-9).all()
    top = known["measure"].map({"iou": 1.0, "success": 100.0})
    assert (known["value"] >= 0).all() and (known["value"] <= top).all()


def test_differences_are_those_of_the_printed_means(table):
    levels = table.set_index(["arm", "size", "measure", "confidence"])["value"]
    for row in table.dropna(subset=["difference"]).itertuples():
        key = (row.size, row.measure, row.confidence)
        if (row.partner, *key) in levels.index:
            partner = levels[(row.partner, *key)]
            assert row.difference == pytest.approx(row.value - partner, abs=1e-9)


def test_the_papers_numbers_stand_beside_the_papers_methods(plan, judged_layouts):
    table = pd.read_csv(plan.run.table(place(judged_layouts, "table1"))[0])
    literal = set(papers_rows(plan.lottery_ticket, "1"))
    assert set(table.loc[table["paper"].notna(), "arm"]) == PAPERS_OWN & literal
    semi = table[(table["arm"] == "semi") & (table["size"] == "all")]
    assert set(semi["paper"].dropna()) <= {0.26, 21.94}


def test_verdicts_follow_from_what_stands_beside_them(table, plan):
    study = plan.lottery_ticket
    for row in table.dropna(subset=["verdict"]).itertuples():
        apart = row.p_value < 1 - study["interval"] and not row.difference_low <= 0 <= (
            row.difference_high
        )
        margin = study["margins"][row.measure]
        within = -margin < row.narrow_low and row.narrow_high < margin
        expected = "level" if within else "undecided"
        if apart and not np.isnan(row.difference_low):
            expected = "higher" if row.difference > 0 else "lower"
        assert row.verdict == expected
        assert np.isnan(row.p_value) or row.p_adjusted >= row.p_value


def test_every_arm_is_of_the_same_layouts(table):
    for _, part in table.groupby(["size", "measure", "confidence"]):
        assert part["n_objects"].nunique() == part["n_images"].nunique() == 1


def test_constants_were_chosen_by_mean_iou(plan, judged_layouts):
    if not plan.controls:
        pytest.skip("no control is tuned in this run")
    tried = pd.read_csv(plan.run.table(place(judged_layouts, "tuning"))[0])
    for control, part in tried.groupby("control"):
        assert part["chosen"].sum() == part["best_success"].sum() == 1
        chosen = part[part["chosen"]].iloc[0]
        assert chosen["iou"] == part["iou"].max()
        starting = sum(len(v) - 1 for v in plan.lottery_ticket["tuning"][control].values()) + 1
        assert (~part["added"]).sum() == starting or part["added"].any()


def test_a_lower_confidence_finds_no_less(table, first):
    for _, part in table.groupby(["arm", "size", "measure"]):
        by = part.set_index("confidence")["value"]
        assert np.isnan(by[first]) or by.iloc[by.index.argmin()] >= by[first] - 1e-12


def test_every_arm_drew_its_layouts_from_the_same_seeds(
    plan, judged_layouts, objects, layouts, first
):
    model, _ = judged_layouts
    ids = list(layouts["layout_id"].unique())
    base = plan.lottery_ticket["base_seed"]
    for arm in plan.arms.values():
        shards = plan.layout_images(model, arm.name)
        columns = pd.concat([pd.read_parquet(s, columns=["prompt_id", "seed"]) for s in shards])
        drawn = columns["prompt_id"].tolist()
        assert drawn == ids
        assert columns["seed"].tolist() == list(range(base, base + len(ids)))
        mine = objects[(objects["arm"] == arm.name) & (objects["confidence"] == first)]
        assert len(mine) == layouts["layout_id"].isin(drawn).sum()


def test_one_number_walks_back_to_its_pixels(plan, judged_layouts, layouts, first):
    """Mean IoU of one arm, by the slow obvious way from the stored pictures."""
    model, name = judged_layouts
    arm = "semi" if "semi" in plan.arms else next(iter(plan.arms))
    shards = plan.layout_images(model, arm)
    detector = registry.load("detectors", plan.evaluator("detectors", name), name)
    values = []
    for columns, images in (part for shard in shards for part in store.read_images(shard)):
        found = detector(images)
        for i, layout_id in enumerate(columns["prompt_id"]):
            for row in layouts[layouts["layout_id"] == layout_id].itertuples():
                kept = found[
                    (found["image"] == i)
                    & (found["class"] == row.category)
                    & (found["confidence"] >= first)
                ]
                box = np.array([[row.x0, row.y0, row.x1, row.y1]])
                boxes = kept[["x0", "y0", "x1", "y1"]].to_numpy()
                values.append(iou_matrix(box, boxes)[0].max(initial=0.0))
    table = pd.read_csv(plan.run.table(place(judged_layouts, "table1"))[0])
    table = table.set_index(["arm", "size", "measure", "confidence"])
    assert np.mean(values) == pytest.approx(table.loc[(arm, "all", "iou", first), "value"], 1e-4)


def test_captions_name_the_conditions(plan, judged_layouts):
    for number in ("1", "2"):
        if not rows_of(plan.lottery_ticket, number):
            continue
        path = plan.run.table(place(judged_layouts, f"table{number}"))[1]
        with open(path, encoding="utf-8") as handle:
            text = handle.read()
        for part in ("size mix", "40.5/36.7/22.8", "confidence", "SemI (", "held-out"):
            assert part in text


def test_properties_are_tested_against_blocks_at_random(plan):
    for model in plan.ticket_models:
        path = plan.run.table(f"lottery_ticket/{model}/properties")[0]
        table = pd.read_csv(path).set_index("test")
        assert len(table) == 4 and table["control_rho"].notna().all()
        assert (table["low"] <= table["rho"]).all() and (table["rho"] <= table["high"]).all()


def test_a_collection_skipped_most_of_the_arithmetic(plan):
    for model in plan.ticket_models:
        cost = pd.read_csv(plan.run.table(f"lottery_ticket/{model}/cost")[0])
        assert cost["maps"].iloc[0] == cost["pairs"].iloc[0] * cost["noises"].iloc[0]
        assert cost["skipped"].iloc[0] > 0.5


def test_failure_rates_count_their_objects(plan, judged_layouts, objects, first):
    if not {"sd", "semi"} <= set(plan.arms):
        pytest.skip("failures are those of SD and SemI, and not both are drawn")
    rates = pd.read_csv(plan.run.table(place(judged_layouts, "failures"))[0])
    boxes = len(objects[(objects["arm"] == "sd") & (objects["confidence"] == first)])
    assert (rates.loc[rates["kind"] == "not found", "n"] == boxes).all()
