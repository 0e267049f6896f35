"""Captions of Storybook scenes: short ones and dense ones.

A caption says only what the scene's author chose to say: a colour that is a habit
of the object, and every uncaptioned habit of the picture, stay unsaid.
"""

from __future__ import annotations

import numpy as np

from seedbed.prompts.grammar import article
from seedbed.storybook.vocabulary import SETTING_SENTENCES, SETTINGS
from seedbed.storybook.world import Scene, SceneObject


def noun_phrase(
    kind: str, color: str | None = None, size: str | None = None, texture: str | None = None
) -> str:
    """``a large striped red apple``: article, size, texture, colour, object."""
    words = " ".join(w for w in (size, texture, color, kind) if w)
    return f"{article(words)} {words}"


def _phrase(obj: SceneObject) -> str:
    return noun_phrase(obj.kind, obj.color, obj.size, obj.texture)


def _list(phrases: list[str]) -> str:
    if len(phrases) < 3:
        return " and ".join(phrases)
    return ", ".join(phrases[:-1]) + " and " + phrases[-1]


def short_caption(scene: Scene, rng: np.random.Generator) -> str:
    """``a red apple and a blue boat on the beach``; the setting is named in 65 % of captions."""
    objects = [scene.objects[i] for i in rng.permutation(len(scene.objects))]
    text = _list([_phrase(o) for o in objects])
    if rng.random() < 0.65:
        text += f" {SETTINGS[scene.setting]}"
    return text


def _place(obj: SceneObject) -> str:
    side = "on the left" if obj.cx < 0.4 else "on the right" if obj.cx > 0.6 else "in the middle"
    level = "near the top" if obj.cy < 0.4 else "near the bottom" if obj.cy > 0.6 else "halfway up"
    return f"{side}, {level}"


def dense_caption(scene: Scene, rng: np.random.Generator) -> str:
    """Several sentences: what is shown, the setting, and each object's place."""
    objects = [scene.objects[i] for i in rng.permutation(len(scene.objects))]
    sentences = [f"The picture shows {_list([_phrase(o) for o in objects])}."]
    sentences.append(SETTING_SENTENCES[scene.setting])
    sentences += [f"The {o.kind} is {_place(o)}." for o in objects]
    return " ".join(sentences)


def training_caption(scene: Scene, rng: np.random.Generator) -> str:
    """The mix that the models are trained on: 70 % short, 30 % dense."""
    return short_caption(scene, rng) if rng.random() < 0.7 else dense_caption(scene, rng)
