"""The papers' models at full size, with random weights: what holds of tiny ones holds of them.

SD 1.4, SD 2.0, its inpainting model and SDXL Turbo from the configs that are shipped, drawn at 64
or 128 pixels, which the same networks do in seconds. What depends on the size of a picture alone,
such as the grids of the attention, is told at the papers' 512 pixels by shapes.
"""

import numpy as np
import pandas as pd
import pytest
import torch
from diffusers import DDIMScheduler
from full_size import NEEDED_GB, count, forget, free_gb, pipeline
from test_capture import by_hand
from test_denoise import assert_same, ours, theirs
from test_inpaint import as_pil, pictures

from benchmarks.networks import empty_networks
from seedbed import noise
from seedbed.attention.capture import Capture, layer_of
from seedbed.attention.modules import cross_attention
from seedbed.attention.tokens import phrase_positions
from seedbed.guidance.registry import control_of
from seedbed.lottery_ticket.comparison.latents import guidance_of, initial_latents
from seedbed.lottery_ticket.tickets.collect import collect, word_positions
from seedbed.lottery_ticket.tickets.reading import Reading
from seedbed.models import architectures, sd, sd_inpaint, sdxl
from seedbed.models.base import Condition
from seedbed.sampling.denoise import decode, denoise
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.particle_guidance import draw_groups
from seedbed.sampling.schedulers import Sampler

pytestmark = pytest.mark.skipif(
    free_gb() < NEEDED_GB, reason=f"networks of full size want {NEEDED_GB} GB of free memory"
)

PROMPTS = ["a fire hydrant and a dog", "a boat on the beach"]
DDIM = Sampler(2, 7.5, scheduler="ddim")
LAYER = "down_blocks.2.attentions.1"
"""Of SD 1.x, whose maps the authors of Lottery Ticket read; input_blocks.8 in their names."""

CROSSED = {
    "sd_1": {64: 5, 32: 5, 16: 5, 8: 1},
    "sd_2_base": {64: 5, 32: 5, 16: 5, 8: 1},
    "sd_2_inpainting": {64: 5, 32: 5, 16: 5, 8: 1},
    "sdxl_turbo": {32: 4 + 6, 16: 20 + 10 + 30},
}
"""How many cross-attentions have a grid of which side, at 512 pixels."""
PARAMETERS = {
    "sd_1": {"unet": 859_520_964, "vae": 83_653_863, "text_encoder": 123_060_480},
    "sd_2_base": {"unet": 865_910_724, "vae": 83_653_863, "text_encoder": 340_387_840},
    "sd_2_inpainting": {"unet": 865_925_124, "vae": 83_653_863, "text_encoder": 340_387_840},
    "sdxl_turbo": {
        "unet": 2_567_463_684,
        "vae": 83_653_863,
        "text_encoder": 123_060_480,
        "text_encoder_2": 694_659_840,
    },
}
SCALES = {"sd_1": 0.18215, "sd_2_base": 0.18215, "sd_2_inpainting": 0.18215, "sdxl_turbo": 0.13025}


def held(name):
    """A class's pipeline, forgotten after it."""
    yield pipeline(name)
    forget()


# By shapes


@pytest.mark.parametrize("name", architectures.names())
def test_sizes_and_grids_at_512_pixels(name):
    networks = empty_networks(name)
    assert {part: count(network) for part, network in networks.items()} == PARAMETERS[name]
    unet, vae = networks["unet"], networks["vae"]
    layers, cells = cross_attention(unet), {}
    for layer, module in layers.items():
        module.register_forward_pre_hook(
            lambda _, given, layer=layer: cells.update({layer: given[0].shape[1]}),
            with_kwargs=False,
        )
    n, width = 1, unet.config.cross_attention_dim
    added = {}
    if name == "sdxl_turbo":
        shapes = {"text_embeds": (n, 1280), "time_ids": (n, 6)}
        added = {"added_cond_kwargs": {k: torch.empty(s, device="meta") for k, s in shapes.items()}}
    sample = torch.empty(n, unet.config.in_channels, 64, 64, device="meta")
    with torch.no_grad():
        states = torch.empty(n, 77, width, device="meta")
        t = torch.tensor(981, device="meta")
        assert unet(sample, t, states, return_dict=False, **added)[0].shape == (n, 4, 64, 64)
        pixels = vae.decode(torch.empty(n, 4, 64, 64, device="meta"), return_dict=False)[0]
    assert pixels.shape == (n, 3, 512, 512)
    sides = pd.Series(cells).pow(0.5).astype(int)
    assert sides.value_counts().to_dict() == CROSSED[name]
    assert list(cells) == list(layers), "layers are listed in the order in which they run"
    assert vae.config.scaling_factor == SCALES[name]
    if name != "sdxl_turbo":
        assert sides[layer_of(unet, LAYER)] == 16


