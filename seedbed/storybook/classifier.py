"""Train ``storybook-net`` on the world's own labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from seedbed.evaluators.extractors.storybook_net import StorybookNet, normalise
from seedbed.storybook.data import SceneSet
from seedbed.storybook.training import Schedule, train
from seedbed.storybook.vocabulary import COLORS, OBJECTS, SETTINGS


def fit(data: SceneSet, schedule: Schedule, checkpoint: Path) -> StorybookNet:
    """Cross-entropy of each object's state (absent or its colour) and of the setting."""
    torch.manual_seed(schedule.seed)
    net = StorybookNet(list(OBJECTS), list(COLORS), list(SETTINGS))
    states = torch.from_numpy(data.labels.astype(np.int64)) + 1
    settings = torch.from_numpy(data.settings.astype(np.int64))

    def loss_of(indices, generator, step):
        objects, setting = net(normalise(data.images[indices]))
        each = F.cross_entropy(
            objects.float().flatten(0, 1), states[indices].flatten(), reduction="none"
        )
        return each.view(len(indices), -1).sum(1).mean() + 0.3 * F.cross_entropy(
            setting.float(), settings[indices]
        )

    net = train(net, loss_of, len(data), schedule, checkpoint)
    with torch.no_grad():
        net.scale_features(1 / float(net.features(normalise(data.images[:1024])).std(0).mean()))
    return net


@torch.no_grad()
def accuracy(net: StorybookNet, data: SceneSet, batch: int = 256) -> dict[str, np.ndarray]:
    """Held-out hits, one bool per object (or absent object, or scene).

    Returns:
        ``object``: objects that are there and are seen; ``object_and_color``: in their
        colour; ``false_alarm``: objects that are not there and are seen; ``setting``.
    """
    parts = {"object": [], "object_and_color": [], "false_alarm": [], "setting": []}
    for start in range(0, len(data), batch):
        stop = start + batch
        logits, setting = net(normalise(data.images[start:stop]))
        said = logits.argmax(-1).numpy() - 1
        truth = data.labels[start:stop]
        there = truth >= 0
        parts["object"].append((said >= 0)[there])
        parts["object_and_color"].append((said == truth)[there])
        parts["false_alarm"].append((said >= 0)[~there])
        parts["setting"].append(setting.argmax(-1).numpy() == data.settings[start:stop])
    return {name: np.concatenate(values) for name, values in parts.items()}
