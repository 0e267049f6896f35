"""The noise that a seed stands for, on any machine.

The same integer names different noise on different devices, so a seed only has a meaning together
with its *stream*:

- ``cpu``: what torch's CPU generator draws (Mersenne Twister; only the low 32 bits of the seed
  count, so seeds that agree modulo 2**32 give equal noise; the last bits may depend on the kind
  of CPU).
- ``cuda``: what ``torch.manual_seed(seed); torch.randn(shape, device="cuda")`` draws, computed here
  in NumPy: Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") and
  cuRAND's Box-Muller transform.

How torch lays the CUDA stream out (ATen/native/cuda/DistributionTemplates.h, torch 2.15): one
thread per element, in blocks of 256, as many blocks as the elements need but no more than the GPU
holds at once. Thread i draws four normals from the Philox block with key = seed and counter =
(calls made before, i), and writes them to the elements i, i + threads, i + 2 threads, ... As long
as the GPU holds a thread for every element, element i is therefore the *first* normal of thread i
and no property of the GPU enters; each call advances the counter by one block. With fewer threads
than elements, the elements at the end are second normals of the first threads, and the noise
depends on the GPU. Requests above `RESIDENT_THREADS` elements are refused for that reason.

The integers are exact. The GPU computes the logarithm in float32 and the sine with its approximate
instruction (absolute error about 2**-20.5), where we compute both in float64 and round once, so a
CUDA latent agrees with the GPU's to about 2**-20.5 times the radius: 5e-6 for the largest values,
1e-6 for typical ones. Its digest is that of our tensor, not of the GPU's.
"""

import hashlib
import math
import operator
from collections.abc import Iterator, Sequence

import numpy as np
import torch

# Threads that the smallest GPU we answer for holds at once: a GeForce RTX 2080 Ti, with 68
# multiprocessors of 1,024 threads. A whole V100, A100 or H100 holds more. A T4 (40,960), an RTX
# 3060 (43,008) or a small MIG slice holds fewer: a latent no larger than that is as computed here
# (SD's has 16,384 elements), a larger one (SDXL's has 65,536) is not.
RESIDENT_THREADS = 68 * 1024

LOW_WORD = 0xFFFFFFFF
PHILOX_ROUNDS = 10
PHILOX_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
PHILOX_KEY_STEPS = (0x9E3779B9, 0xBB67AE85)


def latents(seed: int, shape: tuple[int, ...], stream: str) -> torch.Tensor:
    """The noise of one seed.

    Args:
        seed: 0 <= seed < 2**64.
        shape: The latent's own shape without a batch axis, such as (4, 64, 64).
        stream: "cpu" or "cuda"; either is computed on the CPU.

    Returns:
        Standard normal float32 CPU tensor of the given shape; in the stream "cuda" within +-6.8.

    Raises:
        ValueError: The seed is out of range, the stream unknown, the shape empty or not positive,
            or the stream is "cuda" and the shape has more than `RESIDENT_THREADS` elements.
    """
    return next(stream_of(seed, shape, stream))


def stream_of(seed: int, shape: tuple[int, ...], stream: str) -> Iterator[torch.Tensor]:
    """Successive noise tensors of one generator: the initial latent, then the noise of each step.

    The first is `latents(seed, shape, stream)`; the (t + 1)-th is what the (t + 1)-th call of
    ``torch.randn(shape, ...)`` gives after seeding, as samplers with eta > 0 make them.

    Args:
        seed: As in `latents`.
        shape: As in `latents`; the same for every tensor.
        stream: As in `latents`.

    Returns:
        Endless iterator over standard normal float32 CPU tensors of the given shape.

    Raises:
        ValueError: As in `latents`, at the call and not at the first tensor.
    """
    if stream not in DRAWS:
        raise ValueError(f"unknown noise stream {stream!r}: use one of {', '.join(DRAWS)}")
    seed, shape = operator.index(seed), tuple(map(operator.index, shape))
    if not 0 <= seed < 2**64:
        raise ValueError(f"seed {seed} is out of range: use 0 <= seed < 2**64")
    if not shape or min(shape) < 1:
        raise ValueError(f"noise shape {shape} must have at least one axis and only sizes >= 1")
    if stream == "cuda" and math.prod(shape) > RESIDENT_THREADS:
        raise ValueError(
            f"noise shape {shape} has {math.prod(shape):,} elements, and above "
            f"{RESIDENT_THREADS:,} the CUDA stream depends on the GPU: use the stream 'cpu'"
        )
    return DRAWS[stream](seed, shape)


