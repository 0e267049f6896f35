"""The data set: what `datasets` loads of it, offline, and that nothing is lost in the joining."""

import numpy as np
import pandas as pd
import pytest
import yaml

from seedbed import config, store
from seedbed.plan import Plan
from seedbed.render.dataset import description, join, pieces

SEEDS, PROMPTS = [0, 1, 2], ["a", "b", "c"]


def picture(seed, prompt):
    return np.full((6, 6, 3), 40 * seed + 10 * PROMPTS.index(prompt), np.uint8)


@pytest.fixture
def run(tmp_path):
    """A shard of three seeds and prompts of two parts, with scores and a habit of one study."""
    shard = tmp_path / "shard.parquet"
    with store.atomic(shard) as partial, store.ImageShardWriter(partial, "png") as writer:
        for seed in SEEDS:
            pictures = np.stack([picture(seed, p) for p in PROMPTS])
            writer.add([seed] * 3, PROMPTS, pictures, [f"{seed}" * 64] * 3)
    told = {"prompt_id": PROMPTS, "text": ["an apple", "a boat", "a cup"]}
    told |= {"split": ["test", "test", "transfer"]}
    store.write_table(pd.DataFrame(told), tmp_path / "prompts.parquet")
    rows = [{"seed": s, "prompt_id": p, "score": s + ord(p)} for s in SEEDS for p in PROMPTS]
    scores = pd.DataFrame(rows).sample(frac=1, random_state=0)
    store.write_table(scores.assign(frame=scores["seed"] == 1), tmp_path / "scores.parquet")
    return tmp_path


def piece_of(run, parts, keys):
    columns = {
        name: {"key": key, "label": key, "role": role, "low_is_good": None}
        for name, key, role in keys
    }
    table = {"kind": "table", "paths": [str(run / "scores.parquet")], "columns": columns}
    return {
        "prompt_set": "dense",
        "study": "judging",
        "images": str(run / "shard.parquet"),
        "prompts": str(run / "prompts.parquet"),
        "parts": parts,
        "tables": [table],
    }


SCORE = ("score", "preference:clip-b", "score")
FRAME = ("frame", "frame", "habit")
ROLES = {"preference_clip_b": "score", "frame": "habit"}


def write_folder(run, folder):
    """A data set of two splits; the second has no habit."""
    places = {"dense": folder / "m/dense/x.parquet", "short": folder / "m/short/x.parquet"}
    join.join(piece_of(run, ("test",), [SCORE, FRAME]), ROLES, places["dense"])
    join.join(piece_of(run, ("transfer",), [SCORE]), ROLES, places["short"])
    files = [
        {"model": "m", "split": split, "study": "judging", "path": str(path)}
        for split, path in places.items()
    ]
    store.write_text(
        description.readme("made_up", files, {"frame": "a frame"}), folder / "README.md"
    )


def test_it_loads_offline_by_configuration_filters_by_seed_and_shows_pictures(run):
    from datasets import load_dataset

    folder = run / "dataset"
    write_folder(run, folder)
    found = load_dataset(str(folder), "m", cache_dir=str(run / "cache"))
    assert {name: len(part) for name, part in found.items()} == {"dense": 6, "short": 3}
    of_seed = found["dense"].filter(lambda seed: seed == 1, input_columns="seed")
    assert of_seed["prompt"] == ["an apple", "a boat"] and of_seed["frame"] == [True, True]
    for row in found["dense"]:
        pixels = np.asarray(row["image"])
        assert (pixels == picture(row["seed"], row["prompt_id"])).all()
        assert row["preference_clip_b"] == row["seed"] + ord(row["prompt_id"])
        assert row["latent_sha256"] == f"{row['seed']}" * 64
        assert (row["prompt_set"], row["part"], row["study"]) == ("dense", "test", "judging")
    # What was not measured is null, not false.
    assert found["short"]["frame"] == [None] * 3


def test_pictures_stay_byte_for_byte(run):
    path = run / "joined.parquet"
    join.join(piece_of(run, None, [SCORE]), ROLES, path)
    before = pd.read_parquet(run / "shard.parquet")["image"].tolist()
    assert pd.read_parquet(path)["image"].tolist() == before


def test_a_picture_without_a_number_is_refused(run):
    rows = pd.read_parquet(run / "scores.parquet")
    lost = rows[(rows["seed"] != 2) | (rows["prompt_id"] != "b")]
    store.write_table(lost, run / "scores.parquet")
    with pytest.raises(store.StoreError, match="seed 2, prompt b has no preference_clip_b"):
        join.join(piece_of(run, None, [SCORE]), ROLES, run / "joined.parquet")
    assert not (run / "joined.parquet").exists()


def test_the_page_says_what_datasets_needs(run):
    write_folder(run, run / "dataset")
    text = (run / "dataset" / "README.md").read_text(encoding="utf-8")
    front = yaml.safe_load(text.split("---")[1])
    (entry,) = front["configs"]
    assert entry["config_name"] == "m"
    assert [part["split"] for part in entry["data_files"]] == ["dense", "short"]
    assert "| m | dense | judging | 6 |" in text and "| `frame` | a frame |" in text


def test_every_picture_of_a_seed_is_in_one_piece():
    """Of the default run: every image shard below a model that a seed alone decides, once."""
    plan = Plan(config.complete(config.load("config.yaml")))
    found = pieces.pieces(plan)
    assert len({piece.place for piece in found}) == len(found)
    models = [*plan.seeds_of_models, plan.inpainting_model]
    assert list(dict.fromkeys(piece.model for piece in found)) == models
    sets = {m: {p.split for p in found if p.model == m} for m in models}
    assert sets["storybook-turbo"] == {"dense", "short", "synthetic"}
    taken = [(piece.images, part) for piece in found for part in piece.parts or ("all",)]
    assert len(set(taken)) == len(taken)
    for model in models:
        roles = pieces.roles_of(found, model)
        assert roles.keys() <= pieces.labels(found).keys()