@pytest.mark.parametrize(
    ("text", "phrase", "expected"),
    [
        ("a fire hydrant and a dog", "fire hydrant", (2, 3, 4)),
        ("a fire hydrant and a dog", "dog", (7,)),
        ("a traffic light and a hair drier", "hair drier", (6, 7)),
        ("a frisbee and a skateboard", "skateboard", (5,)),
        ("an umbrella and a cell phone", "cell phone", (5, 6)),
    ],
)
@pytest.mark.parametrize("name", ["sd_1", "sd_2_base"])
def test_places_of_words(name, text, phrase, expected):
    tokenizer = architectures.tokenizers(name)["tokenizer"]
    assert phrase_positions(tokenizer, text, phrase) == expected
    ids = tokenizer(text).input_ids
    assert tokenizer.decode([ids[k] for k in expected]).strip() == phrase


# Stable Diffusion 1.4


@pytest.fixture(scope="module")
def layouts():
    """Two captions with a box for each object: the two words of one lie in one box."""
    rows = [
        ("p", PROMPTS[0], "fire hydrant", 2, (0.0, 0.25, 0.5, 1.0)),
        ("p", PROMPTS[0], "dog", 21, (0.5, 0.5, 1.0, 1.0)),
        ("q", PROMPTS[1], "boat", 2, (0.25, 0.25, 0.75, 0.75)),
    ]
    table = pd.DataFrame(
        [(a, b, c, d, *box) for a, b, c, d, box in rows],
        columns=["layout_id", "caption", "mention", "start", "x0", "y0", "x1", "y1"],
    )
    return table.assign(category=table["mention"])


def drawn(model, control):
    x = noise.batch([3, 5], model.latent_shape, "cpu")
    return denoise(model, x, model.encode(PROMPTS), DDIM, control=control)


def assert_the_loop_is_the_pipeline(pipe, model):
    """Ours and diffusers' own end in the same latents and pixels, at 64 pixels by DDIM."""
    pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config, clip_sample=False)
    expected = theirs(
        pipe,
        prompt=PROMPTS,
        latents=noise.batch([3, 3], model.latent_shape, "cpu"),
        height=64,
        width=64,
        num_inference_steps=2,
        guidance_scale=7.5,
    )
    assert_same(ours(model, DDIM, prompts=PROMPTS), expected)


class TestStableDiffusion1:
    @pytest.fixture(scope="class")
    @classmethod
    def pipe(cls):
        yield from held("sd_1")

    @pytest.fixture(scope="class")
    @classmethod
    def model(cls, pipe):
        return sd.Family(pipe, resolution=64)

    @pytest.fixture(scope="class")
    @classmethod
    def plain(cls, model):
        return drawn(model, None)

    def test_the_loop_is_the_pipeline(self, pipe, model):
        assert model.latent_shape == (4, 8, 8)
        assert sd.Family(pipe).latent_shape == (4, 64, 64)
        assert_the_loop_is_the_pipeline(pipe, model)

    def test_the_truncated_first_step_is_the_whole_one(self, pipe):
        """Against softmaxes taken by hand in a forward of diffusers' own."""
        model = sd.Family(pipe, resolution=128)
        sampler = Sampler(50, 7.5, scheduler="ddim")
        condition = model.encode(PROMPTS[:1])
        x = noise.latents(0, model.latent_shape, "cpu")[None]
        found = {}
        for truncate in (True, False):
            capture = Capture(model, condition, [LAYER], sampler, truncate=truncate)
            assert int(capture.timestep) == 981
            ((_, _, maps),) = capture.grid(x, 16)
            found[truncate] = maps[capture.layers[0]]
        assert found[True].shape == (1, 1, 4 * 4, 77)
        assert torch.equal(found[True], found[False])
        expected = by_hand(model.unet, x, torch.tensor(981), condition.embeddings)
        expected = expected[layer_of(model.unet, LAYER)]
        torch.testing.assert_close(found[True][0], expected, atol=5e-6, rtol=0)
        assert expected.std() > 1e-4, "maps that all look alike would show nothing"

    def test_tickets_are_collected_of_names_of_several_tokens(self, model):
        pair = ("fire hydrant", "dog")
        assert word_positions(model.tokenizer, pair, False) == ((2, 3, 4), (7,))
        drawing = Drawing(model, DDIM, batch=2)
        (found,), cost = collect(drawing, Reading(LAYER), [pair], range(2))
        assert found.scores.shape == (2, 1, 2, 2 * 2)
        assert 0 < cost.flops_per_map < 0.35 * cost.flops_full

    @pytest.mark.parametrize(
        ("name", "constants"),
        [
            ("paint", {"weight": 0.4}),
            ("soft", {"weight": 1.0, "width": 1.0}),
            ("boxdiff", {"grid": 4, "step_size": 20.0, "max_refinements": 1}),
        ],
    )
    def test_controls_move_the_picture(self, model, plain, layouts, name, constants):
        former = [layer.processor for layer in cross_attention(model.unet).values()]
        control = control_of(
            name,
            model,
            model.encode(PROMPTS),
            guidance_of(model.tokenizer, layouts),
            DDIM,
            constants,
        )
        moved = drawn(model, control)
        assert moved.isfinite().all()
        assert ((moved - plain).flatten(1).abs().amax(1) > 1e-5).all()
        assert [layer.processor for layer in cross_attention(model.unet).values()] == former

    def test_swap_moves_blocks_and_makes_none(self, pipe, layouts):
        model = sd.Family(pipe, resolution=128)
        drawing = Drawing(model, DDIM, batch=2)
        made, _ = initial_latents(drawing, layouts, [3, 5], swap_layer=LAYER)
        base = torch.stack([drawing.latent(3), drawing.latent(5)])
        assert not torch.equal(made, base)
        for x, z in zip(base, made, strict=True):
            for a, b in zip(x, z, strict=True):
                assert torch.equal(a.flatten().sort().values, b.flatten().sort().values)

    def test_particle_guidance_pushes_pictures_apart(self, model):
        drawing = Drawing(model, DDIM, batch=2)
        still, apart = (
            draw_groups(drawing, PROMPTS[:1], [[3, 5]], coefficient) for coefficient in (0.0, 30.0)
        )
        assert still.shape == apart.shape == (1, 2, 64, 64, 3)
        assert not np.array_equal(still, apart)


