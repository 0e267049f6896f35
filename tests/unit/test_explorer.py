"""The explorer's numbers, thumbnails and page, on pictures and tables made up here."""

import io
import json
import re
from base64 import b64decode

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from seedbed import config, store
from seedbed.plan import Plan
from seedbed.render.explorer import chart, explored, grids, sprites
from seedbed.render.explorer import whole as page

SEEDS, PROMPTS = list(range(3, 20)), [f"p{j:02d}" for j in range(18)]


def color(seed, prompt):
    """A colour that no other picture has."""
    return (10 * (seed % 20) + 20, 10 * (PROMPTS.index(prompt) % 20) + 20, 60)


def write_shard(path, seeds):
    with store.atomic(path) as partial, store.ImageShardWriter(partial, "png") as writer:
        for seed in seeds:
            flat = np.array([color(seed, p) for p in PROMPTS], np.uint8)
            pictures = np.broadcast_to(flat[:, None, None], (len(PROMPTS), 24, 24, 3))
            writer.add([seed] * len(PROMPTS), PROMPTS, pictures.copy(), ["0" * 64] * len(PROMPTS))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A source of one model with one study, as ``explored.sources`` tells it."""
    folder = tmp_path_factory.mktemp("run")
    shards = [str(folder / "a.parquet"), str(folder / "b.parquet")]
    write_shard(shards[0], SEEDS[:9])
    write_shard(shards[1], SEEDS[9:])
    prompts = pd.DataFrame({"prompt_id": PROMPTS, "text": [f"a {p}" for p in PROMPTS]})
    store.write_table(prompts.assign(split="set1"), folder / "prompts.parquet")
    rows = [
        {"seed": s, "prompt_id": p, "found": (s + j) % 5 > 0, "x": s / 20, "size": j / 18}
        for s in SEEDS
        for j, p in enumerate(PROMPTS)
    ]
    frame = pd.DataFrame(rows)
    store.write_table(frame, folder / "composition.parquet")
    store.write_table(frame.assign(frame=frame["seed"] == 5), folder / "looks.parquet")
    habit = {"seed": SEEDS, "habit": "frame", "rate": [float(s == 5) for s in SEEDS]}
    habit |= {"low": 0.0, "high": 1.0, "flagged": [s == 5 for s in SEEDS], "confirmed": False}
    store.write_table(pd.DataFrame(habit), folder / "habits.parquet")
    golden = {"seeds": [4, 7], "sets": [], "says": "by two scores", "verdict": "undecided"}
    store.write_json({"lists": {"golden": golden}}, folder / "card.json")

    def column(key, role):
        return {"key": key, "label": key, "role": role, "low_is_good": None}

    composition = {k: column(k, r) for k, r in (("x", "place"), ("size", "size"))}
    study = {
        "name": "survey",
        "label": "survey",
        "images": shards,
        "prompts": str(folder / "prompts.parquet"),
        "tables": [
            {
                "kind": "found",
                "paths": [str(folder / "composition.parquet")],
                "columns": composition,
            },
            {
                "kind": "table",
                "paths": [str(folder / "looks.parquet")],
                "columns": {"frame": column("frame", "habit")},
            },
        ],
    }
    return {
        "model": "m",
        "studies": [study],
        "seeds": [],
        "habits": str(folder / "habits.parquet"),
        "card": str(folder / "card.json"),
    }


def test_every_thumbnail_is_where_the_page_looks_for_it(files):
    study = grids.study_of(files["studies"][0])
    found = sprites.sheets(study, sprites.Rung(12, 90))
    across = -(-len(PROMPTS) // sprites.BLOCK)
    pixels = [np.asarray(Image.open(io.BytesIO(s)).convert("RGB")).astype(int) for s in found]
    for i, seed in enumerate(SEEDS):
        for j, prompt in enumerate(PROMPTS):
            sheet = pixels[i // sprites.BLOCK * across + j // sprites.BLOCK]
            y, x = i % sprites.BLOCK * 12 + 6, j % sprites.BLOCK * 12 + 6
            # Neighbours differ by 10 in one colour.
            assert np.abs(sheet[y, x] - color(seed, prompt))[:2].max() < 5, (seed, prompt)


def test_a_study_is_a_full_grid_with_nan_where_nothing_was_found(files):
    study = grids.study_of(files["studies"][0])
    assert study.seeds == SEEDS and study.prompts["part"].unique() == ["set1"]
    x = next(m for m in study.measures if m.key == "x").values
    for i, seed in enumerate(SEEDS):
        for j in range(len(PROMPTS)):
            assert np.isnan(x[i, j]) if (seed + j) % 5 == 0 else x[i, j] == seed / 20


def test_a_picture_without_a_number_is_refused_and_named():
    frame = pd.DataFrame({"seed": [1, 2], "prompt_id": ["a", "a"], "v": [0.5, 0.5]})
    with pytest.raises(store.StoreError, match=r"t: v of seed 2, prompt b is there 0 times"):
        grids.grid(
            pd.concat([frame, frame[:1].assign(prompt_id="b")]), "v", [1, 2], ["a", "b"], "t"
        )
    with pytest.raises(store.StoreError, match="2 times"):
        grids.grid(pd.concat([frame, frame]), "v", [1, 2], ["a"], "t")


def test_a_shard_without_a_picture_is_refused(files):
    study = grids.study_of(files["studies"][0])
    halved = grids.Study(**{**vars(study), "images": study.images[:1]})
    with pytest.raises(store.StoreError, match="no image of seed 12, prompt p00"):
        sprites.sheets(halved, sprites.Rung(8, 50))


def test_numbers_come_back_from_sixteen_bits():
    values = np.random.default_rng(0).normal(size=(5, 7))
    values[2, 3] = np.nan
    told = page.packed(grids.Measure("k", "k", "score", None, values))
    whole = np.frombuffer(b64decode(told["data"]), "<u2").reshape(5, 7)
    back = told["low"] + whole / 65534 * (told["high"] - told["low"])
    there = ~np.isnan(values)
    assert (whole == page.ABSENT).sum() == 1 and whole[2, 3] == page.ABSENT
    np.testing.assert_allclose(back[there], values[there], atol=np.ptp(values[there]) / 65534)


def test_numbers_that_are_all_one_or_all_absent_come_back():
    for value in (0.25, np.nan):
        told = page.packed(grids.Measure("k", "k", "score", None, np.full((2, 2), value)))
        whole = np.frombuffer(b64decode(told["data"]), "<u2")
        assert (whole == (page.ABSENT if np.isnan(value) else 0)).all()


def test_places_lie_evenly_apart():
    for n, count in ((10, 10), (10, 3), (7, 20), (1, 1), (256, 8)):
        found = sprites.evenly(n, count)
        assert len(found) == min(n, count) and found[0] == 0 and found[-1] < n
        assert np.ptp(np.diff(found)) <= 1 if len(found) > 2 else True


def test_the_sharpest_thumbnails_that_fit_are_taken(files):
    study = grids.study_of(files["studies"][0])
    rung, kept = sprites.fitted([study], 1e9)
    assert (rung, kept) == (sprites.LADDER[0], 1.0)
    rung, kept = sprites.fitted([study], 100)
    assert rung == sprites.LADDER[-1] and 0 < kept < 1
    assert len(page.thinned(study, 0.5).prompts) == 9
    assert len(page.thinned(study, 1e-9).prompts) == 1


def test_a_picture_that_is_no_square_is_kept_whole():
    wide = np.zeros((10, 20, 3), np.uint8)
    small = sprites.thumbnail(wide, 8)
    assert small.shape == (8, 8, 3)
    assert (small[3:5] == 0).all() and (small[0] == 255).all() and (small[-1] == 255).all()


def test_the_page_holds_everything_and_names_no_address(files):
    html = page.explorer([files], {"run": "made up </script>"})
    data = json.loads(re.search(r'id="data">(.*?)</script>', html, re.DOTALL)[1])
    (model,) = data["models"]
    assert data["made"] == {"run": "made up </script>"}
    assert model["seeds"]["ids"] == SEEDS
    lists = {entry["key"]: entry for entry in model["lists"]}
    assert lists["golden"]["seeds"] == [4, 7] and lists["golden"]["verdict"] == "undecided"
    assert lists["habit:frame"]["seeds"] == [5]
    (study,) = model["studies"]
    assert study["n_prompts"] == len(study["prompts"]) == len(PROMPTS)
    assert not re.search(r'(src|href)="https?:', html)
    # Each script of the page is closed by its own end alone.
    assert html.count("<script") == html.count("</script>") == 4 + len(page.SCRIPTS)
    assert page.explorer([files], {"run": "made up </script>"}) == html


def test_the_charts_leave_to_the_page_what_it_fills_in():
    said = json.dumps(chart.linked_charts())
    for name in (chart.X_TITLE, chart.Y_TITLE, chart.LEFT, chart.RIGHT):
        assert json.dumps(name) in said
    assert '"name": "items"' in said and '"name": "brush"' in said and '"name": "span"' in said


def test_a_template_has_one_place_for_each_part():
    assert page.filled("<!-- a -->|<!-- b -->", a="<!-- b -->", b="2") == "<!-- b -->|2"
    with pytest.raises(ValueError, match="<!-- a --> must stand in the template once"):
        page.filled("nothing", a="1")


def test_a_run_without_seeds_has_no_page():
    entries = config.load("config.yaml")
    plan = Plan(config.complete(entries))
    of = explored.sources(plan)
    assert [model["model"] for model in of] == [*plan.seeds_of_models, plan.inpainting_model]
    assert len(set(explored.files(of))) == len(explored.files(of))
    entries["good_seed"] |= {"models": []}
    assert explored.sources(Plan(config.complete(entries))) == []
