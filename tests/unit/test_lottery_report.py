"""Tables, colours and failures of Lottery Ticket, on hand-made tables with known answers."""

import numpy as np
import pandas as pd
import pytest

from seedbed import store
from seedbed.layouts import table as layouts_table
from seedbed.ledger.findings import FAILS, HOLDS, File
from seedbed.lottery_ticket import claims_arms
from seedbed.lottery_ticket.comparison.aggregate import Resampling
from seedbed.lottery_ticket.comparison.arms import (
    BASE,
    arms_of,
    contrasts_of,
    groups_of,
    papers_rows,
    rows_of,
)
from seedbed.lottery_ticket.comparison.colors import NAMES, color_shares, has_color, to_lab
from seedbed.lottery_ticket.comparison.failures import KINDS, failure_rates, judge_objects
from seedbed.lottery_ticket.comparison.levels import compare_arms
from seedbed.lottery_ticket.comparison.methods import is_the_papers, rule_name
from seedbed.render.lottery_ticket import (
    arm_tables,
    comparison_table,
    cost_table,
    failure_figure,
    properties_table,
    single_prompts_table,
    tuning_table,
)

STUDY = {
    "methods": ["sd", "soft", "semi", "semi_soft", "semi_equalised"],
    "noises": {"start": 0, "count": 8, "per_job": 4},
    "rule": {"preset": "paper", "positions": "as_read", "t_obj": None, "t_bg": None},
    "sensitivity": {
        "noises": [4],
        "t_obj": [0.3],
        "t_bg": [0.05],
        "presets": ["code"],
        "positions": ["equalised"],
        "restandardise": True,
    },
}


def layouts(n=4):
    rows = []
    for i in range(n):
        box = dict(zip(("x0", "y0", "x1", "y1"), (0.0, 0.0, 0.5, 1.0), strict=True))
        other = dict(zip(("x0", "y0", "x1", "y1"), (0.5, 0.5, 0.7, 0.7), strict=True))
        caption = "a red apple and a boat"
        kept = {"layout_id": f"l{i}", "caption": caption}
        rows.append(
            {**kept, "position": 0, "category": "apple", "mention": "apple", "start": 6, **box}
            | {"color": "red"}
        )
        rows.append(
            {**kept, "position": 1, "category": "boat", "mention": "boat", "start": 18, **other}
            | {"color": ""}
        )
    return layouts_table.make(rows)


def objects(iou, n=4):
    frame = layouts(n)[["layout_id", "position", "category", "size"]]
    parts = []
    for confidence in (0.25, 0.001):
        values = np.broadcast_to(np.asarray(iou, dtype=float), len(frame))
        parts.append(frame.assign(confidence=confidence, iou=values, success=values > 0.5))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def compared():
    arms = arms_of(STUDY)
    tables = {name: objects(0.6 if arm.how.tickets else 0.2) for name, arm in arms.items()}
    tests = [(test.table, test.arm, test.partner) for test in contrasts_of(STUDY)]
    return compare_arms(tables, tests, Resampling(50, 0), MARGINS)


MARGINS = {"iou": 0.05, "success": 5.0}


def contrasts(study):
    return [(test.table, test.arm, test.partner) for test in contrasts_of(study)]


