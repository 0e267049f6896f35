"""The right background in its region: the palette against the truth, and what is counted."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from seedbed import config, store
from seedbed.layouts.scenes import read_scenes
from seedbed.lottery_ticket.comparison.background_levels import background_levels
from seedbed.plan import Plan
from seedbed.render.catalog import caption, renderings
from seedbed.render.lottery_ticket.background_figure import backgrounds
from seedbed.storybook.backgrounds import NEITHER, background_shares, regions, segment
from seedbed.storybook.vocabulary import COLORS, SETTINGS
from seedbed.storybook.world import draw_scene, sample_scene

PAIR = ("meadow", "night")


def drawn(setting, k):
    scene = sample_scene(np.random.default_rng((7, k)))
    return draw_scene(replace(scene, setting=setting, habit="none"))


def told(setting, other, scenes=60):
    """Shares of background pixels taken for their setting, for the other, for neither; of object
    pixels taken for neither."""
    counts = np.zeros(4)
    for k in range(scenes):
        made = drawn(setting, k)
        labels, behind = segment(made.image, [setting, other]), ~made.masks.any(axis=0)
        counts += [
            *((labels[behind] == which).mean() for which in (0, 1, NEITHER)),
            (labels[~behind] == NEITHER).mean(),
        ]
    return counts / scenes


class TestPalette:
    """Accuracy in the world's own scenes, tints, grass and stars and all; 60 scenes each."""

    @pytest.mark.parametrize("pair", [PAIR, PAIR[::-1]])
    def test_meadow_and_night_are_told_in_99_of_100_pixels(self, pair):
        right, wrong, neither, objects = told(*pair)
        assert right == pytest.approx(0.99, abs=0.003) and wrong < 0.001
        assert right + wrong + neither == pytest.approx(1)
        assert objects > 0.75, "most of an object is of no setting's colour"

    def test_others_by_what_they_share(self):
        """Skies of meadow, beach and sea are alike; every other pair is told in 94 of 100 pixels,
        those three in 60 at least."""
        alike = {"meadow", "beach", "sea"}
        for setting in SETTINGS:
            for other in set(SETTINGS) - {setting}:
                right = told(setting, other, scenes=30)[0]
                assert right > (0.6 if {setting, other} <= alike else 0.94), (setting, other)

    def test_colours_of_objects_are_of_no_setting(self):
        swatches = np.array([[COLORS[k] for k in ("red", "orange", "yellow", "blue", "purple")]])
        assert (segment(swatches.astype(np.uint8), PAIR) == NEITHER).all()


@pytest.fixture
def scenes():
    return read_scenes("resources/scenes/storybook.json").query("figure == '6'")


@pytest.fixture
def halves():
    """A meadow on the left and a night on the right, joined from two true scenes."""
    empty = [replace(sample_scene(np.random.default_rng(k)), objects=()) for k in (1, 2)]
    left, right = (
        draw_scene(replace(scene, setting=setting, habit="none")).image
        for scene, setting in zip(empty, PAIR, strict=True)
    )
    return np.concatenate([left[:, :32], right[:, 32:]], axis=1)


def test_regions_leave_out_the_object(scenes):
    masks = regions(scenes[scenes["scene"] == scenes["scene"].iloc[0]], 64)
    assert set(masks) == set(PAIR)
    assert not (masks["meadow"] & masks["night"]).any()
    house = np.zeros((64, 64), bool)
    house[16:48, 16:48] = True
    assert np.array_equal(masks["meadow"] | masks["night"], ~house)


def test_shares_are_of_the_region_asked_for(scenes, halves):
    """All pictures are meadow left, night right: right where that was wanted, wrong where not."""
    pictures = np.stack([halves] * (scenes["scene"].max() + 1))
    shares = background_shares(scenes, {"semi": pictures, "sd": pictures[:, :, ::-1]}, "6")
    assert len(shares) == 2 * 2 * scenes["scene"].nunique()
    for row in shares.itertuples():
        wanted_left = (row.row == 0) == (row.setting == "meadow")
        meadow_left = row.arm == "semi"
        matches = wanted_left == meadow_left if row.setting == "meadow" else None
        if matches is None:  # the night's half is the other one
            matches = (row.row == 0) == meadow_left
        assert row.right == pytest.approx(float(matches), abs=0.03)
        assert row.right + row.other + row.neither == pytest.approx(1)
        assert row.elsewhere == pytest.approx(row.right, abs=0.03), "no picture follows its layout"
    levels = background_levels(shares, 200, 0).set_index("quantity")
    assert levels.loc["right", "value"] == pytest.approx(0.5, abs=0.03)
    assert levels.loc["right - elsewhere", "value"] == pytest.approx(0, abs=1e-9)


