"""How good masks and depths are on held-out scenes, read as ``evaluators.composition`` reads them.

Of the true objects that show enough to count (``detector.MIN_VISIBLE``): intersection over union
of the object's visible pixels and the largest mask of its kind from ``CONFIDENCE`` up; whether
there is one; of kinds that are not in the scene, whether there is one nonetheless. Of two objects
of a scene, whether the nearer has the greater mean of depth over its visible pixels: where it hides
at least ``MIN_HIDDEN`` of the other, and apart from these where it does not. There the picture does
not show which is nearer (the world draws that by lot), and half are right by chance.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from seedbed.evaluators.base import DepthEstimator, Segmenter
from seedbed.storybook.prompts import HELD_OUT
from seedbed.storybook.segmenter import CLASSES, MaskedScenes, draw_masked
from seedbed.storybook.world import draw_scene, sample_scene

CONFIDENCE = 0.5
"""As ``good_seed.composition.confidence`` where the config says nothing."""
MIN_HIDDEN = 0.05
"""Share of its silhouette that an object must lose to another for their order to show."""
MORE_FOR_ORDER = 4
"""In one scene of ten it shows."""


def mask_and_depth_quality(
    segmenter: Segmenter, depths: DepthEstimator, n_scenes: int, seed: int
) -> pd.DataFrame:
    """``measure``, ``value`` of every object, absent kind and pair of held-out scenes.

    Args:
        segmenter, depths: what is measured.
        n_scenes: how many scenes; the order of objects takes ``MORE_FOR_ORDER`` times as many.
        seed: of the scenes.
    """
    seed += HELD_OUT + 3
    many = draw_masked(MORE_FOR_ORDER * n_scenes, seed)
    truth = MaskedScenes(many.images[:n_scenes], many.owners[:n_scenes], many.classes[:n_scenes])
    measures = mask_quality(truth, *segmenter(truth.images))
    measures |= depth_order(many, hidden_shares(many, seed), depths(many.images))
    return pd.concat(
        [
            pd.DataFrame({"measure": name, "value": np.asarray(values, dtype=np.float64)})
            for name, values in measures.items()
        ],
        ignore_index=True,
    )


def mask_quality(
    truth: MaskedScenes, found: pd.DataFrame, masks: np.ndarray
) -> dict[str, list[float]]:
    """``seg_iou`` and ``seg_found`` of every true object, ``seg_false_alarm`` of every absent kind.

    Args:
        truth: the scenes.
        found, masks: as a segmenter returns them for ``truth.images``.
    """
    sure = (found["confidence"].to_numpy() >= CONFIDENCE) & masks.any(axis=(1, 2))
    rows_of = found[sure].groupby(["image", "class"]).indices
    at = np.flatnonzero(sure)
    measures: dict[str, list[float]] = {"seg_iou": [], "seg_found": [], "seg_false_alarm": []}
    for i, classes in enumerate(truth.classes):
        there = {CLASSES[k]: n for n, k in enumerate(classes) if k >= 0}
        for name in CLASSES:
            own = masks[at[rows_of.get((i, name), [])]]
            if name not in there:
                measures["seg_false_alarm"].append(float(len(own) > 0))
                continue
            measures["seg_found"].append(float(len(own) > 0))
            best = max(own, key=np.sum, default=np.zeros_like(truth.owners[i], dtype=bool))
            visible = truth.owners[i] == there[name] + 1
            measures["seg_iou"].append((best & visible).sum() / (best | visible).sum())
    return measures


def hidden_shares(truth: MaskedScenes, seed: int) -> list[dict[tuple[int, int], float]]:
    """Of each scene: share of the farther object's silhouette that the nearer one covers.

    Args:
        truth: scenes as ``draw_masked`` drew them.
        seed: of the scenes.

    Returns:
        by (farther, nearer), the objects' numbers in their scene, of objects that count.
    """
    shares = []
    for i, (classes, owners) in enumerate(zip(truth.classes, truth.owners, strict=True)):
        scene, own = sample_scene(np.random.default_rng((seed, i))), {}
        for far, near in combinations(np.flatnonzero(classes >= 0).tolist(), 2):
            alone = replace(scene, objects=(scene.objects[far],), habit="none")
            silhouette = draw_scene(alone).masks[0]
            own[far, near] = float((silhouette & (owners == near + 1)).sum() / silhouette.sum())
        shares.append(own)
    return shares


def depth_order(
    truth: MaskedScenes, hidden: list[dict[tuple[int, int], float]], depths: np.ndarray
) -> dict[str, list[float]]:
    """``depth_order`` and ``depth_order_apart``: has the nearer the greater mean depth, 0 or 1?

    Args:
        truth: the scenes.
        hidden: see ``hidden_shares``.
        depths: (n, 64, 64) inverse depth of their images.
    """
    measures: dict[str, list[float]] = {"depth_order": [], "depth_order_apart": []}
    for owners, shares, depth in zip(truth.owners, hidden, depths, strict=True):
        for (far, near), share in shares.items():
            right = depth[owners == far + 1].mean() < depth[owners == near + 1].mean()
            name = "depth_order" if share >= MIN_HIDDEN else "depth_order_apart"
            measures[name].append(float(right))
    return measures
