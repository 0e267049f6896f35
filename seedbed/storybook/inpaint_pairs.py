"""Held-out Storybook scenes of which a mask hides one object.

The object shows whole, nothing else lies under its widened mask, and the scene has no habit: what
is found under the mask afterwards, a model has put there. Kinds of objects take turns.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from seedbed.masked_photos import table_of, widened
from seedbed.storybook.prompts import HELD_OUT
from seedbed.storybook.vocabulary import OBJECTS
from seedbed.storybook.world import FRAME, Scene, draw_scene, sample_scene

log = logging.getLogger(__name__)
LEAST = 0.02
"""Share of the picture that a mask hides at least, as in the same authors' amodal completion."""
WHOLE = 0.98
"""Share of its silhouette that the object shows at least."""
TRIES = 2000
"""Scenes looked through for one pair before giving up; one in about twelve will do."""


def from_entry(entry: Mapping, name: str) -> pd.DataFrame:
    """The pairs of a config entry of kind ``storybook``: ``count``, ``seed``."""
    return draw_pairs(entry["count"], entry["seed"])


def draw_pairs(count: int, seed: int) -> pd.DataFrame:
    """``count`` pairs (see ``masked_photos``); a longer table begins with the shorter one."""
    kinds, rows, scene = list(OBJECTS), [], 0
    for n in range(count):
        kind = kinds[n % len(kinds)]
        for _ in range(TRIES):
            rng = np.random.default_rng((HELD_OUT + seed, scene))
            found = _hidden(replace(sample_scene(rng), habit="none"), kind)
            scene += 1
            if found is not None:
                rows.append((f"pair{seed}_{n:04d}", kind, *found))
                break
        else:
            raise ValueError(f"no scene among {TRIES} hides a whole {kind}; take another seed")
    log.info("%d pairs from %d scenes of seed %d", count, scene, HELD_OUT + seed)
    ids, categories, images, masks = zip(*rows, strict=True)
    return table_of(ids, categories, np.stack(images), np.stack(masks))


def _hidden(scene: Scene, kind: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Picture and mask, if an object of this kind is there and fit to be hidden."""
    found = [i for i, obj in enumerate(scene.objects) if obj.kind == kind]
    if not found:
        return None
    drawing, i = draw_scene(scene), found[0]
    alone = draw_scene(replace(scene, objects=(scene.objects[i],))).masks[0]
    visible = drawing.masks[i]
    mask = widened(visible)
    others = np.delete(drawing.masks, i, axis=0).any(axis=0)
    fit = (
        visible.sum() >= WHOLE * alone.sum()
        and mask.sum() >= LEAST * FRAME**2
        and not (mask & others).any()
    )
    return (drawing.image, mask) if fit else None
