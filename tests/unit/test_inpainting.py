"""The training of storybook-inpaint: what its samples show, and that it starts as its teacher."""

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline
from tiny_models import save_tiny_sd

from seedbed import noise
from seedbed.storybook import inpainting, masking
from seedbed.storybook.training import Schedule
from seedbed.storybook.vocabulary import OBJECTS
from seedbed.storybook.world import FRAME


@pytest.fixture(scope="module")
def samples():
    return masking.draw_samples(300, 5)


def of(samples, kind):
    return [i for i, k in enumerate(samples.kinds) if k == kind]


def test_samples_depend_on_seed_and_place_alone(samples):
    again = masking.draw_samples(5, 5)
    assert np.array_equal(again.images, samples.images[:5])
    assert np.array_equal(again.masks, samples.masks[:5])
    assert again.captions == samples.captions[:5]
    assert not np.array_equal(masking.draw_samples(5, 6).images, again.images)


def test_every_kind_is_there_about_as_often_as_said(samples):
    for kind, share in masking.MIX.items():
        assert abs(len(of(samples, kind)) / 300 - share) < 4 * (share * (1 - share) / 300) ** 0.5
    assert all(0 < mask.mean() < 1 for mask in samples.masks)


def test_captions_say_what_is_asked(samples):
    removal = [samples.captions[i] for i in of(samples, "removal")]
    assert all(text.startswith(masking.REMOVAL) for text in removal)
    objects = [samples.captions[i] for i in of(samples, "object")]
    assert sum(text in OBJECTS for text in objects) > 0.15 * len(objects)
    lettering = [samples.captions[i] for i in of(samples, "lettering")]
    cleared = sum(text.startswith(masking.REMOVAL) for text in lettering)
    assert 0.5 < cleared / len(lettering) < 0.95


def test_a_word_lies_wholly_under_the_mask():
    rng = np.random.default_rng(0)
    for _ in range(20):
        image = np.full((FRAME, FRAME, 3), 120, np.uint8)
        place = masking.rectangle(rng)
        written, mask = masking.write_word(image, place, rng)
        changed = (written != image).any(axis=-1)
        assert changed.sum() > 30
        assert not (changed & ~mask).any() and (mask & place).sum() == place.sum()


def test_rectangles_have_sides_of_15_to_50_percent():
    rng = np.random.default_rng(0)
    for _ in range(50):
        mask = masking.rectangle(rng)
        height, width = mask.any(1).sum(), mask.any(0).sum()
        assert mask.sum() == height * width
        assert all(9 <= side <= 32 for side in (height, width))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = save_tiny_sd(tmp_path_factory.mktemp("teacher"))
    return StableDiffusionPipeline.from_pretrained(folder, safety_checker=None)


def test_a_widened_unet_draws_what_it_was_made_of(tiny):
    wide = inpainting.widen(tiny.unet)
    x = noise.batch([1, 2], (4, 8, 8), "cpu")
    more = torch.cat([x, torch.randn(2, 5, 8, 8, generator=torch.Generator().manual_seed(0))], 1)
    text = torch.zeros(2, 77, 32)
    with torch.no_grad():
        a = tiny.unet(x, 500, text).sample
        b = wide(more, 500, text).sample
    torch.testing.assert_close(a, b, atol=1e-5, rtol=0)


def test_encoded_samples_and_training(tiny, samples, tmp_path):
    few = masking.SampleSet(
        samples.images[:12, ::4, ::4],
        samples.masks[:12, ::4, ::4],
        [*samples.captions[:11], samples.captions[0]],
        samples.kinds[:12],
    )
    schedule = Schedule(steps=3, batch=4, lr=0.001, warmup=1)
    encoded = inpainting.encode(tiny, few, schedule)
    assert encoded.latents.shape == (12, 4, 8, 8) and encoded.given.shape == (12, 5, 8, 8)
    small = torch.from_numpy(few.masks[:, ::2, ::2]).half()
    assert torch.equal(encoded.given[:, 0], small)
    assert encoded.caption[0] == encoded.caption[11]
    hidden = few.masks.reshape(12, -1).mean(1) > 0.2
    gap = (encoded.given[:, 1:] - encoded.latents).abs().mean((1, 2, 3)).numpy()
    assert (gap[hidden] > 0.01).all(), "what is hidden must not be told"
    path = tmp_path / "encoded.pt"
    encoded.save(path)
    again = inpainting.Encoded.load(path)
    assert torch.equal(again.given, encoded.given)
    unet = inpainting.fit(tiny.unet, again, schedule, tmp_path / "a.pt")
    assert unet.config.in_channels == 9 and not unet.training
    moved = unet.conv_in.weight[:, 4:].abs().sum()
    assert moved > 0 and torch.isfinite(moved)
    pipe = inpainting.pipeline(tiny, unet)
    pipe.save_pretrained(tmp_path / "saved")
    assert (tmp_path / "saved" / "unet").is_dir()
