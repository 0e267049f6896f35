"""``storybook-depth``: relative inverse depth of the world, in Depth Anything's architecture.

A tiny Dinov2 backbone with patches of four pixels and transformers' DPT head. The world's depth
map is the target as it is, larger is nearer; the loss is its squared error (the absolute one is
least where everything is background), that of objects weighted, the absolute error of its
differences between neighbours, which keeps outlines sharp, and a ranking loss on the mean depths
of two objects that touch (as Chen et al. 2016, Single-Image Depth Perception in the Wild, eq. 2,
on pairs of points).

Which of two objects is nearer shows only where one hides part of the other, and in few of the
world's scenes it does. So three quarters of what is trained on are twins: a scene whose objects
are brought together, and the same scene with its objects in the opposite order. All that differs
between the two pictures is who hides whom, so nothing else can be learned from their difference.
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
from seedbed.storybook.world import FRAME, Drawing, Scene, draw_scene, sample_scene

log = logging.getLogger(__name__)

PATCH = 4
WIDTH, LAYERS, HEADS = 64, 4, 4
NECK, FUSION, HEAD = (24, 32, 48, 64), 24, 16
FIRST_BIAS = 0.3
"""Of the last convolution: it ends in a ReLU, which must not begin at zero everywhere."""
GRADIENT_WEIGHT = 0.25
OBJECT_WEIGHT = 4
ORDER_WEIGHT = 0.2
ORDER_SCALE = 0.1
"""Of a difference of mean depths, in the ranking loss."""
BACKGROUND = 0.3
"""Depths of the world's objects lie above it, all others below."""
LEVELS = (0.6, 0.7, 0.8, 1.0)
"""Inverse depths of the objects of a scene with up to three of them (``world.Drawing.depth``)."""
NEIGHBOURHOOD = 0.95
"""Share of the distance at which two objects would just touch, up to which one is brought."""
CHANGED, CHANGED_PIXELS = 24, 8
"""How far (of 255) a channel of how many pixels must differ for two pictures to look different."""


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
    # A third faster on a CPU.
    return model.to(memory_format=torch.channels_last)


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


def look_different(a: np.ndarray, b: np.ndarray) -> bool:
    """Do two (h, w, 3) uint8 pictures differ by ``CHANGED`` in ``CHANGED_PIXELS`` pixels?"""
    return int((np.abs(a.astype(int) - b).max(axis=-1) >= CHANGED).sum()) >= CHANGED_PIXELS


def draw_twins(rng: np.random.Generator) -> tuple[Drawing, Drawing]:
    """A scene of two or three objects brought together, and it with the nearest one farthest.

    Drawn again until the two pictures look different.
    """
    while True:
        scene = brought_together(sample_scene(rng, int(rng.choice([2, 2, 3]))), rng)
        one = draw_scene(scene)
        other = draw_scene(replace(scene, objects=scene.objects[::-1]))
        if look_different(one.image, other.image):
            return one, other


def draw_depths(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Pictures and inverse depths of ``n`` couples of scenes.

    One couple of four is of two scenes of the world, the others are twins. Couple ``i`` depends on
    (seed, i) alone.

    Returns:
        (n, 2, 64, 64, 3) uint8 and (n, 2, 64, 64) float16.
    """
    images = np.empty((n, 2, FRAME, FRAME, 3), dtype=np.uint8)
    depths = np.empty((n, 2, FRAME, FRAME), dtype=np.float16)
    for i in range(n):
        rng = np.random.default_rng((seed, i))
        twins = i % 4 > 0
        couple = draw_twins(rng) if twins else [draw_scene(sample_scene(rng)) for _ in range(2)]
        for k, drawing in enumerate(couple):
            images[i, k], depths[i, k] = drawing.image, drawing.depth
    return images, depths


def cached_depths(folder: Path, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """``draw_depths``, drawn once and memory-mapped afterwards."""
    path = Path(folder) / f"couples_{seed}_{n}"
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
    """Pictures and depths of couples, each mirrored and softened at random, twins alike.

    Returns:
        (2 n, 3, 64, 64) float32 and (2 n, 64, 64) float32.
    """
    n = len(indices)
    x = _pixels(images[indices].reshape(2 * n, *images.shape[2:]))
    depth = torch.from_numpy(np.ascontiguousarray(depths[indices])).float().flatten(0, 1)
    mirror = (torch.rand(n, generator=generator) < 0.5).repeat_interleave(2)
    x[mirror], depth[mirror] = x[mirror].flip(-1), depth[mirror].flip(-1)
    amount = (torch.rand(n, generator=generator) * 2 - 1).clamp(min=0).repeat_interleave(2)
    mean = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    return normalised(torch.lerp(x, mean, amount.view(-1, 1, 1, 1))), depth


def order_loss(said: torch.Tensor, depth: torch.Tensor) -> torch.Tensor:
    """Softplus of how much nearer the farther of two objects that touch is said to be, on average.

    Args:
        said, depth: (n, h, w) inverse depth.

    Returns:
        The mean over all such couples of objects; 0 where there is none.
    """
    masks = (depth[:, None] - depth.new_tensor(LEVELS).view(-1, 1, 1)).abs() < 0.05
    masks = masks.to(said.dtype)
    area = masks.sum(dim=(2, 3))
    means = torch.einsum("nkhw,nhw->nk", masks, said) / area.clamp(min=1)
    around = F.max_pool2d(masks, 3, stride=1, padding=1)
    touching = torch.einsum("nahw,nbhw->nab", around, masks) > 0
    far, near = torch.triu_indices(len(LEVELS), len(LEVELS), offset=1)
    gap = (means[:, near] - means[:, far])[touching[:, far, near]]
    return F.softplus(-gap / ORDER_SCALE).mean() if len(gap) else said.sum() * 0


def loss_between(said: torch.Tensor, depth: torch.Tensor) -> torch.Tensor:
    """Squared error, the absolute one of the differences between neighbours across and down, and
    ``order_loss``, weighted."""
    gap = said - depth
    weight = torch.where(depth > BACKGROUND, OBJECT_WEIGHT, 1)
    steps = gap.diff(dim=-1).abs().mean() + gap.diff(dim=-2).abs().mean()
    error = (weight * gap.square()).mean() + GRADIENT_WEIGHT * steps
    return error + ORDER_WEIGHT * order_loss(said, depth)


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
        entry: the training config; ``entry["depth"]`` holds ``scenes`` (couples of them),
            ``scene_seed`` and the ``schedule``.
    """
    own = entry["depth"]
    data = cached_depths(Path(folder) / "depth", own["scenes"], own["scene_seed"])
    model = fit(*data, Schedule(**own["schedule"]), Path(folder) / "depth" / "depth.pt")
    model.half().save_pretrained(Path(folder) / "storybook-depth")
