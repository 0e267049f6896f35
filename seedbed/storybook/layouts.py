"""Captioned layouts from the Storybook world: held-out scenes with their exact boxes."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seedbed.layouts import table
from seedbed.layouts.words import mentions
from seedbed.storybook.captions import short_caption
from seedbed.storybook.prompts import HELD_OUT
from seedbed.storybook.world import FRAME, draw_scene, sample_scene

log = logging.getLogger(__name__)

MAX_OVERLAP = 0.5
"""Scenes whose two boxes share more than this of the smaller one are left out."""


@dataclass(frozen=True)
class _Candidate:
    """One layout without its id; ``sizes`` counts its objects by ``table.SIZES``."""

    rows: list[dict]
    sizes: np.ndarray


def storybook_layouts(
    n_one: int, n_two: int, seed: int, draws_per_layout: int = 60
) -> pd.DataFrame:
    """Layouts of one and of two objects whose sizes mix as in the paper's sample.

    Captions are the world's short ones, with whatever colour, size, texture and setting they
    name; ``color`` holds the captioned colour. Boxes are those of the drawn silhouettes. Scene i
    of n objects depends on (seed, i, n) alone.

    Layouts of one and of two objects each hold the mix by themselves, so that size and number do
    not go together. The first scenes of a stream are kept; of the further ones, each replaces the
    kept one by which the sizes come closest to ``table.PAPER_MIX``, unless they would come off
    further than they are, until the quotas are met or the bound is reached (some 15 scenes
    per layout of one object, 25 of two).

    Args:
        n_one: layouts with one object.
        n_two: layouts with two objects of different kinds.
        seed: of the scenes.
        draws_per_layout: bound on the scenes drawn, times the layouts asked for. If the world has
            not given the mix by then, the nearest one found stands, and the log warns.

    Raises:
        ValueError: no layouts asked for.
    """
    if min(n_one, n_two) < 0 or n_one + n_two == 0:
        raise ValueError(f"cannot draw {n_one} + {n_two} layouts: ask for at least one in all")
    rows = []
    for n_objects, count, name in ((1, n_one, "one"), (2, n_two, "two")):
        kept = _choose(n_objects, count, seed, draws_per_layout * count) if count else []
        for number, candidate in enumerate(kept, start=1):
            layout_id = f"{name}{seed}_{number:04d}"
            rows += [{"layout_id": layout_id, **row} for row in candidate.rows]
    return table.make(rows)


def _choose(n_objects: int, count: int, seed: int, bound: int) -> list[_Candidate]:
    """``count`` layouts of ``n_objects`` whose sizes fit the paper's mix as far as found."""
    stream = _candidates(n_objects, seed)
    wanted = _quotas(n_objects * count)
    kept: list[_Candidate] = []
    surplus = -wanted
    drawn = overlapping = 0
    while len(kept) < count or (surplus.any() and drawn < bound):
        candidate = next(stream)
        drawn += 1
        if candidate is None:
            overlapping += 1
        elif len(kept) < count:
            kept.append(candidate)
            surplus = surplus + candidate.sizes
        else:
            surplus = surplus + _exchange(kept, candidate, surplus)
    log.log(
        logging.WARNING if surplus.any() else logging.INFO,
        "layouts of %d object(s), seed %d: %d scenes drawn, %d left out for overlapping boxes, "
        "%d kept; objects by size %s, wanted %s%s",
        *(n_objects, seed, drawn, overlapping, count),
        dict(zip(table.SIZES, (wanted + surplus).tolist(), strict=True)),
        dict(zip(table.SIZES, wanted.tolist(), strict=True)),
        ": the nearest mix within the bound" if surplus.any() else "",
    )
    return kept


def _quotas(objects: int) -> np.ndarray:
    """(3,) objects of each size that come nearest to the paper's mix, summing to ``objects``."""
    exact = objects * np.array([table.PAPER_MIX[size] for size in table.SIZES])
    whole = np.floor(exact).astype(int)
    largest = np.argsort(whole - exact, kind="stable")[: objects - whole.sum()]
    whole[largest] += 1
    return whole


def _candidates(n_objects: int, seed: int) -> Iterator[_Candidate | None]:
    """Layouts of the scenes 0, 1, …; None where the two boxes nearly coincide."""
    i = 0
    while True:
        rng = np.random.default_rng((HELD_OUT + seed, i, n_objects))
        scene = sample_scene(rng, n_objects)
        caption = short_caption(scene, rng)
        boxes = draw_scene(scene).boxes.astype(np.float64) / FRAME
        i += 1
        if n_objects == 2 and _overlap(*boxes) > MAX_OVERLAP:
            yield None
            continue
        named = [(thing.kind, thing.color or "") for thing in scene.objects]
        sizes = [(table.size_of(boxes) == size).sum() for size in table.SIZES]
        yield _Candidate(_rows(caption, named, boxes), np.array(sizes))


def _exchange(group: list[_Candidate], new: _Candidate, surplus: np.ndarray) -> np.ndarray:
    """Put ``new`` in the place where it helps the mix most; returns the change, (3,) int.

    An exchange that leaves the mix equally far off is made too: without it, a mix that no single
    exchange betters is a dead end, and the search takes up to four times the scenes.
    """
    changes = np.array([new.sizes - old.sizes for old in group])
    distances = np.abs(surplus + changes).sum(axis=1).astype(float)
    distances[~changes.any(axis=1)] = np.inf
    best = int(distances.argmin())
    if distances[best] > np.abs(surplus).sum():
        return np.zeros(3, dtype=int)
    group[best] = new
    return changes[best]


def _overlap(a: np.ndarray, b: np.ndarray) -> float:
    """The shared area of two boxes as a share of the smaller one."""
    inter = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None).prod()
    return float(inter / min((a[2:] - a[:2]).prod(), (b[2:] - b[:2]).prod()))


def _rows(caption: str, named: list[tuple[str, str]], boxes: np.ndarray) -> list[dict]:
    """The rows of one layout, objects in the order of their mention."""
    rows = []
    for (kind, color), box in zip(named, boxes, strict=True):
        start, mention = mentions(kind, caption, synonyms=False)[0]
        rows.append({"category": kind, "mention": mention, "start": start, "color": color})
        rows[-1] |= dict(zip(table.BOX, box.tolist(), strict=True))
    rows.sort(key=lambda row: row["start"])
    return [{"caption": caption, "position": i, **row} for i, row in enumerate(rows)]


def from_entry(entry: Mapping, name: str) -> pd.DataFrame:
    """The layout table of a config entry of kind ``storybook``: ``one``, ``two``, ``seed``."""
    return storybook_layouts(entry["one"], entry["two"], entry["seed"])
