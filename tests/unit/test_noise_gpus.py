"""The noise of a named GPU: what owners of cards printed, the slow oracle, the table of cards."""

import itertools
import math
import struct

import numpy as np
import pytest
import torch
from slow_noise import slow_randn, slow_thread, threads_of

from seedbed import noise
from seedbed.noise import Gpu, gpus

TINY = Gpu("tiny", 2, 512)  # 4 blocks, 1,024 threads
SHAPES = {
    "SD at 512": (4, 64, 64),
    "SD at 1024": (4, 128, 128),
    "SD3, Flux, Qwen-Image at 1024": (16, 128, 128),
    "Sana at 1024": (32, 32, 32),
    "Flux 2 at 1024": (128, 64, 64),
    "Wan, 81 frames at 832 x 480": (16, 21, 60, 104),
    "HunyuanVideo, 61 frames at 960 x 544": (16, 16, 68, 120),
}


# What real cards printed -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gpu", "last"),
    [("H100", [-0.6970, -0.7780, 0.3267]), ("A100", [0.1549, -0.6797, -0.1656])],
)
def test_h100_and_a100_end_a_video_latent_as_they_printed_it(gpu, last):
    # torch issue 143086, torch 2.5.1: randn(1, 49 * 12 * 112 * 144), seed 1. Nine rounds of four.
    drawn = noise.latents(1, (49 * 12 * 112 * 144,), "cuda", gpu)
    printed = torch.tensor([-0.2963, 2.6764, -0.1408, *last])
    ends = torch.cat([drawn[:3], drawn[-3:]])
    torch.testing.assert_close(ends, printed, atol=5.1e-5, rtol=0)


def corners(drawn):
    """The rows and columns that torch prints of a large matrix."""
    return drawn[[0, 1, 2, -3, -2, -1]][:, [0, 1, 2, -3, -2, -1]]


def test_rtx_a4000_printed_these_values():
    # torch issue 97097, torch 2.0.0: FloatTensor(1000, 100).normal_(5, 5**0.5), seed 14. The card
    # holds 73,728 threads, so the last rows are second normals.
    printed = [
        [2.8731, 5.2727, 2.9889, 1.6853, 9.6331, 6.6319],
        [3.9968, 3.8097, 5.7328, 4.4029, 3.9804, 7.4698],
        [6.5552, 4.0857, 4.2315, 2.7704, 3.5479, 3.3063],
        [8.6297, 2.3137, 6.2596, 7.9358, 4.4697, 2.7475],
        [7.0551, 7.8583, 3.9990, 4.1139, 8.9315, 4.2042],
        [2.7337, 2.2106, 7.7815, 8.2207, 6.5395, 4.2604],
    ]
    drawn = 5 + 5**0.5 * noise.latents(14, (1000, 100), "cuda", "RTX A4000")
    torch.testing.assert_close(corners(drawn), torch.tensor(printed), atol=6e-5, rtol=0)


def test_rtx_3060_printed_these_values():
    # torch issue 158398, torch 2.7.1: randn(1, 64, 2048), seed 42. The card holds 43,008 threads,
    # so the last rows are fourth normals.
    printed = [
        [0.1940, 2.1614, -0.1721, 1.4540, -2.7733, -0.8932],
        [-0.4574, 0.8063, 0.1580, 0.1124, 0.2769, -1.2535],
        [1.1346, -0.6329, -0.9147, -1.0001, -1.1552, -0.6955],
        [-0.4861, 0.3358, 1.0578, -0.7282, 0.5087, 0.1318],
        [0.7881, 0.8339, -1.1424, -0.6297, -1.1112, -0.4091],
        [-1.2356, -0.4083, -0.4695, -0.4841, 1.2850, -0.0282],
    ]
    drawn = noise.latents(42, (64, 2048), "cuda", "RTX 3060")
    torch.testing.assert_close(corners(drawn), torch.tensor(printed), atol=5.1e-5, rtol=0)


@pytest.mark.parametrize(
    ("seed", "one", "other", "alike"),
    [(0, "T4", "L4", 40_960), (123, "RTX 4090 D", "H20", 159_744)],
)
def test_two_cards_part_at_the_element_where_they_were_seen_to(seed, one, other, alike):
    # torch issue 194676 and pull request 176584.
    first, second = (noise.latents(seed, (alike,), "cuda", gpu) for gpu in (one, other))
    assert torch.equal(first, second)
    first, second = (noise.latents(seed, (200_000,), "cuda", gpu) for gpu in (one, other))
    assert int((first != second).nonzero()[0]) == alike


