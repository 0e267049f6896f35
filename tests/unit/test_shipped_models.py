"""The models in resources/storybook: whole, small, and loadable by anyone's diffusers."""

from pathlib import Path

import numpy as np
import pytest
import torch

from seedbed import noise, store
from seedbed.evaluators.extractors.storybook_net import StorybookNet, normalise
from seedbed.evaluators.scorers.clip import ClipScorer
from seedbed.models import ModelError, load
from seedbed.models.base import to_uint8
from seedbed.sampling.denoise import decode, denoise
from seedbed.sampling.schedulers import Sampler
from seedbed.storybook.data import draw_set
from seedbed.storybook.prompts import HELD_OUT

SHIPPED = Path(__file__).resolve().parents[2] / "resources" / "storybook"
LIMIT = 48 * 2**20


def test_sums_are_those_of_the_files_and_cover_all_of_them():
    lines = (SHIPPED / "SHA256SUMS").read_text().splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    weights = {
        str(p.relative_to(SHIPPED))
        for p in SHIPPED.rglob("*")
        if p.is_file() and len(p.relative_to(SHIPPED).parts) > 1
    }
    assert weights <= set(listed)
    for name, digest in listed.items():
        assert store.sha256_of(SHIPPED / name) == digest, name


def test_all_of_it_stays_small():
    assert sum(p.stat().st_size for p in SHIPPED.rglob("*") if p.is_file()) < LIMIT


@pytest.fixture(scope="module")
def teacher():
    return load("sd", str(SHIPPED / "storybook-sd"))


def test_the_schedule_ends_above_zero_signal(teacher):
    final = float(teacher.scheduler.alphas_cumprod[-1])
    assert final == pytest.approx(0.00466, abs=2e-5)  # Stable Diffusion's own


def test_diffusers_pipeline_draws_the_same_picture():
    from diffusers import StableDiffusionPipeline

    folder = str(SHIPPED / "storybook-turbo")
    pipe = StableDiffusionPipeline.from_pretrained(folder, dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    model = load("sd", folder)
    x = noise.batch([0, 1], model.latent_shape, "cpu")
    texts = ["a red apple", "a blue boat on the beach"]
    theirs = pipe(texts, latents=x, num_inference_steps=1, guidance_scale=0.0, output_type="np")
    z = denoise(model, x, model.encode(texts), Sampler(steps=1, guidance=0.0))
    ours = to_uint8(decode(model, z, Sampler(steps=1, guidance=0.0)))
    assert np.array_equal(ours, (theirs.images * 255).round().astype("uint8"))


def test_teacher_and_student_share_a_seeds_layout(teacher):
    """One step and twenty steps from the same noise agree more than two seeds do."""
    student = load("sd", str(SHIPPED / "storybook-turbo"))
    texts = ["a red apple", "a blue boat on the beach", "a yellow star at night", "a green house"]
    x = noise.batch([3, 4, 5, 6], teacher.latent_shape, "cpu")
    many = denoise(teacher, x, teacher.encode(texts), Sampler(steps=10, guidance=4.0))
    one = denoise(student, x, student.encode(texts), Sampler(steps=1, guidance=0.0))
    other = denoise(student, x.roll(1, 0), student.encode(texts), Sampler(steps=1, guidance=0.0))
    assert (many - one).square().mean() < (many - other).square().mean()


def test_evaluators_see_what_is_there():
    scenes = draw_set(64, HELD_OUT + 77)
    net = StorybookNet.load(SHIPPED / "storybook-net")
    with torch.no_grad():
        said = net(normalise(scenes.images))[0].argmax(-1).numpy() - 1
    there = scenes.labels >= 0
    assert (said >= 0)[there].mean() > 0.9
    scorer = ClipScorer(str(SHIPPED / "storybook-clip"))
    image, text = scorer.embed_images(scenes.images), scorer.embed_texts(scenes.captions.tolist())
    own = (image * text).sum(1)
    assert (own > (image * text.roll(1, 0)).sum(1)).float().mean() > 0.9


def test_a_wrong_folder_is_one_clear_line(tmp_path):
    with pytest.raises(ModelError, match=r"no model_index\.json there"):
        load("sd", str(tmp_path))
    with pytest.raises(ModelError, match="family 'flux' is unknown"):
        load("flux", str(tmp_path))


def test_diffusers_inpainting_pipeline_fills_the_same_picture():
    from diffusers import StableDiffusionInpaintPipeline
    from PIL import Image

    from seedbed.masked_photos import arrays_of
    from seedbed.models.base import Condition
    from seedbed.models.sd_inpaint import GIVEN
    from seedbed.storybook.inpaint_pairs import draw_pairs

    folder = str(SHIPPED / "storybook-inpaint")
    pipe = StableDiffusionInpaintPipeline.from_pretrained(folder, dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    model = load("sd_inpaint", folder)
    (image,), (mask,) = arrays_of(draw_pairs(1, 501))
    texts = ["clear background", "apple"]
    x = noise.batch([0, 1], model.latent_shape, "cpu")
    theirs = pipe(
        texts,
        image=Image.fromarray(image),
        mask_image=Image.fromarray(255 * mask.astype(np.uint8)),
        height=64,
        width=64,
        strength=1.0,
        latents=x,
        generator=torch.Generator().manual_seed(5),
        num_inference_steps=3,
        guidance_scale=4.0,
        output_type="np",
    )
    given = model.encode_masked(image[None], mask[None], torch.Generator().manual_seed(5))
    condition = Condition(model.encode(texts).embeddings, {GIVEN: given[[0, 0]]})
    sampler = Sampler(steps=3, guidance=4.0)
    ours = to_uint8(decode(model, denoise(model, x, condition, sampler), sampler))
    assert np.array_equal(ours, (theirs.images * 255).round().astype("uint8"))
