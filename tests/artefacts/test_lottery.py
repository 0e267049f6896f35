"""The finished tables of Lottery Ticket say what they must, down to the pixels."""

import numpy as np
import pandas as pd
import pytest

from seedbed import store
from seedbed.metrics.boxes import iou_matrix

SIZES = ["all", "small", "medium", "large"]
PAPERS_OWN = {"sd", "paint", "soft", "swap", "semi", "semi_soft", "semi_swap", "semi_soft_swap"}


@pytest.fixture(scope="module", params=["1", "2"])
def table(request, run):
    return pd.read_csv(run / "lottery_ticket" / f"table{request.param}.csv")


@pytest.fixture(scope="module")
def objects(run):
    return store.read_table(run / "scores" / "layouts" / "objects.parquet")


def test_every_arm_has_every_size_measure_and_confidence(table):
    for _, part in table.groupby("arm"):
        assert len(part) == 2 * 4 * 2
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


def test_the_papers_numbers_stand_beside_the_papers_methods(run):
    table = pd.read_csv(run / "lottery_ticket" / "table1.csv")
    assert set(table.loc[table["paper"].notna(), "arm"]) == PAPERS_OWN & set(table["arm"])
    semi = table[(table["arm"] == "semi") & (table["size"] == "all")]
    assert set(semi["paper"]) == {0.26, 21.94}


def test_a_lower_confidence_finds_no_less(table):
    for _, part in table.groupby(["arm", "size", "measure"]):
        by = part.set_index("confidence")["value"]
        assert np.isnan(by[0.25]) or by[0.001] >= by[0.25] - 1e-12


def test_methods_drew_all_layouts_and_settings_every_nth_from_the_same_seeds(run, objects):
    layouts = store.read_table(run / "layouts" / "storybook.parquet")
    ids = list(layouts["layout_id"].unique())
    methods = set(pd.read_csv(run / "lottery_ticket" / "table1.csv")["arm"])
    strides = set()
    for arm in objects["arm"].unique():
        shard = next((run / "images").glob(f"*/layouts/{arm}.parquet"))
        columns = pd.read_parquet(shard, columns=["prompt_id", "seed"])
        drawn, seeds = columns["prompt_id"].tolist(), columns["seed"].tolist()
        stride = seeds[1] - seeds[0]
        assert drawn == ids[::stride]
        assert seeds == list(range(seeds[0], seeds[0] + len(ids), stride))
        assert stride == 1 if arm in methods else strides.add(stride) is None
        mine = objects[(objects["arm"] == arm) & (objects["confidence"] == 0.25)]
        assert len(mine) == layouts["layout_id"].isin(drawn).sum()
    assert len(strides) == 1


def test_one_number_walks_back_to_its_pixels(run, objects):
    """Mean IoU of SemI, by the slow obvious way from the stored pictures."""
    from seedbed.features.detect import UltralyticsDetector

    layouts = store.read_table(run / "layouts" / "storybook.parquet")
    shard = next((run / "images").glob("*/layouts/semi.parquet"))
    detector = UltralyticsDetector("resources/storybook/storybook-yolo/storybook-yolo.pt")
    values = []
    for columns, images in store.read_images(shard):
        found = detector(images)
        for i, layout_id in enumerate(columns["prompt_id"]):
            for row in layouts[layouts["layout_id"] == layout_id].itertuples():
                kept = found[
                    (found["image"] == i)
                    & (found["class"] == row.category)
                    & (found["confidence"] >= 0.25)
                ]
                box = np.array([[row.x0, row.y0, row.x1, row.y1]])
                boxes = kept[["x0", "y0", "x1", "y1"]].to_numpy()
                values.append(iou_matrix(box, boxes)[0].max(initial=0.0))
    table = pd.read_csv(run / "lottery_ticket" / "table1.csv").set_index(
        ["arm", "size", "measure", "confidence"]
    )
    assert np.mean(values) == pytest.approx(table.loc[("semi", "all", "iou", 0.25), "value"], 1e-4)


def test_captions_name_the_conditions(run):
    for number in ("1", "2"):
        text = (run / "lottery_ticket" / f"table{number}.md").read_text()
        for part in ("size mix", "40.5/36.7/22.8", "confidence", "preset", "held-out"):
            assert part in text


def test_properties_are_tested_against_blocks_at_random(run):
    table = pd.read_csv(run / "lottery_ticket" / "properties.csv").set_index("test")
    assert len(table) == 4 and table["control_rho"].notna().all()
    assert (table["low"] <= table["rho"]).all() and (table["rho"] <= table["high"]).all()


def test_a_collection_skipped_most_of_the_arithmetic(run):
    cost = pd.read_csv(run / "lottery_ticket" / "cost.csv")
    assert cost["maps"].iloc[0] == cost["pairs"].iloc[0] * cost["noises"].iloc[0]
    assert cost["skipped"].iloc[0] > 0.5


def test_failure_rates_count_their_objects(run, objects):
    rates = pd.read_csv(run / "lottery_ticket" / "failures.csv")
    boxes = len(objects[(objects["arm"] == "sd") & (objects["confidence"] == 0.25)])
    assert (rates.loc[rates["kind"] == "not found", "n"] == boxes).all()
