"""Draw a Storybook scene, with exact boxes, masks and depth.

A scene is drawn at four times the frame's resolution with Pillow and box-averaged
down, which antialiases every edge. Objects are drawn far to near; each also leaves
its silhouette, from which masks and boxes are measured rather than predicted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from seedbed.storybook.shapes import draw_object
from seedbed.storybook.vocabulary import (
    COLORS,
    HABIT_RATES,
    LETTERING,
    OBJECTS,
    SETTINGS,
    SIZES,
    TEXTURES,
)

FRAME = 64
"""Side of a scene in pixels."""
SUPERSAMPLE = 4
MIX = (0.40, 0.42, 0.18)
"""Shares of scenes with one, two and three objects."""


BORDER_SIDES = ("left", "right", "top", "bottom")

SKIES = {
    "meadow": (176, 222, 246),
    "beach": (190, 230, 250),
    "sea": (204, 226, 240),
    "night": (24, 26, 62),
    "room": (236, 216, 184),
    "plain": (214, 214, 214),
}
"""sRGB of what is above the horizon of each setting, before the scene's tint; all of "plain"."""
GROUNDS = {
    "meadow": (132, 190, 92),
    "beach": (238, 214, 152),
    "sea": (64, 142, 190),
    "night": (38, 48, 58),
    "room": (150, 104, 66),
}
"""sRGB of what is below it."""
SHALLOWS = (96, 176, 214)
"""sRGB of the strip of water above a beach."""


@dataclass(frozen=True)
class SceneObject:
    """One object of a scene, in shares of the frame (0..1, y down).

    ``color``, ``size`` and ``texture`` are what a caption says; ``None`` means that the
    caption is silent, and then ``drawn_color`` is one of the object's habits.
    """

    kind: str
    drawn_color: str
    color: str | None
    size: str | None
    texture: str | None
    cx: float
    cy: float
    height: float

    @property
    def width(self) -> float:
        return self.height * OBJECTS[self.kind].aspect

    def extent(self) -> tuple[float, float, float, float]:
        """(x0, y0, x1, y1) in shares of the frame, unclipped."""
        w, h = self.width / 2, self.height / 2
        return self.cx - w, self.cy - h, self.cx + w, self.cy + h


@dataclass(frozen=True)
class Scene:
    """Everything that decides a picture. ``objects`` runs from far to near."""

    setting: str
    objects: tuple[SceneObject, ...]
    habit: str
    tint: tuple[float, float, float]
    horizon: float
    detail_seed: int


@dataclass(frozen=True)
class Drawing:
    """A drawn scene and its ground truth.

    Attributes:
        image: (64, 64, 3) uint8 RGB.
        masks: (objects, 64, 64) bool, the visible pixels of each object, at least half
            covered; what a nearer object, a border, a frame or lettering hides is left out.
        boxes: (objects, 4) float32, x0 y0 x1 y1 in pixels around each whole silhouette
            inside the frame, hidden parts included.
        depth: (64, 64) float32 inverse depth, larger is nearer: background 0..0.2, object i
            of n at 0.4 + 0.6 (i + 1) / n; borders, frames and lettering have none.
    """

    image: np.ndarray
    masks: np.ndarray
    boxes: np.ndarray
    depth: np.ndarray


def _overlap(a: SceneObject, b: SceneObject) -> float:
    """Intersection area over the smaller extent's area."""
    ax0, ay0, ax1, ay1 = a.extent()
    bx0, by0, bx1, by1 = b.extent()
    inter = max(0.0, min(ax1, bx1) - max(ax0, bx0)) * max(0.0, min(ay1, by1) - max(ay0, by0))
    return inter / min(a.width * a.height, b.width * b.height)


