"""``storybook-yolo``: a small YOLO detector of Storybook's objects and of its lettering.

Network, loss and file format are those of ultralytics; the scenes, the loop and the
batches are this package's own, so that a run resumes, repeats exactly and needs no
network. Ground truth: a box goes around an object's whole silhouette inside the frame,
hidden parts included, as guidance boxes do; objects that show less than ``MIN_VISIBLE``
of their silhouette are left out.
"""

from __future__ import annotations

import io
import logging
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch.nn import functional as F

from seedbed import store
from seedbed.evaluators.detectors.ultralytics import import_ultralytics
from seedbed.lottery_ticket.comparison.objects import iou_matrix
from seedbed.storybook.training import Schedule, train
from seedbed.storybook.vocabulary import OBJECTS
from seedbed.storybook.world import FRAME, Drawing, Scene, draw_scene, sample_scene

log = logging.getLogger(__name__)

CLASSES: tuple[str, ...] = (*OBJECTS, "text")
"""The object kinds in the order of ``OBJECTS``, and lettering."""
TEXT = len(OBJECTS)
MIN_VISIBLE = 0.15
"""Share of its silhouette that an object must show to count as there."""

WIDTHS = (16, 32, 80, 112)
"""Channels at strides 2, 4, 8 and 16."""
REG_MAX = 8
"""Bins of a box side's distribution: up to 7 strides, 56 pixels at stride 8."""
STATISTICS_IMAGES = 2048
"""Training images from which the averaged weights' batch norms take their statistics."""


@dataclass(frozen=True)
class LabelledScenes:
    """Drawn scenes and every box in them.

    Attributes:
        images: (n, 64, 64, 3) uint8 RGB.
        scene: (boxes,) int64 index into ``images``, ascending.
        classes: (boxes,) int64 index into ``CLASSES``.
        boxes: (boxes, 4) float32, x0 y0 x1 y1 in pixels.
    """

    images: np.ndarray
    scene: np.ndarray
    classes: np.ndarray
    boxes: np.ndarray

    def __len__(self) -> int:
        return len(self.images)


def _visible_enough(scene: Scene, drawing: Drawing, i: int) -> bool:
    """Does object ``i`` show at least ``MIN_VISIBLE`` of its silhouette?"""
    visible = int(drawing.masks[i].sum())
    x0, y0, x1, y1 = drawing.boxes[i]
    # The silhouette lies within its box, so this alone settles nearly every object.
    if visible >= MIN_VISIBLE * (x1 - x0) * (y1 - y0):
        return visible > 0
    alone = draw_scene(replace(scene, objects=(scene.objects[i],), habit="none"))
    return visible >= MIN_VISIBLE * int(alone.masks[0].sum())


def label_scene(scene: Scene, drawing: Drawing) -> tuple[np.ndarray, np.ndarray]:
    """(boxes,) int64 classes and (boxes, 4) float32 pixel boxes of a drawn scene."""
    classes, boxes = [], []
    for i, obj in enumerate(scene.objects):
        if _visible_enough(scene, drawing, i):
            classes.append(CLASSES.index(obj.kind))
            boxes.append(drawing.boxes[i])
    if scene.habit == "lettering":
        bare = draw_scene(replace(scene, habit="none")).image
        ys, xs = np.nonzero((bare != drawing.image).any(axis=-1))
        classes.append(TEXT)
        boxes.append((xs.min(), ys.min(), xs.max() + 1, ys.max() + 1))
    return (
        np.array(classes, dtype=np.int64),
        np.array(boxes, dtype=np.float32).reshape(-1, 4),
    )


