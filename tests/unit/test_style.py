"""Style: maps of seeds, agreement of prompts' maps, the tables and figures of both."""

import numpy as np
import pandas as pd
import pytest

from seedbed import store
from seedbed.good_seed import habits, style_maps
from seedbed.good_seed.attributes import FLAGS
from seedbed.good_seed.claims_style import same_places, some_seeds
from seedbed.ledger.findings import FAILS, HOLDS, OPEN, File
from seedbed.render.good_seed import habit_figure, habit_tables, style_figures, style_table

STATISTICS = {"bootstrap": 60, "permutations": 60, "level": 0.95, "seed": 3}
SETTINGS = {"prompts": 3, "components": 6, "perplexity": 5, "neighbours": 4}
SEEDS, PROMPTS = 24, ("a", "b", "c", "d")


def shard(folder, effect, seed=0):
    """Features (seeds × prompts, 20) of which a share is the seed's."""
    rng = np.random.default_rng(seed)
    own = rng.normal(size=(SEEDS, 1, 20)) * np.linspace(2, 0.2, 20)
    prompts = 5 * rng.normal(size=(1, len(PROMPTS), 20))
    noise = rng.normal(size=(SEEDS, len(PROMPTS), 20))
    features = (effect * own + prompts + noise).reshape(-1, 20).astype(np.float16)
    pairs = [(s, p) for s in range(SEEDS) for p in PROMPTS]
    index = pd.DataFrame(pairs, columns=["seed", "prompt_id"])
    store.write_features(folder / "f.safetensors", index, {"features": features}, {})
    return [str(folder / "f.safetensors")]


def test_principal_components_are_those_of_the_svd():
    x = np.random.default_rng(0).normal(size=(12, 30))
    found = style_maps.principal(x, 4)
    u, s, _ = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(np.abs(found), np.abs(u[:, :4] * s[:4]), atol=1e-8)
    np.testing.assert_array_equal(found, style_maps.principal(x, 4))


def test_pooled_components_are_the_leading_ones():
    x = np.random.default_rng(0).normal(size=(3, 20, 15)) * np.linspace(6, 0.1, 15)
    found = style_maps.pooled_components(x, 3)
    flat = (x - x.mean(axis=1, keepdims=True)).reshape(60, 15)
    u, s, _ = np.linalg.svd(flat, full_matrices=False)
    mine = found.transpose(1, 0, 2).reshape(60, 3)
    np.testing.assert_allclose(np.abs(mine), np.abs(u[:, :3] * s[:3]), rtol=0.05, atol=0.1)


def test_prompts_are_spread_over_the_survey():
    assert style_maps.spread_over(list("abcdefgh"), 3) == ["a", "e", "h"]
    assert style_maps.spread_over(list("ab"), 8) == ["a", "b"]


def test_a_planted_style_is_found_in_every_space(tmp_path):
    maps, agreed = style_maps.analyse(shard(tmp_path, 2.0), PROMPTS, SETTINGS, STATISTICS)
    assert len(maps) == SEEDS * (1 + SETTINGS["prompts"])
    assert (agreed["p_value"] < 0.05).all()
    assert set(agreed["space"]) == {"gram", "pca", "tsne"}
    again = style_maps.analyse(shard(tmp_path, 2.0), PROMPTS, SETTINGS, STATISTICS)
    pd.testing.assert_frame_equal(maps, again[0])


def test_no_style_is_not_found(tmp_path):
    """t-SNE draws its clusters all the same; prompts differ, seeds do not."""
    false = 0
    for world in range(3):
        paths = shard(tmp_path, 0.0, seed=world)
        _, agreed = style_maps.analyse(paths, PROMPTS, SETTINGS, STATISTICS)
        false += int((agreed["p_value"] < 0.02).sum())
    assert false <= 2


def test_too_small_a_survey_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"enlarge good_seed\.survey"):
        style_maps.analyse(shard(tmp_path, 1.0), PROMPTS[:1], SETTINGS, STATISTICS)


def test_one_seed_stands_in_a_cell():
    points = np.array([[0.0, 0.0], [0.02, 0.02], [1.0, 1.0]])
    shown = style_figures.placed(points, cells=2)
    # The lower left corner is the last row; of two points in it, the one nearer to its middle.
    assert shown == {(1, 0): 1, (0, 1): 2}


@pytest.fixture
def pictures(tmp_path):
    rng = np.random.default_rng(0)
    path = str(tmp_path / "images.parquet")
    with store.ImageShardWriter(path, "png") as writer:
        for p in PROMPTS:
            images = rng.integers(0, 256, (SEEDS, 8, 8, 3), dtype=np.uint8)
            writer.add(range(SEEDS), [p] * SEEDS, images, [""] * SEEDS)
    prompts = str(tmp_path / "prompts.parquet")
    store.write_table(pd.DataFrame({"prompt_id": PROMPTS, "text": PROMPTS}), prompts)
    return prompts, [path]