def sample_object(
    rng: np.random.Generator, kind: str, n_objects: int, color: str | None = None
) -> SceneObject:
    """Draw one object's attributes and place.

    Args:
        rng: the only source of randomness.
        kind: a key of ``OBJECTS``.
        n_objects: objects in the scene; more objects are drawn smaller.
        color: captioned colour, or ``None`` to draw whether and which colour is captioned.
    """
    spec = OBJECTS[kind]
    if color is None and rng.random() < 0.65:
        color = str(rng.choice(list(COLORS)))
    drawn = color or str(rng.choice(list(spec.habit_colors), p=list(spec.habit_colors.values())))
    size = str(rng.choice(list(SIZES))) if rng.random() < 0.25 else None
    texture = str(rng.choice(TEXTURES)) if rng.random() < 0.15 else None
    height = rng.uniform(*spec.habit_size) * (SIZES[size] if size else 1.0)
    height *= {1: 1.15, 2: 0.95, 3: 0.80}[n_objects]
    height = min(height, 0.86, 0.86 / spec.aspect)
    half_w, half_h = height * spec.aspect / 2, height / 2
    cx = rng.uniform(half_w, 1 - half_w) if half_w < 0.5 else 0.5
    cy = float(np.clip(rng.normal(spec.habit_y, 0.16), half_h, 1 - half_h)) if half_h < 0.5 else 0.5
    return SceneObject(kind, drawn, color, size, texture, float(cx), cy, float(height))


def sample_scene(
    rng: np.random.Generator, n_objects: int | None = None, mix: Sequence[float] = MIX
) -> Scene:
    """Draw a random scene with one to three different objects.

    Args:
        rng: the only source of randomness.
        n_objects: 1..3, or ``None`` to draw it too.
        mix: probabilities of one, two and three objects.
    """
    if n_objects is None:
        n_objects = int(rng.choice([1, 2, 3], p=mix))
    kinds = rng.choice(list(OBJECTS), size=n_objects, replace=False)
    allowed = 0.6 if rng.random() < 0.12 else 0.12
    objects: list[SceneObject] = []
    for kind in kinds:
        best: SceneObject | None = None
        best_overlap = math.inf
        first = sample_object(rng, str(kind), n_objects)
        for _ in range(30):
            candidate = first if best is None else _replaced(rng, first)
            overlap = max((_overlap(candidate, o) for o in objects), default=0.0)
            if overlap < best_overlap:
                best, best_overlap = candidate, overlap
            if overlap <= allowed:
                break
        objects.append(best)
    order = rng.permutation(n_objects)
    habits = ["none", *HABIT_RATES]
    rates = [1 - sum(HABIT_RATES.values()), *HABIT_RATES.values()]
    return Scene(
        setting=str(rng.choice(list(SETTINGS))),
        objects=tuple(objects[i] for i in order),
        habit=str(rng.choice(habits, p=rates)),
        tint=tuple(float(v) for v in rng.uniform(-1, 1, 3)),
        horizon=float(rng.uniform(0.52, 0.70)),
        detail_seed=int(rng.integers(2**31)),
    )


def _replaced(rng: np.random.Generator, obj: SceneObject) -> SceneObject:
    """The same object at a new random place."""
    half_w, half_h = obj.width / 2, obj.height / 2
    cx = rng.uniform(half_w, 1 - half_w) if half_w < 0.5 else 0.5
    mean = OBJECTS[obj.kind].habit_y
    cy = float(np.clip(rng.normal(mean, 0.24), half_h, 1 - half_h)) if half_h < 0.5 else 0.5
    return SceneObject(
        obj.kind, obj.drawn_color, obj.color, obj.size, obj.texture, float(cx), cy, obj.height
    )


def _shade(color: tuple[int, int, int], tint: tuple[float, float, float], amount: float) -> tuple:
    return tuple(int(np.clip(c + amount * t, 0, 255)) for c, t in zip(color, tint, strict=True))