def draw_labelled(n: int, seed: int) -> LabelledScenes:
    """Draw ``n`` scenes from one seed. Scene ``i`` depends on (seed, i) alone."""
    images = np.empty((n, FRAME, FRAME, 3), dtype=np.uint8)
    classes, boxes, objects = [], [], 0
    for i in range(n):
        scene = sample_scene(np.random.default_rng((seed, i)))
        drawing = draw_scene(scene)
        images[i] = drawing.image
        found = label_scene(scene, drawing)
        objects += len(scene.objects) + (scene.habit == "lettering")
        classes.append(found[0])
        boxes.append(found[1])
    log.info(
        "%d scenes of seed %d: %d boxes, %d objects hidden and left out",
        n,
        seed,
        sum(map(len, classes)),
        objects - sum(map(len, classes)),
    )
    scene_of = np.repeat(np.arange(n), [len(c) for c in classes])
    return LabelledScenes(images, scene_of, np.concatenate(classes), np.concatenate(boxes))


def cached_labelled(folder: Path, n: int, seed: int) -> LabelledScenes:
    """``draw_labelled``, drawn once and memory-mapped afterwards."""
    path = Path(folder) / f"boxes_{seed}_{n}"
    names = ("images", "scene", "classes", "boxes")
    if not (path / "done").exists():
        path.mkdir(parents=True, exist_ok=True)
        drawn = draw_labelled(n, seed)
        for name in names:
            np.save(path / f"{name}.npy", getattr(drawn, name))
        (path / "done").touch()
    modes = {"images": "r"}
    return LabelledScenes(*(np.load(path / f"{n}.npy", mmap_mode=modes.get(n)) for n in names))


def architecture() -> dict:
    """ultralytics' description of the network: C2f stages, one upward path, two heads.

    The heads stand at strides 8 and 16: an object is 9 to 55 pixels high.
    """
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
            [[10, 7], 1, "Detect", ["nc"]],
        ],
    }


def build(seed: int) -> torch.nn.Module:
    """The untrained network, an ultralytics ``DetectionModel``."""
    import_ultralytics()
    from ultralytics.cfg import get_cfg
    from ultralytics.nn.tasks import DetectionModel

    torch.manual_seed(seed)
    model = DetectionModel(architecture(), ch=3, nc=len(CLASSES), verbose=False)
    model.names = dict(enumerate(CLASSES))
    model.args = get_cfg()
    return model.to(memory_format=torch.channels_last)


def _pixels(images: np.ndarray) -> torch.Tensor:
    """(n, h, w, 3) uint8 to (n, 3, h, w) float32 in [0, 1], channels last in memory."""
    return torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float() / 255


def training_batch(
    data: LabelledScenes, indices: np.ndarray, generator: torch.Generator
) -> dict[str, torch.Tensor]:
    """A batch as ultralytics' loss takes it, mirrored and softened at random.

    Half of the scenes without lettering are mirrored. Half of all scenes are mixed with
    their own 3×3 mean: what a generator draws is never as crisp as the world.

    Returns:
        ``img`` (n, 3, 64, 64) float32 in [0, 1]; ``batch_idx`` (boxes,), ``cls``
        (boxes, 1) and ``bboxes`` (boxes, 4) float32, centre and size in shares.
    """
    n = len(indices)
    first = np.searchsorted(data.scene, indices)
    counts = np.searchsorted(data.scene, indices, side="right") - first
    row = np.repeat(np.arange(n), counts)
    rows = np.concatenate([np.arange(f, f + c) for f, c in zip(first, counts, strict=True)])
    classes = data.classes[rows]
    boxes = data.boxes[rows] / FRAME
    x = _pixels(data.images[indices])

    mirror = (torch.rand(n, generator=generator) < 0.5).numpy()
    mirror[row[classes == TEXT]] = False
    x[mirror] = x[mirror].flip(-1)
    flipped = mirror[row]
    boxes[flipped] = boxes[flipped][:, [2, 1, 0, 3]]
    boxes[flipped, 0::2] = 1 - boxes[flipped, 0::2]

    amount = (torch.rand(n, generator=generator) * 2 - 1).clamp(min=0).view(n, 1, 1, 1)
    mean = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    return {
        "img": torch.lerp(x, mean, amount),
        "batch_idx": torch.from_numpy(row).float(),
        "cls": torch.from_numpy(classes).float()[:, None],
        "bboxes": torch.from_numpy(
            np.concatenate([(boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]], axis=1)
        ),
    }