def test_a_picture_that_follows_its_layout(scenes, halves):
    of_row = scenes.drop_duplicates("scene").set_index("scene")["row"]
    pictures = np.zeros((scenes["scene"].max() + 1, 64, 64, 3), np.uint8)
    for scene, row in of_row.items():
        pictures[scene] = halves if row == 0 else halves[:, ::-1]
    shares = background_shares(scenes, {"semi": pictures}, "6")
    assert shares["right"].min() > 0.95 and shares["elsewhere"].max() < 0.05


def test_intervals_are_over_seeds():
    rows = [
        {"arm": arm, "seed": s, "row": r, "setting": setting}
        | {"right": 0.1 * s + (arm == "semi") * 0.2, "elsewhere": 0.1 * s}
        for arm in ("semi", "sd")
        for s in range(4)
        for r in range(2)
        for setting in PAIR
    ]
    levels = background_levels(pd.DataFrame(rows), 500, 0, 0.9).set_index("quantity")
    assert levels.loc["right", "value"] == pytest.approx(0.35)
    assert levels.loc["right", ["n_seeds", "n_regions"]].tolist() == [4, 16]
    assert levels.loc["right", "low"] < 0.35 < levels.loc["right", "high"]
    for other in ("elsewhere", "random"):
        row = levels.loc[f"right - {other}"]
        assert row[["value", "low", "high"]].tolist() == pytest.approx([0.2] * 3)
    one = background_levels(pd.DataFrame(rows).query("seed == 1"), 50, 0).set_index("quantity")
    assert np.isnan(one.loc["right", "low"]) and one.loc["right", "n_seeds"] == 1


def test_the_figure_says_the_number_and_its_n(scenes, halves, tmp_path):
    pictures = np.stack([halves] * (scenes["scene"].max() + 1))
    arms = {"sd": pictures, "semi": pictures}
    table = scenes.assign(iou_sd=np.nan, iou_semi=np.nan)
    files = [str(tmp_path / name) for name in ("a.npz", "b.parquet", "c.parquet")]
    store.write_arrays(files[0], arms)
    store.write_table(table, files[1])
    store.write_table(background_shares(table, arms, "6"), files[2])
    figure = backgrounds("SemI (paper)", 50, 0, 0.95, files[0], files[1], [files[2]])
    title = figure.get_suptitle()
    assert "right background" in title and "random noise: 50 %" in title
    title = " ".join(title.split())
    assert "n = 24 seeds, 96 regions" in title and "IoU" not in title
    assert "the region adds +0.0 points [+0.0, +0.0]" in title or "adds -0.0" in title
    assert len(figure.axes) == 2 * (1 + 2 + 6), "six seeds are shown"
    bare = backgrounds("SemI (paper)", 50, 0, 0.95, files[0], files[1], [])
    assert "%" not in bare.get_suptitle()


def test_only_the_world_s_models_are_told():
    entries = config.load("config.yaml")
    plan = Plan(config.complete(entries))
    assert plan.told_backgrounds == ["storybook-sd"]
    named = {r.name: r for r in renderings(plan)}
    assert "lottery_backgrounds" in named
    text = caption(named["lottery_fig6_background"], plan, {"model": "storybook-sd"})
    assert "without the object's box" in text
    entries["models"]["storybook-sd"]["world"] = None
    other = Plan(config.complete(entries))
    assert any("storybook-sd is not marked world: storybook" in line for line in other.left_out)
    named = {r.name: r for r in renderings(other)}
    assert "lottery_backgrounds" not in named
    figure = named["lottery_fig6_background"]
    assert figure.sources(other, {"model": "storybook-sd"})["shares"] == []
    text = caption(figure, other, {"model": "storybook-sd"})
    assert "measured for models of the Storybook world alone" in text
