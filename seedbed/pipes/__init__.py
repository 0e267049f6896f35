"""The latents that a diffusers pipeline would draw for its seeds, to be given as ``latents=``.

A pipeline that is called with a list of generators draws each image's latent alone. Those are the
latents here, image by image, in the pipeline's own shape, packing and dtype, but from any stream of
`seedbed.noise`: a GPU's noise on a CPU, and a seed's noise whatever else is in the batch.

They are unit noise. Pipelines that scale it by ``scheduler.init_noise_sigma`` do so with given
latents too, so nothing is scaled here.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Sequence

import torch

from seedbed import noise
from seedbed.pipes.kinds import KINDS, Kind


def latents_for(
    pipe,
    seeds: int | Sequence[int],
    stream: str = "cpu",
    *,
    gpu: str | noise.Gpu | None = None,
    height: int | None = None,
    width: int | None = None,
    shape: tuple[int, ...] | None = None,
    dtype: torch.dtype | None = None,
    use_resolution_binning: bool = True,
) -> torch.Tensor:
    """What a pipeline would draw for these seeds.

    With the stream "cpu", row i equals what ``pipe(..., generator=torch.Generator("cpu")
    .manual_seed(seeds[i]))`` draws for its one image, to the bit; with "cuda", what
    ``torch.Generator("cuda")`` gives it on the card `gpu`, as near as `seedbed.noise` comes.

    Inpainting begins from noise with ``strength=1`` only. It also encodes images with draws from
    ``generator``, before the latent where the denoiser takes no mask (this is then the draw after
    it) and after it: those are not in what is given here.

    Args:
        pipe: a pipeline of a class in `seedbed.pipes.kinds.KINDS` or derived from one; with
            `shape`, any.
        seeds: one, or n >= 1 of them, as in `seedbed.noise.latents`.
        stream: as in `seedbed.noise.latents`.
        gpu: as in `seedbed.noise.latents`.
        height: of the images, in pixels; None: the pipeline's default.
        width: likewise.
        shape: of one image's latent, in place of what the pipeline says.
        dtype: to draw in, in place of the pipeline's: where embeddings are given to it in another
            dtype than its encoders have.
        use_resolution_binning: as the pipeline is called, where it has this argument.

    Returns:
        (n, ...) CPU tensor for ``pipe(..., latents=)``; the pipeline moves it to its device.

    Raises:
        ValueError: The class is not known and `shape` is not given; its table of sizes has none
            for this model; or as in `seedbed.noise.latents`.
    """
    seeds = [seeds] if isinstance(seeds, int) else list(seeds)
    if not seeds:
        raise ValueError("no seeds given: latents for a pipeline need at least one")
    if shape is not None:
        drawn_in = dtype or torch.float32
        return noise.batch(seeds, shape, stream, gpu, drawn_in)
    kind, cls = _kind_of(pipe)
    drawn_in = dtype or _dtype(pipe, kind)
    size = _size(pipe, kind, cls, height, width, use_resolution_binning)
    cells = _cells(pipe, kind, size)
    if _encodes_first(pipe, kind):
        upcast = "XL" in kind.name and pipe.vae.config.force_upcast
        first = torch.float32 if upcast else drawn_in
        rows = [_second(seed, cells, stream, gpu, (first, drawn_in)) for seed in seeds]
        return _pack(torch.stack(rows), kind)
    return _pack(noise.batch(seeds, cells, stream, gpu, drawn_in), kind)


def _second(seed: int, cells, stream: str, gpu, dtypes) -> torch.Tensor:
    """The second draw of a generator whose first was in another dtype, maybe.

    How far a draw moves a CPU generator on depends on its dtype; with a GPU's only sizes count.
    """
    draws = noise.stream_of(seed, cells, stream, gpu, dtypes[1])
    if stream != "cpu":
        return next(itertools.islice(draws, 1, None))
    generator = torch.Generator("cpu").manual_seed(seed)
    _, drawn = (torch.randn(cells, generator=generator, dtype=dtype) for dtype in dtypes)
    return drawn


def _kind_of(pipe) -> tuple[Kind, type]:
    """The record of a pipeline, and the class that it is of."""
    for cls in type(pipe).__mro__:
        if cls.__name__ in KINDS and cls.__module__.partition(".")[0] == "diffusers":
            if type(pipe).prepare_latents is cls.prepare_latents:
                return KINDS[cls.__name__], cls
            break
    raise ValueError(
        f"how {type(pipe).__name__} draws its latents is not known: give shape=, of one image's "
        f"latent, such as shape=(4, 64, 64) (known: {', '.join(KINDS)})"
    )


def _dtype(pipe, kind: Kind) -> torch.dtype:
    if not kind.encoders:
        return torch.float32
    there = [part for name in kind.encoders if (part := getattr(pipe, name, None)) is not None]
    first, *others = there or [getattr(pipe, kind.denoiser)]
    found = first.dtype
    for part in others:
        found = torch.promote_types(found, part.dtype)
    return found


def _size(pipe, kind: Kind, cls: type, height, width, binning: bool) -> tuple[int, int]:
    """Height and width in pixels, as the pipeline settles them."""
    sample = getattr(pipe, kind.denoiser).config.get("sample_size")
    if isinstance(kind.side, int):
        default = (kind.side, kind.side)
    else:
        cells = pipe.default_sample_size if kind.side == "pipe" else sample
        rows, columns = (cells, cells) if isinstance(cells, int) else cells
        default = (rows * pipe.vae_scale_factor, columns * pipe.vae_scale_factor)
    if kind.name == "StableDiffusionPipeline" and not (height and width):
        # This one takes both from its model unless both are given.
        height = width = None
    height, width = height or default[0], width or default[1]
    if not (kind.bins and binning):
        return height, width
    if sample not in kind.bins:
        raise ValueError(
            f"{kind.name} has no table of sizes for a model of sample_size {sample}: "
            "give use_resolution_binning=False, here and to the pipeline"
        )
    ratios = getattr(sys.modules[cls.__module__], kind.bins[sample])
    return pipe.image_processor.classify_height_width_bin(height, width, ratios=ratios)


def _cells(pipe, kind: Kind, size: tuple[int, int]) -> tuple[int, int, int]:
    """Channels, rows and columns of what is drawn for one image."""
    patched = [int(side) // (pipe.vae_scale_factor * kind.patch) for side in size]
    if kind.channels == "vae":
        channels = pipe.vae.config.latent_channels
    else:
        channels = getattr(pipe, kind.denoiser).config.in_channels
    if kind.packing == "tokens":
        channels //= kind.patch**2
    step = 1 if kind.packing == "folded" else kind.patch
    rows, columns = (step * side for side in patched)
    return channels, rows, columns


def _encodes_first(pipe, kind: Kind) -> bool:
    """Whether the generator has been asked once before the latent is drawn.

    A denoiser of four channels takes no mask; a tiny VAE has no distribution to sample from.
    """
    takes_no_mask = getattr(pipe, kind.denoiser).config.in_channels == 4
    return kind.image_first and takes_no_mask and type(pipe.vae).__name__ != "AutoencoderTiny"


def _pack(drawn: torch.Tensor, kind: Kind) -> torch.Tensor:
    """(n, channels, rows, columns) as the pipeline takes it."""
    if kind.packing != "tokens":
        return drawn
    count, channels, rows, columns = drawn.shape
    side = kind.patch
    split = drawn.reshape(count, channels, rows // side, side, columns // side, side)
    tokens = (rows // side) * (columns // side)
    return split.permute(0, 2, 4, 1, 3, 5).reshape(count, tokens, channels * side**2)
