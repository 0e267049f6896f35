"""What of an image the seed decides: from tables on disk to the printed table and figures."""

import numpy as np
import pandas as pd
import pytest

from seedbed import store
from seedbed.good_seed import composition_shares
from seedbed.good_seed.composition_shares import PLACED, TOLD_BY_PIXELS
from seedbed.render.good_seed.composition_figure import apart, places
from seedbed.render.good_seed.composition_table import composition_shares as table_of
from seedbed.render.good_seed.shares_figure import shares_by_attribute

STATISTICS = {"permutations": 199, "level": 0.95, "seed": 1}
SEEDS = 40
PROMPTS = pd.DataFrame(
    [
        (f"p{i}", f"a {modifier} {thing}", thing, modifier)
        for i, (thing, modifier) in enumerate(
            (thing, modifier)
            for thing in ("apple", "boat")
            for modifier in ("", "red", "small", "big")
        )
    ],
    columns=["prompt_id", "text", "object", "modifier"],
)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """x by the seed and the same for all objects, y by seed and object, size by neither."""
    folder, rng = tmp_path_factory.mktemp("survey"), np.random.default_rng(5)
    of_seed = rng.normal(size=SEEDS)
    of_object = {thing: rng.normal(size=SEEDS) for thing in ("apple", "boat")}
    rows = []
    for seed in range(SEEDS):
        for prompt_id, thing in zip(PROMPTS["prompt_id"], PROMPTS["object"], strict=True):
            x, y, size, depth, *pixels = rng.normal(size=8)
            found = rng.random() < 0.9
            place = [0.5 + 0.1 * (of_seed[seed] + x), 0.5 + 0.1 * (of_object[thing][seed] + y)]
            placed = [*place, 0.2 + 0.02 * size, 0.5 + 0.1 * depth] if found else [np.nan] * 4
            rows.append((seed, prompt_id, thing, found, *placed, *pixels))
    columns = ["seed", "prompt_id", "object", "found", *PLACED, *TOLD_BY_PIXELS]
    table = pd.DataFrame(rows, columns=columns)
    paths = {name: str(folder / f"{name}.parquet") for name in ("placed", "pixels", "prompts")}
    store.write_table(table.drop(columns=list(TOLD_BY_PIXELS)), paths["placed"])
    store.write_table(table[["seed", "prompt_id", *TOLD_BY_PIXELS]], paths["pixels"])
    store.write_table(PROMPTS, paths["prompts"])
    return paths


@pytest.fixture(scope="module")
def shares(files):
    measured = composition_shares.read_measured([files["placed"]], [files["pixels"]], PROMPTS)
    return composition_shares.shares(measured, STATISTICS, margin=0.05)


def row(shares, attribute, scope):
    (found,) = shares[(shares["attribute"] == attribute) & (shares["scope"] == scope)].itertuples()
    return found


def test_planted_effects_are_found_where_they_were_planted(shares):
    assert row(shares, "x", "across").share == pytest.approx(0.5, abs=0.15)
    assert row(shares, "x", "within").verdict == row(shares, "x", "across").verdict == "higher"
    # Of the 56 pairs of prompts 24 have one object.
    assert row(shares, "y", "within").share == pytest.approx(0.5, abs=0.15)
    assert row(shares, "y", "across").share == pytest.approx(0.5 * 24 / 56, abs=0.12)
    for attribute in ("size", "depth", *TOLD_BY_PIXELS):
        assert row(shares, attribute, "within").verdict != "higher", attribute
        assert row(shares, attribute, "within").share < 0.15


def test_images_without_the_object_are_counted(shares, files):
    found = int(store.read_table(files["placed"])["found"].sum())
    assert row(shares, "x", "across").n_found == found < SEEDS * len(PROMPTS)
    assert row(shares, "x", "across").n_images == SEEDS * len(PROMPTS)
    assert row(shares, "chroma", "across").n_found == SEEDS * len(PROMPTS)
    each = shares[(shares["attribute"] == "x") & (shares["scope"] == "category")]
    assert each["n_found"].sum() == found and list(each["category"]) == ["apple", "boat"]


def test_without_a_segmenter_pixels_remain(files):
    measured = composition_shares.read_measured([], [files["pixels"]], PROMPTS)
    found = composition_shares.shares(measured, STATISTICS | {"permutations": 19}, 0.05)
    assert set(found["attribute"]) == set(TOLD_BY_PIXELS)


def test_too_few_objects_give_a_row_without_a_share(files):
    measured = composition_shares.read_measured([files["placed"]], [files["pixels"]], PROMPTS)
    measured.loc[measured["object"] == "boat", list(PLACED)] = np.nan
    found = composition_shares.shares(measured, STATISTICS | {"permutations": 19}, 0.05)
    boat = found[(found["category"] == "boat") & found["attribute"].isin(PLACED)]
    assert boat["share"].isna().all() and (boat["verdict"] == "").all()
    assert (boat["n_found"] == 0).all() and (boat["n_images"] == SEEDS * 4).all()


def test_faulty_tables_are_named(files, tmp_path):
    placed, path = store.read_table(files["placed"]), str(tmp_path / "broken.parquet")
    store.write_table(placed.assign(x=np.nan), path)
    with pytest.raises(store.StoreError, match=r"broken.*was found and has no place"):
        composition_shares.read_measured([path], [files["pixels"]], PROMPTS)
    store.write_table(placed.iloc[1:], path)
    with pytest.raises(store.StoreError, match=r"broken.*in one of two ways only"):
        composition_shares.read_measured([path], [files["pixels"]], PROMPTS)
    with pytest.raises(ValueError, match="not those of the survey"):
        composition_shares.read_measured([], [files["pixels"]], PROMPTS.iloc[1:])


def test_the_table_prints_every_attribute_twice(shares, tmp_path):
    path = str(tmp_path / "shares.parquet")
    store.write_table(shares, path)
    table = table_of(["m"], [path])
    assert len(table.full) == len(shares) == 4 * 8
    assert len(table.printed) == 16
    first = table.printed.iloc[1]
    assert first["Prompts compared"] == "same object"
    assert first["Categories above chance"].startswith("2 of 2 (")
    figure = shares_by_attribute(["m"], [path], "95")
    assert "40 seeds" in figure.axes[0].get_title()


def test_coloured_seeds_stand_apart_and_have_the_object_throughout(files):
    table = store.read_table(files["placed"])
    apples = table[table["object"] == "apple"]
    chosen = apart(apples, 3)
    assert len(set(chosen)) == 3
    assert apples[apples["seed"].isin(chosen)]["found"].all()
    assert apart(apples.assign(found=False), 3) == []
    figure = places([files["placed"]], files["prompts"], "m", 2, 3)
    legends = [a.get_legend() for a in figure.axes if a.get_legend()]
    assert len(legends) == 2 and len(legends[0].get_texts()) == 3
