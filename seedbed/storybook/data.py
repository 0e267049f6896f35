"""Training data drawn from the world: pictures and captions as arrays, cached on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seedbed.storybook.captions import training_caption
from seedbed.storybook.vocabulary import COLORS, OBJECTS, SETTINGS
from seedbed.storybook.world import FRAME, MIX, Drawing, Scene, draw_scene, sample_scene

MOST = len(MIX)
"""Objects of a scene at most."""
CELLS = 8
"""Cells per side of the map of where objects are: one for each 2×2 block of a latent."""
ARRAYS = ("images", "captions", "labels", "settings", "kinds", "coverage")


@dataclass(frozen=True)
class SceneSet:
    """Drawn scenes with their captions and labels.

    Attributes:
        images: (n, 64, 64, 3) uint8.
        captions: n strings.
        labels: (n, 14) int8 per object kind: -1 absent, else index into ``COLORS``.
        settings: (n,) int8 index into ``SETTINGS``.
        kinds: (n, ``MOST``) int8 index into ``OBJECTS``, -1 where a scene has fewer objects.
        coverage: (n, ``MOST``, ``CELLS``, ``CELLS``) uint8, visible share of each object in each
            cell of the frame, 0..255.
    """

    images: np.ndarray
    captions: np.ndarray
    labels: np.ndarray
    settings: np.ndarray
    kinds: np.ndarray
    coverage: np.ndarray

    def __len__(self) -> int:
        return len(self.images)


def scene_labels(scene: Scene) -> np.ndarray:
    """(14,) int8: the colour index of each object kind, -1 where absent."""
    labels = np.full(len(OBJECTS), -1, dtype=np.int8)
    kinds, colors = list(OBJECTS), list(COLORS)
    for obj in scene.objects:
        labels[kinds.index(obj.kind)] = colors.index(obj.drawn_color)
    return labels


def coverage_of(drawing: Drawing) -> np.ndarray:
    """(objects, ``CELLS``, ``CELLS``) uint8: how much of each cell each object visibly covers."""
    k, side, _ = drawing.masks.shape
    step = side // CELLS
    shares = drawing.masks.reshape(k, CELLS, step, CELLS, step).mean(axis=(2, 4))
    return np.round(255 * shares).astype(np.uint8)


def draw_set(n: int, seed: int, mix: Sequence[float] = MIX) -> SceneSet:
    """Draw ``n`` scenes from one seed. Scene ``i`` depends on (seed, i) and ``mix`` alone.

    ``mix`` are the probabilities of one, two and three objects.
    """
    images = np.empty((n, FRAME, FRAME, 3), dtype=np.uint8)
    labels = np.empty((n, len(OBJECTS)), dtype=np.int8)
    settings = np.empty(n, dtype=np.int8)
    kinds = np.full((n, MOST), -1, dtype=np.int8)
    coverage = np.zeros((n, MOST, CELLS, CELLS), dtype=np.uint8)
    names = list(OBJECTS)
    captions = []
    for i in range(n):
        rng = np.random.default_rng((seed, i))
        scene = sample_scene(rng, mix=mix)
        drawing = draw_scene(scene)
        images[i] = drawing.image
        kinds[i, : len(scene.objects)] = [names.index(o.kind) for o in scene.objects]
        coverage[i, : len(scene.objects)] = coverage_of(drawing)
        labels[i] = scene_labels(scene)
        settings[i] = list(SETTINGS).index(scene.setting)
        captions.append(training_caption(scene, rng))
    return SceneSet(images, np.array(captions), labels, settings, kinds, coverage)


def set_path(folder: Path, n: int, seed: int, mix: Sequence[float] = MIX) -> Path:
    """Where ``cached_set`` keeps a set; no two sets share it."""
    return Path(folder) / "_".join(["scenes", *map(str, (seed, n, *mix))])


def cached_set(folder: Path, n: int, seed: int, mix: Sequence[float] = MIX) -> SceneSet:
    """``draw_set``, drawn once and memory-mapped afterwards."""
    path = set_path(folder, n, seed, mix)
    if not (path / "done").exists():
        path.mkdir(parents=True, exist_ok=True)
        drawn = draw_set(n, seed, mix)
        for name in ARRAYS:
            np.save(path / f"{name}.npy", getattr(drawn, name))
        (path / "done").touch()
    arrays = {
        name: np.load(path / f"{name}.npy", mmap_mode="r" if name == "images" else None)
        for name in ARRAYS
    }
    return SceneSet(**arrays)
