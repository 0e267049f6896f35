"""Real pictures that rank seeds, and others that judge golden ones."""

from __future__ import annotations

import numpy as np


def ranking_half(reference: np.ndarray) -> np.ndarray:
    """The half of the real pictures (m, d) that ranks seeds; the second half judges golden ones."""
    return reference[: len(reference) // 2]


def judging_half(reference: np.ndarray) -> np.ndarray:
    """The half of the real pictures (m, d) that judges; the first half ranks seeds."""
    return reference[len(reference) // 2 :]
