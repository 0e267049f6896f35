"""The denoising loop equals the diffusers pipelines bit for bit.

On a CPU in float32, on the same latents and prompts, in the same batch: latents after the
last step and pixels are compared with ``torch.equal``.
"""

import json

import pytest
import torch
from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    EulerAncestralDiscreteScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
)
from tiny_models import (
    CAPTIONS,
    NARROWED,
    save_tiny_sd,
    save_tiny_sdxl,
)

from seedbed import models, noise
from seedbed.models.base import to_uint8
from seedbed.sampling.denoise import decode, denoise
from seedbed.sampling.generate import StepNoises
from seedbed.sampling.schedulers import Sampler, make_scheduler

PROMPTS = CAPTIONS[:2]
SEEDS = [3, 3]
"""One latent for both prompts, so that images that differ do so by the prompt."""
OTHER_SEEDS = [3, 5]


class Watch:
    """A control that keeps what it sees and puts other latents in place of some."""

    def __init__(self, replace=None):
        self.seen, self.events, self.replace = [], [], replace or {}

    def before_step(self, step, t, x):
        self.seen.append((step, int(t), x.clone()))
        return self.replace.get(step, x)

    def __enter__(self):
        self.events.append("enter")

    def __exit__(self, *exc):
        self.events.append("exit")


def quiet(pipe):
    pipe.set_progress_bar_config(disable=True)
    return pipe


def ours(model, sampler, seeds=SEEDS, prompts=PROMPTS, step_noise=None, condition=None):
    """(latents, pixels) of our loop, one image per (seed, prompt)."""
    x = noise.batch(seeds, model.latent_shape, "cpu")
    condition = model.encode(prompts) if condition is None else condition
    z = denoise(model, x, condition, sampler, step_noise)
    return z, decode(model, z, sampler)


def theirs(pipe, **arguments):
    """(latents, pixels) of a diffusers pipeline; the latents are those that it decodes."""
    last = {}

    def keep(_pipe, _step, _t, tensors):
        last.update(tensors)
        return {}

    pixels = pipe(**arguments, output_type="pt", callback_on_step_end=keep).images
    return last["latents"], pixels


def assert_same(a, b):
    for name, x, y in zip(("latents", "pixels"), a, b, strict=True):
        assert x.isfinite().all()
        assert x.std() > 1e-3, f"{name} say nothing: they are constant"
        assert (x[0] - x[1]).abs().max() > 1e-3, f"{name} say nothing: images are the same"
        assert torch.equal(x, y), f"{name} differ by up to {(x - y).abs().max()}"


@pytest.fixture(scope="module")
def tiny_pipe(tiny_sd_folder):
    pipe = StableDiffusionPipeline.from_pretrained(tiny_sd_folder, safety_checker=None)
    return quiet(pipe)


@pytest.fixture(scope="module")
def sdxl_folder(tmp_path_factory):
    return save_tiny_sdxl(tmp_path_factory.mktemp("tiny-sdxl"))


@pytest.fixture(scope="module")
def sdxl(sdxl_folder):
    return models.load("sdxl", str(sdxl_folder))


@pytest.fixture
def sdxl_pipe(sdxl_folder):
    return quiet(StableDiffusionXLPipeline.from_pretrained(sdxl_folder, add_watermarker=False))