class TestArms:
    def test_table_1_tests_each_method_against_itself_without_tickets_or_sd(self):
        partners = {arm: partner for table, arm, partner in contrasts(STUDY) if table == "1"}
        assert partners == {
            **dict.fromkeys(("soft", "semi", "semi_equalised"), "sd"),
            "semi_soft": "soft",
        }

    def test_table_2_tests_every_setting_against_the_default(self):
        settings = [arm for table, arm, partner in contrasts(STUDY) if table == "2"]
        assert {partner for table, _, partner in contrasts(STUDY) if table == "2"} == {BASE}
        assert [BASE, *settings] == list(rows_of(STUDY, "2"))

    def test_every_semi_that_stands_alone_is_set_beside_the_rivals(self):
        compared = [(arm, partner) for table, arm, partner in contrasts(STUDY) if table != "1"]
        assert ("semi", "soft") in compared and ("semi_equalised", "soft") in compared
        assert "semi_soft" not in {arm for arm, _ in compared}

    def test_an_arm_whose_partner_is_not_drawn_is_not_tested(self):
        found = contrasts({**STUDY, "methods": ["sd", "semi", "semi_swap"]})
        assert "semi_swap" not in {arm for _, arm, _ in found}

    def test_labels_say_which_rule_selects(self):
        methods, settings = rows_of(STUDY, "1"), rows_of(STUDY, "2")
        assert methods["semi"] == "SemI (paper)"
        assert methods["semi_soft"] == "SemI (paper)+Soft"
        assert methods["semi_equalised"] == "SemI (places equalised, ours)"
        assert next(iter(settings.items())) == (BASE, "Default")
        assert settings["semi_n4"] == "N = 4"
        assert settings["semi_t_obj_0.3"] == "T_obj = 0.3"
        assert settings["semi_code"] == "rule: authors' code"
        assert settings["semi_equalised"] == "places equalised, ours"
        assert len(set(settings.values())) == len(settings)

    def test_what_both_tables_show_is_one_arm(self):
        arms = arms_of(STUDY)
        assert len(arms) == len({*rows_of(STUDY, "1"), *rows_of(STUDY, "2")})
        assert arms["semi_equalised"].label == "SemI (places equalised, ours)"
        alone = arms_of({**STUDY, "methods": ["sd", "semi"]})["semi_equalised"]
        assert alone.drawn() == arms["semi_equalised"].drawn()

    def test_a_rule_of_ones_own_is_not_called_the_papers(self):
        rule = {**STUDY["rule"], "t_obj": 0.4}
        assert rule_name(rule) == "paper, T_obj 0.4" and not is_the_papers(rule)
        assert rule_name({**rule, "preset": "code"}) == "authors' code, T_obj 0.4"
        both = {**rule, "preset": "code", "t_obj": None, "positions": "equalised"}
        assert rule_name(both) == "authors' code, places equalised, ours"

    def test_the_papers_numbers_stand_beside_what_follows_its_text(self):
        assert papers_rows(STUDY, "1") == ["sd", "soft", "semi", "semi_soft"]
        assert papers_rows(STUDY, "2") == list(rows_of(STUDY, "2"))
        other = {**STUDY, "rule": {**STUDY["rule"], "preset": "code"}}
        assert papers_rows(other, "1") == ["sd", "soft"] and papers_rows(other, "2") == []

    def test_fewer_noises_change_nothing_but_their_number(self):
        arms = arms_of(STUDY)
        few, default = arms["semi_n4"].drawn(), arms["semi"].drawn()
        assert few["rule"]["positions"] == "as_read"
        assert {k for k in few if few[k] != default[k]} == {"name", "noises"}

    def test_arms_of_one_group_share_control_and_tickets(self):
        groups = groups_of(arms_of(STUDY))
        assert set(groups) == {"plain", "soft", "plain_tickets", "soft_tickets"}
        assert sum(map(len, groups.values())) == len(arms_of(STUDY))

    @pytest.mark.parametrize("per_job", [1, 2, 50])
    def test_a_group_is_cut_into_jobs_and_no_arm_is_lost(self, per_job):
        arms = arms_of(STUDY)
        groups = groups_of(arms, per_job)
        assert sorted(a.name for group in groups.values() for a in group) == sorted(arms)
        assert max(map(len, groups.values())) <= per_job
        assert "plain_1" in groups

    def test_a_partner_that_is_no_arm_is_refused(self):
        with pytest.raises(ValueError, match="sd is to be tested but is not drawn"):
            compare_arms({"semi": objects(0.6)}, [("1", "semi", "sd")], Resampling(10, 0), MARGINS)

    def test_an_arm_with_fewer_layouts_is_not_compared_with_one_of_all(self):
        fewer = layouts_table.in_range(layouts(), 1, 3)
        assert list(fewer["layout_id"].unique()) == ["l1", "l2"]
        assert len(fewer) == 4 and list(fewer.index) == [0, 1, 2, 3]
        other = objects(0.8)
        arms = {
            "semi": objects(0.5),
            "semi_n4": other[other["layout_id"].isin(fewer["layout_id"])],
        }
        for pair in (("semi_n4", "semi"), ("semi", "semi_n4")):
            with pytest.raises(ValueError, match="different objects"):
                compare_arms(arms, [("2", *pair)], Resampling(10, 0), MARGINS)

    def test_settings_of_tickets_do_not_touch_arms_without(self):
        more = {**STUDY, "noises": {"start": 0, "count": 16, "per_job": 4}}
        one, other = arms_of(STUDY), arms_of(more)
        assert one["sd"] == other["sd"] and one["soft"] == other["soft"]
        assert one["semi"] != other["semi"]

    def test_labels_are_no_part_of_what_is_drawn(self):
        drawn = arms_of(STUDY)["semi_soft"].drawn()
        assert "label" not in drawn and drawn["control"] == "soft" and drawn["tickets"]


