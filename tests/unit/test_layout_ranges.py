"""Layouts cut into ranges: the cut changes no picture, and what is read together is all of them."""

import numpy as np
import pandas as pd
import pytest

from seedbed import config
from seedbed.attention.modules import cross_attention
from seedbed.layouts import table
from seedbed.lottery_ticket.comparison.draw import Steering, draw_arm, part_of
from seedbed.lottery_ticket.comparison.layout_files import by_arm, pictures_of, read_ranges
from seedbed.lottery_ticket.tickets.collect import collect, pairs_of
from seedbed.lottery_ticket.tickets.reading import Reading
from seedbed.lottery_ticket.tickets.select import positioned
from seedbed.plan import Plan
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.schedulers import Sampler

ARMS = ("semi", "semi_swap", "paint")


def layouts(n):
    rows = []
    for i in range(n):
        left, right = (0.0, 0.1 * (i % 4), 0.5, 1.0), (0.5, 0.5, 0.9, 0.9)
        kept = {"layout_id": f"l{i}", "caption": "a red apple and a boat"}
        for place, (name, start, box) in enumerate((("apple", 6, left), ("boat", 18, right))):
            named = {"position": place, "category": name, "mention": name, "start": start}
            rows.append(kept | named | dict(zip(table.BOX, box, strict=True)))
    return table.make(rows)


def arm(name):
    how = {"tickets": name != "paint", "swap": name == "semi_swap", "control": None}
    rule = {"preset": "paper", "positions": "equalised", "t_obj": 0.3, "t_bg": 0.3}
    return {"name": name, "noises": 3, "rule": rule, "restandardise": False} | how


@pytest.fixture(scope="module")
def drawn(tiny_sd, tmp_path_factory):
    """Twelve layouts by three arms in batches of two: in one range, and in three of four."""
    folder = tmp_path_factory.mktemp("ranges")
    drawing = Drawing(tiny_sd, Sampler(2, 4.0, scheduler="ddim"), batch=2)
    layer = next(iter(cross_attention(tiny_sd.unet)))
    (read,), _ = collect(drawing, Reading(layer), pairs_of(["apple", "boat"]), range(50, 54))
    collections = {"equalised": positioned(read, {"positions": "equalised"})}
    steering = {"paint": Steering("paint", {"weight": 2.0})}
    found = {}
    for cut in (12, 4):
        for start in range(0, 12, cut):
            study = {"layouts": [start, start + cut], "base_seed": 7, "layer": layer}
            mine, study = part_of(layouts(12), study | {"encoding": "png"})
            for name in ARMS:
                path = folder / f"{cut}_{name}_{start}.parquet"
                steer = steering.get(name, Steering())
                made = draw_arm(drawing, mine, arm(name), study, collections, steer, path)
                found.setdefault((cut, name), []).append((path, made))
    return found


@pytest.mark.parametrize("name", ARMS)
def test_the_cut_changes_no_picture(drawn, name):
    shards = {cut: [pd.read_parquet(path) for path, _ in drawn[cut, name]] for cut in (12, 4)}
    assert [len(parts) for parts in shards.values()] == [1, 3]
    whole, cut = (pd.concat(parts, ignore_index=True) for parts in shards.values())
    assert whole["seed"].tolist() == list(range(7, 19))
    for column in ("seed", "prompt_id", "latent_sha256"):
        assert whole[column].tolist() == cut[column].tolist()
    assert [c["bytes"] for c in whole["image"]] == [c["bytes"] for c in cut["image"]]
    assert len({c["bytes"] for c in whole["image"]}) == len(whole)
    made = [pd.concat([m for _, m in drawn[n, name]], ignore_index=True) for n in (12, 4)]
    pd.testing.assert_frame_equal(*made)


def test_ranges_are_read_together(drawn):
    paths = [str(path) for path, _ in drawn[4, "semi"] + drawn[4, "paint"]]
    files = by_arm(["semi", "paint"], paths)
    assert read_ranges(files["paint"])["prompt_id"].tolist() == [f"l{i}" for i in range(12)]
    names, pictures = zip(*pictures_of(files["semi"]), strict=True)
    expected = dict(pictures_of([drawn[12, "semi"][0][0]]))
    assert list(names) == list(expected)
    for name, picture in zip(names, pictures, strict=True):
        np.testing.assert_array_equal(picture, expected[name])
    with pytest.raises(ValueError, match="6 files do not divide among 4 arms"):
        by_arm(["a", "b", "c", "d"], paths)


def test_a_table_shorter_than_promised_is_refused():
    with pytest.raises(ValueError, match=r"4 layouts where the config promises 6 \(8 to 13\)"):
        part_of(layouts(12), {"layouts": [8, 14], "base_seed": 0})


def plan(**lottery):
    entries = config.load("config.yaml")
    entries["lottery_ticket"] |= lottery
    return Plan(config.complete(entries))


class TestPlan:
    def test_the_default_run_has_two_ranges(self):
        assert len(plan().layout_ranges) == 2

    @pytest.mark.parametrize("per_job", [1, 100, 200])
    def test_ranges_end_where_a_batch_of_every_arm_ends(self, per_job):
        made = plan(layouts_per_job=per_job)
        ranges = list(made.layout_ranges.values())
        entry = made.config["layouts"][made.lottery_ticket["layouts"]]
        count = entry["one"] + entry["two"]
        assert [i for part in ranges for i in part] == list(range(count))
        for part in ranges[:-1]:
            assert len(part) >= per_job
            assert len(part) % made.config["models"]["storybook-sd"]["batch"] == 0

    def test_names_carry_the_range(self):
        made = plan(layouts_per_job=1)
        first = next(iter(made.layout_ranges))
        assert made.layout_images("m", "semi")[0].endswith(
            f"/images/m/layouts/semi/{first}.parquet"
        )
        beside = made.constructions("m", "semi")[0]
        assert beside.endswith(f"/images/m/layouts/semi/{first}.construction.parquet")

    def test_a_job_asks_for_the_memory_of_its_model(self, tmp_path):
        made = plan()
        assert made.memory_mb("storybook-sd") == 4000
        made.config["models"]["storybook-sd"]["source"] = "CompVis/stable-diffusion-v1-4"
        assert made.memory_mb("storybook-sd") > 10_000

    def test_set_constants_reach_their_control(self):
        made = plan(neg_out=True)
        assert made.constants_of("soft") == {"neg_out": True}
        assert made.constants_of("boxdiff") == {"batch": 8}
        assert made.constants_of("paint") == made.constants_of(None) == {}
