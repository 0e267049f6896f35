"""The Storybook world: pictures agree with their ground truth, captions with what was chosen."""

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from seedbed.prompts.grammar import article
from seedbed.storybook import data
from seedbed.storybook.captions import dense_caption, noun_phrase, short_caption, training_caption
from seedbed.storybook.vocabulary import (
    COLORS,
    HABIT_RATES,
    HABITS,
    LETTERING,
    OBJECTS,
    SETTING_SENTENCES,
    SETTINGS,
    SIZES,
    TEXTURES,
)
from seedbed.storybook.world import (
    FRAME,
    Scene,
    SceneObject,
    draw_scene,
    sample_object,
    sample_scene,
)

N_SCENES = 4000


def sampled(i, seed=11):
    return sample_scene(np.random.default_rng((seed, i)))


@pytest.fixture(scope="module")
def scenes():
    return [sampled(i) for i in range(N_SCENES)]


def near(count, n, p):
    """Within four standard deviations of a binomial; the seed is fixed, so no test flickers."""
    return abs(count - n * p) <= 4 * np.sqrt(n * p * (1 - p))


def thing(kind="apple", color="red", cx=0.5, cy=0.5, height=0.45, **said):
    return SceneObject(kind, color, None, said.get("size"), said.get("texture"), cx, cy, height)


def plain(*objects, habit="none", setting="plain"):
    return Scene(setting, objects, habit, (0.0, 0.0, 0.0), 0.6, detail_seed=1)


BLANK = draw_scene(plain()).image


def modal_color(pixels):
    values, counts = np.unique(pixels, axis=0, return_counts=True)
    return tuple(int(v) for v in values[counts.argmax()])


# Words


def test_the_vocabulary_is_as_large_as_promised_and_consistent():
    assert len(OBJECTS) >= 12
    assert len(COLORS) >= 8
    assert len(set(COLORS.values())) == len(COLORS)
    assert len(TEXTURES) >= 2
    assert SIZES["small"] < 1 < SIZES["large"]
    assert list(SETTINGS) == list(SETTING_SENTENCES)
    assert {"meadow", "beach", "sea", "night", "room", "plain"} == set(SETTINGS)
    assert ("none", *HABIT_RATES) == HABITS
    assert 0.05 <= sum(HABIT_RATES.values()) <= 0.15
    for name, kind in OBJECTS.items():
        assert set(kind.habit_colors) < set(COLORS), name
        assert sum(kind.habit_colors.values()) == pytest.approx(1), name
        assert 0 < kind.habit_size[0] < kind.habit_size[1] < 1, name


# Drawing