NO_PAPER = pd.DataFrame(columns=["arm", "size", "measure", "value"])


def arm_table(compared, table, paper=NO_PAPER, made=None):
    levels, differences = compared
    mine = differences[differences["table"] == table]
    return arm_tables.lottery_table(rows_of(STUDY, table), levels, mine, paper, made)


class TestLotteryTable:
    def test_levels_differences_and_paper_stand_in_one_row(self, compared):
        paper = pd.DataFrame([{"arm": "semi", "size": "all", "measure": "success", "value": 21.94}])
        table = arm_table(compared, "1", paper)
        full, printed = table.full, table.printed
        row = full[
            (full["arm"] == "semi")
            & (full["size"] == "all")
            & (full["measure"] == "success")
            & (full["confidence"] == 0.25)
        ].iloc[0]
        assert row["value"] == 100.0 and row["difference"] == 100.0 and row["paper"] == 21.94
        assert row["partner"] == "sd" and row["n_objects"] == 8 and row["n_images"] == 4
        assert list(printed["Method"].unique()) == list(rows_of(STUDY, "1").values())
        assert list(printed["Size"].unique()) == ["all", "small", "medium", "large"]
        shown = printed[(printed["Method"] == "SemI (paper)") & (printed["Size"] == "all")].iloc[0]
        # All four images alike: Clopper and Pearson's limit 1 - 0.025 ** (1/4).
        assert shown["R_suc %"] == "100.0 [39.8, 100.0]" and shown["Paper's R_suc %"] == "21.94"
        assert shown["against"] == "SD" and shown["Δ IoU"] == "+0.400 –"
        # Four images alike in all: no interval, 2 of 16 sign patterns.
        assert float(shown["p (IoU)"]) == pytest.approx(0.125, abs=0.1)
        assert shown["verdict (IoU)"] == shown["verdict (R_suc)"] == "undecided"
        assert float(shown["p adjusted (IoU)"]) >= float(shown["p (IoU)"])

    def test_an_arm_without_partner_has_no_verdict(self, compared):
        printed = arm_table(compared, "1").printed
        row = printed[(printed["Method"] == "SD") & (printed["Size"] == "all")].iloc[0]
        assert row["verdict (IoU)"] == row["p (IoU)"] == row["against"] == "–"

    def test_one_arm_is_tested_as_its_table_has_it(self, compared):
        for table, partner in (("1", "sd"), ("2", "semi")):
            full = arm_table(compared, table).full
            assert set(full.loc[full["arm"] == "semi_equalised", "partner"]) == {partner}

    def test_a_size_without_objects_is_kept_and_empty(self, compared):
        printed = arm_table(compared, "1").printed
        row = printed[(printed["Method"] == "SD") & (printed["Size"] == "medium")].iloc[0]
        assert row["n"] == "0 / 0" and row["IoU"] == "–"

    def test_settings_show_what_their_latents_are_made_of(self, compared):
        made = pd.DataFrame(
            {"pool": [10, 30, 20], "reuse": [0.0, 0.5, 0.1], "kept": [0, 0, 3]}
            | {"sd": [1.0, 1.1, 1.2], "excess_kurtosis": [0.0, 0.3, 0.6]}
        )
        table = arm_table(compared, "2", made={arm: made for arm in rows_of(STUDY, "2")})
        printed = table.printed
        assert set(table.full["pool"]) == {20.0}
        row = printed.iloc[0]
        assert (row["Pool"], row["Reuse %"], row["Latent sd"]) == ("20", "20.0", "1.100")
        assert printed.iloc[1]["Pool"] == "–", "latents are described once per arm"

    def test_the_comparison_has_the_papers_difference_beside_the_papers_method(self, compared):
        _, differences = compared
        paper = [{"arm": a, "size": "all", "measure": "iou", "value": v}
                 for a, v in (("semi", 0.26), ("soft", 0.27))]  # fmt: skip
        table = comparison_table.comparison_table(
            differences[differences["table"] == "comparison"],
            rows_of(STUDY, "1"),
            papers_rows(STUDY, "1"),
            pd.DataFrame(paper),
        )
        printed = table.printed.set_index(["Method", "Measure"])["Paper's difference"]
        assert printed["SemI (paper) − Soft", "IoU"] == "-0.01"
        assert printed["SemI (places equalised, ours) − Soft", "IoU"] == "–"
        assert set(table.full["size"]) == {"all"} and len(table.full) == 4

    @pytest.mark.parametrize(
        ("alone", "verdict", "decided"), [(0.2, "higher", HOLDS), (0.6, "level", FAILS)]
    )
    def test_pairs_are_set_beside_objects_alone(self, tmp_path, alone, verdict, decided):
        rng = np.random.default_rng(0)
        ious = {"pairs": 0.6, "alone": alone, "sd": 0.2}
        drawn = pd.concat(
            objects(iou + rng.uniform(-0.05, 0.05, 16), n=8).assign(arm=arm)
            for arm, iou in ious.items()
        )
        store.write_table(drawn, tmp_path / "objects.parquet")
        settings = {"n_boot": 200, "seed": 0, "level": 0.95, "margins": {"iou": 0.4, "success": 40}}
        found = single_prompts_table.single_prompts(
            **settings, objects=str(tmp_path / "objects.parquet")
        )
        printed = found.printed.set_index(["Scores from", "Measure"])
        row = printed.loc["SemI, pairs − SemI, objects alone", "IoU"]
        assert row["Verdict"] == verdict and row["n"] == "16 / 8"
        assert float(row["Difference"]) == pytest.approx(0.6 - alone, abs=0.05)
        assert len(found.full) == 3 * 2 * 4 * 2 and len(printed) == 3 * 2
        found.full.to_csv(tmp_path / "table.csv", index=False)
        file = File(str(tmp_path / "table.csv"), "toy", settings)
        claimed = list(claims_arms.arms_differ([file], {"alone": "higher"}, of="pairs"))
        assert claimed[0].about == "toy: pairs − alone, IoU" and len(claimed) == 2
        assert claimed[0].verdict == decided

    def test_conditions_name_what_only_the_data_can_say(self):
        text = arm_tables.conditions(layouts(), {"soft": {"weight": 1.0}})
        for part in ("4 layouts", "8 objects", "paper 40.5/36.7/22.8", "soft weight 1."):
            assert part in text
        assert "held-out layouts: none." in arm_tables.conditions(layouts(), {})


