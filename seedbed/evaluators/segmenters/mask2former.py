"""Objects and their masks by any instance-segmentation Mask2Former of transformers.

Good Seed, section 3.4, names Mask2Former; the published model for COCO's classes is
``facebook/mask2former-swin-large-coco-instance``. Of its queries the ``MOST`` surest with a
confidence from ``CONFIDENCE`` up are kept, as Cheng et al. (2022) define it: the probability of the
class times the mean probability of the mask. What is measured applies a threshold of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch
from torch.nn import functional

from seedbed.models.batching import Place, place_of
from seedbed.models.looking import image_processor, prepared, read_model
from seedbed.provenance import weights_digest

WEIGHTS_MB = 826
"""Of the published weights in float32; for estimates of memory while they are not here."""
CONFIDENCE = 0.05
MOST = 20
"""Objects kept per image, the most confident first."""


class Mask2FormerSegmenter:
    """A ``Mask2FormerForUniversalSegmentation``.

    Args:
        source: a folder or a hub id.
        name: what the metadata call it.
        revision: of the hub.
        place: where it runs.

    Raises:
        ValueError: no such model there, or its class names are not told apart.
    """

    def __init__(
        self,
        source: str,
        name: str = "segmenter",
        revision: str | None = None,
        place: Place | None = None,
    ):
        from transformers import Mask2FormerForUniversalSegmentation

        model = read_model(Mask2FormerForUniversalSegmentation, source, revision)
        labels = model.config.id2label
        self.names = tuple(labels[i] for i in range(len(labels)))
        if len(set(self.names)) < len(self.names):
            raise ValueError(f"{source}: a class name stands for two classes; correct config.json")
        self.place = place or Place()
        self.model = self.place.put(model)
        self.processor = image_processor(source, revision)
        self.metadata = {
            "segmenter": name,
            "weights": weights_digest(source, revision),
            "preprocessing": "its own processor" if self.processor else "RGB as it is, normalised",
            "kept": f"confidence {CONFIDENCE}, at most {MOST}",
        } | self.place.metadata

    @torch.inference_mode()
    def __call__(self, images: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
        """Objects in square pictures; see ``evaluators.base.Segmenter``.

        Raises:
            ValueError: the pictures are not square: the processor would pad them.
        """
        size = images.shape[1:3]
        if size[0] != size[1]:
            raise ValueError(
                f"pictures of {size[1]}×{size[0]} pixels; Mask2Former takes square ones"
            )
        rows, masks, seen = [], [np.zeros((0, *size), dtype=bool)], 0
        for part in self.place.parts(images):
            said = self.model(pixel_values=prepared(self.processor, part, self.place))
            for classes, queries in zip(
                said.class_queries_logits.float(), said.masks_queries_logits.float(), strict=True
            ):
                kinds, confidences, own = objects(classes, queries, size)
                rows += [(seen, self.names[k], c) for k, c in zip(kinds, confidences, strict=True)]
                masks.append(own)
                seen += 1
        frame = pd.DataFrame(rows, columns=["image", "class", "confidence"])
        types = {"image": np.int64, "class": object, "confidence": np.float64}
        return frame.astype(types), np.concatenate(masks)


def objects(
    classes: torch.Tensor, queries: torch.Tensor, size: tuple[int, int]
) -> tuple[list[int], list[float], np.ndarray]:
    """The objects of one picture, the most confident first.

    Args:
        classes: (queries, classes + 1) logits, the last of no object.
        queries: (queries, h, w) logits of masks.
        size: height and width of the picture.

    Returns:
        Number of the class, confidence and (height, width) mask of each.
    """
    # A query may be two objects of different classes: it is taken once for each.
    scores = classes.softmax(dim=-1)[:, :-1]
    count = scores.shape[1]
    scores, places = scores.flatten().topk(min(len(queries), scores.numel()))
    logits = functional.interpolate(queries[None], size, mode="bilinear", align_corners=False)[0][
        places // count
    ]
    inside = (logits > 0).float()
    area = inside.sum(dim=(1, 2))
    scores = scores * (logits.sigmoid() * inside).sum(dim=(1, 2)) / (area + 1e-6)
    order = scores.argsort(descending=True, stable=True)
    order = order[((scores >= CONFIDENCE) & (area > 0))[order]][:MOST]
    kinds = (places % count)[order]
    return kinds.tolist(), scores[order].tolist(), inside[order].bool().cpu().numpy()


def load(entry: Mapping, name: str) -> Mask2FormerSegmenter:
    """The segmenter of a config entry."""
    place = place_of(entry, name)
    return Mask2FormerSegmenter(entry["source"], name, entry.get("revision"), place)
