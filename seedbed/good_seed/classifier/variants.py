"""Pictures with something taken away: what is left and still names the seed gives it away.

=============== ================================================== =============================
variant         what is left                                       what is gone
=============== ================================================== =============================
``whole``       all                                                nothing
``thumbnail``   means of 8 × 8 fields                              outlines, texture
``grey``        luminance                                          colour
``shuffled``    16 fields of 4 × 4, in an order of each picture    places and layout
``edges``       length of the luminance's gradient                 colour, brightness, tint
``low``         at most 2 waves across and down the picture        all but soft light and colour
=============== ================================================== =============================
"""

from __future__ import annotations

import numpy as np

THUMBNAIL = 8
"""Fields across and down of ``thumbnail``."""
FIELDS = 4
"""Fields across and down of ``shuffled``."""
WAVES = 2
"""Highest frequency of ``low``, in waves per side."""
LUMINANCE = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""Rec. 601 weights of red, green and blue."""
_PART = 512


def vary(pixels: np.ndarray, variant: str, rng: np.random.Generator) -> np.ndarray:
    """Pictures as a variant has them.

    Args:
        pixels: (n, side, side, 3) uint8; the side a multiple of 8.
        variant: one of ``seedbed.choices.PICTURE_VARIANTS``.
        rng: the only source of randomness, of ``shuffled`` alone.

    Returns:
        (n, side, side, 3) uint8.

    Raises:
        ValueError: the variant is unknown, or the side does not fit.
    """
    if variant == "whole":
        return pixels
    if variant not in _VARIANTS:
        raise ValueError(f"a variant {variant!r} of pictures is unknown")
    if pixels.shape[1] % THUMBNAIL:
        raise ValueError(f"good_seed.classifier.input_size: {pixels.shape[1]} is no multiple of 8")
    parts = range(0, len(pixels), _PART)
    made = [_VARIANTS[variant](pixels[i : i + _PART].astype(np.float32), rng) for i in parts]
    return np.concatenate([part.round().clip(0, 255).astype(np.uint8) for part in made])


def _thumbnail(x: np.ndarray, _) -> np.ndarray:
    n, side, _, channels = x.shape
    field = side // THUMBNAIL
    means = x.reshape(n, THUMBNAIL, field, THUMBNAIL, field, channels).mean((2, 4))
    return means.repeat(field, axis=1).repeat(field, axis=2)


def _grey(x: np.ndarray, _) -> np.ndarray:
    return (x @ LUMINANCE)[..., None].repeat(3, axis=3)


def _shuffled(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    n, side, _, channels = x.shape
    field = side // FIELDS
    cut = x.reshape(n, FIELDS, field, FIELDS, field, channels).transpose(0, 1, 3, 2, 4, 5)
    cut = cut.reshape(n, FIELDS**2, field, field, channels)
    order = rng.permuted(np.tile(np.arange(FIELDS**2), (n, 1)), axis=1)
    moved = np.take_along_axis(cut, order[:, :, None, None, None], axis=1)
    moved = moved.reshape(n, FIELDS, FIELDS, field, field, channels).transpose(0, 1, 3, 2, 4, 5)
    return moved.reshape(n, side, side, channels)


def _edges(x: np.ndarray, _) -> np.ndarray:
    light = x @ LUMINANCE
    down, across = np.gradient(light, axis=(1, 2))
    return np.hypot(down, across)[..., None].repeat(3, axis=3)


def _low(x: np.ndarray, _) -> np.ndarray:
    spectrum = np.fft.fft2(x, axes=(1, 2))
    waves = np.abs(np.fft.fftfreq(x.shape[1], 1 / x.shape[1]))
    kept = np.maximum(waves[:, None], waves[None, :]) <= WAVES
    return np.fft.ifft2(spectrum * kept[..., None], axes=(1, 2)).real


_VARIANTS = {
    "thumbnail": _thumbnail,
    "grey": _grey,
    "shuffled": _shuffled,
    "edges": _edges,
    "low": _low,
}
