"""Prompt sets and reference pictures of the Storybook world, held out from training."""

import re
from math import perm

import numpy as np
import pandas as pd
import pytest

from seedbed.prompts import splits, table
from seedbed.prompts.grammar import article
from seedbed.storybook import data, prompts, reference
from seedbed.storybook.captions import dense_caption, short_caption
from seedbed.storybook.prompts import HELD_OUT, MODIFIERS, captions, from_entry, object_prompts
from seedbed.storybook.vocabulary import COLORS, OBJECTS, SETTINGS, SIZES, TEXTURES
from seedbed.storybook.world import sample_scene


def scenes(seed, n):
    return [sample_scene(np.random.default_rng((seed, i))) for i in range(n)]


# Captions of held-out scenes


@pytest.mark.parametrize(("kind", "count"), [("dense", 120), ("short", 120)])
def test_captions_are_unique_sound_and_repeatable(kind, count):
    frame = captions(kind, count, seed=5)
    assert len(table.check(frame, "captions")) == count
    assert frame["text"].is_unique
    assert set(frame["kind"]) == {kind}
    assert frame["prompt_id"].iloc[0] == f"{kind}5_0001"
    pd.testing.assert_frame_equal(captions(kind, count, seed=5), frame)
    pd.testing.assert_series_equal(captions(kind, 7, seed=5)["text"], frame["text"][:7])
    assert set(captions(kind, count, seed=6)["text"]) != set(frame["text"])


def test_dense_captions_are_longer_than_short_ones():
    dense, short = (captions(kind, 40, seed=5)["text"] for kind in ("dense", "short"))
    assert (dense.str.count(r"\.") >= 3).all()
    assert (short.str.count(r"\.") == 0).all()
    assert dense.str.split().str.len().min() > short.str.split().str.len().max()


def test_repeats_are_passed_over(monkeypatch):
    texts = iter(["a", "a", "b", "a", "c", "d"])
    monkeypatch.setattr(prompts, "short_caption", lambda scene, rng: next(texts))
    assert captions("short", 3, seed=0)["text"].tolist() == ["a", "b", "c"]


def test_a_world_with_too_few_captions_is_refused(monkeypatch):
    monkeypatch.setattr(prompts, "short_caption", lambda scene, rng: "a")
    with pytest.raises(ValueError, match="the world gave 1 different short captions, not 2"):
        captions("short", 2, seed=0)


def test_two_seeds_can_be_used_side_by_side():
    one, other = captions("dense", 60, seed=1), captions("dense", 60, seed=2)
    assert not set(one["prompt_id"]) & set(other["prompt_id"])
    splits.assert_disjoint(one, other)


# Held out


def test_held_out_scenes_are_no_training_scenes():
    """Seed 0 of the prompts is not seed 0 of the training set, nor is any other near it."""
    held_out = {s for seed in (0, 3) for s in scenes(HELD_OUT + seed, 80)}
    training = {s for seed in (0, 3, 101) for s in scenes(seed, 80)}
    assert len(held_out) == 160 and len(training) == 240
    assert not held_out & training


@pytest.mark.parametrize(("kind", "write"), [("dense", dense_caption), ("short", short_caption)])
def test_captions_are_those_of_held_out_scenes(kind, write):
    texts = set()
    for i in range(30):
        rng = np.random.default_rng((HELD_OUT + 5, i))
        texts.add(write(sample_scene(rng), rng))
    assert texts >= set(captions(kind, 20, seed=5)["text"])


def test_reference_pictures_are_held_out_scenes():
    ((ids, images),) = reference.from_entry({"count": 6, "seed": 3}, "world")
    assert ids == [f"scene_{i:06d}" for i in range(6)]
    np.testing.assert_array_equal(images, data.draw_set(6, HELD_OUT + 3).images)
    training = data.draw_set(6, 3).images
    assert not any((image == other).all() for image in images for other in training)


# Objects times modifiers


def test_synthetic_has_every_object_with_every_modifier():
    frame = table.check(prompts.synthetic(), "synthetic")
    assert MODIFIERS == (*COLORS, *SIZES, *TEXTURES)
    assert len(frame) == len(OBJECTS) * (1 + len(MODIFIERS))
    pairs = set(zip(frame["object"], frame["modifier"], strict=True))
    assert pairs == {(o, m) for o in OBJECTS for m in ("", *MODIFIERS)}
    assert {"a red apple", "an apple", "an orange car", "a striped umbrella"} <= set(frame["text"])


@pytest.mark.parametrize(
    ("entry", "count", "kind"),
    [
        ({"kind": "storybook_dense", "count": 5, "seed": 1}, 5, "dense"),
        ({"kind": "storybook_short", "count": 4, "seed": 1}, 4, "short"),
        ({"kind": "storybook_synthetic"}, 182, "synthetic"),
    ],
)
def test_entries_of_the_config_become_tables(entry, count, kind):
    frame = from_entry(entry, "a name")
    assert len(frame) == count
    assert set(frame["kind"]) == {kind}


# Prompts with their ground truth


def phrases(text):
    """(kind, colour) of each object that a text names."""
    words = rf"\b(an?) (\w+) ({'|'.join(OBJECTS)})\b"
    found = re.findall(words, text)
    assert all(first == article(color) for first, color, _ in found)
    return tuple(kind for *_, kind in found), tuple(color for _, color, _ in found)


@pytest.mark.parametrize("n_objects", [1, 2, 3])
def test_object_prompts_say_what_their_truth_says(n_objects):
    frame = object_prompts(n_objects, 200, seed=9)
    assert len(frame) == 200 and frame["text"].is_unique
    settings = 0
    for row in frame.itertuples():
        assert phrases(row.text) == (row.kinds, row.colors)
        assert len(set(row.kinds)) == n_objects
        assert set(row.colors) <= set(COLORS)
        rest = row.text.split(row.kinds[-1])[-1].strip()
        assert rest in {"", *SETTINGS.values()}
        settings += rest != ""
    assert 60 < settings < 160
    assert {k for kinds in frame["kinds"] for k in kinds} == set(OBJECTS)
    assert {c for colors in frame["colors"] for c in colors} == set(COLORS)


def test_object_prompts_depend_on_their_seed_alone():
    frame = object_prompts(2, 30, seed=9)
    pd.testing.assert_frame_equal(object_prompts(2, 30, seed=9), frame)
    pd.testing.assert_frame_equal(object_prompts(2, 10, seed=9), frame[:10])
    assert object_prompts(2, 30, seed=10)["text"].tolist() != frame["text"].tolist()


def test_object_prompts_end_where_the_world_does():
    possible = perm(len(OBJECTS), 1) * len(COLORS) * (1 + len(SETTINGS))
    assert object_prompts(1, possible // 2, seed=0)["text"].is_unique
    with pytest.raises(ValueError, match=f"the world has {possible} different prompts of 1 objec"):
        object_prompts(1, possible + 1, seed=0)