# Stable Diffusion 2


class TestStableDiffusion2:
    @pytest.fixture(scope="class")
    @classmethod
    def pipe(cls):
        yield from held("sd_2_base")

    def test_the_loop_is_the_pipeline(self, pipe):
        model = sd.Family(pipe, resolution=64)
        assert sd.Family(pipe).latent_shape == (4, 64, 64)
        assert_the_loop_is_the_pipeline(pipe, model)

    def test_bfloat16_weights_draw_nearly_the_same(self, pipe):
        """Networks of their own type; latents and scheduler stay float32."""
        model = sd.Family(pipe, resolution=64)
        sampler = Sampler(1, 1.0, scheduler="ddim")
        exact = ours(model, sampler, prompts=PROMPTS)[0]
        for network in model.networks.values():
            network.to(torch.bfloat16)
        z, pixels = ours(model, sampler, prompts=PROMPTS)
        assert z.dtype == pixels.dtype == torch.float32
        error = (z - exact).pow(2).mean().sqrt() / exact.std()
        assert 0 < error < 0.05


class TestStableDiffusion2Inpainting:
    @pytest.fixture(scope="class")
    @classmethod
    def pipe(cls):
        yield from held("sd_2_inpainting")

    def test_filling_is_the_pipeline(self, pipe):
        model = sd_inpaint.Family(pipe, resolution=64)
        images, masks = pictures(1, 64)
        image, mask = as_pil(images, masks)
        given = model.encode_masked(images, masks, torch.Generator().manual_seed(11))
        x = noise.batch([3, 5], model.latent_shape, "cpu")
        told = {sd_inpaint.GIVEN: given[[0, 0]]}
        condition = Condition(model.encode(PROMPTS).embeddings, told)
        sampler = Sampler(1, 7.5, scheduler="ddim")
        z = denoise(model, x, condition, sampler)
        pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config, clip_sample=False)
        expected = theirs(
            pipe,
            prompt=PROMPTS,
            image=image[0],
            mask_image=mask[0],
            height=64,
            width=64,
            strength=1.0,
            latents=x,
            generator=torch.Generator().manual_seed(11),
            num_inference_steps=1,
            guidance_scale=7.5,
        )
        assert_same((z, decode(model, z, sampler)), expected)


# SDXL Turbo


class TestStableDiffusionXLTurbo:
    @pytest.fixture(scope="class")
    @classmethod
    def pipe(cls):
        yield from held("sdxl_turbo")

    def test_one_step_is_the_pipeline(self, pipe):
        assert sdxl.Family(pipe).latent_shape == (4, 64, 64)
        model = sdxl.Family(pipe, resolution=64)
        expected = theirs(
            pipe,
            prompt=PROMPTS,
            latents=noise.batch([3, 3], model.latent_shape, "cpu"),
            height=64,
            width=64,
            num_inference_steps=1,
            guidance_scale=0.0,
        )
        assert_same(ours(model, Sampler(1, 0.0), prompts=PROMPTS), expected)
