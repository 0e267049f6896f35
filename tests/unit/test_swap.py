"""Seed swap: without effect at eta = 0, and at eta = 1 what restarting a pipeline's generator does.

A swap after step k replaces the generator of seed i by one freshly seeded with j once k
steps are done. The fresh generator's first draw, which would be j's initial latent, is
then the noise of step k.
"""

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline
from tiny_models import CAPTIONS

from seedbed import noise
from seedbed.models.base import to_uint8
from seedbed.sampling.denoise import decode, denoise
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.schedulers import Sampler
from seedbed.sampling.seed_swap import swap_study, swapped

FIRST, SECOND = 11, 12
STEPS = 5
SAMPLER = Sampler(STEPS, 5.0, eta=1.0, scheduler="ddim")
CALM = Sampler(STEPS, 5.0, eta=0.0, scheduler="ddim")
PROMPT = CAPTIONS[:1]


@pytest.fixture(scope="module")
def condition(tiny_sd):
    return tiny_sd.encode(PROMPT)


@pytest.fixture(scope="module")
def pipe(tiny_sd_folder):
    pipe = StableDiffusionPipeline.from_pretrained(tiny_sd_folder, safety_checker=None)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def restarted(pipe, after_step: int) -> np.ndarray:
    """A diffusers pipeline whose generator is seeded with SECOND after ``after_step`` steps."""
    generator = torch.Generator().manual_seed(FIRST)
    latents = torch.randn(1, 4, 8, 8, generator=generator)
    if after_step == 0:
        generator.manual_seed(SECOND)

    def restart(_pipe, step, _t, _tensors):
        if step + 1 == after_step:
            generator.manual_seed(SECOND)
        return {}

    pixels = pipe(
        PROMPT,
        latents=latents,
        generator=generator,
        num_inference_steps=STEPS,
        guidance_scale=5.0,
        eta=1.0,
        output_type="pt",
        callback_on_step_end=restart,
    ).images
    return to_uint8(pixels)


def rms(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.sqrt(np.mean((a.astype(float) - b) ** 2)))


@pytest.mark.parametrize("after_step", range(STEPS + 1))
def test_swap_is_a_restarted_generator(tiny_sd, condition, pipe, after_step):
    got = swapped(Drawing(tiny_sd, SAMPLER), condition, FIRST, SECOND, after_step)
    assert got.shape == (1, 16, 16, 3) and got.dtype == np.uint8
    assert got.std() > 1
    assert np.array_equal(got, restarted(pipe, after_step))


@pytest.mark.parametrize("after_step", range(STEPS + 1))
def test_without_added_noise_no_swap_changes_a_bit(tiny_sd, condition, after_step):
    plain = denoise(tiny_sd, noise.batch([FIRST], (4, 8, 8), "cpu"), condition, CALM)
    expected = to_uint8(decode(tiny_sd, plain, CALM))
    assert np.array_equal(
        swapped(Drawing(tiny_sd, CALM), condition, FIRST, SECOND, after_step), expected
    )


def test_swap_after_the_last_step_is_none(tiny_sd, condition):
    unswapped = swapped(Drawing(tiny_sd, SAMPLER), condition, FIRST, FIRST, STEPS)
    assert np.array_equal(
        swapped(Drawing(tiny_sd, SAMPLER), condition, FIRST, SECOND, STEPS), unswapped
    )


def test_early_swap_changes_the_image(tiny_sd, condition):
    unswapped = swapped(Drawing(tiny_sd, SAMPLER), condition, FIRST, SECOND, STEPS)
    for after_step in (0, 1, 2):
        other = swapped(Drawing(tiny_sd, SAMPLER), condition, FIRST, SECOND, after_step)
        assert rms(other, unswapped) > 1


def test_swap_to_the_same_seed_still_restarts_the_generator(tiny_sd, condition):
    """i = j is no unswapped run: the noises begin again with the initial latent."""
    unswapped = swapped(Drawing(tiny_sd, SAMPLER), condition, FIRST, FIRST, STEPS)
    assert rms(swapped(Drawing(tiny_sd, SAMPLER), condition, FIRST, FIRST, 1), unswapped) > 1


def test_streams_differ(tiny_sd, condition):
    cuda = swapped(Drawing(tiny_sd, SAMPLER, "cuda"), condition, FIRST, SECOND, 2)
    assert rms(cuda, swapped(Drawing(tiny_sd, SAMPLER), condition, FIRST, SECOND, 2)) > 1


def test_all_prompts_share_the_noise(tiny_sd, condition):
    both = swapped(Drawing(tiny_sd, SAMPLER), tiny_sd.encode(CAPTIONS[:2]), FIRST, SECOND, 2)
    alone = swapped(Drawing(tiny_sd, SAMPLER), condition, FIRST, SECOND, 2)
    assert np.abs(both[0].astype(int) - alone[0]).max() <= 1
    assert rms(both[0], both[1]) > 1


@pytest.mark.parametrize("after_step", [-1, STEPS + 1])
def test_swap_outside_the_run_is_refused(tiny_sd, condition, after_step):
    with pytest.raises(ValueError, match=rf"{after_step} lies outside 0..{STEPS}"):
        swapped(Drawing(tiny_sd, SAMPLER), condition, FIRST, SECOND, after_step)


def test_study_has_a_row_per_image(tiny_sd):
    texts, etas, steps = CAPTIONS[:2], [0.0, 1.0], [1, 3]
    rows, images = swap_study(Drawing(tiny_sd, CALM), texts, FIRST, SECOND, steps, etas)
    expected = [(e, s, p) for e in etas for s in (STEPS, *steps) for p in range(len(texts))]
    assert [(r["eta"], r["swap_step"], r["prompt"]) for r in rows] == expected
    assert images.shape == (len(rows), 16, 16, 3)
    condition = tiny_sd.encode(texts)
    for r, (row, image) in enumerate(zip(rows, images, strict=True)):
        sampler = SAMPLER if row["eta"] else CALM
        again = swapped(Drawing(tiny_sd, sampler), condition, FIRST, SECOND, row["swap_step"])
        assert np.array_equal(image, again[row["prompt"]])
        unswapped = images[r - r % 6 + row["prompt"]]  # six images of each eta, these first
        assert row["rms_difference"] == pytest.approx(rms(image, unswapped))
        changes = row["eta"] > 0 and row["swap_step"] < STEPS
        assert (row["rms_difference"] > 0) == changes