def batch(seeds: Sequence[int], shape: tuple[int, ...], stream: str) -> torch.Tensor:
    """The noise of several seeds, each drawn alone with a generator of its own.

    Args:
        seeds: n >= 1 seeds, as in `latents`.
        shape: As in `latents`.
        stream: As in `latents`.

    Returns:
        (n, *shape) float32 CPU tensor; row i is `latents(seeds[i], shape, stream)`.

    Raises:
        ValueError: No seeds, or as in `latents`.
    """
    if len(seeds) == 0:
        raise ValueError("no seeds given: a batch of noise needs at least one")
    return torch.stack([latents(seed, shape, stream) for seed in seeds])


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


def philox(counter: np.ndarray, key: tuple[int, int]) -> np.ndarray:
    """Philox 4x32-10 (Salmon et al. 2011): 128 random bits for each counter.

    Args:
        counter: (4, n) uint32, word 0 the lowest.
        key: Two integers in [0, 2**32), word 0 the lowest.

    Returns:
        (4, n) uint32, uniform.
    """
    # uint64 lanes that hold 32-bit words, so that a product of two words fits.
    c0, c1, c2, c3 = counter.astype(np.uint64)
    k0, k1 = key
    for _ in range(PHILOX_ROUNDS):
        product0 = c0 * PHILOX_MULTIPLIERS[0]
        product1 = c2 * PHILOX_MULTIPLIERS[1]
        c0, c1 = (product1 >> 32) ^ c1 ^ k0, product1 & LOW_WORD
        c2, c3 = (product0 >> 32) ^ c3 ^ k1, product0 & LOW_WORD
        k0 = (k0 + PHILOX_KEY_STEPS[0]) & LOW_WORD
        k1 = (k1 + PHILOX_KEY_STEPS[1]) & LOW_WORD
    return np.stack([c0, c1, c2, c3]).astype(np.uint32)


def _box_muller_sine(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The first of cuRAND's two normals from each pair of uniform uint32 words, as float32.

    u in (0, 1] and the angle v in (0, 2 pi] are float32 on the GPU, and their rounding matters.
    v is a fused multiply-add there, rounded once: in float64 its product is exact.
    """
    u = x.astype(np.float32) * np.float32(2**-32) + np.float32(2**-33)
    step = float(np.float32(2 * math.pi)) * 2**-32
    v = (y.astype(np.float32).astype(np.float64) * step + step / 2).astype(np.float32)
    radius = np.sqrt(-2 * np.log(u.astype(np.float64)))
    return (radius * np.sin(v.astype(np.float64))).astype(np.float32)


def _cpu_draws(seed: int, shape: tuple[int, ...]) -> Iterator[torch.Tensor]:
    generator = torch.Generator("cpu").manual_seed(seed)
    while True:
        yield torch.randn(shape, generator=generator, dtype=torch.float32)


def _cuda_draws(seed: int, shape: tuple[int, ...]) -> Iterator[torch.Tensor]:
    key = (seed & LOW_WORD, seed >> 32)
    # Words 0 and 1 count the calls, words 2 and 3 the threads; neither ever needs its high word.
    counter = np.zeros((4, math.prod(shape)), np.uint32)
    counter[2] = np.arange(counter.shape[1])
    while True:
        x, y, _, _ = philox(counter, key)
        yield torch.from_numpy(_box_muller_sine(x, y).reshape(shape))
        counter[0] += 1


DRAWS = {"cpu": _cpu_draws, "cuda": _cuda_draws}
