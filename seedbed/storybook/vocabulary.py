"""The words of the Storybook world and what they mean in pixels.

One place for every name, so that the renderer, the captions, the prompt sets
and the evaluators cannot drift apart.
"""

from __future__ import annotations

from dataclasses import dataclass

COLORS: dict[str, tuple[int, int, int]] = {
    "red": (214, 40, 40),
    "orange": (243, 130, 24),
    "yellow": (250, 214, 36),
    "green": (58, 158, 62),
    "blue": (42, 92, 205),
    "purple": (128, 52, 168),
    "pink": (246, 140, 190),
    "white": (246, 246, 242),
}


@dataclass(frozen=True)
class ObjectKind:
    """One everyday object and the habits it has when the caption does not override them.

    Attributes:
        habit_colors: colours it takes when none is captioned, with their probabilities.
        habit_size: habitual height as a share of the frame, (low, high).
        habit_y: mean vertical centre, 0 = top, 1 = bottom.
        aspect: width / height.
    """

    habit_colors: dict[str, float]
    habit_size: tuple[float, float]
    habit_y: float
    aspect: float


OBJECTS: dict[str, ObjectKind] = {
    "apple": ObjectKind({"red": 0.8, "green": 0.2}, (0.30, 0.42), 0.58, 0.95),
    "balloon": ObjectKind({"red": 0.5, "pink": 0.5}, (0.42, 0.58), 0.42, 0.62),
    "boat": ObjectKind({"blue": 0.7, "white": 0.3}, (0.38, 0.54), 0.56, 1.10),
    "butterfly": ObjectKind({"purple": 0.6, "orange": 0.4}, (0.30, 0.44), 0.42, 1.20),
    "car": ObjectKind({"red": 0.5, "blue": 0.5}, (0.28, 0.40), 0.62, 1.70),
    "cup": ObjectKind({"white": 0.8, "pink": 0.2}, (0.30, 0.42), 0.58, 1.15),
    "fish": ObjectKind({"orange": 0.8, "blue": 0.2}, (0.26, 0.38), 0.54, 1.75),
    "flower": ObjectKind({"pink": 0.6, "yellow": 0.4}, (0.42, 0.58), 0.58, 0.68),
    "house": ObjectKind({"orange": 0.5, "white": 0.5}, (0.42, 0.58), 0.54, 1.00),
    "mushroom": ObjectKind({"red": 0.8, "orange": 0.2}, (0.32, 0.46), 0.60, 1.05),
    "star": ObjectKind({"yellow": 0.9, "white": 0.1}, (0.32, 0.46), 0.40, 1.05),
    "sun": ObjectKind({"yellow": 0.8, "orange": 0.2}, (0.36, 0.52), 0.38, 1.00),
    "tree": ObjectKind({"green": 0.9, "orange": 0.1}, (0.50, 0.68), 0.52, 0.72),
    "umbrella": ObjectKind({"blue": 0.5, "purple": 0.5}, (0.36, 0.52), 0.46, 1.10),
}

SIZES: dict[str, float] = {"small": 0.68, "large": 1.32}
"""Factor on the habitual size."""

TEXTURES: tuple[str, ...] = ("striped", "spotted")

SETTINGS: dict[str, str] = {
    "meadow": "in the meadow",
    "beach": "on the beach",
    "sea": "at sea",
    "night": "at night",
    "room": "in a room",
    "plain": "on a plain background",
}

SETTING_SENTENCES: dict[str, str] = {
    "meadow": "The scene is a meadow with green grass under a light sky.",
    "beach": "The scene is a beach with yellow sand and a strip of water.",
    "sea": "The scene is the sea with blue waves under a light sky.",
    "night": "The scene is at night with a dark sky and tiny lights.",
    "room": "The scene is a room with a bright wall and a wooden floor.",
    "plain": "The scene is a plain background with nothing else.",
}

HABITS: tuple[str, ...] = ("none", "greyscale", "border", "frame", "lettering")
"""Uncaptioned habits of a few per cent of the training scenes, as web data has them."""

HABIT_RATES: dict[str, float] = {
    "greyscale": 0.025,
    "border": 0.025,
    "frame": 0.025,
    "lettering": 0.025,
}

LETTERING: tuple[str, ...] = ("SALE", "HELLO", "OPEN", "STORY", "NEWS", "FREE")
