"""``storybook-depth``: relative inverse depth of the world, in Depth Anything's architecture.

A tiny Dinov2 backbone with patches of four pixels and transformers' DPT head. The world's depth
map is the target as it is, larger is nearer; the loss is its squared error (the absolute one is
least where everything is background), that of objects weighted, and the absolute error of its
differences between neighbours, which keeps outlines sharp.

Which of two objects is nearer shows only where one hides part of the other, and in few of the
world's scenes it does: in half of the scenes to train on objects are brought together.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F
from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config

from seedbed.storybook.detector import _pixels
from seedbed.storybook.training import Schedule, train
from seedbed.storybook.world import FRAME, Scene, draw_scene, sample_scene

log = logging.getLogger(__name__)

PATCH = 4
WIDTH, LAYERS, HEADS = 64, 4, 4
NECK, FUSION, HEAD = (24, 32, 48, 64), 24, 16
FIRST_BIAS = 0.3
"""Of the last convolution: it ends in a ReLU, which must not begin at zero everywhere."""
GRADIENT_WEIGHT = 0.25
OBJECT_WEIGHT = 4
BACKGROUND = 0.3
"""Depths of the world's objects lie above it, all others below."""
NEIGHBOURHOOD = 0.8
"""Share of the distance at which two objects would just touch, up to which one is brought."""


def build(seed: int) -> DepthAnythingForDepthEstimation:
    """The untrained network."""
    torch.manual_seed(seed)
    backbone = Dinov2Config(
        image_size=FRAME,
        patch_size=PATCH,
        hidden_size=WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        mlp_ratio=3,
        out_indices=[1, 2, 3, 4],
        apply_layernorm=True,
        reshape_hidden_states=False,
    )
    config = DepthAnythingConfig(
        backbone_config=backbone,
        patch_size=PATCH,
        reassemble_hidden_size=WIDTH,
        reassemble_factors=[2, 1, 0.5, 0.25],
        neck_hidden_sizes=list(NECK),
        fusion_hidden_size=FUSION,
        head_hidden_size=HEAD,
        head_in_index=-1,
    )
    model = DepthAnythingForDepthEstimation(config)
    torch.nn.init.constant_(model.head.conv3.bias, FIRST_BIAS)
    return model


def brought_together(scene: Scene, rng: np.random.Generator) -> Scene:
    """The scene with every object but one moved to where its extent overlaps another's."""
    placed = [scene.objects[0]]
    for obj in scene.objects[1:]:
        anchor = placed[int(rng.integers(len(placed)))]
        across, down = rng.uniform(-NEIGHBOURHOOD, NEIGHBOURHOOD, 2) / 2
        cx = anchor.cx + across * (anchor.width + obj.width)
        cy = anchor.cy + down * (anchor.height + obj.height)
        half_w, half_h = min(obj.width / 2, 0.5), min(obj.height / 2, 0.5)
        place = {"cx": np.clip(cx, half_w, 1 - half_w), "cy": np.clip(cy, half_h, 1 - half_h)}
        placed.append(replace(obj, **{key: float(value) for key, value in place.items()}))
    return replace(scene, objects=tuple(placed))


def draw_depths(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(n, 64, 64, 3) uint8 pictures and (n, 64, 64) float16 inverse depths of drawn scenes.

    Every second scene has two or three objects, brought together. Scene ``i`` depends on
    (seed, i) alone.
    """
    images = np.empty((n, FRAME, FRAME, 3), dtype=np.uint8)
    depths = np.empty((n, FRAME, FRAME), dtype=np.float16)
    for i in range(n):
        rng = np.random.default_rng((seed, i))
        if i % 2:
            scene = brought_together(sample_scene(rng, int(rng.integers(2, 4))), rng)
        else:
            scene = sample_scene(rng)
        drawing = draw_scene(scene)
        images[i], depths[i] = drawing.image, drawing.depth
    return images, depths


def cached_depths(folder: Path, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """``draw_depths``, drawn once and memory-mapped afterwards."""
    path = Path(folder) / f"depths_{seed}_{n}"
    names = ("images", "depths")
    if not (path / "done").exists():
        path.mkdir(parents=True, exist_ok=True)
        for name, array in zip(names, draw_depths(n, seed), strict=True):
            np.save(path / f"{name}.npy", array)
        (path / "done").touch()
    return tuple(np.load(path / f"{name}.npy", mmap_mode="r") for name in names)


def normalised(x: torch.Tensor) -> torch.Tensor:
    """RGB in [0, 1] as Depth Anything's processor gives it: ImageNet's mean and deviation."""
    mean = x.new_tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    deviation = x.new_tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    return (x - mean) / deviation


def training_batch(
    images: np.ndarray, depths: np.ndarray, indices: np.ndarray, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures (n, 3, 64, 64), mirrored and softened at random, and depths (n, 64, 64)."""
    n = len(indices)
    x = _pixels(images[indices])
    depth = torch.from_numpy(np.ascontiguousarray(depths[indices])).float()
    mirror = torch.rand(n, generator=generator) < 0.5
    x[mirror], depth[mirror] = x[mirror].flip(-1), depth[mirror].flip(-1)
    amount = (torch.rand(n, generator=generator) * 2 - 1).clamp(min=0).view(n, 1, 1, 1)
    mean = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    return normalised(torch.lerp(x, mean, amount)), depth


def loss_between(said: torch.Tensor, depth: torch.Tensor) -> torch.Tensor:
    """Squared error, and the absolute one of the differences between neighbours across and down."""
    gap = said - depth
    weight = torch.where(depth > BACKGROUND, OBJECT_WEIGHT, 1)
    across, down = gap.diff(dim=-1).abs().mean(), gap.diff(dim=-2).abs().mean()
    return (weight * gap.square()).mean() + GRADIENT_WEIGHT * (across + down)


def fit(
    images: np.ndarray, depths: np.ndarray, schedule: Schedule, checkpoint: Path
) -> DepthAnythingForDepthEstimation:
    """Train on pictures and their inverse depths."""
    model = build(schedule.seed)

    def loss_of(indices, generator, step):
        x, depth = training_batch(images, depths, indices, generator)
        return loss_between(model(pixel_values=x).predicted_depth, depth)

    return train(model, loss_of, len(images), schedule, checkpoint)


def make_depth(folder: Path, entry: dict) -> None:
    """Recipe: draw the scenes, train, write ``storybook-depth``.

    Args:
        folder: the training folder.
        entry: the training config; ``entry["depth"]`` holds ``scenes``, ``scene_seed`` and the
            ``schedule``.
    """
    own = entry["depth"]
    data = cached_depths(Path(folder) / "depth", own["scenes"], own["scene_seed"])
    model = fit(*data, Schedule(**own["schedule"]), Path(folder) / "depth" / "depth.pt")
    model.half().save_pretrained(Path(folder) / "storybook-depth")
