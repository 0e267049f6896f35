"""The two noise streams: published answers, a slow oracle, independence and refusals.

The oracle (`slow_noise`) walks torch's CUDA kernel thread by thread.
"""

import hashlib
import itertools
import math
import struct

import numpy as np
import pytest
import torch
from slow_noise import slow_philox, slow_randn

from seedbed import noise

SD_SHAPE = (4, 64, 64)
SDXL_SHAPE = (4, 128, 128)
RESIDENT_BLOCKS = noise.RESIDENT_THREADS // 256


# Published answers -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ([0] * 4, (0, 0), [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        (
            [0xFFFFFFFF] * 4,
            (0xFFFFFFFF, 0xFFFFFFFF),
            [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD],
        ),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            (0xA4093822, 0x299F31D0),
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
    ids=["zeros", "ones", "pi"],
)
def test_philox_gives_the_known_answers_of_random123(counter, key, expected):
    fast = noise.philox(np.array(counter, np.uint32)[:, None], key)
    assert fast.dtype == np.uint32
    assert fast[:, 0].tolist() == expected
    assert slow_philox(counter, key) == expected


def test_cuda_stream_gives_the_published_values_of_seed_0():
    # torch.manual_seed(0); torch.randn(8, 8, device="cuda"), the first ten as printed by a GPU.
    printed = [-0.9247, -0.4253, -2.6438, 0.1452, -0.1209, -0.5797, -0.6229, -0.3284]
    printed += [-1.0745, -0.3631]
    drawn = noise.latents(0, (8, 8), "cuda").flatten()[:10]
    torch.testing.assert_close(drawn, torch.tensor(printed), atol=5e-5, rtol=0)
    torch.testing.assert_close(
        noise.latents(0, (4,), "cuda"), torch.tensor(printed[:4]), atol=5e-5, rtol=0
    )


def test_cuda_stream_continues_as_a_gpu_printed_it():
    # relu(a + b / 2 + c) for a = randn(8, 8), b = randn(8, 8), c = randn(8) on an sm_75 GPU, seed
    # 0, in the notes to a lecture on Triton. c is the start of the third draw: element i does not
    # depend on the size.
    printed = [1.7098, 0.0, 0.0, 0.0, 0.67049, 0.0, 0.34424, 0.011223]
    a, b, c = itertools.islice(noise.stream_of(0, (8, 8), "cuda"), 3)
    torch.testing.assert_close(
        torch.relu(a[0] + b[0] / 2 + c[0]), torch.tensor(printed), atol=5e-5, rtol=0
    )


