"""What an evaluator is: one class behind one of these protocols, in a module named by its kind.

An evaluator's ``metadata`` name it, its weights' sha256 and its preprocessing; they are stored
with what it measured, so that numbers of two evaluators are never joined.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pandas as pd


class Extractor(Protocol):
    """Pictures to feature vectors (Good Seed, 3.4: Inception's pool3; here also others)."""

    metadata: dict[str, str]

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """(n, h, w, 3) uint8 RGB to (n, d) float32, or float16 where that is enough."""
        ...


class Scorer(Protocol):
    """Pictures and their prompts to one number each (Good Seed, 3.4: HPS v2)."""

    metadata: dict[str, str]

    def prepare(self, texts: list[str]) -> None:
        """Take the prompts that ``score`` will refer to by their index."""
        ...

    def score(self, images: np.ndarray, texts: list[int]) -> np.ndarray:
        """(n, h, w, 3) uint8 RGB and n indices of prompts to (n,) float64, higher is better."""
        ...


class Detector(Protocol):
    """Pictures to boxes with classes (Lottery Ticket, 4.3: YOLOR)."""

    metadata: dict[str, str]
    names: tuple[str, ...]
    """Every class that it knows."""

    def __call__(self, images: np.ndarray) -> pd.DataFrame:
        """(n, h, w, 3) uint8 RGB to a row per box.

        Returns:
            ``image`` (int64, 0..n-1), ``class`` (str), ``confidence`` (float64, 0..1), ``x0``,
            ``y0``, ``x1``, ``y1`` (float64, shares of the frame, y down); by image, the most
            confident first. An image without a box has no row.
        """
        ...


class Segmenter(Protocol):
    """Pictures to masks with classes (Good Seed, 3.4: Mask2Former)."""

    metadata: dict[str, str]
    names: tuple[str, ...]
    """Every class that it knows."""

    def __call__(self, images: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
        """(n, h, w, 3) uint8 RGB to a row and a mask per object.

        Returns:
            ``image`` (int64, 0..n-1), ``class`` (str), ``confidence`` (float64, 0..1), by image,
            the most confident first; and (rows, h, w) bool masks.
        """
        ...


class DepthEstimator(Protocol):
    """Pictures to relative inverse depth (Good Seed, 3.4: Depth Anything)."""

    metadata: dict[str, str]

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """(n, h, w, 3) uint8 RGB to (n, h, w) float32, larger is nearer, of no unit."""
        ...