def test_the_same_seed_is_the_same_picture():
    for i in range(6):
        one, other = draw_scene(sampled(i)), draw_scene(sampled(i))
        for name in ("image", "masks", "boxes", "depth"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert sampled(0) == sampled(0) != sampled(1)
    assert sampled(0) != sampled(0, seed=12)


def test_shapes_and_types():
    scene = sampled(0)
    n = len(scene.objects)
    drawn = draw_scene(scene)
    assert (drawn.image.shape, drawn.image.dtype) == ((FRAME, FRAME, 3), np.uint8)
    assert (drawn.masks.shape, drawn.masks.dtype) == ((n, FRAME, FRAME), bool)
    assert (drawn.boxes.shape, drawn.boxes.dtype) == ((n, 4), np.float32)
    assert (drawn.depth.shape, drawn.depth.dtype) == ((FRAME, FRAME), np.float32)


@pytest.mark.parametrize("kind", OBJECTS)
def test_box_mask_and_depth_agree_with_the_pixels(kind):
    rng = np.random.default_rng(5)
    for _ in range(4):
        drawn_object = replace(sample_object(rng, kind, int(rng.integers(1, 4))), texture=None)
        drawn = draw_scene(plain(drawn_object))
        changed = (drawn.image != BLANK).any(axis=-1)
        mask, (x0, y0, x1, y1) = drawn.masks[0], drawn.boxes[0].astype(int)
        assert not (mask & ~changed).any()
        assert mask.sum() >= 0.6 * changed.sum()
        # Antialiased edges, and the thin end of a balloon's string, reach beyond the mask.
        outside = changed.copy()
        outside[max(0, y0 - 3) : y1 + 3, max(0, x0 - 2) : x1 + 2] = False
        assert not outside.any()
        ys, xs = np.nonzero(mask)
        assert (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1) == (x0, y0, x1, y1)
        extent = np.array(drawn_object.extent()) * FRAME
        assert np.abs(extent - drawn.boxes[0]).max() <= 0.1 * FRAME
        np.testing.assert_array_equal(drawn.depth > 0.2, mask)
        assert (drawn.depth[mask] == 1).all()
        assert modal_color(drawn.image[mask]) == COLORS[drawn_object.drawn_color]


@pytest.mark.parametrize("color", COLORS)
def test_every_color_is_drawn_as_named(color):
    for kind in OBJECTS:
        drawn = draw_scene(plain(thing(kind, color)))
        assert modal_color(drawn.image[drawn.masks[0]]) == COLORS[color], kind


@pytest.mark.parametrize("texture", TEXTURES)
@pytest.mark.parametrize("kind", OBJECTS)
def test_a_texture_marks_the_body_and_keeps_the_outline(kind, texture):
    for color in ("white", "blue"):
        bare = draw_scene(plain(thing(kind, color)))
        textured = draw_scene(plain(thing(kind, color, texture=texture)))
        np.testing.assert_array_equal(textured.masks, bare.masks)
        marked = (textured.image != bare.image).any(axis=-1)
        assert 0.05 < marked[bare.masks[0]].mean() < 0.8
        assert not (marked & (bare.image == BLANK).all(axis=-1)).any()


def test_textures_differ():
    one, other = (draw_scene(plain(thing(texture=t))).image for t in TEXTURES)
    assert (one != other).any()
    with pytest.raises(ValueError, match="unknown texture 'furry': use one of striped, spotted"):
        draw_scene(plain(thing(texture="furry")))


def test_kinds_have_outlines_of_their_own():
    masks = [draw_scene(plain(thing(kind))).masks[0] for kind in OBJECTS]
    for i, one in enumerate(masks):
        for other in masks[:i]:
            assert (one & other).sum() / (one | other).sum() < 0.93


@pytest.mark.parametrize("setting", SETTINGS)
def test_settings_differ_and_objects_stand_before_them(setting):
    empty = draw_scene(plain(setting=setting))
    assert empty.masks.shape == (0, FRAME, FRAME)
    assert empty.depth.max() <= np.float32(0.2) and empty.depth.min() == 0
    for other in set(SETTINGS) - {setting}:
        assert (draw_scene(plain(setting=other)).image != empty.image).mean() > 0.1
    drawn = draw_scene(plain(thing(), setting=setting))
    unlike = (drawn.image != empty.image).any(axis=-1)
    assert not (unlike & (draw_scene(plain(thing())).image == BLANK).all(axis=-1)).any()


def test_the_nearer_object_hides_the_farther():
    far, near_one = thing("house", "blue", cx=0.42), thing("apple", "red", cx=0.58)
    both = draw_scene(plain(far, near_one))
    alone = [draw_scene(plain(o)) for o in (far, near_one)]
    hidden = alone[0].masks[0] & alone[1].masks[0]
    assert hidden.sum() > 50
    np.testing.assert_array_equal(both.masks[1], alone[1].masks[0])
    np.testing.assert_array_equal(both.masks[0], alone[0].masks[0] & ~hidden)
    np.testing.assert_array_equal(both.boxes, [alone[0].boxes[0], alone[1].boxes[0]])
    np.testing.assert_allclose(both.depth[both.masks[0]], 0.7)
    np.testing.assert_allclose(both.depth[both.masks[1]], 1.0)
    assert modal_color(both.image[hidden]) == COLORS["red"]
    swapped = draw_scene(plain(near_one, far))
    assert modal_color(swapped.image[hidden]) == COLORS["blue"]


def test_masks_of_sampled_scenes_never_share_a_pixel():
    for i in range(60):
        drawn = draw_scene(sampled(i))
        assert drawn.masks.sum(axis=0).max() <= 1
        for mask, (x0, y0, x1, y1) in zip(drawn.masks, drawn.boxes.astype(int), strict=True):
            assert x1 > x0 and y1 > y0
            assert not mask[:y0].any() and not mask[y1:].any()
            assert not mask[:, :x0].any() and not mask[:, x1:].any()


def test_a_larger_frame_shows_the_same_scene():
    scene = plain(thing("car", "green", cx=0.4, cy=0.6), thing("star", "yellow", cx=0.7, cy=0.3))
    small, large = draw_scene(scene), draw_scene(scene, frame=2 * FRAME)
    assert large.image.shape == (2 * FRAME, 2 * FRAME, 3)
    assert np.abs(large.boxes / 2 - small.boxes).max() <= 1


# Habits of the picture


@pytest.mark.parametrize("habit", HABITS)
def test_a_habit_shows_and_stays_unsaid(habit):
    for i in range(8):
        scene = replace(sampled(i), habit="none")
        with_habit = replace(scene, habit=habit)
        for write in (short_caption, dense_caption, training_caption):
            said = [write(s, np.random.default_rng(i)) for s in (scene, with_habit)]
            assert said[0] == said[1]
        drawn, bare = draw_scene(with_habit), draw_scene(scene)
        assert (drawn.image != bare.image).any() == (habit != "none")
        np.testing.assert_array_equal(drawn.boxes, bare.boxes)
        np.testing.assert_array_equal(drawn.depth, bare.depth)
        if habit in ("none", "greyscale"):
            np.testing.assert_array_equal(drawn.masks, bare.masks)


def test_greyscale_has_no_color():
    image = draw_scene(plain(thing(), habit="greyscale", setting="beach")).image
    assert (image == image[..., :1]).all()


def test_a_border_is_one_dark_strip():
    sides = set()
    for i in range(30):
        image = draw_scene(replace(plain(thing()), habit="border", detail_seed=i)).image
        strips = {"left": image[:, :4], "right": image[:, -4:], "top": image[:4], "low": image[-4:]}
        dark = {side for side, strip in strips.items() if (strip == (26, 24, 26)).all()}
        assert len(dark) == 1
        sides |= dark
    assert sides == {"left", "right", "top", "low"}


def test_a_frame_runs_around_the_picture():
    image = draw_scene(plain(habit="frame")).image
    edge = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    assert (edge == (110, 84, 60)).all()
    np.testing.assert_array_equal(image[8:-8, 8:-8], BLANK[8:-8, 8:-8])


def test_lettering_lies_at_the_top_or_the_bottom():
    rows = Counter()
    for i in range(20):
        image = draw_scene(replace(plain(), habit="lettering", detail_seed=i)).image
        ys, _ = np.nonzero((image != BLANK).any(axis=-1))
        assert ys.size > 60
        assert ys.max() < FRAME / 3 or ys.min() > 2 * FRAME / 3
        rows["top" if ys.max() < FRAME / 3 else "bottom"] += 1
    assert min(rows["top"], rows["bottom"]) >= 4


@pytest.mark.parametrize("habit", ["border", "frame", "lettering"])
def test_masks_leave_out_what_a_habit_covers(habit):
    tree = thing("tree", "green", height=0.86)
    row = thing("house", "blue", cx=0.3, height=0.6)
    hidden = 0
    for i in range(12):
        scene = replace(plain(row, tree), detail_seed=i)
        bare, drawn = draw_scene(scene), draw_scene(replace(scene, habit=habit))
        same = (bare.image == drawn.image).all(axis=-1)
        np.testing.assert_array_equal(drawn.masks & same, bare.masks & same)
        assert not (drawn.masks & ~bare.masks).any()
        hidden += (bare.masks & ~drawn.masks).sum()
    assert hidden > 50


# Sampling


def test_habits_come_at_their_rates(scenes):
    counts = Counter(scene.habit for scene in scenes)
    for habit, rate in HABIT_RATES.items():
        assert near(counts[habit], N_SCENES, rate), habit
    assert near(counts["none"], N_SCENES, 1 - sum(HABIT_RATES.values()))


def test_numbers_settings_and_kinds_come_at_their_rates(scenes):
    sizes = Counter(len(scene.objects) for scene in scenes)
    for n, share in {1: 0.40, 2: 0.42, 3: 0.18}.items():
        assert near(sizes[n], N_SCENES, share)
    settings = Counter(scene.setting for scene in scenes)
    assert all(near(settings[s], N_SCENES, 1 / len(SETTINGS)) for s in SETTINGS)
    kinds = Counter(o.kind for scene in scenes for o in scene.objects)
    total = sum(kinds.values())
    assert all(near(kinds[k], total, 1 / len(OBJECTS)) for k in OBJECTS)
    assert {len(sample_scene(np.random.default_rng(i), 3).objects) for i in range(9)} == {3}


def test_attributes_come_at_their_rates(scenes):
    objects = [o for scene in scenes for o in scene.objects]
    n = len(objects)
    assert near(sum(o.color is not None for o in objects), n, 0.65)
    assert near(sum(o.size is not None for o in objects), n, 0.25)
    assert near(sum(o.texture is not None for o in objects), n, 0.15)
    said = Counter(o.color for o in objects if o.color)
    assert all(near(said[c], said.total(), 1 / len(COLORS)) for c in COLORS)


def test_a_captioned_color_is_drawn_and_a_silent_one_is_a_habit(scenes):
    silent = {kind: Counter() for kind in OBJECTS}
    for o in (o for scene in scenes for o in scene.objects):
        if o.color:
            assert o.drawn_color == o.color
        else:
            silent[o.kind][o.drawn_color] += 1
    for kind, counts in silent.items():
        for color in COLORS:
            rate = OBJECTS[kind].habit_colors.get(color, 0)
            assert near(counts[color], counts.total(), rate), (kind, color)


def test_objects_of_a_scene_differ_and_lie_inside_the_frame(scenes):
    for scene in scenes:
        kinds = [o.kind for o in scene.objects]
        assert len(set(kinds)) == len(kinds)
        for o in scene.objects:
            assert min(o.extent()) > -1e-9 and max(o.extent()) < 1 + 1e-9


@pytest.mark.parametrize("kind", OBJECTS)
def test_small_is_smaller_than_habit_and_large_is_larger(kind):
    heights = {None: [], "small": [], "large": []}
    rng = np.random.default_rng(2)
    for _ in range(150):
        o = sample_object(rng, kind, 2)
        heights[o.size].append(o.height)
    means = {size: np.mean(values) for size, values in heights.items()}
    assert means["small"] < 0.8 * means[None]
    assert means["large"] > 1.1 * means[None]
    assert max(heights["small"]) < min(heights[None])


def test_a_given_color_is_captioned():
    assert sample_object(np.random.default_rng(0), "car", 1, color="pink").color == "pink"


# Captions


def said_of(phrase):
    """(kind, modifiers in their order) of one noun phrase; its article is checked."""
    first, *modifiers, kind = phrase.split(" ")
    assert first == article(" ".join([*modifiers, kind]))
    return kind, modifiers


def chosen(scene):
    return {o.kind: [w for w in (o.size, o.texture, o.color) if w] for o in scene.objects}


def phrases_of(text):
    return dict(said_of(phrase) for phrase in re.split(r", | and ", text))


def test_short_captions_say_exactly_what_was_chosen(scenes):
    named = 0
    orders = set()
    for i, scene in enumerate(scenes[:1500]):
        text = short_caption(scene, np.random.default_rng(i))
        body = text.removesuffix(f" {SETTINGS[scene.setting]}")
        named += body != text
        said = phrases_of(body)
        assert said == chosen(scene)
        orders.add(list(said) == [o.kind for o in scene.objects])
    assert near(named, 1500, 0.65)
    assert orders == {True, False}


def test_dense_captions_say_exactly_what_was_chosen(scenes):
    for i, scene in enumerate(scenes[:500]):
        text = dense_caption(scene, np.random.default_rng(i))
        shows, setting, *places = re.findall(r"[^.]+\.", text)
        assert phrases_of(shows.removeprefix("The picture shows ").rstrip(".")) == chosen(scene)
        assert setting.strip() == SETTING_SENTENCES[scene.setting]
        assert len(places) == len(scene.objects)
        for place in places:
            kind, where = re.fullmatch(r" The (\w+) is (.+)\.", place).groups()
            (o,) = (o for o in scene.objects if o.kind == kind)
            side, level = where.split(", ")
            assert (
                side
                == ["on the left", "in the middle", "on the right"][(o.cx >= 0.4) + (o.cx > 0.6)]
            )
            assert (
                level
                == ["near the top", "halfway up", "near the bottom"][(o.cy >= 0.4) + (o.cy > 0.6)]
            )


def test_no_caption_speaks_of_habits(scenes):
    words = Counter()
    for i, scene in enumerate(scenes[:1500]):
        for write in (short_caption, dense_caption):
            words.update(re.findall(r"[a-z]+", write(scene, np.random.default_rng(i)).lower()))
    unsaid = {*HABITS, *(word.lower() for word in LETTERING), "grey", "gray", "black", "text"}
    assert not unsaid & set(words)
    assert {*OBJECTS, *COLORS, *SIZES, *TEXTURES} <= set(words)


def test_training_mixes_short_and_dense(scenes):
    dense = sum(
        training_caption(s, np.random.default_rng(i)).startswith("The picture")
        for i, s in enumerate(scenes[:1000])
    )
    assert near(dense, 1000, 0.3)


def test_noun_phrases():
    assert noun_phrase("apple") == "an apple"
    assert noun_phrase("umbrella", size="large") == "a large umbrella"
    assert noun_phrase("car", "orange") == "an orange car"
    assert noun_phrase("fish", "red", "small", "striped") == "a small striped red fish"


# Sets


def test_a_scene_of_a_set_depends_on_seed_and_place_alone():
    few, more = data.draw_set(3, seed=4), data.draw_set(6, seed=4)
    assert (len(few), len(more)) == (3, 6)
    for name in ("images", "captions", "labels", "settings"):
        np.testing.assert_array_equal(getattr(more, name)[:3], getattr(few, name))
    assert (data.draw_set(3, seed=5).images != few.images).any()


def test_labels_are_those_of_the_scenes():
    drawn = data.draw_set(8, seed=4)
    for i in range(8):
        scene = sampled(i, seed=4)
        labels = {o.kind: list(COLORS).index(o.drawn_color) for o in scene.objects}
        assert drawn.labels[i].tolist() == [labels.get(kind, -1) for kind in OBJECTS]
        assert list(SETTINGS)[drawn.settings[i]] == scene.setting
        np.testing.assert_array_equal(drawn.images[i], draw_scene(scene).image)


def test_a_set_can_hold_more_objects_than_the_world_shows(tmp_path):
    mix = (0.0, 0.7, 0.3)
    drawn = data.cached_set(tmp_path, 60, seed=4, mix=mix)
    counts = (drawn.kinds >= 0).sum(axis=1)
    assert set(counts) == {2, 3} and 0.5 < (counts == 2).mean() < 0.9
    own = data.cached_set(tmp_path, 60, seed=4)
    assert ((own.kinds >= 0).sum(axis=1) == 1).any(), "another mix is another set"


def test_a_cached_set_is_the_drawn_one_and_is_drawn_once(tmp_path, monkeypatch):
    folder = data.set_path(tmp_path, 5, seed=4)
    folder.mkdir()
    (folder / "images.npy").write_bytes(b"left by a killed job")
    drawn = data.draw_set(5, seed=4)
    first = data.cached_set(tmp_path, 5, seed=4)
    monkeypatch.setattr(data, "draw_set", None)
    for cached in (first, data.cached_set(tmp_path, 5, seed=4)):
        for name in ("images", "captions", "labels", "settings"):
            np.testing.assert_array_equal(getattr(cached, name), getattr(drawn, name))
