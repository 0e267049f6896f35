"""``storybook-seg``: a small YOLO that also gives each object's mask.

As ``storybook-yolo`` (``detector``), with ultralytics' segmentation head and loss. Prototypes of
the masks stand at stride 2: an object is 9 to 55 pixels high, and a mask at ultralytics' usual
quarter of the frame would lose its outline. The loss scales them up to the masks, which have the
frame's own size: every second pixel of a mask would teach outlines half a pixel away.
"""

from __future__ import annotations

import io
import logging
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from seedbed import store
from seedbed.evaluators.detectors.ultralytics import import_ultralytics
from seedbed.storybook.detector import STATISTICS_IMAGES, _pixels, _visible_enough
from seedbed.storybook.training import Schedule, train
from seedbed.storybook.vocabulary import OBJECTS
from seedbed.storybook.world import FRAME, draw_scene, sample_scene

log = logging.getLogger(__name__)

CLASSES: tuple[str, ...] = tuple(OBJECTS)
WIDTHS = (16, 32, 64, 96)
"""Channels at strides 2, 4, 8 and 16."""
MASKS, PROTOTYPES = 12, 32
"""Mask coefficients of a box, and channels on the way to their prototypes."""
REG_MAX = 16


@dataclass(frozen=True)
class MaskedScenes:
    """Drawn scenes with the visible pixels of every object.

    Attributes:
        images: (n, 64, 64, 3) uint8 RGB.
        owners: (n, 64, 64) uint8, 0 for the background, i + 1 for object i of the scene.
        classes: (n, 3) int8 index into ``CLASSES``, -1 where there is no such object or too
            little of it shows.
    """

    images: np.ndarray
    owners: np.ndarray
    classes: np.ndarray

    def __len__(self) -> int:
        return len(self.images)


def draw_masked(n: int, seed: int) -> MaskedScenes:
    """Draw ``n`` scenes from one seed. Scene ``i`` depends on (seed, i) alone."""
    images = np.empty((n, FRAME, FRAME, 3), dtype=np.uint8)
    owners = np.zeros((n, FRAME, FRAME), dtype=np.uint8)
    classes = np.full((n, 3), -1, dtype=np.int8)
    hidden = 0
    for i in range(n):
        scene = sample_scene(np.random.default_rng((seed, i)))
        drawing = draw_scene(scene)
        images[i] = drawing.image
        for k, obj in enumerate(scene.objects):
            if _visible_enough(scene, drawing, k):
                owners[i][drawing.masks[k]] = k + 1
                classes[i, k] = CLASSES.index(obj.kind)
            else:
                hidden += 1
    log.info("%d scenes of seed %d: %d objects hidden and left out", n, seed, hidden)
    return MaskedScenes(images, owners, classes)


def cached_masked(folder: Path, n: int, seed: int) -> MaskedScenes:
    """``draw_masked``, drawn once and memory-mapped afterwards."""
    path = Path(folder) / f"masks_{seed}_{n}"
    names = ("images", "owners", "classes")
    if not (path / "done").exists():
        path.mkdir(parents=True, exist_ok=True)
        drawn = draw_masked(n, seed)
        for name in names:
            np.save(path / f"{name}.npy", getattr(drawn, name))
        (path / "done").touch()
    return MaskedScenes(*(np.load(path / f"{name}.npy", mmap_mode="r") for name in names))


def architecture() -> dict:
    """ultralytics' description of the network: C2f stages, upward path to stride 4, two heads."""
    a, b, c, d = WIDTHS
    return {
        "nc": len(CLASSES),
        "reg_max": REG_MAX,
        "scale": "",
        "backbone": [
            [-1, 1, "Conv", [a, 3, 2]],
            [-1, 1, "Conv", [b, 3, 2]],
            [-1, 1, "C2f", [b, True]],
            [-1, 1, "Conv", [c, 3, 2]],
            [-1, 1, "C2f", [c, True]],
            [-1, 1, "Conv", [d, 3, 2]],
            [-1, 1, "C2f", [d, True]],
            [-1, 1, "SPPF", [d, 3]],
        ],
        "head": [
            [-1, 1, "nn.Upsample", [None, 2, "nearest"]],
            [[-1, 4], 1, "Concat", [1]],
            [-1, 1, "C2f", [c]],
            [-1, 1, "nn.Upsample", [None, 2, "nearest"]],
            [[-1, 2], 1, "Concat", [1]],
            [-1, 1, "C2f", [b]],
            [[13, 10], 1, "Segment", ["nc", MASKS, PROTOTYPES]],
        ],
    }


