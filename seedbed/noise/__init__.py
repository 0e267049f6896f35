"""The noise that a seed stands for, on any machine.

The same integer names different noise on different devices, so a seed only has a meaning together
with its *stream*:

- ``cpu``: what torch's CPU generator draws (Mersenne Twister; only the low 32 bits of the seed
  count, so seeds that agree modulo 2**32 give equal noise; the last bits may depend on the kind
  of CPU).
- ``cuda``: what ``torch.manual_seed(seed); torch.randn(shape, device="cuda")`` draws, computed here
  in NumPy: the bits and normals of `seedbed.noise.philox`, laid out as `seedbed.noise.cuda` says.
  A small draw is the same on all GPUs; a large one depends on the card and asks for its name
  (`seedbed.noise.gpus`).

A CUDA latent agrees with the GPU's to 5e-6 for the largest values and 1e-6 for typical ones; its
digest is that of our tensor, not of the GPU's. In float16 and bfloat16 it is the GPU's but for the
elements, fewer than one in a hundred, that lie that close to the middle between two numbers.
"""

import hashlib
import math
import operator
from collections.abc import Iterator, Sequence

import torch

from seedbed.choices import STREAMS
from seedbed.noise import cuda
from seedbed.noise.cuda import RESIDENT_THREADS
from seedbed.noise.gpus import GPUS, Gpu, find_gpu, this_gpu
from seedbed.noise.philox import philox

__all__ = [
    "GPUS",
    "RESIDENT_THREADS",
    "Gpu",
    "batch",
    "digest",
    "find_gpu",
    "latents",
    "philox",
    "stream_of",
    "this_gpu",
]


def latents(
    seed: int,
    shape: tuple[int, ...],
    stream: str,
    gpu: str | Gpu | None = None,
    dtype: torch.dtype = torch.float32,
) -> torch.Tensor:
    """The noise of one seed.

    Args:
        seed: 0 <= seed < 2**64.
        shape: The latent's own shape without a batch axis, such as (4, 64, 64).
        stream: "cpu" or "cuda"; either is computed on the CPU.
        gpu: For the stream "cuda", the card that would draw: a name such as "RTX 4090"
            (`seedbed.noise.find_gpu`), or a `Gpu` by its numbers. None: any that holds at least
            `RESIDENT_THREADS` threads.
        dtype: What the generator is asked for: in the stream "cpu" any floating-point type, in
            "cuda" float32, float16 or bfloat16. A CPU's half-precision noise is not always its
            float32 noise, rounded.

    Returns:
        Standard normal CPU tensor of the given shape and dtype; in the stream "cuda" within +-6.8.

    Raises:
        ValueError: The seed is out of range, the stream, card or dtype unknown, the shape empty or
            not positive; or a card is named beside the stream "cpu"; or the stream is "cuda", the
            shape has more than `RESIDENT_THREADS` elements and no card is named.
    """
    return next(stream_of(seed, shape, stream, gpu, dtype))


def stream_of(
    seed: int,
    shape: tuple[int, ...],
    stream: str,
    gpu: str | Gpu | None = None,
    dtype: torch.dtype = torch.float32,
) -> Iterator[torch.Tensor]:
    """Successive noise tensors of one generator: the initial latent, then the noise of each step.

    The first is `latents(seed, shape, stream, ...)`; the (t + 1)-th is what the (t + 1)-th call of
    ``torch.randn(shape, ...)`` gives after seeding, as samplers with eta > 0 make them.

    Args:
        seed: As in `latents`.
        shape: As in `latents`; the same for every tensor.
        stream: As in `latents`.
        gpu: As in `latents`.
        dtype: As in `latents`.

    Returns:
        Endless iterator over standard normal CPU tensors of the given shape and dtype.

    Raises:
        ValueError: As in `latents`, at the call and not at the first tensor.
    """
    if stream not in STREAMS:
        raise ValueError(f"unknown noise stream {stream!r}: use one of {', '.join(STREAMS)}")
    seed, shape = operator.index(seed), tuple(map(operator.index, shape))
    if not 0 <= seed < 2**64:
        raise ValueError(f"seed {seed} is out of range: use 0 <= seed < 2**64")
    if not shape or min(shape) < 1:
        raise ValueError(f"noise shape {shape} must have at least one axis and only sizes >= 1")
    if not dtype.is_floating_point:
        raise ValueError(f"noise of {dtype}: use a floating-point type")
    if stream == "cpu":
        if gpu is not None:
            raise ValueError(f"gpu={gpu!r} with the stream 'cpu': cards draw the stream 'cuda'")
        return _cpu_draws(seed, shape, dtype)
    card = None if gpu is None else find_gpu(gpu)
    reason = cuda.refusal(math.prod(shape), card, dtype)
    if reason:
        raise ValueError(f"noise shape {shape} has {reason}")
    return cuda.draws(seed, shape, card, dtype)


def batch(
    seeds: Sequence[int],
    shape: tuple[int, ...],
    stream: str,
    gpu: str | Gpu | None = None,
    dtype: torch.dtype = torch.float32,
) -> torch.Tensor:
    """The noise of several seeds, each drawn alone with a generator of its own.

    Args:
        seeds: n >= 1 seeds, as in `latents`.
        shape: As in `latents`.
        stream: As in `latents`.
        gpu: As in `latents`.
        dtype: As in `latents`.

    Returns:
        (n, *shape) CPU tensor; row i is `latents(seeds[i], shape, stream, gpu, dtype)`.

    Raises:
        ValueError: No seeds, or as in `latents`.
    """
    if len(seeds) == 0:
        raise ValueError("no seeds given: a batch of noise needs at least one")
    return torch.stack([latents(seed, shape, stream, gpu, dtype) for seed in seeds])


def digest(latent: torch.Tensor) -> str:
    """The sha256 of a latent's values, which tells whether two images began from the same noise.

    Args:
        latent: float32 tensor of any shape, on any device; the shape does not enter.

    Returns:
        64 hexadecimal digits: sha256 of the elements as little-endian float32, in row-major order.

    Raises:
        ValueError: The tensor is not float32; a cast would give the digest of other noise.
    """
    if latent.dtype != torch.float32:
        raise ValueError(f"digest of {latent.dtype}: take it of the float32 latent, before casting")
    values = latent.detach().cpu().numpy().astype("<f4", copy=False)
    return hashlib.sha256(values.tobytes()).hexdigest()


def _cpu_draws(seed: int, shape: tuple[int, ...], dtype: torch.dtype) -> Iterator[torch.Tensor]:
    generator = torch.Generator("cpu").manual_seed(seed)
    while True:
        yield torch.randn(shape, generator=generator, dtype=dtype)