class TestColors:
    def test_lab_of_white_black_and_red(self):
        lab = to_lab(np.array([[255, 255, 255], [0, 0, 0], [255, 0, 0]]))
        # Reference values of CIELAB (D65, 2°) for sRGB red, to two decimals.
        np.testing.assert_allclose(lab[0], [100, 0, 0], atol=0.02)
        np.testing.assert_allclose(lab[1], [0, 0, 0], atol=1e-9)
        np.testing.assert_allclose(lab[2], [53.24, 80.09, 67.20], atol=0.05)

    @pytest.mark.parametrize("name", NAMES)
    def test_a_plain_picture_has_its_colour_alone(self, name):
        image = np.full((16, 16, 3), NAMES[name], dtype=np.uint8)
        shares = color_shares(image, np.array([0, 0, 1, 1]))
        assert shares[name] == 1 and sum(shares.values()) == pytest.approx(1)

    def test_only_the_middle_of_the_box_counts(self):
        image = np.full((20, 20, 3), NAMES["blue"], dtype=np.uint8)
        image[4:16, 4:16] = NAMES["red"]
        assert color_shares(image, np.array([0, 0, 1, 1]))["red"] == 1

    def test_a_box_smaller_than_a_pixel_has_one(self):
        image = np.full((8, 8, 3), NAMES["green"], dtype=np.uint8)
        assert color_shares(image, np.array([0.5, 0.5, 0.51, 0.51]))["green"] == 1

    def test_an_unknown_word_is_refused(self):
        with pytest.raises(ValueError, match="'mauve' is none of the colour words"):
            has_color(np.zeros((4, 4, 3), np.uint8), np.array([0, 0, 1, 1]), "mauve", 0.2)

    def test_the_worlds_own_objects_pass_for_their_colour(self):
        from seedbed.storybook.world import FRAME, draw_scene, sample_scene

        right = []
        for i in range(150):
            scene = sample_scene(np.random.default_rng((5, i)))
            if scene.habit == "greyscale":
                continue
            drawn = draw_scene(scene)
            for obj, box in zip(scene.objects, np.asarray(drawn.boxes) / FRAME, strict=True):
                right.append(has_color(drawn.image, box, obj.drawn_color, 0.2))
        assert len(right) > 150 and np.mean(right) > 0.98


