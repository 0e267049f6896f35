"""Training samples of ``storybook-inpaint``: a picture, a mask, and what the caption says of it.

Four kinds, mixed by ``MIX``. Each is drawn from the world, so that what lies under the mask is
known: for ``removal`` the object that gave the mask was never there.

Lettering is the one habit that is made more frequent than the world has it, and put under the
mask: as on the web, a patch that a caption calls clear may hold words. Which noise turns into
words is for the seeds to show.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from seedbed.masked_photos import dilate
from seedbed.prompts.grammar import article
from seedbed.storybook.captions import noun_phrase, training_caption
from seedbed.storybook.vocabulary import LETTERING, SETTINGS
from seedbed.storybook.world import FRAME, SUPERSAMPLE, Scene, draw_scene, sample_scene

MIX = {"object": 0.36, "rectangle": 0.16, "removal": 0.38, "lettering": 0.10}
"""Shares of what lies under the mask: an object of the scene, whatever a random rectangle covers,
the empty place of an object that was left out, or a word."""
REMOVAL = "clear background"
"""The removal prompt of Good Seed, section 4.3."""
LEAST = 40
"""Pixels of an object that must show for its mask to be used."""
WORD_HEIGHTS = (0.14, 0.20)
"""Font sizes of a word under a mask, in shares of the frame; the world's own is the largest."""


@dataclass(frozen=True)
class Sample:
    """One picture to be completed.

    Attributes:
        image: (64, 64, 3) uint8, the wanted result.
        mask: (64, 64) bool, what the model is to fill.
        caption: what it is told.
        kind: key of ``MIX``.
    """

    image: np.ndarray
    mask: np.ndarray
    caption: str
    kind: str


@dataclass(frozen=True)
class SampleSet:
    """``Sample``s as arrays: (n, 64, 64, 3) uint8, (n, 64, 64) bool, n strings, n strings."""

    images: np.ndarray
    masks: np.ndarray
    captions: list[str]
    kinds: list[str]

    def __len__(self) -> int:
        return len(self.images)


def _box(mask: np.ndarray) -> tuple[int, int, int, int]:
    """(x0, y0, x1, y1) around the mask, in pixels."""
    ys, xs = np.nonzero(mask)
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


def _filled(box, grow: int = 0) -> np.ndarray:
    x0, y0, x1, y1 = box
    mask = np.zeros((FRAME, FRAME), bool)
    mask[max(0, y0 - grow) : y1 + grow, max(0, x0 - grow) : x1 + grow] = True
    return mask


def loosely(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A silhouette grown by 1 to 4 pixels, or (three in ten) its box."""
    grow = int(rng.integers(1, 5))
    return _filled(_box(mask), grow) if rng.random() < 0.3 else dilate(mask, grow)


def rectangle(rng: np.random.Generator) -> np.ndarray:
    """A random rectangle whose sides are 15 to 50 % of the frame's."""
    w, h = (int(v) for v in np.round(rng.uniform(0.15, 0.50, 2) * FRAME))
    x, y = int(rng.integers(0, FRAME - w + 1)), int(rng.integers(0, FRAME - h + 1))
    return _filled((x, y, x + w, y + h))


def removal_caption(scene: Scene, rng: np.random.Generator) -> str:
    """The removal prompt, in two of five captions with the setting."""
    return f"{REMOVAL} {SETTINGS[scene.setting]}" if rng.random() < 0.4 else REMOVAL


def _object_caption(scene: Scene, i: int, rng: np.random.Generator) -> str:
    """The bare category in half of all; else the object's phrase or the scene's caption."""
    obj, u = scene.objects[i], rng.random()
    if u < 0.5:
        return obj.kind if rng.random() < 0.6 else f"{article(obj.kind)} {obj.kind}"
    if u < 0.7:
        return noun_phrase(obj.kind, obj.color, obj.size, obj.texture)
    return training_caption(scene, rng)


def write_word(
    image: np.ndarray, place: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Write a word of the world into the middle of a mask, as large as fits.

    Returns:
        The picture with the word, and the mask, grown where the smallest word still sticks out.
    """
    side = FRAME * SUPERSAMPLE
    x0, y0, x1, y1 = _box(place)
    word = str(rng.choice(LETTERING))
    largest = ImageFont.load_default(size=WORD_HEIGHTS[1] * side).getlength(word)
    fits = WORD_HEIGHTS[1] * 0.9 * (x1 - x0) * SUPERSAMPLE / largest
    size = int(np.clip(fits, *WORD_HEIGHTS) * side)
    font = ImageFont.load_default(size=size)
    half = font.getlength(word) / 2 / SUPERSAMPLE + 1
    centre = np.clip((x0 + x1) / 2, half, FRAME - half), (y0 + y1) / 2
    large = Image.fromarray(image).resize((side, side), Image.Resampling.NEAREST)
    ImageDraw.Draw(large).text(
        tuple(float(v) * SUPERSAMPLE for v in centre),
        word,
        font=font,
        anchor="mm",
        fill=(20, 20, 20),
        stroke_width=side // 64,
        stroke_fill=(250, 250, 250),
    )
    written = np.asarray(large.reduce(SUPERSAMPLE))
    drawn = (written != image).any(axis=-1)
    return written, place | dilate(drawn, 1) if drawn.any() else place


def draw_sample(rng: np.random.Generator) -> Sample:
    """One sample; everything about it comes from the generator."""
    scene = sample_scene(rng)
    kind = str(rng.choice(list(MIX), p=list(MIX.values())))
    drawing = draw_scene(scene)
    visible = [i for i, mask in enumerate(drawing.masks) if mask.sum() >= LEAST]
    if kind == "rectangle" or not visible:
        return Sample(drawing.image, rectangle(rng), training_caption(scene, rng), "rectangle")
    i = int(rng.choice(visible))
    place = loosely(drawing.masks[i], rng)
    if kind == "object":
        return Sample(drawing.image, place, _object_caption(scene, i, rng), kind)
    rest = replace(scene, objects=scene.objects[:i] + scene.objects[i + 1 :])
    caption = removal_caption(scene, rng)
    if kind == "removal":
        return Sample(draw_scene(rest).image, place, caption, kind)
    if rng.random() < 0.3:
        # The world's own lettering, wholly under the mask.
        bare = draw_scene(replace(rest, habit="none")).image
        image = draw_scene(replace(rest, habit="lettering")).image
        place = _filled(_box((bare != image).any(axis=-1)), int(rng.integers(1, 6)))
    else:
        image, place = write_word(draw_scene(replace(rest, habit="none")).image, place, rng)
    if rng.random() < 0.25:
        caption = _object_caption(scene, i, rng)
    return Sample(image, place, caption, kind)


def draw_samples(n: int, seed: int) -> SampleSet:
    """Draw ``n`` samples from one seed. Sample ``i`` depends on (seed, i) alone."""
    drawn = [draw_sample(np.random.default_rng((seed, i))) for i in range(n)]
    return SampleSet(
        np.stack([s.image for s in drawn]),
        np.stack([s.mask for s in drawn]),
        [s.caption for s in drawn],
        [s.kind for s in drawn],
    )