class TestStableDiffusion:
    @pytest.mark.parametrize("scheduler", ["own", "ddim"])
    @pytest.mark.parametrize(("steps", "guidance"), [(4, 7.5), (3, 1.0), (1, 0.0)])
    def test_ddim(self, tiny_sd, tiny_pipe, scheduler, steps, guidance):
        sampler = Sampler(steps, guidance, scheduler=scheduler)
        expected = theirs(
            tiny_pipe,
            prompt=PROMPTS,
            latents=noise.batch(SEEDS, tiny_sd.latent_shape, "cpu"),
            num_inference_steps=steps,
            guidance_scale=guidance,
        )
        assert_same(ours(tiny_sd, sampler), expected)

    @pytest.mark.parametrize("eta", [0.4, 1.0])
    def test_added_noise_follows_each_images_own_generator(self, tiny_sd, tiny_pipe, eta):
        """The pipeline draws latents and step noise from one generator per image."""
        expected = theirs(
            tiny_pipe,
            prompt=PROMPTS,
            generator=[torch.Generator().manual_seed(s) for s in OTHER_SEEDS],
            num_inference_steps=4,
            guidance_scale=7.5,
            eta=eta,
        )
        steps = StepNoises(OTHER_SEEDS, tiny_sd.latent_shape, "cpu")
        assert torch.equal(steps.draw(0), noise.batch(OTHER_SEEDS, tiny_sd.latent_shape, "cpu"))
        sampler = Sampler(4, 7.5, eta=eta, scheduler="ddim")
        got = ours(tiny_sd, sampler, seeds=OTHER_SEEDS, step_noise=steps)
        assert_same(got, expected)
        without = ours(tiny_sd, Sampler(4, 7.5, scheduler="ddim"), seeds=OTHER_SEEDS)
        assert (got[1] - without[1]).abs().max() > 1e-2

    def test_embeddings_computed_once(self, tiny_sd, tiny_pipe):
        """Twelve images of two prompts and six seeds, on embeddings computed beforehand."""
        seeds, rows = [s for s in range(6) for _ in PROMPTS], [0, 1] * 6
        once = tiny_sd.encode(PROMPTS)
        expected = theirs(
            tiny_pipe,
            prompt_embeds=once.take(rows).embeddings,
            negative_prompt_embeds=tiny_sd.encode_unconditional(12).embeddings,
            latents=noise.batch(seeds, tiny_sd.latent_shape, "cpu"),
            num_inference_steps=2,
            guidance_scale=7.5,
        )
        got = ours(tiny_sd, Sampler(2, 7.5), seeds=seeds, condition=once.take(rows))
        assert_same(got, expected)

    @pytest.mark.parametrize("scheduler", ["own", "ddim"])
    def test_checkpoint_with_pndm(self, tmp_path, scheduler):
        """PNDM, Stable Diffusion 1.4's own scheduler, knows neither eta nor a generator."""
        folder = save_tiny_sd(tmp_path, scheduler="pndm")
        model = models.load("sd", str(folder))
        pipe = quiet(StableDiffusionPipeline.from_pretrained(folder, safety_checker=None))
        if scheduler == "ddim":
            pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config, clip_sample=False)
        expected = theirs(
            pipe,
            prompt=PROMPTS,
            latents=noise.batch(SEEDS, model.latent_shape, "cpu"),
            num_inference_steps=4,
            guidance_scale=3.0,
        )
        assert_same(ours(model, Sampler(4, 3.0, scheduler=scheduler)), expected)

    def test_other_resolution(self, tiny_sd_folder, tiny_pipe):
        model = models.load("sd", str(tiny_sd_folder), resolution=24)
        assert model.latent_shape == (4, 12, 12)
        expected = theirs(
            tiny_pipe,
            prompt=PROMPTS,
            latents=noise.batch(SEEDS, model.latent_shape, "cpu"),
            height=24,
            width=24,
            num_inference_steps=2,
            guidance_scale=7.5,
        )
        assert_same(ours(model, Sampler(2, 7.5)), expected)

    def test_uint8_is_rounded_as_by_diffusers(self, tiny_sd, tiny_pipe):
        pixels = ours(tiny_sd, Sampler(1, 0.0))[1]
        pictures = tiny_pipe.image_processor.numpy_to_pil(pixels.permute(0, 2, 3, 1).numpy())
        for array, picture in zip(to_uint8(pixels), pictures, strict=True):
            assert array.tobytes() == picture.tobytes()

    def test_control_sees_and_moves_every_step(self, tiny_sd):
        x = noise.batch(SEEDS, tiny_sd.latent_shape, "cpu")
        kept = x.clone()
        condition, sampler = tiny_sd.encode(PROMPTS), Sampler(3, 2.0)
        watch = Watch()
        z = denoise(tiny_sd, x, condition, sampler, control=watch)
        assert torch.equal(z, denoise(tiny_sd, x, condition, sampler))
        timesteps = make_scheduler(tiny_sd, sampler).timesteps.tolist()
        assert [(i, t) for i, t, _ in watch.seen] == list(enumerate(timesteps))
        assert torch.equal(watch.seen[0][2], kept)
        assert not torch.equal(watch.seen[1][2], watch.seen[0][2])
        assert torch.equal(x, kept), "the given latents were written to"
        assert watch.events == ["enter", "exit"]
        moved = Watch(replace={1: watch.seen[2][2]})
        denoise(tiny_sd, x, condition, sampler, control=moved)
        assert torch.equal(moved.seen[1][2], watch.seen[1][2])
        assert not torch.equal(moved.seen[2][2], watch.seen[2][2])

    def test_control_is_left_after_an_error(self, tiny_sd):
        class Failing(Watch):
            def before_step(self, step, t, x):
                raise RuntimeError("told to fail")

        watch = Failing()
        x = noise.batch(SEEDS, tiny_sd.latent_shape, "cpu")
        with pytest.raises(RuntimeError, match="told to fail"):
            denoise(tiny_sd, x, tiny_sd.encode(PROMPTS), Sampler(3, 2.0), control=watch)
        assert watch.events == ["enter", "exit"]

    def test_bfloat16_stays_near_float32(self, tiny_sd):
        exact = ours(tiny_sd, Sampler(2, 2.0))[1]
        rounded = ours(tiny_sd, Sampler(2, 2.0, precision="bfloat16"))[1]
        assert rounded.dtype == torch.float32
        assert 0 < (exact - rounded).abs().mean() < 0.02


