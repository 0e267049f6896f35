"""How far the detectors of habits can be trusted, on scenes of the world whose habit is known.

Scenes with each habit say how many a detector finds; scenes as the world draws them, less those
with the habit at hand, how often it sees one that is not there. They hold night scenes, which are
dark, plain ones, which are pale, and the other habits. Precision is what follows at the share of
training scenes that have the habit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from seedbed.good_seed import attributes
from seedbed.good_seed.habits import TEXT
from seedbed.good_seed.looks import FLAGS, LETTERING
from seedbed.statistics.binomial import wilson
from seedbed.storybook.prompts import HELD_OUT
from seedbed.storybook.vocabulary import HABIT_RATES
from seedbed.storybook.world import (
    BORDER_SIDES,
    Drawing,
    Scene,
    border_of,
    draw_scene,
    sample_scene,
)

DARK = "night"
"""The setting whose top is not bright."""
LEVEL = 0.95
STREAM = 3
"""Apart from the scenes of the other evaluators' quality."""


@dataclass(frozen=True)
class Drawn:
    """A scene and its picture."""

    scene: Scene
    drawing: Drawing


def training_rate(habit: str) -> float | None:
    """Share of the training scenes with a habit by the name of its flag; ``None`` for a sky."""
    if habit.startswith("border_"):
        return HABIT_RATES["border"] / len(BORDER_SIDES)
    return HABIT_RATES.get(habit)


def has(habit: str, drawn: Drawn, sky_share: float) -> bool:
    """Whether a scene has a habit, by the name of its flag."""
    scene = drawn.scene
    if habit == "sky":
        top = drawn.drawing.masks[:, : round(attributes.TOP * drawn.drawing.image.shape[0])]
        bare = scene.habit in ("none", "greyscale")
        return bare and scene.setting != DARK and float((~top.any(axis=0)).mean()) >= sky_share
    if habit.startswith("border_"):
        return scene.habit == "border" and f"border_{border_of(scene)[0]}" == habit
    return scene.habit == habit


def scenes(n: int, seed: int) -> tuple[list[Drawn], list[Drawn]]:
    """``n`` scenes as the world draws them, and ``n`` among which each habit is as frequent."""
    natural, forced = [], []
    for i in range(n):
        scene = sample_scene(np.random.default_rng((HELD_OUT + seed + STREAM, i)))
        natural.append(Drawn(scene, draw_scene(scene)))
        habit = list(HABIT_RATES)[i % len(HABIT_RATES)]
        scene = sample_scene(np.random.default_rng((HELD_OUT + seed + STREAM, n + i)))
        scene = replace(scene, habit=habit)
        forced.append(Drawn(scene, draw_scene(scene)))
    return natural, forced


def flags(some: list[Drawn], thresholds: dict, detector, confidence: float) -> pd.DataFrame:
    """What the detectors say of each picture: ``attributes.COLUMNS`` and ``lettering``."""
    images = np.stack([each.drawing.image for each in some])
    said = attributes.measure(images, thresholds)
    boxes = detector(images)
    sure = boxes[(boxes["class"] == TEXT) & (boxes["confidence"] >= confidence)]
    said[LETTERING] = np.isin(np.arange(len(images)), sure["image"])
    return said


def detector_quality(
    thresholds: dict, detector, confidence: float, n_scenes: int, seed: int
) -> pd.DataFrame:
    """Recall, false positives and precision of the detector of each habit.

    Args:
        thresholds: ``good_seed.habits``.
        detector: that knows the class ``text``.
        confidence: of a box of text.
        n_scenes: as the world draws them, and as many with habits.
        seed: of the scenes.

    Returns:
        ``habit``, ``recall``, ``recall_low``, ``recall_high``, ``with_habit``, ``false``,
        ``false_low``, ``false_high``, ``without`` (numbers of scenes beside each), ``base``
        (share with it in the world), ``precision`` at that share, ``width_error`` (mean absolute
        error of a border's width in shares of the side; NaN for other habits).
    """
    natural, forced = scenes(n_scenes, seed)
    everything = [*natural, *forced]
    said = flags(everything, thresholds, detector, confidence)
    from_world = np.arange(len(everything)) < len(natural)
    rows = []
    for habit in (*FLAGS, LETTERING):
        truth = np.array([has(habit, each, thresholds["sky_share"]) for each in everything])
        seen = said[habit].to_numpy()
        without = from_world & ~truth
        rate = training_rate(habit)
        base = float(truth[from_world].mean()) if rate is None else rate
        error = _width_error(habit, everything, said, truth & seen)
        rows.append({"habit": habit, **_rates(seen, truth, without, base), "width_error": error})
    return pd.DataFrame(rows)


def _rates(seen: np.ndarray, truth: np.ndarray, without: np.ndarray, base: float) -> dict:
    found = {}
    for name, count, among in (("recall", "with_habit", truth), ("false", "without", without)):
        hits, n = int(seen[among].sum()), int(among.sum())
        low, high = map(float, wilson(hits, n, LEVEL) if n else (np.nan, np.nan))
        share = hits / n if n else np.nan
        found |= {name: share, f"{name}_low": low, f"{name}_high": high, count: n}
    right = found["recall"] * base
    wrong = found["false"] * (1 - base)
    precision = right / (right + wrong) if right + wrong > 0 else np.nan
    return found | {"base": base, "precision": precision}


def _width_error(habit: str, some: list[Drawn], said: pd.DataFrame, among: np.ndarray) -> float:
    if not habit.startswith("border_") or not among.any():
        return float("nan")
    side = habit.removeprefix("border_")
    true = np.array([border_of(some[i].scene)[1] for i in np.flatnonzero(among)])
    return float(np.abs(said.loc[among, f"width_{side}"].to_numpy() - true).mean())
