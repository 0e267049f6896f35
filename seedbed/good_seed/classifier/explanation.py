"""What Grad-CAM shows of a trained seed classifier: pictures with their maps, and areas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seedbed.good_seed.classifier import gradcam, labelled
from seedbed.good_seed.classifier.fits import ARCHITECTURE, restore, split_of
from seedbed.good_seed.classifier.network import build, named


@dataclass(frozen=True)
class Explanation:
    """Grad-CAM of test pictures.

    Attributes:
        shown: ``images`` (k, side, side, 3) uint8, ``maps`` (layers, k, side, side) float32 in
            0..1, ``seeds``, ``said`` and ``prompt_ids`` (k,), ``layers``.
        areas: per test picture, layer and kind (``gradcam.KINDS``) ``seed``, ``prompt_id``,
            ``area``.
    """

    shown: dict[str, np.ndarray]
    areas: pd.DataFrame


def explain(data: labelled.Labelled, weights: Mapping, settings: Mapping) -> Explanation:
    """Grad-CAM of test pictures that no training has seen: split by prompt, neither picked.

    Args:
        data: every seed with every prompt.
        weights: of the group ``prompt``, as ``fits.fit_group`` leaves them.
        settings: ``good_seed.classifier``.

    Raises:
        ValueError: the weights are of another network, or a layer is unknown.
    """
    asked, classes = settings["gradcam"], len(data.seeds)
    trained = restore(weights, settings, classes)
    # Another draw of initial weights than the one that was trained.
    fresh = build({k: settings[k] for k in ARCHITECTURE}, classes, settings["seed"] + 1)
    fresh.mean.copy_(trained.mean)
    fresh.sd.copy_(trained.sd)
    test = split_of(data, "prompt", settings).test.reshape(classes, -1)
    measured = test[:, : asked["prompts"]].ravel()
    nets = {"trained": trained, "untrained": fresh.eval()}
    rng = np.random.default_rng(settings["seed"])
    labels = data.labels
    found = gradcam.areas(nets, data.pixels[measured], labels[measured], asked["layers"], rng)
    rows = data.rows(measured)
    areas = pd.concat([rows.iloc[found.pop("picture")].reset_index(drop=True), found], axis=1)
    chosen = test[: asked["shown_seeds"], : asked["shown_prompts"]].ravel()
    images = data.pixels[chosen]
    of = data.rows(chosen)
    maps = [gradcam.maps_of(trained, images, labels[chosen], layer) for layer in asked["layers"]]
    shown = {
        "images": images,
        "maps": np.stack(maps),
        "seeds": of["seed"].to_numpy(),
        "said": np.asarray(data.seeds)[named(trained, images)],
        "prompt_ids": of["prompt_id"].to_numpy(str),
        "layers": np.array(asked["layers"]),
    }
    return Explanation(shown, areas)
