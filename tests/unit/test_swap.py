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
from seedbed.sampling.seed_swap import KEYS, Arm, arms_of, draw_arm, pairs_of, swap_study

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


def swapped(drawing, condition, seed_i: int, seed_j: int, after_step: int) -> np.ndarray:
    """The paper's swap, of one pair for all prompts."""
    pairs = [(seed_i, seed_j)] * len(condition)
    return draw_arm(drawing, condition, pairs, Arm("swap", swap_step=after_step))


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


@pytest.mark.parametrize(("latent", "other"), [(0, 1), (1, 0), (1, 1)])
def test_latent_and_step_noise_are_exchanged_apart(tiny_sd, condition, latent, other):
    seeds = (FIRST, SECOND)
    got = draw_arm(Drawing(tiny_sd, SAMPLER), condition, [seeds], Arm("any", latent, other))
    noises = noise.stream_of(seeds[other], (4, 8, 8), "cpu")
    drawn = [next(noises)[None] for _ in range(STEPS + 1)]
    start = noise.batch([seeds[latent]], (4, 8, 8), "cpu")
    plain = denoise(tiny_sd, start, condition, SAMPLER, lambda step: drawn[step + 1])
    assert np.array_equal(got, to_uint8(decode(tiny_sd, plain, SAMPLER)))


def test_everything_other_is_the_other_seed(tiny_sd, condition):
    drawing, other = Drawing(tiny_sd, SAMPLER), Arm("all_other", 1, 1)
    got = draw_arm(drawing, condition, [(FIRST, SECOND)], other)
    assert np.array_equal(got, draw_arm(drawing, condition, [(SECOND, 7)], Arm("unswapped")))


def test_pairs_share_no_seed():
    assert pairs_of(6, 3) == [(6, 7), (8, 9), (10, 11)]


def test_study_has_a_row_per_image(tiny_sd):
    texts, etas, steps = CAPTIONS[:2], [0.0, 1.0], [1, 3]
    pairs = [(FIRST, SECOND), (21, 22)]
    rows, images = swap_study(Drawing(tiny_sd, CALM), texts, pairs, steps, etas)
    arms = arms_of(steps)
    assert len(arms) == 6
    expected = [
        (e, a.name, STEPS if a.swap_step is None else a.swap_step, p, p)
        for e in etas
        for a in arms
        for p in range(2)
    ]
    assert list(rows[list(KEYS)].itertuples(index=False, name=None)) == expected
    assert (rows["seed_i"] == [pairs[p][0] for p in rows["pair"]]).all()
    assert (rows["seed_j"] == [pairs[p][1] for p in rows["pair"]]).all()
    assert images.shape == (len(rows), 16, 16, 3)
    condition = tiny_sd.encode(texts)
    for k, (eta, arm) in enumerate((e, a) for e in etas for a in arms):
        again = draw_arm(Drawing(tiny_sd, SAMPLER if eta else CALM), condition, pairs, arm)
        assert np.array_equal(images[2 * k : 2 * k + 2], again)


def test_a_study_draws_nothing_twice(tiny_sd, monkeypatch):
    drawn = []

    def counted(drawing, condition, pairs, arm):
        drawn.append((drawing.sampler.eta, arm.name))
        return draw_arm(drawing, condition, pairs, arm)

    monkeypatch.setattr("seedbed.sampling.seed_swap.draw_arm", counted)
    swap_study(Drawing(tiny_sd, CALM), CAPTIONS[:1], [(1, 2)], [1, 3], [0.0, 0.5])
    assert [name for eta, name in drawn if eta == 0] == ["unswapped", "other_noise", "other_latent"]
    assert len(drawn) == 3 + 6


def test_step_noise_without_eta_is_an_error(tiny_sd, monkeypatch):
    def noisy(drawing, condition, pairs, arm):
        return np.full((len(pairs), 16, 16, 3), arm.noise, np.uint8)

    monkeypatch.setattr("seedbed.sampling.seed_swap.draw_arm", noisy)
    with pytest.raises(RuntimeError, match="step noise changed pixels at eta = 0"):
        swap_study(Drawing(tiny_sd, CALM), CAPTIONS[:1], [(1, 2)], [1], [0.0])


def test_prompts_that_do_not_fit_the_pairs_are_refused(tiny_sd):
    with pytest.raises(ValueError, match="3 prompts are not as many for each of 2 pairs"):
        swap_study(Drawing(tiny_sd, CALM), CAPTIONS, [(1, 2), (3, 4)], [1], [0.0])
