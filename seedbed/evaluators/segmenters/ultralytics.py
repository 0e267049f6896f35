"""Objects and their masks from any ultralytics segmentation model.

Stands where Mask2Former stands in Good Seed, section 3.4. Objects from ``CONFIDENCE`` up are kept;
what is measured applies a threshold of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from seedbed import outside, store
from seedbed.evaluators.detectors.ultralytics import NMS_IOU, class_names, import_ultralytics
from seedbed.models.registry import reason_of

CONFIDENCE = 0.05
MOST = 20
"""Objects kept per image, the most confident first."""


class UltralyticsSegmenter:
    """A segmentation model of ultralytics, in float32.

    Args:
        source: path of a ``.pt`` file.
        name: what the metadata call it.
        iou: threshold of the non-maximum suppression within a class.
        device: where the network runs.
        batch: pictures per forward pass.

    Raises:
        ValueError: no such file, or no segmentation model in it.
    """

    def __init__(
        self,
        source: str,
        name: str = "segmenter",
        *,
        iou: float = NMS_IOU,
        device: str = "cpu",
        batch: int = 64,
    ):
        if not Path(source).is_file():
            raise ValueError(
                f"{source}: no such file; name the .pt file of a segmentation model, e.g. "
                "yolo11x-seg.pt from the releases of github.com/ultralytics/assets"
            )
        try:
            next(outside.chunks(source), b"")
        except outside.OutsideError as error:
            raise ValueError(f"{source}: cannot be read ({error}); name a .pt file") from error
        import_ultralytics()
        from ultralytics.data.augment import LetterBox
        from ultralytics.nn.tasks import load_checkpoint

        try:
            model, _ = load_checkpoint(source, device=torch.device(device), fuse=True)
        except Exception as error:  # unpickling raises whatever the bytes lead it to
            raise ValueError(
                f"{source}: not the weights of an ultralytics model ({reason_of(error)[:150]}); "
                "name the .pt file of a segmentation model"
            ) from error
        if model.task != "segment":
            raise ValueError(
                f"{source}: a model for {model.task!r}, not for 'segment'; name a segmentation "
                "model, e.g. yolo11x-seg.pt"
            )
        self.model = model
        self.names = class_names(model, source)
        side = model.args["imgsz"]
        stride = max(int(model.stride.max()), 32)  # as ultralytics pads for any network
        self.letterbox = LetterBox((side, side), auto=True, stride=stride)
        self.iou = iou
        self.device = device
        self.batch = batch
        self.metadata = {
            "segmenter": name,
            "weights_sha256": store.sha256_of(source),
            "preprocessing": f"RGB / 255, longer side to {side}",
            "suppression": f"confidence {CONFIDENCE}, IoU {iou} within a class",
        }

    @torch.inference_mode()
    def __call__(self, images: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
        """Objects in (n, h, w, 3) uint8 RGB pictures; see ``evaluators.base.Segmenter``."""
        rows, masks = [], [np.zeros((0, *images.shape[1:3]), dtype=bool)]
        for start in range(0, len(images), self.batch):
            found, part = self._objects(images[start : start + self.batch])
            rows += [(start + i, self.names[int(k)], c) for i, k, c in found]
            masks.append(part)
        frame = pd.DataFrame(rows, columns=["image", "class", "confidence"])
        types = {"image": np.int64, "class": object, "confidence": np.float64}
        return frame.astype(types), np.concatenate(masks)

    def _objects(self, images: np.ndarray) -> tuple[list[tuple], np.ndarray]:
        """(image, class index, confidence) of every object, and its mask in the image's size."""
        from ultralytics.utils.nms import non_max_suppression
        from ultralytics.utils.ops import process_mask, scale_masks

        # The network takes RGB. ultralytics' predict() takes BGR arrays and turns them round.
        scaled = np.stack([self.letterbox(image=np.ascontiguousarray(i)) for i in images])
        x = torch.from_numpy(scaled).to(self.device).permute(0, 3, 1, 2).float() / 255
        said = self.model(x)
        found = non_max_suppression(
            said[0],
            CONFIDENCE,
            self.iou,
            max_det=MOST,
            nc=len(self.names),
            end2end=getattr(self.model, "end2end", False),
            # Without it, a slow machine would lose the last images' objects.
            max_time_img=float("inf"),
        )
        prototypes = _prototypes(said)
        rows, masks = [], [np.zeros((0, *images.shape[1:3]), dtype=bool)]
        for i, boxes in enumerate(found):
            if not len(boxes):
                continue
            rows += [(i, int(box[5]), float(box[4])) for box in boxes]
            own = process_mask(
                prototypes[i], boxes[:, 6:], boxes[:, :4], x.shape[2:], upsample=True
            )
            own = scale_masks(own[None].float(), images.shape[1:3])[0] > 0.5
            masks.append(own.cpu().numpy())
        return rows, np.concatenate(masks)


def _prototypes(said) -> torch.Tensor:
    """(n, k, h, w) prototypes among what a segmentation model returns in eval mode."""
    rest = said[1]
    found = rest["proto"] if isinstance(rest, Mapping) else rest[-1] if len(rest) == 3 else rest
    return found[0] if isinstance(found, tuple) else found


def load(entry: Mapping, name: str) -> UltralyticsSegmenter:
    """The segmenter of a config entry; on CUDA where there is one."""
    return UltralyticsSegmenter(
        entry["source"],
        name,
        iou=entry["nms_iou"],
        device="cuda" if torch.cuda.is_available() else "cpu",
        batch=entry["batch"],
    )
