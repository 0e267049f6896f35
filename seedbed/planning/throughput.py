"""Floating-point operations of networks and what GPUs do of them in an hour.

A multiplication and an addition are two operations; attention's products are counted. Networks of
the papers were counted from their configs at 77 tokens (layer by layer). Peaks are the vendor's
dense bfloat16 numbers. The shares of the peak are goals, not measurements: published times of
SD 1.5 on an A100 lie at 30 to 39 % in batches, of SDXL Turbo at 22 to 38 %. A share of one's own
(`make bench` on the GPU) goes into the config.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from seedbed.choices import STORYBOOK

PEAKS = {"h200": 989.5, "h100": 989.5, "a100": 312.0}
"""TFLOP a second."""
SHARES = {"steps": 0.4, "one step": 0.3, "measures": 0.3}
"""Of the peak: many UNet calls for each decoding, one, and evaluators or trainings."""
SIDE = 512
WORLD_SIDE = 64
"""Pixels of a Storybook picture's side."""
UNETS = {
    ("sd", 512): 0.804,
    ("sd", 768): 2.149,
    ("sd_inpaint", 512): 0.804,
    ("sdxl", 512): 1.589,
    ("sdxl", 1024): 6.761,
}
"""TFLOP of one call for one picture, by family and pixels of its side."""
DECODING = 2.515
"""TFLOP of the VAE for a picture of 512 pixels a side."""
FIRST_MAP = 0.240
"""TFLOP of SD 1.x's encoder up to the layer that tickets are read from, without guidance."""
RATES = {"sd": 15.0, "sdxl": 15.0, "sd_inpaint": 15.0}
"""Guided pictures of 20 steps a second on two idle processor cores, measured."""
RATED_STEPS = 20
EVALUATORS = {
    "inception": 0.0114,
    "dinov2": 0.16,
    "gram": 0.204,
    "hps": 0.335,
    "clip": 0.16,
    "ultralytics": 0.195,
    "mask2former": 1.7,
    "depth_anything": 1.5,
}
"""TFLOP of one picture, by kind: VGG-19, Inception, HPS counted, the others as published, rounded;
what is not here runs on the processor."""
CLASSIFIER = 0.0078 * 3
"""TFLOP of one training step for one picture: EfficientFormer-L3, forwards and back."""
CAPTION = 12.0
"""TFLOP of one caption by a 7 B model over a picture and about 150 words."""


@dataclass(frozen=True)
class Machine:
    """What computes.

    Attributes:
        gpu: a name of ``PEAKS``.
        share: of its peak, measured; ``None`` for ``SHARES``.
    """

    gpu: str
    share: float | None = None

    def hours(self, tflop: float, work: str) -> float:
        """GPU-hours.

        Args:
            tflop: to be done.
            work: a name of ``SHARES``.
        """
        return tflop / (PEAKS[self.gpu] * (self.share or SHARES[work])) / 3600

    @property
    def told(self) -> str:
        """Which throughput is meant, and whence it is."""
        peak = f"{self.gpu.upper()}, {PEAKS[self.gpu]:g} TFLOP/s bfloat16 at its peak"
        if self.share:
            return f"{peak}, {self.share:.0%} of it (plan_share, of the config)"
        shares = ", ".join(f"{share:.0%} for {work}" for work, share in SHARES.items())
        return f"{peak}; {shares}: goals from published times, not measured"


def calls_of(entry: Mapping) -> int:
    """UNet calls of one picture: twice as many with guidance."""
    return entry["steps"] * (2 if entry["guidance"] > 1 else 1)


def work_of(entry: Mapping) -> str:
    """Which share of the peak a model's drawing reaches."""
    return "steps" if entry["steps"] > 1 else "one step"


def picture(entry: Mapping) -> float:
    """TFLOP of one picture of a model of the hub; between sizes that were counted by area."""
    side = side_of(entry)
    known = {s: cost for (family, s), cost in UNETS.items() if family == entry["family"]}
    nearest = min(known, key=lambda s: abs(s - side))
    unet = known[nearest] * (side / nearest) ** 2
    return calls_of(entry) * unet + DECODING * (side / SIDE) ** 2


def side_of(entry: Mapping) -> int:
    """Pixels of a picture's side."""
    if entry["world"] == STORYBOOK:
        return WORLD_SIDE
    return entry["resolution"] or SIDE


def seconds_on_cores(entry: Mapping) -> float:
    """Of one Storybook picture on two idle cores."""
    return max(calls_of(entry), 4) / (2 * RATED_STEPS) / RATES[entry["family"]]