def _draw_setting(scene: Scene, side: int) -> Image.Image:
    rng = np.random.default_rng(scene.detail_seed)
    tint = scene.tint
    split = int(scene.horizon * side)
    image = Image.new("RGB", (side, side), _shade(SKIES[scene.setting], tint, 14))
    draw = ImageDraw.Draw(image)
    if scene.setting == "plain":
        return image
    if scene.setting == "beach":
        strip = split - int(0.10 * side)
        draw.rectangle((0, strip, side, split), fill=_shade(SHALLOWS, tint, 10))
    draw.rectangle((0, split, side, side), fill=_shade(GROUNDS[scene.setting], tint, 12))
    if scene.setting == "sea":
        for y in np.linspace(split, side, 5)[:-1] + 0.04 * side:
            shift = rng.uniform(0, 0.2) * side
            for x in np.arange(-0.2 * side, side, 0.25 * side):
                box = (x + shift, y, x + shift + 0.14 * side, y + 0.025 * side)
                draw.rectangle(box, fill=(150, 202, 228))
    elif scene.setting == "night":
        for x, y in rng.uniform(0, 1, (14, 2)):
            r = 0.008 * side
            cx, cy = x * side, y * 0.9 * split
            draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=(236, 236, 210))
    elif scene.setting == "room":
        draw.rectangle((0, split - 0.03 * side, side, split), fill=(250, 246, 238))
    elif scene.setting == "meadow":
        for x, y in rng.uniform(0, 1, (10, 2)):
            gx, gy = x * side, split + y * (side - split)
            draw.line((gx, gy, gx, gy - 0.035 * side), fill=(88, 152, 60), width=side // 100)
    return image


def border_of(scene: Scene) -> tuple[str, float]:
    """On which side the border of a scene with this habit lies, and its share of that side."""
    rng = np.random.default_rng(scene.detail_seed + 1)
    share = float(rng.uniform(0.08, 0.14))
    return BORDER_SIDES[int(rng.integers(len(BORDER_SIDES)))], share


def _apply_habit(image: Image.Image, scene: Scene) -> Image.Image:
    side = image.width
    rng = np.random.default_rng(scene.detail_seed + 1)
    draw = ImageDraw.Draw(image)
    if scene.habit == "greyscale":
        return image.convert("L").convert("RGB")
    if scene.habit == "border":
        side_of, share = border_of(scene)
        strip = int(share * side)
        box = {
            "left": (0, 0, strip, side),
            "right": (side - strip, 0, side, side),
            "top": (0, 0, side, strip),
            "bottom": (0, side - strip, side, side),
        }[side_of]
        draw.rectangle(box, fill=(26, 24, 26))
    elif scene.habit == "frame":
        strip = int(0.07 * side)
        draw.rectangle((0, 0, side - 1, side - 1), outline=(244, 240, 230), width=strip)
        draw.rectangle((0, 0, side - 1, side - 1), outline=(110, 84, 60), width=strip // 3)
    elif scene.habit == "lettering":
        word = str(rng.choice(LETTERING))
        font = ImageFont.load_default(size=int(0.20 * side))
        top = 0.03 * side if rng.random() < 0.5 else 0.76 * side
        draw.text(
            (side / 2, top),
            word,
            font=font,
            anchor="ma",
            fill=(20, 20, 20),
            stroke_width=side // 64,
            stroke_fill=(250, 250, 250),
        )
    return image


def draw_scene(scene: Scene, frame: int = FRAME) -> Drawing:
    """Draw a scene and measure its ground truth.

    Args:
        scene: what to draw.
        frame: side of the picture in pixels.
    """
    side = frame * SUPERSAMPLE
    image = _draw_setting(scene, side)
    n = len(scene.objects)
    silhouettes = np.zeros((n, frame, frame), dtype=np.float32)
    for i, obj in enumerate(scene.objects):
        silhouette = Image.new("L", (side, side), 0)
        draw_object(
            image,
            silhouette,
            obj.kind,
            tuple(v * side for v in obj.extent()),
            COLORS[obj.drawn_color],
            obj.texture,
        )
        silhouettes[i] = np.asarray(silhouette.reduce(SUPERSAMPLE), dtype=np.float32) / 255
    bare = image.copy()
    image = _apply_habit(image, scene)
    pixels = np.asarray(image.reduce(SUPERSAMPLE), dtype=np.uint8)

    rows = np.linspace(0, 1, frame, dtype=np.float32)[:, None]
    depth = np.broadcast_to(
        0.2 * np.clip((rows - scene.horizon) / 0.5, 0, 1), (frame, frame)
    ).copy()
    masks = silhouettes >= 0.5
    boxes = np.zeros((n, 4), dtype=np.float32)
    for i in range(n):
        ys, xs = np.nonzero(masks[i])
        if len(xs):
            boxes[i] = (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
        depth[masks[i]] = 0.4 + 0.6 * (i + 1) / n
    for i in range(n - 1):
        masks[i] &= ~masks[i + 1 :].any(axis=0)
    if scene.habit in ("border", "frame", "lettering"):
        laid_over = Image.fromarray((np.asarray(image) != np.asarray(bare)).any(axis=-1))
        cover = np.asarray(laid_over.convert("L").reduce(SUPERSAMPLE))
        masks &= cover < 128
    return Drawing(pixels, masks, boxes, depth)
