"""Latents for a pipeline's seeds: what the pipeline itself draws, to the bit."""

import math

import pytest
import torch
from diffusers import StableDiffusionPipeline
from tiny_pipes import (
    BUILDERS,
    flux,
    pixart_alpha,
    sd,
    sd3,
    sdxl,
    sdxl_inpaint_without_mask_channels,
)

import seedbed
from seedbed import latents_for, noise
from seedbed.pipes.kinds import KINDS

SEEDS = [3, 2**31, 11]
SIZE = ("height", "width", "use_resolution_binning")


def generators(seeds):
    return [torch.Generator("cpu").manual_seed(seed) for seed in seeds]


class Reached(Exception):
    """The latents are there, and nothing needs to be denoised."""


def start_of(pipe, call, **more):
    """What a call begins to denoise from."""
    prepare, starts = type(pipe).prepare_latents, []

    def note(*args, **kwargs):
        found = prepare(pipe, *args, **kwargs)
        starts.append(found[0] if isinstance(found, tuple) else found)
        raise Reached

    pipe.prepare_latents = note
    with pytest.raises(Reached):
        pipe(**call, **more)
    del pipe.prepare_latents
    return starts[0]


def end_of(pipe, call, **more):
    pipe.set_progress_bar_config(disable=True)
    return pipe(**call, **more)[0]


def built(build, count):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return build(count)


@pytest.mark.parametrize("build", BUILDERS, ids=lambda build: build.__name__)
def test_a_pipeline_begins_where_its_own_draw_would(build):
    pipe, call = built(build, len(SEEDS))
    size = {key: call[key] for key in SIZE if key in call}
    given = latents_for(pipe, SEEDS, **size)
    for row, seed in zip(given, SEEDS, strict=True):
        assert torch.equal(row, latents_for(pipe, seed, **size)[0])
    start = start_of(pipe, call, latents=given, generator=generators(SEEDS))
    _, alone = built(build, 1)
    for index, seed in enumerate(SEEDS):
        own = start_of(pipe, alone, generator=generators([seed]))
        assert own.dtype == start.dtype
        assert torch.equal(own[0], start[index])


@pytest.mark.parametrize(
    "build", [b for b in BUILDERS if "inpaint" not in b.__name__], ids=lambda build: build.__name__
)
def test_a_pipeline_ends_where_its_own_draw_would(build):
    pipe, call = built(build, 2)
    given = latents_for(pipe, [5, 6], **{key: call[key] for key in SIZE if key in call})
    own = end_of(pipe, call, generator=generators([5, 6]))
    assert torch.equal(end_of(pipe, call, latents=given), own)
    assert not torch.equal(own[0], own[1])


@pytest.mark.parametrize("build", BUILDERS, ids=lambda build: build.__name__)
def test_the_size_is_the_pipelines_where_none_is_given(build):
    pipe, call = built(build, 1)
    call = {key: value for key, value in call.items() if key not in ("height", "width")}
    binning = {key: call[key] for key in SIZE if key in call}
    own = start_of(pipe, call, generator=generators([1]))
    given = latents_for(pipe, 1, **binning)
    assert torch.equal(start_of(pipe, call, latents=given, generator=generators([1])), own)


@pytest.mark.parametrize("side", [{"height": 24}, {"width": 40}, {"height": 24, "width": 40}])
@pytest.mark.parametrize("build", [sd, sdxl], ids=["sd", "sdxl"])
def test_one_side_alone_counts_as_the_pipeline_takes_it(build, side):
    pipe, call = built(build, 1)
    own = start_of(pipe, call, generator=generators([1]), **side)
    given = latents_for(pipe, 1, **side)
    assert torch.equal(start_of(pipe, call, latents=given, **side), own)


