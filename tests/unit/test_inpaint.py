"""Filling masks: the loop equals diffusers' inpainting pipeline at strength 1, bit for bit.

On a CPU in float32, on the same latents, pictures and prompts, in the same batch.
"""

import numpy as np
import pandas as pd
import pytest
import torch
from diffusers import StableDiffusionInpaintPipeline
from PIL import Image
from test_denoise import assert_same, quiet, theirs
from tiny_models import CAPTIONS, save_tiny_inpaint

from seedbed import models, noise, store
from seedbed.masked_photos import table_of
from seedbed.models.base import Condition
from seedbed.models.registry import ModelError, families, fills_masks
from seedbed.models.sd_inpaint import GIVEN
from seedbed.sampling.denoise import decode, denoise
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.inpaint import condition_of, filling_prompts, inpaint
from seedbed.sampling.schedulers import Sampler

PROMPTS = CAPTIONS[:2]
SEEDS = [3, 5]


def pictures(n, side):
    """n pictures of noise, each with a rectangle to fill."""
    rng = np.random.default_rng(0)
    masks = np.zeros((n, side, side), bool)
    for i in range(n):
        masks[i, side // 4 + i : side // 2 + 2 * i, side // 8 : side // 2 + i] = True
    return rng.integers(0, 256, (n, side, side, 3), dtype=np.uint8), masks


def as_pil(images, masks):
    return (
        [Image.fromarray(image) for image in images],
        [Image.fromarray(255 * mask.astype(np.uint8)) for mask in masks],
    )


def ours(model, sampler, given):
    """(latents, pixels) of our loop: a seed and a prompt for each row of ``given``."""
    condition = Condition(model.encode(PROMPTS).embeddings, {GIVEN: given})
    z = denoise(model, noise.batch(SEEDS, model.latent_shape, "cpu"), condition, sampler)
    return z, decode(model, z, sampler)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_tiny_inpaint(tmp_path_factory.mktemp("tiny-inpaint"))


@pytest.fixture(scope="module")
def model(folder):
    return models.load("sd_inpaint", str(folder))


@pytest.fixture(scope="module")
def pipe(folder):
    return quiet(StableDiffusionInpaintPipeline.from_pretrained(folder, safety_checker=None))


@pytest.mark.parametrize(("steps", "guidance"), [(4, 7.5), (3, 1.0), (1, 2.0)])
def test_it_is_the_pipeline_with_one_picture_for_all_prompts(model, pipe, steps, guidance):
    images, masks = pictures(1, model.resolution)
    image, mask = as_pil(images, masks)
    expected = theirs(
        pipe,
        prompt=PROMPTS,
        image=image[0],
        mask_image=mask[0],
        height=model.resolution,
        width=model.resolution,
        strength=1.0,
        latents=noise.batch(SEEDS, model.latent_shape, "cpu"),
        generator=torch.Generator().manual_seed(11),
        num_inference_steps=steps,
        guidance_scale=guidance,
    )
    given = model.encode_masked(images, masks, torch.Generator().manual_seed(11))
    assert_same(ours(model, Sampler(steps, guidance), given[[0, 0]]), expected)


def test_it_is_the_pipeline_with_pictures_of_their_own(model, pipe):
    images, masks = pictures(2, model.resolution)
    image, mask = as_pil(images, masks)
    expected = theirs(
        pipe,
        prompt=PROMPTS,
        image=image,
        mask_image=mask,
        height=model.resolution,
        width=model.resolution,
        strength=1.0,
        latents=noise.batch(SEEDS, model.latent_shape, "cpu"),
        generator=[torch.Generator().manual_seed(s) for s in SEEDS],
        num_inference_steps=2,
        guidance_scale=7.5,
    )
    parts = [
        model.encode_masked(images[i : i + 1], masks[i : i + 1], torch.Generator().manual_seed(s))
        for i, s in enumerate(SEEDS)
    ]
    assert_same(ours(model, Sampler(2, 7.5), torch.cat(parts)), expected)


def test_without_a_generator_the_picture_alone_decides(model):
    images, masks = pictures(2, model.resolution)
    given = model.encode_masked(images, masks)
    assert given.shape == (2, 5, *model.latent_shape[1:])
    assert torch.equal(given, model.encode_masked(images, masks))
    assert torch.equal(given[1:], model.encode_masked(images[1:], masks[1:]))
    drawn = model.encode_masked(images, masks, torch.Generator().manual_seed(0))
    assert torch.equal(drawn[:, 0], given[:, 0]) and not torch.equal(drawn, given)


def test_the_mask_is_taken_by_its_nearest_pixels_and_hides_what_is_under_it(model):
    images, masks = pictures(1, model.resolution)
    given = model.encode_masked(images, masks)
    step = model.resolution // model.latent_shape[1]
    assert np.array_equal(given[0, 0].numpy(), masks[0, ::step, ::step].astype(np.float32))
    other = np.where(masks[..., None], 255 - images, images)
    assert torch.equal(given, model.encode_masked(other, masks))
    assert not torch.equal(given, model.encode_masked(255 - images, masks))


# Tasks and shards


@pytest.fixture
def pairs(model):
    return table_of(["p", "q"], ["boat", "apple"], *pictures(2, model.resolution))


def test_what_is_asked_of_every_picture(pairs):
    tasks = filling_prompts(pairs, {"removal": "clear background", "completion": None})
    assert tasks["prompt_id"].tolist() == ["p:removal", "p:completion", "q:removal", "q:completion"]
    assert tasks["text"].tolist() == ["clear background", "boat", "clear background", "apple"]
    assert tasks["object"].tolist() == ["boat", "boat", "apple", "apple"]
    told = filling_prompts(pairs, {"removal": "nothing", "completion": "the thing"})
    assert told["text"].tolist() == ["nothing", "the thing"] * 2


def test_a_seed_has_the_same_noise_for_all_pictures(model, pairs, tmp_path):
    tasks = filling_prompts(pairs, {"removal": "clear background", "completion": None})
    drawing = Drawing(model, Sampler(2, 3.0), batch=3)
    path = tmp_path / "shard.parquet"
    assert inpaint(drawing, [7, 9], tasks, pairs, path, "png") == 8
    rows = pd.read_parquet(path)
    assert rows["seed"].tolist() == [7] * 4 + [9] * 4
    assert rows["prompt_id"].tolist() == tasks["prompt_id"].tolist() * 2
    digests = rows.groupby("seed")["latent_sha256"].unique()
    assert {s: list(d) for s, d in digests.items()} == {
        s: [noise.digest(noise.latents(s, model.latent_shape, "cpu"))] for s in (7, 9)
    }
    found = store.pick_images([path], [7], tasks["prompt_id"].tolist())
    assert not np.array_equal(found[7, "p:removal"], found[7, "q:removal"])


def test_batches_and_ranges_change_nothing_but_the_last_bits(model, pairs, tmp_path):
    tasks = filling_prompts(pairs, {"removal": "clear background", "completion": None})
    whole = Drawing(model, Sampler(2, 3.0), batch=8)
    inpaint(whole, [7, 9], tasks, pairs, tmp_path / "a.parquet", "png")
    inpaint(
        Drawing(model, Sampler(2, 3.0), batch=1), [9], tasks, pairs, tmp_path / "b.parquet", "png"
    )
    ids = tasks["prompt_id"].tolist()
    a, b = (store.pick_images([tmp_path / f"{n}.parquet"], [9], ids) for n in "ab")
    assert all(np.abs(a[k].astype(int) - b[k].astype(int)).max() <= 1 for k in b)


def test_a_task_without_its_pair_is_refused(model, pairs):
    tasks = filling_prompts(pairs, {"removal": "x", "completion": None})
    with pytest.raises(ValueError, match=r"pair 'p' is not among the pairs \(1 such\)"):
        condition_of(model, tasks, pairs[1:])


# What does not go


def test_the_registry_tells_who_fills_masks():
    assert [name for name in families() if fills_masks(name)] == ["sd_inpaint"]
    assert not fills_masks("sd") and not fills_masks("nothing")


def test_it_draws_nothing_without_a_picture(model):
    x = noise.batch([1], model.latent_shape, "cpu")
    with pytest.raises(ValueError, match="draws nothing without a picture and a mask; name it"):
        denoise(model, x, model.encode(["a boat"]), Sampler(1, 1.0))


def test_pictures_of_another_size_are_refused(model):
    images, masks = pictures(1, model.resolution + 2)
    with pytest.raises(ValueError, match=r"it draws 16×16 pixels, the pictures to fill have 18×18"):
        model.encode_masked(images, masks)


def test_a_text_to_image_model_is_no_inpainting_model(tiny_sd_folder):
    with pytest.raises(ModelError, match="it reads 4 channels, an inpainting model's 9; give it"):
        models.load("sd_inpaint", str(tiny_sd_folder))
