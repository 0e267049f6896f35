"""Objects and their masks from any ultralytics segmentation model.

Stands where Mask2Former stands in Good Seed, section 3.4. Objects from ``CONFIDENCE`` up are kept;
what is measured applies a threshold of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch

from seedbed import store
from seedbed.evaluators.detectors.ultralytics import (
    NMS_IOU,
    class_names,
    import_ultralytics,
    to_float,
)
from seedbed.evaluators.weight_files import find
from seedbed.models.batching import Place, place_of
from seedbed.models.registry import reason_of

CONFIDENCE = 0.05
WEIGHTS_MB = 120
"""Of the published weights in float32; for estimates of memory while they are not here."""
WANTED = (
    "the .pt file of a segmentation model, e.g. yolo11x-seg.pt of the hub's Ultralytics/YOLO11 or "
    "of the releases of github.com/ultralytics/assets, which knows COCO's classes"
)
MOST = 20
"""Objects kept per image, the most confident first."""


class UltralyticsSegmenter:
    """A segmentation model of ultralytics, in float32.

    Args:
        source: a ``.pt`` file, on disk or of the hub.
        name: what the metadata call it.
        revision: of the hub.
        iou: threshold of the non-maximum suppression within a class.
        place: where it runs.

    Raises:
        ValueError: no such file, or no segmentation model in it.
    """

    def __init__(
        self,
        source: str,
        name: str = "segmenter",
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
                "name the .pt file of a segmentation model"
            ) from error
        if model.task != "segment":
            raise ValueError(
                f"{source}: a model for {model.task!r}, not for 'segment'; name a segmentation "
                "model, e.g. yolo11x-seg.pt"
            )
        self.place = place or Place()
        self.model = self.place.put(model)
        self.names = class_names(model, source)
        side = model.args["imgsz"]
        stride = max(int(model.stride.max()), 32)  # as ultralytics pads for any network
        self.letterbox = LetterBox((side, side), auto=True, stride=stride)
        self.iou = iou
        self.metadata = {
            "segmenter": name,
            "weights_sha256": store.sha256_of(file),
            "preprocessing": f"RGB / 255, longer side to {side}",
            "suppression": f"confidence {CONFIDENCE}, IoU {iou} within a class",
        } | self.place.metadata

    @torch.inference_mode()
    def __call__(self, images: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
        """Objects in (n, h, w, 3) uint8 RGB pictures; see ``evaluators.base.Segmenter``."""
        rows, masks, seen = [], [np.zeros((0, *images.shape[1:3]), dtype=bool)], 0
        for part in self.place.parts(images):
            found, own = self._objects(part)
            rows += [(seen + i, self.names[int(k)], c) for i, k, c in found]
            masks.append(own)
            seen += len(part)
        frame = pd.DataFrame(rows, columns=["image", "class", "confidence"])
        types = {"image": np.int64, "class": object, "confidence": np.float64}
        return frame.astype(types), np.concatenate(masks)

    def _objects(self, images: np.ndarray) -> tuple[list[tuple], np.ndarray]:
        """(image, class index, confidence) of every object, and its mask in the image's size."""
        from ultralytics.utils.nms import non_max_suppression
        from ultralytics.utils.ops import process_mask, scale_masks

        # The network takes RGB. ultralytics' predict() takes BGR arrays and turns them round.
        scaled = np.stack([self.letterbox(image=np.ascontiguousarray(i)) for i in images])
        x = (self.place.take(scaled) / 255).to(self.place.dtype)
        said = to_float(self.model(x))
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
    """The segmenter of a config entry."""
    return UltralyticsSegmenter(
        entry["source"],
        name,
        entry.get("revision"),
        iou=entry["nms_iou"],
        place=place_of(entry, name),
    )
