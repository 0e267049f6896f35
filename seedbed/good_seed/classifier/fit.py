"""Training a seed classifier: AdamW, cosine, no augmentation, a checkpoint after every epoch.

Pictures are neither flipped nor cropped: where things are is what a seed decides. An epoch has as
many steps as a pass over all training pictures of the study, also where fewer pictures are trained
on, so that a learning curve compares pictures and not steps.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import ceil, cos, pi
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from seedbed import store
from seedbed.good_seed.classifier.labelled import Split
from seedbed.good_seed.classifier.mapped_pictures import Some, in_parts
from seedbed.good_seed.classifier.network import SeedClassifier, as_input, named, where
from seedbed.progress import Progress

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recipe:
    """How long and how fast to train.

    Attributes:
        epochs: passes over the training pictures.
        batch: pictures of a step.
        lr: peak learning rate of AdamW.
        weight_decay: AdamW's.
        warmup_epochs: epochs of linear warm-up, whole or in part; a cosine to 0 follows.
        seed: of initial weights and the order of pictures.
    """

    epochs: int
    batch: int
    lr: float
    weight_decay: float
    warmup_epochs: float
    seed: int

    @classmethod
    def of(cls, settings: Mapping) -> Recipe:
        """From ``good_seed.classifier``."""
        return cls(**{name: settings[name] for name in cls.__annotations__})

    def rate(self, step: int, per_epoch: int) -> float:
        """Learning rate at a step."""
        warmup = self.warmup_epochs * per_epoch
        if step < warmup:
            return self.lr * (step + 1) / max(1.0, warmup)
        left = max(1.0, self.epochs * per_epoch - warmup)
        return self.lr * 0.5 * (1 + cos(pi * (step - warmup) / left))


def batches(train: np.ndarray, steps: int, batch: int, seed: int, epoch: int) -> list[np.ndarray]:
    """``steps`` batches of an epoch: whole passes over the pictures, each in an order of its own.

    The order depends on seed and epoch alone, not on where a training was interrupted.
    """
    rng = np.random.default_rng((seed, epoch))
    passes = ceil(steps * batch / len(train))
    order = np.concatenate([rng.permutation(train) for _ in range(passes)])[: steps * batch]
    return np.split(order, steps)


def fit(
    net: SeedClassifier,
    pixels: np.ndarray,
    labels: np.ndarray,
    parts: Split,
    recipe: Recipe,
    checkpoint: Path,
    steps: int | None = None,
) -> list[dict]:
    """Train a network in place.

    Args:
        net: as ``network.build`` gives it.
        pixels: (n, side, side, 3) uint8.
        labels: (n,) class of each.
        parts: which pictures train, which validate.
        recipe: how.
        checkpoint: file to resume from; one of another training is overwritten.
        steps: of an epoch; those of a pass over the training pictures unless told.

    Returns:
        Per epoch: ``epoch`` from 1, ``loss`` (mean cross-entropy in training, nats) and
        ``val_accuracy`` after it.
    """
    steps = steps or max(1, len(parts.train) // recipe.batch)
    net.standardise(Some(pixels, parts.train))
    optimizer = torch.optim.AdamW(net.parameters(), recipe.lr, weight_decay=recipe.weight_decay)
    mark = _mark(net, pixels, labels, parts, recipe, steps)
    curve = _resumed(net, optimizer, checkpoint, mark)
    targets = torch.from_numpy(labels)
    progress = Progress((recipe.epochs - len(curve)) * steps * recipe.batch, "pictures", log)
    for epoch in range(len(curve), recipe.epochs):
        net.train()
        losses = []
        # Networks with dropout draw from torch's own generator.
        with torch.random.fork_rng():
            torch.manual_seed(
                int(np.random.SeedSequence((recipe.seed, epoch)).generate_state(1)[0])
            )
            order = batches(parts.train, steps, recipe.batch, recipe.seed, epoch)
            for k, chosen in enumerate(order):
                for group in optimizer.param_groups:
                    group["lr"] = recipe.rate(epoch * steps + k, steps)
                logits = net(as_input(pixels[chosen], net))
                loss = F.cross_entropy(logits, targets[chosen].to(where(net)))
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                optimizer.step()
                losses.append(float(loss.detach()))
                progress.add(len(chosen))
        right = named(net, Some(pixels, parts.val)) == labels[parts.val]
        row = {"epoch": epoch + 1, "loss": float(np.mean(losses)), "val_accuracy": right.mean()}
        curve.append({**row, "val_accuracy": float(row["val_accuracy"])})
        log.info("epoch %d of %d: %s", epoch + 1, recipe.epochs, curve[-1])
        state = {"net": net.state_dict(), "optimizer": optimizer.state_dict()}
        with store.atomic(checkpoint, logging.DEBUG) as partial:
            torch.save({**state, "curve": curve, "mark": mark}, partial)
    if not np.isfinite(curve[-1]["loss"]):
        raise ValueError("good_seed.classifier.lr: the training ran away; lower it")
    return curve


def _mark(net, pixels, labels, parts: Split, recipe: Recipe, steps: int) -> str:
    """What tells one training from another: data, split, recipe, initial weights."""
    digest = hashlib.sha256(json.dumps([asdict(recipe), steps, torch.__version__]).encode())
    for part in in_parts(pixels):
        digest.update(np.ascontiguousarray(part).data)
    for array in (labels, parts.train, parts.val):
        digest.update(np.ascontiguousarray(array).data)
    for name, tensor in net.state_dict().items():
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().data)
    return digest.hexdigest()


def _resumed(net, optimizer, checkpoint: Path, mark: str) -> list[dict]:
    """The curve so far, with network and optimiser as they were; nothing where there is nothing."""
    if not Path(checkpoint).exists():
        return []
    try:
        state = torch.load(checkpoint, map_location=where(net), weights_only=True)
        known = state["mark"] == mark
    # Whatever a damaged checkpoint makes torch raise: it is only a saving of time.
    except Exception as error:
        log.warning("%s: cannot be read (%s); training begins anew", checkpoint, error)
        return []
    if not known:
        log.warning("%s: of another training; training begins anew", checkpoint)
        return []
    net.load_state_dict(state["net"])
    optimizer.load_state_dict(state["optimizer"])
    log.info("resuming %s after epoch %d", checkpoint, len(state["curve"]))
    return list(state["curve"])