# The oracle ------------------------------------------------------------------------------------


@pytest.mark.parametrize("calls", [0, 1, 3])
@pytest.mark.parametrize("numel", [1, 1000, 1024, 1025, 2048, 3073, 4096, 4097, 9001])
def test_every_element_equals_the_oracle(numel, calls):
    draws = noise.stream_of(2**40 + 5, (numel,), "cuda", TINY)
    drawn = next(itertools.islice(draws, calls, None))
    slow = slow_randn(2**40 + 5, numel, calls, blocks=4)
    np.testing.assert_allclose(drawn.numpy(), slow, rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize("gpu", ["T4", "RTX 3060", "RTX 4090", "A100", "H100", "RTX 5090"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_latents_of_real_models_equal_the_oracle(gpu, shape):
    numel, card = math.prod(shape), noise.find_gpu(gpu)
    drawn = noise.latents(469, shape, "cuda", gpu).flatten().numpy()
    threads = threads_of(numel, card.multiprocessors * card.threads // 256)
    checked = 0
    for index in {0, 1, 255, 256, threads // 2 + 1, threads - 257, threads - 1}:
        for element, normal in slow_thread(469, numel, 0, threads, index):
            assert drawn[element] == pytest.approx(normal, rel=1e-7, abs=1e-12)
            checked += 1
    assert checked >= numel // threads * 7


@pytest.mark.parametrize("gpu", [None, TINY])
@pytest.mark.parametrize(("dtype", "code"), [(torch.float16, "e"), (torch.bfloat16, None)])
def test_half_precision_is_the_float32_draw_rounded(dtype, code, gpu):
    exact = noise.latents(3, (5000,), "cuda", gpu).tolist()
    drawn = noise.latents(3, (5000,), "cuda", gpu, dtype)
    assert drawn.dtype == dtype
    if code:
        rounded = [struct.unpack(code, struct.pack(code, value))[0] for value in exact]
    else:
        # The upper half of a float32's bits, to the nearest, ties to even.
        bits = [struct.unpack("I", struct.pack("f", value))[0] for value in exact]
        upper = [(b + 0x7FFF + (b >> 16 & 1)) >> 16 << 16 for b in bits]
        rounded = [struct.unpack("f", struct.pack("I", b))[0] for b in upper]
    assert drawn.tolist() == rounded


def test_a_small_draw_is_the_same_on_all_cards():
    anywhere = noise.latents(8, (4, 64, 64), "cuda")
    for gpu in ("T4", "RTX 3060", "H100"):
        assert torch.equal(noise.latents(8, (4, 64, 64), "cuda", gpu), anywhere)
    assert not torch.equal(noise.latents(8, (4, 64, 64), "cuda", TINY), anywhere)


def test_a_large_draw_is_standard_normal():
    values = noise.latents(2, (16, 128, 128), "cuda", "T4").double().flatten()
    n = values.numel()
    assert abs(values.mean()) < 4 / math.sqrt(n)  # four standard errors each
    assert abs(values.std() - 1) < 4 / math.sqrt(2 * n)
    assert values.unique().numel() > 0.98 * n


# The table -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gpu", "cores", "of_one"),
    [
        ("GTX 1080 Ti", 3584, 128),
        ("P100", 3584, 64),
        ("V100", 5120, 64),
        ("RTX 2070 Super", 2560, 64),
        ("RTX 2080 Ti", 4352, 64),
        ("T4", 2560, 64),
        ("A100", 6912, 64),
        ("RTX 3060", 3584, 128),
        ("RTX 3080", 8704, 128),
        ("RTX 3090", 10496, 128),
        ("RTX A6000", 10752, 128),
        ("A10", 9216, 128),
        ("RTX 4070 Ti", 7680, 128),
        ("RTX 4080", 9728, 128),
        ("RTX 4090", 16384, 128),
        ("L40S", 18176, 128),
        ("H100", 16896, 128),
        ("H100 PCIe", 14592, 128),
        ("RTX 5090", 21760, 128),
        ("RTX PRO 6000", 24064, 128),
    ],
)
def test_multiprocessors_are_the_vendors_cores_over_those_of_one(gpu, cores, of_one):
    assert noise.GPUS[gpu].multiprocessors * of_one == cores


def test_every_card_has_its_source_and_its_architectures_threads():
    assert len(noise.GPUS) >= 15
    for gpu in noise.GPUS.values():
        assert gpu.source and gpu.multiprocessors > 0 and gpu.threads in (1024, 1536, 2048), gpu
        assert noise.find_gpu(gpu.name) is gpu
    for threads, names in {
        1024: ["T4", "RTX 2080 Ti", "TITAN RTX"],
        1536: ["RTX 3090", "RTX A6000", "RTX 4090", "L4", "L40S", "RTX 5090"],
        2048: ["P100", "V100", "A100", "A30", "H100", "H200", "B200"],
    }.items():
        assert {noise.GPUS[name].threads for name in names} == {threads}
    assert set(gpus.COMPARED) <= set(noise.GPUS)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("4090", "RTX 4090"),
        ("1080 Ti", "GTX 1080 Ti"),
        ("a6000", "RTX A6000"),
        ("NVIDIA GeForce RTX 4090", "RTX 4090"),
        ("NVIDIA GeForce RTX 4090 D", "RTX 4090 D"),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", "RTX 4090 Laptop"),
        ("NVIDIA A100-SXM4-80GB", "A100"),
        ("NVIDIA A100 80GB PCIe", "A100"),
        ("NVIDIA H100 80GB HBM3", "H100"),
        ("NVIDIA H100 PCIe", "H100 PCIe"),
        ("NVIDIA GH200 480GB", "GH200"),
        ("Tesla V100-SXM2-16GB", "V100"),
        ("Tesla T4", "T4"),
        ("NVIDIA RTX 6000 Ada Generation", "RTX 6000 Ada"),
        ("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "RTX PRO 6000"),
        ("NVIDIA GeForce RTX 3080", "RTX 3080"),
        ("RTX 3080 12 GB", "RTX 3080 12GB"),
        ("RTX 3060 12GB", "RTX 3060"),
    ],
)
def test_a_card_is_found_as_people_and_torch_write_it(written, name):
    assert noise.find_gpu(written).name == name


@pytest.mark.parametrize(
    ("gpu", "stream", "dtype", "message"),
    [
        ("RTX 4900", "cuda", torch.float32, "unknown GPU 'RTX 4900': nearest are .*RTX 4090"),
        ("NVIDIA A100-SXM4-40GB MIG 1g.5gb", "cuda", torch.float32, "unknown GPU .* its numbers"),
        ("RTX 3070 Laptop GPU", "cuda", torch.float32, "unknown GPU"),
        (Gpu("odd", 0, 1024), "cuda", torch.float32, "at least 1 multiprocessor"),
        (Gpu("odd", 4, 128), "cuda", torch.float32, "at least 256 threads"),
        ("T4", "cpu", torch.float32, "cards draw the stream 'cuda'"),
        ("T4", "cuda", torch.float64, "float64"),
        (None, "cpu", torch.int64, "floating-point"),
    ],
)
def test_what_no_card_draws_is_refused(gpu, stream, dtype, message):
    with pytest.raises(ValueError, match=message):
        noise.latents(0, (4, 8, 8), stream, gpu, dtype)


def test_more_than_one_launch_draws_is_refused():
    with pytest.raises(ValueError, match="more than one launch"):
        noise.stream_of(0, (2**29 + 1,), "cuda", "H100")
    noise.stream_of(0, (2**29,), "cuda", "H100")  # nothing is drawn before it is asked for


# The real thing --------------------------------------------------------------------------------


@pytest.mark.skipif(not torch.cuda.is_available(), reason="compares with torch on a CUDA GPU")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("shape", [(1,), (257,), (5, 7, 11), *SHAPES.values(), (10_000_019,)])
def test_the_stream_equals_torch_on_this_machines_gpu(shape, dtype):
    gpu = noise.this_gpu()
    for seed in (0, 469, 2**64 - 1):
        generator = torch.Generator("cuda").manual_seed(seed)
        for drawn in itertools.islice(noise.stream_of(seed, shape, "cuda", gpu, dtype), 3):
            real = torch.randn(shape, generator=generator, device="cuda", dtype=dtype).cpu()
            if dtype is torch.float32:
                # The GPU's approximate sine errs by up to 2**-20.5, times the radius, at most 6.8.
                torch.testing.assert_close(drawn, real, atol=5e-6, rtol=0)
                assert (drawn - real).abs().mean() < 1e-6
            else:
                assert (drawn != real).float().mean() < 0.01 or drawn.numel() < 1000
                torch.testing.assert_close(drawn, real, atol=1e-5, rtol=torch.finfo(dtype).eps)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_no_gpu_here_is_said():
    with pytest.raises(RuntimeError, match="no CUDA device 0"):
        noise.this_gpu()
