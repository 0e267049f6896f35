"""Objects in pictures: boxes, classes and confidences from any ultralytics detector.

Stands where YOLOR stands in The Lottery Ticket Hypothesis in Denoising, section 4.3.
Every box from ``CONFIDENCE`` up is kept: a metric applies its own threshold later.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch

from seedbed import store
from seedbed.evaluators.weight_files import find
from seedbed.models.batching import Place, place_of
from seedbed.models.registry import reason_of

log = logging.getLogger(__name__)

CONFIDENCE = 0.001
"""Lowest confidence kept: what the evaluation script of YOLOR's public code uses by default."""
NMS_IOU = 0.65
"""Of two boxes of one class that overlap more, the less confident goes; default likewise."""
MAX_DETECTIONS = 300
"""Boxes kept per image, the most confident first; ultralytics' default."""
WEIGHTS_MB = 110
"""Of the published weights in float32; for estimates of memory while they are not here."""
WANTED = (
    "the .pt file of a detection model, e.g. yolo11x.pt of the hub's Ultralytics/YOLO11 or of the "
    "releases of github.com/ultralytics/assets, which knows COCO's classes"
)
COLUMNS = ("class", "confidence", "x0", "y0", "x1", "y1")
"""Columns of a detections table beside those that name the image."""

_settings_folder: tempfile.TemporaryDirectory | None = None


def import_ultralytics() -> None:
    """Import ultralytics so that it asks no network, installs and prints nothing.

    Its settings file goes to a folder that lives as long as this process. Weights are
    unpickled from ultralytics' and torch's own classes only.
    """
    global _settings_folder
    if _settings_folder is None:
        _settings_folder = tempfile.TemporaryDirectory(prefix="seedbed-ultralytics-")
        os.environ.setdefault("YOLO_CONFIG_DIR", _settings_folder.name)
        os.environ |= {
            "YOLO_OFFLINE": "true",
            "YOLO_VERBOSE": "false",
            "YOLO_AUTOINSTALL": "false",
            "ULTRALYTICS_SAFE_LOAD": "true",
        }
        import ultralytics  # noqa: F401


class UltralyticsDetector:
    """A detection model of ultralytics, in float32.

    Pictures are scaled to the side that the weights were trained at and padded as
    ultralytics' own prediction does it; each box carries its best class alone.

    Args:
        source: a ``.pt`` file, on disk or of the hub.
        name: what the metadata call it.
        revision: of the hub.
        iou: threshold of the non-maximum suppression within a class; models that end
            without one ignore it.
        place: where it runs.

    Raises:
        ValueError: no such file, or no detection model in it.
    """

    def __init__(
        self,
        source: str,
        name: str = "detector",
        revision: str | None = None,
        *,
        iou: float = NMS_IOU,
        place: Place | None = None,
    ):
        file = find(source, WANTED, revision)
        import_ultralytics()
        from ultralytics.data.augment import LetterBox
        from ultralytics.nn.tasks import load_checkpoint

        try:
            model, _ = load_checkpoint(file, device=torch.device("cpu"), fuse=True)
        except Exception as error:  # unpickling raises whatever the bytes lead it to
            raise ValueError(
                f"{source}: not the weights of an ultralytics model ({reason_of(error)[:150]}); "
                "name the .pt file of a detection model"
            ) from error
        if model.task != "detect":
            raise ValueError(
                f"{source}: a model for {model.task!r}, not for 'detect'; name a detection model"
            )
        self.place = place or Place()
        self.model = self.place.put(model)
        self.names = class_names(model, source)
        side = model.args["imgsz"]
        stride = max(int(model.stride.max()), 32)  # as ultralytics pads for any network
        self.letterbox = LetterBox((side, side), auto=True, stride=stride)
        self.iou = iou
        self.metadata = {
            "detector": name,
            "weights_sha256": store.sha256_of(file),
            "preprocessing": f"RGB / 255, longer side to {side}",
            "suppression": f"confidence {CONFIDENCE}, IoU {iou} within a class",
        } | self.place.metadata

    @torch.inference_mode()
    def __call__(self, images: np.ndarray) -> pd.DataFrame:
        """Detections in (n, h, w, 3) uint8 RGB pictures.

        Returns:
            ``image`` (int64, 0..n-1), ``class`` (str), ``confidence`` (float64), ``x0``,
            ``y0``, ``x1``, ``y1`` (float64, shares of the frame, 0..1, y down); by image,
            the most confident first. An image without detections has no row.
        """
        parts = [self._boxes(part) for part in self.place.parts(images)]
        counts = [len(boxes) for part in parts for boxes in part]
        rows = np.concatenate([np.zeros((0, 6)), *(boxes for part in parts for boxes in part)])
        frame = pd.DataFrame({"image": np.repeat(np.arange(len(images)), counts)})
        frame["class"] = np.array(self.names, dtype=object)[rows[:, 5].astype(int)]
        frame["confidence"] = rows[:, 4]
        frame[["x0", "y0", "x1", "y1"]] = rows[:, :4]
        return frame

    def _boxes(self, images: np.ndarray) -> list[np.ndarray]:
        """Per image (k, 6) float64: x0 y0 x1 y1 in shares, confidence, class index."""
        from ultralytics.utils.nms import non_max_suppression
        from ultralytics.utils.ops import scale_boxes

        # The network takes RGB. ultralytics' predict() takes BGR arrays and turns them round.
        scaled = np.stack([self.letterbox(image=np.ascontiguousarray(i)) for i in images])
        x = (self.place.take(scaled) / 255).to(self.place.dtype)
        height, width = images.shape[1:3]
        found = non_max_suppression(
            to_float(self.model(x)),
            CONFIDENCE,
            self.iou,
            max_det=MAX_DETECTIONS,
            nc=len(self.names),
            end2end=getattr(self.model, "end2end", False),
            # Without it, a slow machine would lose the last images' boxes.
            max_time_img=float("inf"),
        )
        shares = []
        for boxes in found:
            boxes[:, :4] = scale_boxes(x.shape[2:], boxes[:, :4], (height, width))
            rows = boxes.cpu().numpy().astype(np.float64)
            shares.append(rows / (width, height, width, height, 1, 1))
        return shares


def to_float(said):
    """What a network says, in float32 whatever it reckons in."""
    if isinstance(said, torch.Tensor):
        return said.float()
    if isinstance(said, Mapping):
        return {key: to_float(value) for key, value in said.items()}
    return type(said)(map(to_float, said)) if isinstance(said, list | tuple) else said


def class_names(model, source: str) -> tuple[str, ...]:
    """Every class in the order of its number, as many as the network tells apart."""
    names = model.names if isinstance(model.names, Mapping) else dict(enumerate(model.names))
    found = [names.get(i) for i in range(len(names))]
    heads = getattr(model.model[-1], "nc", len(found))
    if not found or len(found) != heads or not all(isinstance(n, str) and n for n in found):
        raise ValueError(
            f"{source}: {len(found)} class names ({str(found)[:80]}), but the network tells "
            f"{heads} classes apart; save it with the names that it was trained on"
        )
    if len(set(found)) < len(found):
        raise ValueError(f"{source}: a class name stands for two classes; rename one")
    return tuple(found)


def load(entry: Mapping, name: str) -> UltralyticsDetector:
    """The detector of a config entry."""
    return UltralyticsDetector(
        entry["source"],
        name,
        entry.get("revision"),
        iou=entry["nms_iou"],
        place=place_of(entry, name),
    )