def fit(data: LabelledScenes, schedule: Schedule, checkpoint: Path) -> torch.nn.Module:
    """Train; ultralytics' box, class and distribution losses at their default gains."""

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
    """Write half-precision weights that ``ultralytics.YOLO(path)`` loads; nothing of this machine.

    The same weights give the same bytes: no date, no path.
    """
    import_ultralytics()
    import ultralytics

    model = deepcopy(model).to(memory_format=torch.contiguous_format).half().eval()
    model.requires_grad_(False)
    model.criterion = None
    settings = {"task": "detect", "imgsz": FRAME, "single_cls": False}
    model.args = settings
    buffer = io.BytesIO()
    content = {"model": model, "train_args": settings, "version": ultralytics.__version__}
    # Into memory first: saved to a file, the archive would hold the temporary file's name.
    torch.save(content, buffer)
    with store.atomic(path) as partial:
        partial.write_bytes(buffer.getvalue())


def average_precision(truth: LabelledScenes, detections: pd.DataFrame) -> pd.DataFrame:
    """Average precision of every class over scenes with known boxes.

    Detections take their turn by confidence; each takes the free box of its class and scene
    that it overlaps most, if it overlaps it enough. ultralytics' own curve and area.

    Args:
        truth: the scenes.
        detections: as ``UltralyticsDetector`` returns them for ``truth.images``.

    Returns:
        ``class``, ``ap50`` (IoU 0.5), ``ap`` (mean over IoU 0.50, 0.55, … 0.95), ``boxes``
        (true ones); a row for every class that has boxes. mAP is a column's mean.
    """
    import_ultralytics()
    from ultralytics.utils.metrics import ap_per_class

    thresholds = np.linspace(0.5, 0.95, 10)
    detections = detections.sort_values("confidence", ascending=False, kind="stable")
    said = detections["class"].map(CLASSES.index).to_numpy(dtype=np.int64)
    scenes = detections["image"].to_numpy()
    boxes = detections[["x0", "y0", "x1", "y1"]].to_numpy() * FRAME
    hits = np.zeros((len(detections), len(thresholds)), dtype=bool)
    there = pd.DataFrame({"scene": truth.scene, "class": truth.classes})
    true_rows = there.groupby(["scene", "class"]).indices
    found = pd.DataFrame({"scene": scenes, "class": said}).groupby(["scene", "class"]).indices
    for key in true_rows.keys() & found.keys():
        rows = np.sort(found[key])
        ious = iou_matrix(boxes[rows], truth.boxes[true_rows[key]])
        for t, threshold in enumerate(thresholds):
            free = np.ones(ious.shape[1], dtype=bool)
            for row, overlaps in zip(rows, ious, strict=True):
                best = int(np.argmax(np.where(free, overlaps, -1)))
                if free[best] and overlaps[best] >= threshold:
                    free[best] = False
                    hits[row, t] = True
    confidence = detections["confidence"].to_numpy()
    results = ap_per_class(hits, confidence, said, truth.classes)
    precision, classes = results[5], results[6]
    return pd.DataFrame(
        {
            "class": [CLASSES[c] for c in classes],
            "ap50": precision[:, 0],
            "ap": precision.mean(axis=1),
            "boxes": np.bincount(truth.classes, minlength=len(CLASSES))[classes],
        }
    )


def make_detector(folder: Path, entry: dict) -> None:
    """Recipe: draw the scenes, train, write ``storybook-yolo/storybook-yolo.pt``.

    Args:
        folder: the training folder.
        entry: the config's ``training`` entry; ``entry["yolo"]`` holds ``scenes``,
            ``scene_seed`` and the ``schedule``.
    """
    own = entry["yolo"]
    data = cached_labelled(Path(folder) / "yolo", own["scenes"], own["scene_seed"])
    model = fit(data, Schedule(**own["schedule"]), Path(folder) / "yolo" / "yolo.pt")
    save(model, Path(folder) / "storybook-yolo" / "storybook-yolo.pt")
