"""Prompt sets of the Storybook world: captions of held-out scenes, objects times modifiers."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from seedbed.prompts import table
from seedbed.prompts.synthetic import combine
from seedbed.storybook.captions import dense_caption, noun_phrase, short_caption
from seedbed.storybook.vocabulary import COLORS, OBJECTS, SETTINGS, SIZES, TEXTURES
from seedbed.storybook.world import sample_scene

MODIFIERS = (*COLORS, *SIZES, *TEXTURES)
# Training draws its scenes from seeds below this; prompts and reference scenes above it.
HELD_OUT = 1_000_000


def captions(kind: str, count: int, seed: int) -> pd.DataFrame:
    """Captions of held-out scenes, without repeats.

    Args:
        kind: ``"dense"`` (several sentences) or ``"short"`` (one phrase).
        count: how many different captions.
        seed: of the scenes.

    Raises:
        ValueError: the world has not enough different captions of this kind.
    """
    write = {"dense": dense_caption, "short": short_caption}[kind]
    texts: dict[str, None] = {}
    for i in range(20 * count + 100):
        if len(texts) == count:
            break
        rng = np.random.default_rng((HELD_OUT + seed, i))
        texts.setdefault(write(sample_scene(rng), rng))
    if len(texts) < count:
        raise ValueError(f"the world gave {len(texts)} different {kind} captions, not {count}")
    return table.make(list(texts), kind, f"Storybook scenes of seed {seed}", prefix=f"{kind}{seed}")


def synthetic() -> pd.DataFrame:
    """Every object with every colour, size and texture, and with no modifier."""
    return combine(list(OBJECTS), list(MODIFIERS))


def from_entry(entry: Mapping, name: str) -> pd.DataFrame:
    """The prompt table of a ``storybook_…`` entry under ``prompts`` in the config."""
    if entry["kind"] == "storybook_synthetic":
        return synthetic()
    return captions(entry["kind"].removeprefix("storybook_"), entry["count"], entry["seed"])


def object_prompts(n_objects: int, count: int, seed: int) -> pd.DataFrame:
    """Held-out prompts that name colours: ``a red apple and a blue boat on the beach``.

    Returns:
        ``text``, and ``kinds`` and ``colors`` as tuples of names, the ground truth.

    Raises:
        ValueError: the world has not that many different prompts of this kind.
    """
    possible = math.perm(len(OBJECTS), n_objects) * len(COLORS) ** n_objects * (1 + len(SETTINGS))
    if count > possible:
        raise ValueError(
            f"the world has {possible} different prompts of {n_objects} objects, not {count}"
        )
    rows: dict[str, dict] = {}
    rng = np.random.default_rng((HELD_OUT + seed, n_objects))
    while len(rows) < count:
        kinds = [str(k) for k in rng.choice(list(OBJECTS), n_objects, replace=False)]
        colors = [str(c) for c in rng.choice(list(COLORS), n_objects)]
        text = " and ".join(noun_phrase(k, c) for k, c in zip(kinds, colors, strict=True))
        if rng.random() < 0.5 or text in rows:
            text += f" {SETTINGS[str(rng.choice(list(SETTINGS)))]}"
        rows[text] = {"text": text, "kinds": tuple(kinds), "colors": tuple(colors)}
    return pd.DataFrame(rows.values())
