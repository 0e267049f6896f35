"""What a job needs that holds a model, by what its weights take on disk."""

from __future__ import annotations

from functools import cache
from pathlib import Path

SUFFIXES = (".safetensors", ".bin", ".ckpt", ".pt", ".pth", ".traineddata")
SD_MB, LLAVA_MB = 4300.0, 13500.0
"""What Stable Diffusion 1.x in float32 and LLaVA-1.5-7B in float16 take on disk."""


def needed_mb(weights: float) -> int:
    """What a job takes that holds a model: libraries, weights while they load, a batch."""
    return max(4000, 3000 + round(2.5 * weights))


@cache
def weights_mb(source: str, absent: float = SD_MB) -> float:
    """What a model's weights take on disk, or as much as is said where they are not here yet."""
    path = Path(source)
    files = [path] if path.is_file() else path.rglob("*")
    sizes = [f.stat().st_size for f in files if f.suffix in SUFFIXES]
    return sum(sizes) / 2**20 if sizes else absent
