"""How torch lays normals out over the threads of a CUDA GPU.

The rule is that of ATen/native/cuda/DistributionTemplates.h in torch 2.15; values that torch 1.9 to
2.7 printed follow it too (`seedbed.noise.gpus.COMPARED`), and a later torch may change it.

A launch has blocks of 256 threads, one for each 256 elements, but no more than the GPU holds at
once: its multiprocessors times the blocks that one of them holds. Thread i draws four normals from
the Philox block with key = seed and counter = (block number, i), and writes them to the elements i,
i + threads, i + 2 threads, i + 3 threads; where elements remain it draws its next block for the
next 4 threads elements, and so on. A call advances the block number by the blocks that one thread
drew.

As long as the GPU holds a thread for every element, element i is therefore the *first* normal of
thread i and no property of the GPU enters. With fewer threads the elements beyond them are second,
third, fourth normals of the first threads, and the noise depends on the GPU: on the number of its
threads alone.

float16 and bfloat16 are float32 normals, rounded. float64 is drawn by another kernel, two at a
time, and not offered here.
"""

import math
from collections.abc import Iterator

import numpy as np
import torch

from seedbed.noise.gpus import BLOCK, Gpu
from seedbed.noise.philox import LOW_WORD, normals, philox

PER_BLOCK = 4
"""Normals of one Philox block."""

RESIDENT_THREADS = 68 * 1024
"""Largest request that is answered without a named GPU: the threads of a GeForce RTX 2080 Ti, with
68 multiprocessors of 1,024 threads. A whole V100, A100 or H100 holds more. A T4 (40,960), an RTX
3060 (43,008) or a small MIG slice holds fewer: a latent no larger than that is as computed here
(SD's has 16,384 elements), a larger one (SDXL's has 65,536) is not."""

MOST_BYTES = 2**31
"""Beyond this torch splits a tensor and draws the parts one by one; no latent is as large."""


def refusal(numel: int, gpu: Gpu | None, dtype: torch.dtype) -> str | None:
    """Why a CUDA draw cannot be told, in one line; None where it can.

    Args:
        numel: elements of one draw.
        gpu: the card, None for any that holds `RESIDENT_THREADS`.
        dtype: of the draw.
    """
    if dtype not in (torch.float32, torch.float16, torch.bfloat16):
        return f"dtype {dtype}, and the CUDA stream float32, float16 or bfloat16: use one of these"
    if numel * dtype.itemsize > MOST_BYTES:
        return f"{numel:,} elements, more than one launch draws: use a smaller shape"
    if gpu is None and numel > RESIDENT_THREADS:
        return (
            f"{numel:,} elements, and above {RESIDENT_THREADS:,} the CUDA stream depends on the "
            "GPU: name it (gpu='RTX 4090'), or use the stream 'cpu'"
        )
    return None


def draws(
    seed: int, shape: tuple[int, ...], gpu: Gpu | None, dtype: torch.dtype
) -> Iterator[torch.Tensor]:
    """Successive draws of one CUDA generator, computed on the CPU; see `seedbed.noise.stream_of`.

    Args:
        seed: 0 <= seed < 2**64.
        shape: of each draw; `refusal` has found nothing against it.
        gpu: the card whose threads count; None: one that holds a thread for every element.
        dtype: torch.float32, float16 or bfloat16.

    Returns:
        Endless iterator over CPU tensors of that shape and dtype, standard normal.
    """
    numel = math.prod(shape)
    blocks = math.ceil(numel / BLOCK)
    threads = BLOCK * (blocks if gpu is None else min(blocks, gpu.blocks))
    rounds = math.ceil(numel / (threads * PER_BLOCK))
    first = 0
    while True:
        rows = _rows(seed, numel, threads, first)
        drawn = torch.from_numpy(rows.reshape(-1)[:numel].reshape(shape))
        yield drawn.to(dtype)
        first += rounds


def _rows(seed: int, numel: int, threads: int, first: int) -> np.ndarray:
    """Normals of all threads of one launch: (row, thread), float32, a row for each of a thread's
    normals that some thread writes; element e stands in row e // threads, column e % threads."""
    key = (seed & LOW_WORD, seed >> 32)
    height = math.ceil(numel / threads)
    # Where one normal of each thread is enough, threads beyond the last element are spared.
    width = threads if height > 1 else numel
    rows = np.empty((height, width), np.float32)
    # Words 0 and 1 number a thread's blocks, 2 and 3 the threads; neither needs its high word.
    counter = np.zeros((4, width), np.uint32)
    counter[2] = np.arange(width)
    for turn, top in enumerate(range(0, height, PER_BLOCK)):
        counter[0] = first + turn
        part = rows[top : top + PER_BLOCK]
        part[:] = normals(philox(counter, key), len(part))
    return rows