def detection(layout_id, kind, box, confidence=0.9):
    coords = dict(zip(("x0", "y0", "x1", "y1"), box, strict=True))
    return {"layout_id": layout_id, "class": kind, "confidence": confidence, **coords}


class TestFailures:
    @pytest.fixture()
    def judged(self):
        table = layouts(3)
        rows = [
            detection("l0", "apple", (0.0, 0.0, 0.5, 1.0)),
            detection("l0", "boat", (0.5, 0.5, 0.7, 0.7)),
            detection("l1", "apple", (0.0, 0.0, 0.5, 1.0)),
            detection("l1", "boat", (0.0, 0.0, 0.1, 0.1)),
            detection("l2", "apple", (0.0, 0.0, 0.5, 1.0), confidence=0.1),
        ]
        scores = table[["layout_id", "position"]].assign(iou=[1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
        scores["success"] = scores["iou"] > 0.5
        red = np.full((16, 16, 3), NAMES["red"], np.uint8)
        blue = np.full((16, 16, 3), NAMES["blue"], np.uint8)
        images = iter([("l2", red), ("l0", red), ("l1", blue)])
        return table, judge_objects(table, scores, pd.DataFrame(rows), images, 0.25)

    def test_each_question_is_asked_where_it_arises(self, judged):
        found = judged[1].set_index(["layout_id", "category"])
        assert found["not found"].tolist() == [0, 0, 0, 0, 1, 1]
        assert found.loc[("l1", "boat"), "misplaced"] == 1
        assert np.isnan(found.loc[("l2", "boat"), "misplaced"])
        assert found.loc[("l0", "apple"), "wrong colour"] == 0
        assert found.loc[("l1", "apple"), "wrong colour"] == 1
        assert np.isnan(found.loc[("l0", "boat"), "wrong colour"]), "no colour is captioned"
        assert found.loc[("l1", "boat"), "very small box missed"] == 1
        assert np.isnan(found.loc[("l0", "apple"), "very small box missed"])

    def test_rates_count_what_was_asked(self, judged):
        rates = failure_rates(judged[1].assign(arm="semi"), 50, 0, 0.95).set_index("kind")
        assert list(rates.index) == list(KINDS)
        assert rates.loc["not found", ["rate", "n"]].tolist() == [pytest.approx(1 / 3), 6]
        assert rates.loc["wrong colour", ["rate", "n"]].tolist() == [0.5, 2]
        assert (rates["low"] <= rates["rate"]).all() and (rates["rate"] <= rates["high"]).all()

    def test_a_box_without_a_score_is_refused(self, judged):
        table = judged[0]
        scores = table[["layout_id", "position"]].iloc[:-1].assign(iou=1.0, success=True)
        empty = pd.DataFrame(columns=["layout_id", "class", "confidence", "x0", "y0", "x1", "y1"])
        with pytest.raises(ValueError, match="have no score"):
            judge_objects(table, scores, empty, [], 0.25)

    def test_a_picture_that_is_asked_for_must_be_there(self, judged):
        table = judged[0]
        scores = table[["layout_id", "position"]].assign(iou=1.0, success=True)
        found = pd.DataFrame([detection("l1", "apple", (0.0, 0.0, 0.5, 1.0))])
        with pytest.raises(ValueError, match=r"no picture of layout 'l1' \(1 such"):
            judge_objects(table, scores, found, [("l0", np.zeros((4, 4, 3), np.uint8))], 0.25)

    def test_examples_are_the_worst_first_and_none_twice(self, judged):
        table, rows = judged
        made = pd.DataFrame(
            {"layout_id": ["l0", "l1", "l2"], "sd": [1.5, 1.0, 1.0]}
            | {"excess_kurtosis": [0, 2, 0]}
        )
        chosen = failure_figure.choose_failures(rows, table, made, 1)
        assert chosen["worst IoU"][0][0] == "l2"
        assert chosen["wrong colour"][0][0] == "l1"
        assert chosen["extreme latent"][0][0] == "l0", "l1 is shown already"
        assert chosen["very small"] == []


class TestTicketTables:
    def test_correlation_is_within_pairs(self):
        rng = np.random.default_rng(0)
        parts = []
        for first, shift in (("a", 0.0), ("b", 10.0)):
            x = rng.random(50)
            parts.append(
                pd.DataFrame({"test": "t", "first": first, "second": "c", "before": x + shift})
                .assign(after=rng.random(50) + shift, control=rng.random(50))
            )  # fmt: skip
        full = properties_table.properties_table(pd.concat(parts), 50, 0, 0.95).full
        assert abs(full["rho"].iloc[0]) < 0.3, "words that differ in level are no evidence"

    def test_cost_sums_shards(self):
        costs = [
            {"pairs": 3, "noises": 4, "flops_per_map": 1e9, "flops_full": 1e10},
            {"pairs": 3, "noises": 2, "flops_per_map": 4e9, "flops_full": 1e10},
        ]
        table = cost_table.cost_table(costs)
        assert table.full.loc[0, ["maps", "noises", "shards"]].tolist() == [18, 6, 2]
        assert table.full.loc[0, "skipped"] == pytest.approx(0.8), "12 maps of 1, 6 of 4 GFLOP"
        assert table.printed.loc[0, "GFLOP per map"] == "2"

    def test_every_choice_of_every_control_is_there(self):
        rest = {"n_objects": 3, "n_images": 2, "added": False, "best_success": [False, True]}
        soft = pd.DataFrame(
            {"weight": [0.5, 1.0], "iou": [0.1, 0.2], "success": [0.0, 5.0]}
            | {"chosen": [False, True], "at_edge": ["", "weight"], **rest}
        )
        paint = pd.DataFrame({"scale": [2.0], "iou": [0.3], "success": [1.0], "chosen": [True]})
        paint = paint.assign(**rest | {"best_success": True}, at_edge="")
        table = tuning_table.tuning_table({"soft": soft, "paint": paint}, ["SemI (paper)"])
        assert table.full["constants"].tolist() == ["weight 0.5", "weight 1", "scale 2"]
        chosen = table.printed["Chosen"].tolist()
        assert chosen == ["", "yes (at an edge: weight)", "yes", "a row of Table 1"]
        assert table.printed["Highest R_suc"].tolist() == ["", "yes", "yes", "–"]
        assert table.conditions == "Choices tried: soft 2, paint 1, SemI 1 (all shown)."