class TestTheNarrowSDXL:
    @pytest.mark.parametrize(
        ("network", "file"),
        [
            ("unet", "unet_config"),
            ("vae", "vae_config"),
            ("text_encoder", "text_encoder_config"),
            ("text_encoder_2", "text_encoder_2_config"),
        ],
    )
    def test_the_narrow_sdxl_is_sdxl_but_for_its_widths(
        self, shared_data, sdxl_pipe, network, file
    ):
        real = json.loads((shared_data / "sd_configs" / "sdxl_base" / f"{file}.json").read_text())
        narrow = getattr(sdxl_pipe, network).config
        narrow = narrow.to_dict() if hasattr(narrow, "to_dict") else dict(narrow)
        left = NARROWED[network] | {"architectures", "torch_dtype", "transformers_version"}
        left |= {"dropout"}  # a key of old that transformers no longer reads
        checked = {k for k in real if not k.startswith("_")} - left
        assert len(checked) > 8
        for key in checked:
            value = narrow[key]
            assert (list(value) if isinstance(value, tuple) else value) == real[key], key


class TestStableDiffusionXL:
    def test_one_step_without_guidance(self, sdxl, sdxl_pipe):
        """As SDXL Turbo is used: Euler ancestral, trailing, guidance 0."""
        sdxl_pipe.scheduler = EulerAncestralDiscreteScheduler.from_config(
            sdxl_pipe.scheduler.config, timestep_spacing="trailing"
        )
        expected = theirs(
            sdxl_pipe,
            prompt=PROMPTS,
            latents=noise.batch(SEEDS, sdxl.latent_shape, "cpu"),
            num_inference_steps=1,
            guidance_scale=0.0,
        )
        assert_same(ours(sdxl, Sampler(1, 0.0, scheduler="euler_ancestral")), expected)

    @pytest.mark.parametrize("scheduler", ["ddim", "own"])
    def test_guided(self, sdxl, sdxl_pipe, scheduler):
        """Base SDXL puts zeros where the empty prompt would stand; its own scheduler is Euler."""
        if scheduler == "ddim":
            sdxl_pipe.scheduler = DDIMScheduler.from_config(
                sdxl_pipe.scheduler.config, clip_sample=False
            )
        expected = theirs(
            sdxl_pipe,
            prompt=PROMPTS,
            latents=noise.batch(SEEDS, sdxl.latent_shape, "cpu"),
            num_inference_steps=2,
            guidance_scale=5.0,
        )
        assert_same(ours(sdxl, Sampler(2, 5.0, scheduler=scheduler)), expected)

    def test_guided_by_the_empty_prompt(self, tmp_path, sdxl):
        folder = save_tiny_sdxl(tmp_path, force_zeros=False)
        model = models.load("sdxl", str(folder))
        pipe = StableDiffusionXLPipeline.from_pretrained(folder, add_watermarker=False)
        pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config, clip_sample=False)
        expected = theirs(
            quiet(pipe),
            prompt=PROMPTS,
            latents=noise.batch(SEEDS, model.latent_shape, "cpu"),
            num_inference_steps=2,
            guidance_scale=5.0,
        )
        got = ours(model, Sampler(2, 5.0, scheduler="ddim"))
        assert_same(got, expected)
        zeros = ours(sdxl, Sampler(2, 5.0, scheduler="ddim"))
        assert not torch.equal(got[0], zeros[0]), "both folders treat the empty prompt alike"

    def test_other_resolution_enters_the_time_ids(self, sdxl_folder, sdxl, sdxl_pipe):
        model = models.load("sdxl", str(sdxl_folder), resolution=32)
        condition = model.encode(PROMPTS)
        assert condition.added["time_ids"].tolist() == [[32, 32, 0, 0, 32, 32]] * 2
        sdxl_pipe.scheduler = EulerAncestralDiscreteScheduler.from_config(
            sdxl_pipe.scheduler.config, timestep_spacing="trailing"
        )
        latents = noise.batch(SEEDS, model.latent_shape, "cpu")
        arguments = {"prompt": PROMPTS, "num_inference_steps": 1, "guidance_scale": 0.0}
        expected = theirs(sdxl_pipe, **arguments, latents=latents, height=32, width=32)
        sampler = Sampler(1, 0.0, scheduler="euler_ancestral")
        assert_same(ours(model, sampler), expected)
        wrong = denoise(model, latents, sdxl.encode(PROMPTS), sampler)
        assert not torch.equal(wrong, expected[0]), "the time ids change nothing here"

    def test_both_tokenizers_are_used(self, sdxl):
        """The second pads with another token, which its own states show."""
        first, second = sdxl.tokenizers
        assert first.pad_token_id != second.pad_token_id
        condition = sdxl.encode(PROMPTS)
        assert condition.embeddings.shape == (2, 77, 32 + 48)
        assert condition.added["text_embeds"].shape == (2, 48)
        sdxl.tokenizers = (first, first)
        try:
            padded_alike = sdxl.encode(PROMPTS)
        finally:
            sdxl.tokenizers = (first, second)
        assert torch.equal(condition.embeddings[..., :32], padded_alike.embeddings[..., :32])
        assert not torch.equal(condition.embeddings, padded_alike.embeddings)