@pytest.mark.parametrize("size", [{}, {"height": 24, "width": 40}])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_draws_in_half_precision(dtype, size):
    """Also where the image is encoded before, in float32."""
    pipe, call = built(sdxl_inpaint_without_mask_channels, 1)
    pipe.to(dtype)
    call = {key: v.to(dtype) if key.endswith("embeds") else v for key, v in call.items()} | size
    own = start_of(pipe, call, generator=generators([4]))
    given = latents_for(pipe, 4, **size)
    assert given.dtype == own.dtype == dtype
    assert torch.equal(start_of(pipe, call, latents=given, generator=generators([4])), own)


def test_the_encoders_dtype_is_drawn_in_where_there_are_encoders():
    class Encoder(torch.nn.Module):
        def __init__(self, dtype):
            super().__init__()
            self.dtype = dtype

    pipe, _ = built(sd3, 1)
    assert latents_for(pipe, 0).dtype == torch.float32
    pipe.text_encoder, pipe.text_encoder_3 = Encoder(torch.bfloat16), Encoder(torch.bfloat16)
    assert latents_for(pipe, 0).dtype == torch.bfloat16
    pipe.text_encoder_3 = Encoder(torch.float32)
    assert latents_for(pipe, 0).dtype == torch.float32
    assert latents_for(pipe, 0, dtype=torch.float16).dtype == torch.float16


def test_noise_is_not_scaled_here():
    pipe, call = built(sd, 1)
    assert pipe.scheduler.init_noise_sigma > 10
    given = latents_for(pipe, range(64))
    n = given.numel()
    assert abs(given.std() - 1) < 4 / math.sqrt(2 * n)  # four standard errors
    start = start_of(pipe, call, latents=given[:1])
    torch.testing.assert_close(start, given[:1] * pipe.scheduler.init_noise_sigma)


@pytest.mark.parametrize("gpu", [None, "T4", noise.Gpu("two blocks", 1, 512)])
def test_a_gpus_stream_is_laid_out_alike(gpu):
    pipe, call = built(flux, 1)
    given = latents_for(pipe, [8], "cuda", gpu=gpu, height=64, width=64)
    whole = noise.latents(8, (4, 32, 32), "cuda", gpu)[None]
    assert torch.equal(given, pipe._pack_latents(whole, 1, 4, 32, 32))
    assert start_of(pipe, call | {"height": 64, "width": 64}, latents=given).shape == given.shape


def test_a_class_of_ones_own_counts_as_what_it_is_derived_from():
    class Mine(StableDiffusionPipeline):
        pass

    class Other(StableDiffusionPipeline):
        def prepare_latents(self, *args, **kwargs):
            return None

    pipe, _ = built(sd, 1)
    mine, other = (cls(**pipe.components, requires_safety_checker=False) for cls in (Mine, Other))
    assert torch.equal(latents_for(mine, 3), latents_for(pipe, 3))
    with pytest.raises(ValueError, match="how Other draws"):
        latents_for(other, 3)


def test_an_unknown_pipeline_is_asked_for_its_shape():
    with pytest.raises(ValueError, match=r"how object draws its latents is not known: give shape="):
        latents_for(object(), [0])
    drawn = latents_for(object(), [0, 1], shape=(4, 8, 8), dtype=torch.bfloat16)
    assert torch.equal(drawn, noise.batch([0, 1], (4, 8, 8), "cpu", dtype=torch.bfloat16))


def test_what_no_pipeline_draws_is_refused():
    pipe, _ = built(pixart_alpha, 1)
    with pytest.raises(ValueError, match="sample_size 8: give use_resolution_binning=False"):
        latents_for(pipe, [0])
    with pytest.raises(ValueError, match="no seeds"):
        latents_for(pipe, [], use_resolution_binning=False)
    with pytest.raises(ValueError, match="seed -1"):
        latents_for(pipe, [-1], use_resolution_binning=False)
    with pytest.raises(ValueError, match="unknown noise stream 'mps'"):
        latents_for(pipe, [0], "mps", use_resolution_binning=False)


def test_every_class_on_the_list_is_tested():
    assert {type(built(build, 1)[0]).__name__ for build in BUILDERS} == set(KINDS)
    assert len(KINDS) >= 8
    assert seedbed.latents_for is latents_for
