"""The trainings of the study: both splits, controls on what gives a seed away, learning curve.

One job makes a group of them from the same pictures. Each leaves what it named for every test
picture, its curve over epochs and its weights.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from seedbed.good_seed.classifier import labelled
from seedbed.good_seed.classifier.fit import Recipe, fit
from seedbed.good_seed.classifier.mapped_pictures import Some
from seedbed.good_seed.classifier.network import SeedClassifier, build, named
from seedbed.good_seed.classifier.variants import vary

log = logging.getLogger(__name__)

ARCHITECTURE = ("network", "arguments", "head", "input_size", "device")


@dataclass(frozen=True)
class Fitted:
    """What a group of trainings leaves.

    Attributes:
        hits: per training and test picture: ``variant``, ``split``, ``per_seed``, ``epochs``,
            ``seed``, ``prompt_id``, ``said`` (the seed that was named).
        curves: per training and epoch: the same keys, ``epoch``, ``loss``, ``val_accuracy``.
        weights: arrays by ``{variant}.{split}.{per_seed}/{parameter}``.
    """

    hits: pd.DataFrame
    curves: pd.DataFrame
    weights: dict[str, np.ndarray]


def fit_group(
    data: labelled.Labelled, group: Sequence[Mapping], settings: Mapping, checkpoints: Path
) -> Fitted:
    """Train every classifier of a group.

    Args:
        data: every seed with every prompt.
        group: of each training ``variant``, ``split`` and ``per_seed`` (``None`` for all), as
            ``groups.trainings_of`` names them.
        settings: ``good_seed.classifier``.
        checkpoints: folder that a killed job leaves its checkpoints in.
    """
    recipe = Recipe.of(settings)
    hits, curves, weights = [], [], {}
    for number, each in enumerate(group):
        whole = split_of(data, each["split"], settings)
        steps = max(1, len(whole.train) // recipe.batch)
        parts = whole
        if each["per_seed"] is not None:
            parts = labelled.fewer(whole, len(data.seeds), each["per_seed"])
        per_seed = len(parts.train) // len(data.seeds)
        pixels = vary(data.pixels, each["variant"], np.random.default_rng(recipe.seed))
        net = build({k: settings[k] for k in ARCHITECTURE}, len(data.seeds), recipe.seed)
        checkpoint = checkpoints / f"{number:02d}.pt"
        curve = fit(net, pixels, data.labels, parts, recipe, checkpoint, steps)
        about = {"variant": each["variant"], "split": each["split"], "per_seed": per_seed}
        said = np.asarray(data.seeds)[named(net, Some(pixels, parts.test))]
        rows = data.rows(parts.test).assign(**about, epochs=recipe.epochs, said=said)
        log.info("%s: %.4f of %d", about, (rows["said"] == rows["seed"]).mean(), len(rows))
        hits.append(rows)
        curves.append(pd.DataFrame(curve).assign(**about))
        prefix = "{variant}.{split}.{per_seed}/".format(**about)
        weights |= {prefix + k: v.cpu().numpy() for k, v in net.state_dict().items()}
    return Fitted(pd.concat(hits, ignore_index=True), pd.concat(curves, ignore_index=True), weights)


def split_of(data: labelled.Labelled, by: str, settings: Mapping) -> labelled.Split:
    """The split of the study; the same for every training of it."""
    rng = np.random.default_rng(settings["seed"])
    return labelled.split(data, by, settings["val_share"], settings["test_share"], rng)


def restore(weights: Mapping[str, np.ndarray], settings: Mapping, classes: int) -> SeedClassifier:
    """The classifier of whole pictures split by prompt, from the weights of its group.

    Raises:
        ValueError: it is not among them, or was trained for another network or other seeds.
    """
    wanted = {name.partition("/")[0] for name in weights if name.startswith("whole.prompt.")}
    if len(wanted) != 1:
        raise ValueError("weights of seed classifiers lack the one of whole pictures by prompt")
    prefix = wanted.pop() + "/"
    state = {
        name.removeprefix(prefix): torch.from_numpy(array)
        for name, array in weights.items()
        if name.startswith(prefix)
    }
    net = build({k: settings[k] for k in ARCHITECTURE}, classes, settings["seed"])
    try:
        net.load_state_dict(state)
    except RuntimeError as error:
        raise ValueError(
            "weights of seed classifiers are of another network or number of seeds; delete them "
            "and run again"
        ) from error
    return net.eval()