# The CUDA stream against the oracle ------------------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "shape"),
    [
        (0, (1,)),
        (1, (3,)),
        (469, (255,)),
        (2**64 - 1, (257,)),
        (2**32, (5, 7, 11)),
        (696, (4, 16, 16)),
        (42, SD_SHAPE),
    ],
)
def test_cuda_stream_equals_the_oracle(seed, shape):
    fast = noise.latents(seed, shape, "cuda")
    slow = slow_randn(seed, math.prod(shape), 0, RESIDENT_BLOCKS).reshape(shape)
    assert fast.dtype == torch.float32
    # Float32 rounding is all that separates them.
    np.testing.assert_allclose(fast.numpy(), slow, rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("calls", [1, 2, 7])
def test_each_later_draw_advances_the_counter_by_one_block(calls):
    draws = noise.stream_of(11, (4, 8, 8), "cuda")
    drawn = next(itertools.islice(draws, calls, None))
    slow = slow_randn(11, 4 * 8 * 8, calls, RESIDENT_BLOCKS).reshape(4, 8, 8)
    np.testing.assert_allclose(drawn.numpy(), slow, rtol=1e-7, atol=1e-12)


def test_a_gpu_with_fewer_threads_than_elements_draws_other_noise_beyond_them():
    # The reason for the limit, shown on the oracle alone.
    enough, too_few = (slow_randn(3, 600, 0, blocks) for blocks in (3, 2))
    assert (enough[:512] == too_few[:512]).all()
    assert (enough[512:] != too_few[512:]).all()
    assert math.prod(SDXL_SHAPE) <= noise.RESIDENT_THREADS


def test_high_word_of_the_seed_counts_only_on_cuda():
    low, high = 5, 5 + 2**32
    assert not torch.equal(*(noise.latents(s, (4, 8, 8), "cuda") for s in (low, high)))
    assert torch.equal(*(noise.latents(s, (4, 8, 8), "cpu") for s in (low, high)))


def test_sdxl_noise_is_standard_normal():
    values = noise.latents(7, SDXL_SHAPE, "cuda").double().flatten()
    n = values.numel()
    assert n == 65_536
    assert abs(values.mean()) < 4 / math.sqrt(n)  # four standard errors each
    assert abs(values.std() - 1) < 4 / math.sqrt(2 * n)
    kurtosis = ((values - values.mean()) / values.std()).pow(4).mean()
    assert abs(kurtosis - 3) < 4 * math.sqrt(24 / n)
    assert values.unique().numel() > 0.99 * n


# Both streams ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 469, 2**63, 2**64 - 1])
def test_cpu_stream_equals_torch(seed):
    generator = torch.Generator("cpu").manual_seed(seed)
    for drawn in itertools.islice(noise.stream_of(seed, (4, 9, 9), "cpu"), 3):
        assert torch.equal(drawn, torch.randn((4, 9, 9), generator=generator))


def test_latents_leave_the_global_generators_alone():
    torch.manual_seed(1)
    np.random.seed(1)
    before = torch.get_rng_state(), np.random.get_state()[1]
    for stream in ("cpu", "cuda"):
        noise.batch([1, 2], (4, 8, 8), stream)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()


@pytest.mark.parametrize("stream", ["cpu", "cuda"])
def test_stream_starts_with_the_latent_and_never_changes_what_it_gave(stream):
    first, second, third = itertools.islice(noise.stream_of(9, (4, 8, 8), stream), 3)
    assert torch.equal(first, noise.latents(9, (4, 8, 8), stream))
    assert not torch.equal(first, second)
    assert not torch.equal(second, third)


@pytest.mark.parametrize("stream", ["cpu", "cuda"])
def test_a_latent_does_not_depend_on_its_batch(stream):
    seeds = [12, 3, 12, 2**40]
    drawn = noise.batch(seeds, SD_SHAPE, stream)
    assert drawn.shape == (4, *SD_SHAPE)
    for row, seed in zip(drawn, seeds, strict=True):
        assert torch.equal(row, noise.latents(seed, SD_SHAPE, stream))
        assert torch.equal(row, noise.latents(seed, (1, *SD_SHAPE), stream)[0])
    assert not torch.equal(drawn[0], drawn[1])


def test_digest_is_the_sha256_of_the_float32_bytes():
    latent = noise.latents(0, (4, 8, 8), "cuda")
    expected = hashlib.sha256(struct.pack("<256f", *latent.flatten().tolist())).hexdigest()
    assert noise.digest(latent) == expected
    # A view with other strides has the digest of its own row-major order.
    assert noise.digest(latent.mT.contiguous().mT) == expected
    assert noise.digest(latent.mT) != expected
    with pytest.raises(ValueError, match="float16"):
        noise.digest(latent.half())


# Refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "shape", "stream", "message"),
    [
        (-1, (4, 8, 8), "cpu", "seed -1 is out of range"),
        (2**64, (4, 8, 8), "cuda", "seed 18446744073709551616 is out of range"),
        (0, (4, 8, 8), "mps", "unknown noise stream 'mps'"),
        (0, (), "cpu", r"noise shape \(\)"),
        (0, (4, 0, 8), "cuda", r"noise shape \(4, 0, 8\)"),
        (0, (4, -8, 8), "cpu", r"noise shape \(4, -8, 8\)"),
        (0, (noise.RESIDENT_THREADS + 1,), "cuda", "has 69,633 elements, and above 69,632"),
        (0, (noise.RESIDENT_THREADS + 1,), "cuda", r"name it \(gpu="),
    ],
)
def test_bad_requests_are_refused_before_the_first_draw(seed, shape, stream, message):
    for draw in (noise.latents, noise.stream_of):
        with pytest.raises(ValueError, match=message):
            draw(seed, shape, stream)


def test_largest_size_is_accepted_and_an_empty_batch_is_not():
    assert noise.latents(0, (noise.RESIDENT_THREADS,), "cuda").isfinite().all()
    assert noise.latents(0, (noise.RESIDENT_THREADS + 1,), "cpu").isfinite().all()
    with pytest.raises(ValueError, match="no seeds"):
        noise.batch([], SD_SHAPE, "cpu")