def build(seed: int) -> torch.nn.Module:
    """The untrained network, an ultralytics ``SegmentationModel``."""
    import_ultralytics()
    from ultralytics.cfg import get_cfg
    from ultralytics.nn.tasks import SegmentationModel

    torch.manual_seed(seed)
    model = SegmentationModel(architecture(), ch=3, nc=len(CLASSES), verbose=False)
    model.names = dict(enumerate(CLASSES))
    model.args = get_cfg()
    model.args.overlap_mask = True
    return model.to(memory_format=torch.channels_last)


def training_batch(
    data: MaskedScenes, indices: np.ndarray, generator: torch.Generator
) -> dict[str, torch.Tensor]:
    """A batch as ultralytics' loss takes it, mirrored and softened at random as the detector's.

    Returns:
        ``img`` (n, 3, 64, 64) float32 in [0, 1]; ``batch_idx`` (objects,), ``cls`` (objects, 1)
        and ``bboxes`` (objects, 4) float32, centre and size in shares, around what is visible;
        ``masks`` (n, 64, 64) float32, each pixel the number of its object within its image, from
        1, or 0.
    """
    n = len(indices)
    x = _pixels(data.images[indices])
    owners = torch.from_numpy(np.ascontiguousarray(data.owners[indices])).long()
    mirror = torch.rand(n, generator=generator) < 0.5
    x[mirror] = x[mirror].flip(-1)
    owners[mirror] = owners[mirror].flip(-1)
    amount = (torch.rand(n, generator=generator) * 2 - 1).clamp(min=0).view(n, 1, 1, 1)
    mean = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    rows, classes, boxes = [], [], []
    masks = torch.zeros(n, FRAME, FRAME)
    for i in range(n):
        number = 0
        for k, kind in enumerate(data.classes[indices[i]]):
            where = owners[i] == k + 1
            if kind < 0 or not where.any():
                continue
            number += 1
            masks[i][where] = number
            ys, xs = torch.nonzero(where, as_tuple=True)
            x0, x1, y0, y1 = xs.min(), xs.max() + 1, ys.min(), ys.max() + 1
            rows.append(i)
            classes.append(int(kind))
            boxes.append([(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0])
    return {
        "img": torch.lerp(x, mean, amount),
        "batch_idx": torch.tensor(rows, dtype=torch.float32),
        "cls": torch.tensor(classes, dtype=torch.float32)[:, None],
        "bboxes": torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4) / FRAME,
        "masks": masks,
    }


def fit(data: MaskedScenes, schedule: Schedule, checkpoint: Path) -> torch.nn.Module:
    """Train; ultralytics' losses at their default gains."""

    def loss_of(indices, generator, step):
        loss, _ = model.loss(training_batch(data, indices, generator))
        return loss.sum() / len(indices)

    model = build(schedule.seed)
    average = train(model, loss_of, len(data), schedule, checkpoint)
    # Only parameters are averaged; batch norms must see what the averaged weights produce.
    parts = np.array_split(np.arange(min(STATISTICS_IMAGES, len(data))), 16)
    torch.optim.swa_utils.update_bn((_pixels(data.images[p]) for p in parts if len(p)), average)
    return average.eval()


def save(model: torch.nn.Module, path: Path) -> None:
    """Write half-precision weights that ``ultralytics.YOLO(path)`` loads; the same weights give
    the same bytes."""
    import_ultralytics()
    import ultralytics

    model = deepcopy(model).to(memory_format=torch.contiguous_format).half().eval()
    model.requires_grad_(False)
    model.criterion = None
    settings = {"task": "segment", "imgsz": FRAME, "single_cls": False}
    model.args = settings
    buffer = io.BytesIO()
    content = {"model": model, "train_args": settings, "version": ultralytics.__version__}
    # Into memory first: saved to a file, the archive would hold the temporary file's name.
    torch.save(content, buffer)
    with store.atomic(path) as partial:
        partial.write_bytes(buffer.getvalue())


def make_segmenter(folder: Path, entry: dict) -> None:
    """Recipe: draw the scenes, train, write ``storybook-seg/storybook-seg.pt``.

    Args:
        folder: the training folder.
        entry: the training config; ``entry["seg"]`` holds ``scenes``, ``scene_seed`` and the
            ``schedule``.
    """
    own = entry["seg"]
    data = cached_masked(Path(folder) / "seg", own["scenes"], own["scene_seed"])
    model = fit(data, Schedule(**own["schedule"]), Path(folder) / "seg" / "seg.pt")
    save(model, Path(folder) / "storybook-seg" / "storybook-seg.pt")