def test_figure_and_table_of_style(tmp_path, pictures):
    many = STATISTICS | {"permutations": 200}
    found = style_maps.analyse(shard(tmp_path, 2.0), PROMPTS, SETTINGS, many)
    paths = [str(tmp_path / name) for name in ("maps.parquet", "agreement.parquet")]
    for frame, path in zip(found, paths, strict=True):
        store.write_table(frame, path)
    figure = style_figures.seeds_by_style("m", *paths, *pictures, 2)
    assert "24 seeds" in figure.get_suptitle()
    table = style_table.style_agreement(["m"], [paths[1]])
    assert (table.printed["Verdict"] == "holds").all() and len(table.printed) == 7
    table.full.to_csv(tmp_path / "style.csv", index=False)
    (said,) = same_places([File(str(tmp_path / "style.csv"))])
    assert said.verdict == HOLDS and said.n == "24 seeds × 3 prompts"


def test_figure_and_table_of_habits(tmp_path, pictures):
    pairs = [(s, p) for s in range(SEEDS) for p in PROMPTS]
    frame = pd.DataFrame(pairs, columns=["seed", "prompt_id"])
    for flag in FLAGS:
        frame[flag] = (frame["seed"] == 5) & (flag == "border_left")
    paths = [str(tmp_path / name) for name in ("s.parquet", "h.parquet")]
    for part, path in zip(habits.survey(frame, None, PROMPTS, STATISTICS), paths, strict=True):
        store.write_table(part, path)
    figure = habit_figure.strongest_habits("m", *paths, *pictures)
    assert "24 seeds × 4 prompts" in figure.get_suptitle()
    table = habit_tables.habits(["m"], {"m": {"frame": 0.025}}, [paths[1]])
    csv = tmp_path / "habits.csv"
    table.full.to_csv(csv, index=False)
    found = {
        habit: next(some_seeds([File(str(csv))], [habit])).verdict
        for habit in ("border_left", "greyscale")
    }
    # Of four prompts one seed has all four; of none, at most 49 % may be grey.
    assert found == {"border_left": OPEN, "greyscale": FAILS}
    row = table.printed.set_index("Habit").loc["left border"]
    assert row["Strongest seed"].startswith("5: 100.0 %") and row["Training"] == "–"
    assert table.printed.set_index("Habit").loc["frame", "Training"] == "2.5 %"


def test_a_survey_without_a_habit_has_a_figure(tmp_path, pictures):
    pairs = [(s, p) for s in range(SEEDS) for p in PROMPTS]
    frame = pd.DataFrame(pairs, columns=["seed", "prompt_id"]).assign(**dict.fromkeys(FLAGS, False))
    paths = [str(tmp_path / name) for name in ("s.parquet", "h.parquet")]
    for part, path in zip(habits.survey(frame, None, PROMPTS, STATISTICS), paths, strict=True):
        store.write_table(part, path)
    figure = habit_figure.strongest_habits("m", *paths, *pictures)
    assert "no habit in any of 96 pictures" in figure.axes[0].texts[0].get_text()


@pytest.mark.parametrize(
    ("verdict", "confirmed", "rate", "high", "expected"),
    [
        ("higher", 2, 0.02, 0.9, HOLDS),
        ("higher", 0, 0.02, 0.9, OPEN),
        ("higher", 0, 0.8, 1.0, OPEN),
        ("higher", 1, 0.8, 1.0, HOLDS),
        ("level", 0, 0.0, 0.1, FAILS),
        ("not seen", 0, 0.0, 0.1, FAILS),
        ("undecided", 0, 0.01, 0.6, OPEN),
    ],
)
def test_claims_of_habits(tmp_path, verdict, confirmed, rate, high, expected):
    row = {"model": "m", "habit": "frame", "verdict": verdict, "confirmed": confirmed}
    row |= {"rate": rate, "strongest_high": high, "chosen": confirmed, "flagged": confirmed}
    zeros = ["share", "share_low", "share_high", "share_null_95", "strongest", "strongest_rate"]
    zeros += ["strongest_low", "most_by_chance", "n_seeds", "n_prompts"]
    path = tmp_path / "habits.csv"
    pd.DataFrame([row | dict.fromkeys(zeros, 0)]).to_csv(path, index=False)
    (said,) = some_seeds([File(str(path))], ["frame", "border_left"])
    assert said.verdict == expected
    # Of a habit of most pictures, that seeds differ says that some lack it.
    assert ("seeds without it" in said.needed) == (expected == OPEN and rate > 0.5)