class TestBatches:
    """Which images share a batch decides at most the last bits."""

    @pytest.mark.parametrize("eta", [0.0, 1.0])
    def test_image_is_the_same_in_any_batch(self, tiny_sd, eta):
        sampler = Sampler(3, 5.0, eta=eta, scheduler="ddim")

        def pixels(seeds, rows):
            steps = StepNoises(seeds, tiny_sd.latent_shape, "cpu")
            condition = tiny_sd.encode(CAPTIONS).take(rows)
            return ours(tiny_sd, sampler, seeds=seeds, step_noise=steps, condition=condition)[1]

        alone = pixels([7], [1])[0]
        torch.testing.assert_close(pixels([7, 7], [0, 1])[1], alone, atol=1e-4, rtol=0)
        torch.testing.assert_close(
            pixels([9, 8, 7, 1, 2], [0] * 2 + [1] * 3)[2], alone, atol=1e-4, rtol=0
        )
        assert (pixels([8], [1])[0] - alone).abs().max() > 1e-2

    def test_prompt_is_encoded_alike_in_any_batch(self, tiny_sd):
        together = tiny_sd.encode(CAPTIONS * 3, batch=4)
        assert len(together) == 9
        torch.testing.assert_close(
            together.embeddings[4], tiny_sd.encode([CAPTIONS[1]]).embeddings[0], atol=1e-4, rtol=0
        )


class TestRefusals:
    def test_eta_without_noise(self, tiny_sd):
        with pytest.raises(ValueError, match="step_noise"):
            ours(tiny_sd, Sampler(2, 2.0, eta=1.0))

    def test_eta_with_a_scheduler_without_eta(self, sdxl):
        steps = StepNoises(SEEDS, sdxl.latent_shape, "cpu")
        with pytest.raises(ValueError, match="knows eta"):
            sampler = Sampler(1, 0.0, eta=1.0, scheduler="euler_ancestral")
            ours(sdxl, sampler, step_noise=steps)

    def test_scheduler_with_noise_of_its_own(self, sdxl):
        """Its noise would depend on an image's place in the batch and not on its seed."""
        with pytest.raises(ValueError, match="noise of its own"):
            ours(sdxl, Sampler(2, 0.0, scheduler="euler_ancestral"))

    def test_own_scheduler_with_noise_of_its_own(self, tiny_sd, monkeypatch):
        ddpm = DDPMScheduler.from_config(tiny_sd.scheduler.config)
        monkeypatch.setattr(tiny_sd, "scheduler", ddpm)
        with pytest.raises(ValueError, match="noise of its own"):
            ours(tiny_sd, Sampler(2, 0.0))

    def test_unknown_scheduler(self, tiny_sd):
        with pytest.raises(ValueError, match="'heun' is unknown"):
            ours(tiny_sd, Sampler(2, 2.0, scheduler="heun"))

    def test_unknown_family(self, tiny_sd_folder):
        with pytest.raises(models.ModelError, match="'flux' is unknown"):
            models.load("flux", str(tiny_sd_folder))

    def test_folder_without_a_pipeline(self, tmp_path):
        with pytest.raises(models.ModelError, match="model_index"):
            models.load("sd", str(tmp_path))

    def test_resolution_between_latent_pixels(self, tiny_sd_folder):
        with pytest.raises(ValueError, match="not a multiple"):
            models.load("sd", str(tiny_sd_folder), resolution=17)
