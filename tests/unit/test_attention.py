"""Controls of cross-attention: against slow formulae, and what they must leave untouched."""

import math
from contextlib import nullcontext
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from diffusers.models.attention_processor import Attention, AttnProcessor
from scipy.stats import multivariate_normal
from tiny_models import CAPTIONS
from transformers import CLIPTokenizer

from seedbed import noise
from seedbed.attention.modules import cross_attention, output, replaced, scores, side_of
from seedbed.attention.tokens import phrase_positions
from seedbed.guidance import boxdiff
from seedbed.guidance.boxdiff import BoxDiff, Targets
from seedbed.guidance.guided import Guided, coverage, token_masks
from seedbed.guidance.paint import Paint
from seedbed.guidance.soft import Soft, gaussian_mask
from seedbed.sampling.denoise import denoise
from seedbed.sampling.schedulers import Sampler

SAMPLER = Sampler(4, 5.0)
SEEDS = [3, 5, 8]
LEFT, RIGHT = (0.0, 0.1, 0.45, 0.9), (0.5, 0.25, 0.9, 1.0)
GUIDANCE = [
    [Guided((3,), LEFT)],
    [Guided((2, 3), LEFT), Guided((7,), RIGHT)],
    [Guided((3,), RIGHT)],
]
"""Of the three captions of the tiny models."""


@pytest.fixture
def condition(tiny_sd):
    return tiny_sd.encode(CAPTIONS)


@pytest.fixture
def latents(tiny_sd):
    return noise.batch(SEEDS, tiny_sd.latent_shape, "cpu")


def make(kind, model, condition, guidance, strong=True, steps=SAMPLER.steps):
    """A control by name, of ordinary or of no strength."""
    if kind == "paint":
        return Paint(model, guidance, 0.4 * strong)
    if kind == "soft":
        return Soft(model, guidance, steps, 1.0 * strong, 1.0)
    return BoxDiff(model, condition, guidance, steps, grid=8, step_size=5.0 * strong)


KINDS = ["paint", "soft", "boxdiff"]
MASKS = ["paint", "soft"]


class TestTokens:
    @pytest.fixture(scope="class")
    def clip(self, shared_data):
        return CLIPTokenizer.from_pretrained(shared_data / "clip_tokenizer")

    @pytest.fixture(scope="class")
    def storybook(self):
        return CLIPTokenizer.from_pretrained("resources/storybook/storybook-sd/tokenizer")

    @pytest.mark.parametrize(
        ("text", "phrase", "expected"),
        [
            ("a dog and a car", "dog", (2,)),
            ("a dog and a car", "car", (5,)),
            ("A Dog, two Traffic Lights.", "traffic lights", (5, 6)),
            ("a hair drier on a bed", "hair drier", (2, 3)),
            ("a hairdrier on a bed", "hairdrier", (2, 3)),
            ("a hairdrier on a bed", "bed", (6,)),
            ("kickball and a ball", "ball", (5,)),
            ("the dog's bowl", "bowl", (4,)),
            ("12 cats", "cats", (3,)),
        ],
    )
    def test_of_clip(self, clip, text, phrase, expected):
        assert phrase_positions(clip, text, phrase) == expected
        ids = clip(text).input_ids
        assert clip.decode([ids[k] for k in expected]).strip() == phrase

    def test_of_storybook(self, storybook):
        text = "a red apple and a blue boat on the beach"
        assert phrase_positions(storybook, text, "apple") == (3,)
        assert phrase_positions(storybook, text, "boat") == (7,)
        spelt = phrase_positions(storybook, "a zebra and a boat", "zebra")
        ids = storybook("a zebra and a boat").input_ids
        assert len(spelt) > 1
        assert storybook.decode([ids[k] for k in spelt]).strip() == "zebra"
        after = phrase_positions(storybook, "a zebra and a boat", "boat")
        assert after == (spelt[-1] + 3,)

    def test_the_occurrence_at_an_offset(self, clip):
        text = "a dog, a cat and a dog"
        assert phrase_positions(clip, text, "dog") == (2,)
        assert phrase_positions(clip, text, "dog", text.index("dog")) == (2,)
        assert phrase_positions(clip, text, "dog", text.rindex("dog")) == (8,)

    @pytest.mark.parametrize("start", [0, 4, 9, 99, -3])
    def test_nothing_at_that_offset(self, clip, start):
        with pytest.raises(ValueError, match=rf"'dog' is not in .* at character {start}$"):
            phrase_positions(clip, "a dog, a cat and a dog", "dog", start)

    @pytest.mark.parametrize("phrase", ["zebra", "ball", "dogs", ""])
    def test_not_there(self, clip, phrase):
        with pytest.raises(ValueError, match="is not in the text 'a dog and kickball'"):
            phrase_positions(clip, "a dog and kickball", phrase)

    def test_within_a_word_at_its_offset(self, clip):
        with pytest.raises(ValueError, match="is not in the text"):
            phrase_positions(clip, "a kickball", "ball", 6)

    def test_cut_off(self, clip):
        fits = "very " * 73 + "hot dog"
        assert phrase_positions(clip, fits, "hot dog") == (74, 75)
        ids = clip(fits, truncation=True, max_length=77).input_ids
        assert clip.decode(ids[74:76]).strip() == "hot dog"
        with pytest.raises(ValueError, match="token 76, the tokenizer keeps 75"):
            phrase_positions(clip, "very " + fits, "hot dog")


class TestMasks:
    @pytest.mark.parametrize("box", [LEFT, RIGHT, (0, 0, 1, 1), (0.51, 0.3, 0.52, 0.31)])
    @pytest.mark.parametrize("side", [1, 4, 5])
    def test_coverage_by_counting_points(self, box, side):
        n = 200
        points = (np.arange(side * n) + 0.5) / (side * n)
        x0, y0, x1, y1 = box
        inside = np.outer((points > y0) & (points < y1), (points > x0) & (points < x1))
        counted = inside.reshape(side, n, side, n).mean((1, 3))
        np.testing.assert_allclose(coverage(box, side).numpy(), counted, atol=0.02)
        area = (x1 - x0) * (y1 - y0) * side**2
        assert coverage(box, side).sum().item() == pytest.approx(area, rel=1e-5)

    def test_each_token_has_its_boxes(self):
        both = [Guided((1, 2), LEFT), Guided((2,), RIGHT)]
        masks = token_masks([both, [], [Guided((4,), RIGHT)]], 4, 6, coverage)
        left, right = coverage(LEFT, 4).flatten(), coverage(RIGHT, 4).flatten()
        assert masks.shape == (3, 16, 6)
        assert torch.equal(masks[0, :, 1], left)
        assert torch.equal(masks[0, :, 2], torch.maximum(left, right))
        assert torch.equal(masks[2, :, 4], right)
        masks[0, :, 1:3] = masks[2, :, 4] = 0
        assert not masks.any()

    def test_token_beyond_the_prompt(self):
        with pytest.raises(ValueError, match=r"\(6,\) lie beyond the prompt's 6"):
            token_masks([[Guided((6,), LEFT)]], 4, 6, coverage)

    def test_grid_that_is_no_square(self):
        assert side_of(64) == 8
        with pytest.raises(ValueError, match="96 attention queries"):
            side_of(96)

    @pytest.mark.parametrize("tokens", [(), (0,), (0, 1)])
    def test_phrase_without_words(self, tokens):
        with pytest.raises(ValueError, match="name no phrase"):
            Guided(tokens, LEFT)

    @pytest.mark.parametrize("box", [(0, 0, 0, 1), (0.5, 0, 0.4, 1), (0, 0, 1.1, 1), (0, -1, 1, 1)])
    def test_impossible_box(self, box):
        with pytest.raises(ValueError, match="is empty or leaves the frame"):
            Guided((1,), box)


class TestSoftMask:
    @pytest.mark.parametrize("width", [0.5, 1.0, 2.0])
    def test_density_over_the_grown_box(self, width):
        """Cells 2..5 by 1..4, grown to 1..6 by 0..5: five cells each way."""
        mask = gaussian_mask((2 / 8, 1 / 8, 5 / 8, 4 / 8), 8, width)
        density = multivariate_normal([0, 0], np.eye(2)).pdf
        for y in range(8):
            for x in range(8):
                expected = 0.0
                if 1 <= x < 6 and 0 <= y < 5:
                    at = np.array([(x - 3) / 2, (y - 2) / 2]) * width
                    expected = density(at) / density([0, 0])
                assert mask[y, x].item() == pytest.approx(expected, abs=1e-6)

    def test_edges_are_cut_to_whole_cells_and_to_the_frame(self):
        mask = gaussian_mask((0.30, 0.55, 0.62, 0.99), 8, 0.0)  # 1.4, 3.4 to 5.96, 8.92
        expected = torch.zeros(8, 8)
        expected[3:8, 1:5] = 1
        assert torch.equal(mask, expected)

    def test_even_number_of_cells_is_centred(self):
        mask = gaussian_mask((2 / 8, 2 / 8, 4 / 8, 4 / 8), 8, 1.0)[1:5, 1:5]
        assert torch.equal(mask, mask.flip(0)) and torch.equal(mask, mask.flip(1))
        assert mask.max() == 1 and (mask == 1).sum() == 4
        assert 0 < mask.min() < 0.5

    def test_outside_of_the_grown_box(self):
        inside = gaussian_mask((2 / 8, 1 / 8, 5 / 8, 4 / 8), 8, 1.0)
        walled = gaussian_mask((2 / 8, 1 / 8, 5 / 8, 4 / 8), 8, 1.0, outside=-7.0)
        assert torch.equal(walled.clamp(min=0), inside) and set(walled[inside == 0].tolist()) == {
            -7
        }

    def test_one_cell_is_flat(self):
        mask = gaussian_mask((0, 0, 0.1, 0.6), 4, 1.0)  # grown to 1 by 3 cells
        expected = torch.zeros(4, 4)
        expected[0:3, 0] = 1
        assert torch.equal(mask, expected)


def net_with(**changes):
    """A model whose UNet is one cross-attention of two heads."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        attn = Attention(6, cross_attention_dim=5, heads=2, dim_head=3, **changes)
    block = torch.nn.Module()
    block.attn2 = attn
    unet = torch.nn.Module()
    unet.down_blocks = torch.nn.ModuleList([block])
    scheduler = SimpleNamespace(alphas_cumprod=torch.linspace(0.99, 0.01, 50))
    return SimpleNamespace(unet=unet.eval(), scheduler=scheduler), attn


def slow_attention(attn, hidden, states, bias):
    """One image in float64, head by head and cell by cell; bias(QK^T) is added before scaling."""
    hidden, states = hidden.double().numpy(), states.double().numpy()
    weights = {k: v.detach().double().numpy() for k, v in attn.state_dict().items()}
    q, k, v = (
        x @ weights[f"to_{n}.weight"].T
        for n, x in zip("qkv", (hidden, states, states), strict=True)
    )
    heads = [slice(0, 3), slice(3, 6)]
    products = np.stack([q[:, h] @ k[:, h].T for h in heads])
    added = bias(products)
    mixed = np.zeros((len(hidden), 6))
    for h, part in enumerate(heads):
        for cell in range(len(hidden)):
            z = (products[h, cell] + added[cell]) / math.sqrt(3)
            share = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
            for token in range(len(states)):
                mixed[cell, part] += share[token] * v[token, part]
    return mixed @ weights["to_out.0.weight"].T + weights["to_out.0.bias"]


class TestFormulae:
    """The controls on one attention module against the papers' formulae."""

    TWO = (
        [Guided((1, 2), (0, 0, 0.5, 0.5)), Guided((4,), (0.25, 0.5, 1, 1))],
        [Guided((2,), LEFT)],
    )

    @pytest.fixture
    def inputs(self):
        g = torch.Generator().manual_seed(0)
        return 2 * torch.randn(4, 16, 6, generator=g), 2 * torch.randn(4, 7, 5, generator=g)

    def run(self, control, attn, inputs, step, t):
        control.before_step(step, torch.tensor(t), torch.zeros(2, 4, 4, 4))
        with torch.no_grad(), control:
            return attn(inputs[0], encoder_hidden_states=inputs[1])

    def check(self, attn, inputs, got, factor, mask):
        for image in range(4):
            a = np.zeros((16, 7))
            # Rows 0 and 1 are the unconditional half.
            for guided in self.TWO[image - 2] if image >= 2 else []:
                for token in guided.tokens:
                    a[:, token] = mask(guided.box)
            expected = slow_attention(
                attn, inputs[0][image], inputs[1][image], lambda qk, a=a: factor * qk.max() * a
            )
            np.testing.assert_allclose(got[image].numpy(), expected, atol=1e-5)

    @pytest.mark.parametrize("t", [0, 30, 49])
    def test_paint(self, inputs, t):
        model, attn = net_with()
        got = self.run(Paint(model, self.TWO, 0.7), attn, inputs, 1, t)
        alpha = model.scheduler.alphas_cumprod[t].item()
        sigma = math.sqrt((1 - alpha) / alpha)

        def mask(box):
            return coverage(box, 4).flatten().numpy()

        self.check(attn, inputs, got, 0.7 * math.log(1 + sigma), mask)

    @pytest.mark.parametrize("step", [0, 7, 19])
    def test_soft(self, inputs, step):
        model, attn = net_with()
        got = self.run(Soft(model, self.TWO, 20, 0.8, 1.5), attn, inputs, step, 30)

        def mask(box):
            return gaussian_mask(box, 4, 1.5).flatten().numpy()

        # Added after scaling, times the maximum of the scaled scores: the same.
        self.check(attn, inputs, got, 0.8 * 4.6 * (19 - step) / 20, mask)

    @pytest.mark.parametrize("step", [0, 19])
    def test_soft_with_nothing_outside(self, inputs, step):
        """The authors' option: outside its boxes a word gets no attention, until the last step."""
        model, attn = net_with()
        control = Soft(model, self.TWO, 20, 0.8, 1.5, neg_out=True)
        got = self.run(control, attn, inputs, step, 30)

        def mask(box):
            inside = gaussian_mask(box, 4, 1.5).flatten().numpy()
            return np.where(inside > 0, inside, -1e10)

        self.check(attn, inputs, got, 0.8 * 4.6 * (19 - step) / 20, mask)

    def test_a_word_with_two_boxes_is_in_both(self):
        model, _ = net_with()
        soft = Soft(model, [[]], 20, 1.0, 0.0, neg_out=True)
        boxes = [(0, 0, 0.1, 0.1), (0.9, 0.9, 1, 1)]
        both = token_masks([[Guided((3,), box) for box in boxes]], 8, 5, soft.mask)[0]
        masks = [gaussian_mask(box, 8, 0.0).flatten() for box in boxes]
        assert torch.equal(both[:, 3] == 1, torch.maximum(*masks) == 1)
        assert (both[:, 3] == -1e10).any() and not both[:, [0, 1, 2, 4]].any()

    def test_half_without_guidance_is_plain(self, inputs):
        model, attn = net_with()
        got = self.run(Paint(model, self.TWO, 0.7), attn, inputs, 0, 30)
        with torch.no_grad():
            plain = attn(inputs[0], encoder_hidden_states=inputs[1])
        torch.testing.assert_close(got[:2], plain[:2], atol=1e-6, rtol=0)
        assert all((got[i] - plain[i]).abs().max() > 1e-2 for i in (2, 3))

    def test_plain_attention_is_diffusers(self, inputs):
        _, attn = net_with()
        attn.set_processor(AttnProcessor())
        with torch.no_grad():
            expected = attn(inputs[0], encoder_hidden_states=inputs[1])
            got = output(attn, scores(attn, *inputs), inputs[1])
        torch.testing.assert_close(got, expected, atol=1e-6, rtol=0)

    def test_schedule_of_soft(self):
        model, _ = net_with()
        soft = Soft(model, [[]], 50, 1.0, 1.0)
        strengths = [soft.strength(i, torch.tensor(0)) for i in range(50)]
        assert strengths[0] == pytest.approx(4.508) and strengths[-1] == 0
        np.testing.assert_allclose(np.diff(strengths), -0.092)
        assert soft.strength(50, torch.tensor(0)) == 0, "PNDM's extra call"

    def test_paint_fades_with_the_noise(self, tiny_sd):
        paint = Paint(tiny_sd, [[]], 1.0)
        strengths = [paint.strength(0, torch.tensor(t)) for t in (981, 501, 1)]
        assert strengths[0] > strengths[1] > strengths[2] > 0
        assert strengths[0] == pytest.approx(math.log(1 + 13.1), abs=0.05)  # SD's schedule

    @pytest.mark.parametrize(
        ("changes", "named"),
        [
            ({"residual_connection": True}, "residual_connection"),
            ({"norm_num_groups": 2}, "group_norm"),
            ({"cross_attention_norm": "layer_norm"}, "norm_cross"),
            ({"qk_norm": "layer_norm"}, "norm_q, norm_k"),
            ({"added_kv_proj_dim": 6}, "added_kv_proj_dim"),
            ({"kv_heads": 1}, "kv_heads"),
            ({"rescale_output_factor": 2.0}, "rescale_output_factor"),
        ],
    )
    def test_attention_of_other_kinds_is_refused(self, changes, named):
        model, _ = net_with(**changes)
        with pytest.raises(ValueError, match=f"attn2: attention with {named} cannot"):
            Paint(model, [[]], 1.0)

    def test_self_attention_is_refused(self, inputs):
        model, attn = net_with()
        with pytest.raises(ValueError, match="only cross-attention"), Paint(model, self.TWO, 1.0):
            attn(inputs[0])

    def test_unet_without_prompts(self):
        with pytest.raises(ValueError, match="no cross-attention"):
            cross_attention(torch.nn.Linear(2, 2))


class TestDenoising:
    @pytest.mark.parametrize("kind", MASKS)
    def test_no_weight_is_no_control(self, tiny_sd, latents, condition, kind):
        plain = denoise(tiny_sd, latents, condition, SAMPLER)
        off = make(kind, tiny_sd, condition, GUIDANCE, strong=False)
        got = denoise(tiny_sd, latents, condition, SAMPLER, control=off)
        torch.testing.assert_close(got, plain, atol=1e-4, rtol=0)
        on = make(kind, tiny_sd, condition, GUIDANCE)
        guided = denoise(tiny_sd, latents, condition, SAMPLER, control=on)
        assert all((guided[i] - plain[i]).abs().max() > 1e-2 for i in range(3))

    def test_no_step_size_is_no_control(self, tiny_sd, latents, condition):
        plain = denoise(tiny_sd, latents, condition, SAMPLER)
        off = make("boxdiff", tiny_sd, condition, GUIDANCE, strong=False)
        assert torch.equal(denoise(tiny_sd, latents, condition, SAMPLER, control=off), plain)
        on = make("boxdiff", tiny_sd, condition, GUIDANCE)
        guided = denoise(tiny_sd, latents, condition, SAMPLER, control=on)
        assert all((guided[i] - plain[i]).abs().max() > 1e-2 for i in range(3))

    @pytest.mark.parametrize("kind", MASKS)
    def test_unconditional_half_is_untouched(self, tiny_sd, latents, condition, kind):
        both = torch.cat([tiny_sd.encode_unconditional(3).embeddings, condition.embeddings])
        twice = type(condition)(both, {})
        x, t = torch.cat([latents, latents]), torch.tensor(501)
        control = make(kind, tiny_sd, condition, GUIDANCE)
        with torch.no_grad():
            plain = tiny_sd.predict(x, t, twice)
            control.before_step(1, t, latents)
            with control:
                got = tiny_sd.predict(x, t, twice)
                alone = tiny_sd.predict(latents, t, condition)
        torch.testing.assert_close(got[:3], plain[:3], atol=1e-5, rtol=0)
        assert all((got[i] - plain[i]).abs().max() > 1e-3 for i in (3, 4, 5))
        torch.testing.assert_close(alone, got[3:], atol=1e-5, rtol=0)

    @pytest.mark.parametrize("kind", KINDS)
    def test_image_is_the_same_in_any_batch(self, tiny_sd, latents, condition, kind):
        together = make(kind, tiny_sd, condition, GUIDANCE)
        z = denoise(tiny_sd, latents, condition, SAMPLER, control=together)
        for i in range(3):
            alone = make(kind, tiny_sd, condition.take([i]), GUIDANCE[i : i + 1])
            one = denoise(tiny_sd, latents[[i]], condition.take([i]), SAMPLER, control=alone)
            torch.testing.assert_close(one[0], z[i], atol=1e-3, rtol=0)

    @pytest.mark.parametrize("kind", KINDS)
    def test_image_without_phrases_is_left_alone(self, tiny_sd, latents, condition, kind):
        some = [GUIDANCE[0], [], GUIDANCE[2]]
        control = make(kind, tiny_sd, condition, some)
        z = denoise(tiny_sd, latents, condition, SAMPLER, control=control)
        plain = denoise(tiny_sd, latents, condition, SAMPLER)
        torch.testing.assert_close(z[1], plain[1], atol=1e-4, rtol=0)
        assert all((z[i] - plain[i]).abs().max() > 1e-2 for i in (0, 2))

    @pytest.mark.parametrize("kind", KINDS)
    def test_other_number_of_latents(self, tiny_sd, latents, condition, kind):
        control = make(kind, tiny_sd, condition, GUIDANCE)
        with pytest.raises(ValueError, match="2 latents, but guidance for 3 images"):
            denoise(tiny_sd, latents[:2], condition.take([0, 1]), SAMPLER, control=control)


class TestProcessors:
    """Whatever happens, every module has the object back that it had."""

    @pytest.fixture
    def former(self, tiny_sd):
        return {name: module.processor for name, module in cross_attention(tiny_sd.unet).items()}

    def assert_restored(self, tiny_sd, former):
        modules = cross_attention(tiny_sd.unet)
        assert all(modules[name].processor is processor for name, processor in former.items())

    @pytest.mark.parametrize("kind", KINDS)
    def test_after_a_run(self, tiny_sd, latents, condition, former, kind):
        control = make(kind, tiny_sd, condition, GUIDANCE)
        denoise(tiny_sd, latents, condition, SAMPLER, control=control)
        self.assert_restored(tiny_sd, former)

    @pytest.mark.parametrize("kind", KINDS)
    def test_after_an_error_in_the_unet(
        self, tiny_sd, latents, condition, former, kind, monkeypatch
    ):
        def fail(*_):
            raise RuntimeError("told to fail")

        control = make(kind, tiny_sd, condition, GUIDANCE)
        last = list(cross_attention(tiny_sd.unet).values())[-1]
        monkeypatch.setattr(last.to_q, "forward", fail)
        with pytest.raises(RuntimeError, match="told to fail"):
            denoise(tiny_sd, latents, condition, SAMPLER, control=control)
        self.assert_restored(tiny_sd, former)

    def test_all_cross_attention_is_reached(self, tiny_sd, former):
        names = list(former)
        assert [n.split(".")[0] for n in names] == ["down_blocks", "mid_block"] + ["up_blocks"] * 2
        others = [n for n, m in tiny_sd.unet.named_modules() if isinstance(m, Attention)]
        assert set(others) - set(names) == {n.replace("attn2", "attn1") for n in names}
        with Paint(tiny_sd, GUIDANCE, 1.0):
            for name, module in cross_attention(tiny_sd.unet).items():
                assert module.processor is not former[name]
        self.assert_restored(tiny_sd, former)

    def test_processors_that_are_modules(self):
        class Kept(torch.nn.Module):
            pass

        _, attn = net_with()
        kept = Kept()
        attn.set_processor(kept)
        with replaced({"attn": attn}, lambda _: AttnProcessor()):
            assert isinstance(attn.processor, AttnProcessor)
        assert attn.processor is kept

    def test_error_while_installing(self, tiny_sd, former):
        def one_only(name):
            if name == list(former)[1]:
                raise RuntimeError("told to fail")
            return AttnProcessor()

        with pytest.raises(RuntimeError, match="told to fail"):
            with replaced(cross_attention(tiny_sd.unet), one_only):
                pass
        self.assert_restored(tiny_sd, former)


def slow_losses(attention, image_guidance):
    """BoxDiff's losses of one image, (side, side, tokens) in float64: (sum, greatest inner)."""
    side = attention.shape[0]
    z = 100 * attention[..., 1:-1]
    words = np.exp(z - z.max(-1, keepdims=True))
    words /= words.sum(-1, keepdims=True)
    taps = np.exp(-(np.array([-1.0, 0, 1]) ** 2) / (2 * 0.5**2))
    kernel = np.outer(taps, taps) / np.outer(taps, taps).sum()
    total, inners = 0.0, []
    for guided in image_guidance:
        x0, y0, x1, y1 = (round(v * side) for v in guided.box)
        for token in guided.tokens:
            padded = np.pad(words[..., token - 1], 1, mode="reflect")
            image = np.zeros((side, side))
            for y in range(side):
                for x in range(side):
                    image[y, x] = (padded[y : y + 3, x : x + 3] * kernel).sum()
            inside = np.zeros((side, side), bool)
            inside[y0:y1, x0:x1] = True
            values = []
            for region in (inside, ~inside):
                found = sorted(image[region], reverse=True)
                k = max(int(0.2 * len(found) + 1e-9), 1)
                values.append(np.mean(found[:k]) if found else 0.0)
            inners.append(1 - values[0])
            total += 1 - values[0] + values[1]
            for axis, edges in ((0, (x0, x1)), (1, (y0, y1))):
                seen, wanted = image.max(axis), inside.max(axis)
                near = [min(abs(k - e) for e in edges) <= 1 for k in range(side)]
                total += (abs(seen - wanted) * near).sum() / side
    return total, max(inners)


def saved_bytes(run, network):
    """What autograd keeps for the way back while something runs, weights left out, in bytes."""
    weights = {weight.untyped_storage().data_ptr() for weight in network.parameters()}
    found = {}  # storages, so that no later one takes the place of an earlier

    def keep(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            found[storage.data_ptr()] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        run()
    return sum(storage.nbytes() for storage in found.values())


class TestBoxDiff:
    def maps(self, side, n=3, tokens=12):
        """Attention of one kind over all tokens, a little unequal."""
        g = torch.Generator().manual_seed(side)
        return (0.3 * torch.randn(n, side, side, tokens, generator=g) / 10 + 1 / tokens).clamp(0, 1)

    @pytest.mark.parametrize("side", [4, 8, 16])
    def test_losses(self, side):
        guidance = [
            [Guided((3,), (0, 0, 0.5, 0.5))],
            [Guided((1, 2), (0.25, 0, 1, 0.75)), Guided((10,), (0.5, 0.5, 0.75, 1))],
            [Guided((5,), (0, 0, 1, 1))],
        ]
        attention = self.maps(side)
        total, inner = boxdiff.losses(attention, Targets.of(guidance, side, "cpu"))
        for i in range(3):
            slow = slow_losses(attention[i].double().numpy(), guidance[i])
            assert (total[i].item(), inner[i].item()) == pytest.approx(slow, abs=1e-4)

    def test_losses_of_some_images(self):
        attention, targets = self.maps(8), Targets.of(GUIDANCE, 8, "cpu")
        whole = boxdiff.losses(attention, targets)
        chosen = torch.tensor([1, 2])
        part = boxdiff.losses(attention[chosen], targets.of_images(chosen))
        for a, b in zip(part, whole, strict=True):
            torch.testing.assert_close(a, b[chosen])

    def test_losses_know_where_the_word_is(self):
        """All attention on the word inside the box, none outside: nothing is left to gain."""
        guided = Guided((3,), (0.25, 0.25, 0.75, 0.75))
        attention = torch.zeros(3, 8, 8, 12)
        attention[..., 5] = 1
        attention[0, 2:6, 2:6, 3], attention[0, 2:6, 2:6, 5] = 1, 0
        attention[1, ..., 3], attention[1, ..., 5] = 1, 0
        total, inner = boxdiff.losses(attention, Targets.of([[guided]] * 3, 8, "cpu"))
        assert inner.tolist() == pytest.approx([0, 0, 1], abs=1e-3)
        assert 1 < total[1] and total[0] < 0.5 < 1 < total[2]

    @pytest.mark.parametrize(
        ("box", "side", "expected"),
        [
            ((0.1, 0.3, 0.6, 0.95), 8, (1, 2, 5, 8)),
            ((0.1, 0.1, 0.12, 0.12), 4, (0, 0, 1, 1)),
            ((0.96, 0.3, 1.0, 0.31), 4, (3, 1, 4, 2)),
            ((0, 0, 1, 1), 8, (0, 0, 8, 8)),
        ],
    )
    def test_cells_of_a_box(self, box, side, expected):
        assert boxdiff.nearest_cells(box, side) == expected

    def test_one_step_is_the_gradient(self, tiny_sd, latents, condition):
        """Against a whole forward with diffusers' own scores."""
        found = []

        class Keep(AttnProcessor):
            def __call__(self, attn, hidden_states, encoder_hidden_states=None, **_):
                q = attn.head_to_batch_dim(attn.to_q(hidden_states))
                k = attn.head_to_batch_dim(attn.to_k(encoder_hidden_states))
                shares = attn.get_attention_scores(q, k, None)
                if shares.shape[1] == 64:
                    found.append(shares.unflatten(0, (3, attn.heads)))
                return super().__call__(attn, hidden_states, encoder_hidden_states)

        t = torch.tensor(901)
        x = latents.clone().requires_grad_()
        with replaced(cross_attention(tiny_sd.unet), lambda _: Keep()):
            tiny_sd.predict(x, t, condition)
        attention = torch.cat(found, 1).mean(1).unflatten(1, (8, 8))
        total, _ = boxdiff.losses(attention, Targets.of(GUIDANCE, 8, "cpu"))
        (gradient,) = torch.autograd.grad(total.sum(), x)
        assert gradient.abs().amax((1, 2, 3)).min() > 1e-3
        control = BoxDiff(tiny_sd, condition, GUIDANCE, 21, grid=8, step_size=3.0)
        got = control.before_step(1, t, latents)
        expected = latents - 3.0 * math.sqrt(0.975) * gradient
        torch.testing.assert_close(got, expected, atol=1e-4, rtol=0)
        # Later passes stop after the last layer of the grid.
        torch.testing.assert_close(control.before_step(1, t, latents), got, atol=1e-5, rtol=0)

    def measured(self, control, t, x):
        with torch.no_grad():
            return control._losses(x, t, torch.arange(len(x)))

    def test_a_step_lowers_the_loss(self, tiny_sd, latents, condition):
        t = torch.tensor(901)
        control = BoxDiff(tiny_sd, condition, GUIDANCE, 20, grid=8, step_size=0.5)
        before, _ = self.measured(control, t, latents)
        kept = latents.clone()
        moved = control.before_step(1, t, latents)
        after, _ = self.measured(control, t, moved)
        # An untrained map sharpened a hundredfold can be saturated, and then has no gradient.
        assert (after <= before + 1e-5).all()
        assert (after < before - 1e-4).sum() >= 2
        assert torch.equal(latents, kept), "the given latents were written to"

    def test_second_half_is_left_alone(self, tiny_sd, latents, condition):
        t = torch.tensor(301)
        for steps, first_free in ((4, 2), (5, 3), (1, 1)):
            control = BoxDiff(tiny_sd, condition, GUIDANCE, steps, grid=8)
            assert control.before_step(first_free, t, latents) is latents
            assert not torch.equal(control.before_step(first_free - 1, t, latents), latents)

    def test_refinement_stops_image_by_image(self, tiny_sd, latents, condition, monkeypatch):
        t = torch.tensor(981)
        probe = BoxDiff(tiny_sd, condition, GUIDANCE, 50, grid=8)
        _, inner = self.measured(probe, t, latents)
        order = inner.argsort()
        target = (inner[order[0]] + inner[order[1]]).item() / 2
        monkeypatch.setattr(boxdiff, "REFINEMENT", ((1, 1 - target),))
        x = {}
        for most in (0, 1, 200):
            control = BoxDiff(
                tiny_sd, condition, GUIDANCE, 50, grid=8, step_size=0.5, max_refinements=most
            )
            x[most] = control.before_step(10, t, latents)
            refined = latents.clone()
            control._refine(refined, t, 0.5, target, torch.arange(3))
            assert torch.equal(refined[order[0]], latents[order[0]]), "it was under the target"
            assert torch.equal(refined[order[1:]], latents[order[1:]]) == (most == 0)
        _, inner = self.measured(probe, t, refined)
        # The hardest image's map may be saturated, and then has no gradient to follow.
        assert (inner[order[:2]] <= target).all()
        easy = order[0]
        torch.testing.assert_close(x[200][easy], x[0][easy], atol=1e-5, rtol=0)
        assert (x[1] - x[0])[order[1]].abs().max() > 1e-4

    @pytest.mark.parametrize(
        ("steps", "expected"), [(50, [0, 10, 20]), (20, [0, 4, 8]), (10, [0, 2, 4]), (2, [0])]
    )
    def test_when_it_refines(self, tiny_sd, latents, condition, steps, expected, monkeypatch):
        asked = []
        control = BoxDiff(tiny_sd, condition, GUIDANCE, steps, grid=8, step_size=0.0)
        monkeypatch.setattr(control, "_refine", lambda x, t, size, target, _: asked.append(target))
        at = []
        for step in range(steps):
            count = len(asked)
            control.before_step(step, torch.tensor(901), latents)
            at += [step] * (len(asked) - count)
        assert at == expected
        assert asked == pytest.approx([0.95, 0.5, 0.2][-len(expected) :])

    @pytest.mark.parametrize("batch", [1, 2])
    def test_images_are_taken_a_batch_at_a_time(self, tiny_sd, latents, condition, batch):
        t, rows, moved = torch.tensor(981), {}, {}
        for size in (batch, 3):
            seen = rows.setdefault(size, [])
            hook = tiny_sd.unet.register_forward_pre_hook(
                lambda _, given, seen=seen: seen.append(len(given[0]))
            )
            control = BoxDiff(tiny_sd, condition, GUIDANCE, 50, grid=8, step_size=0.5, batch=size)
            moved[size] = control.before_step(0, t, latents)
            hook.remove()
        assert rows[3][:2] == [1, 3], "a look at one image, then all of them"
        assert rows[batch][:2] == [1, batch] and max(rows[batch]) == batch
        few, all_at_once = moved.values()
        torch.testing.assert_close(few, all_at_once, atol=1e-4, rtol=0)

    def test_weights_ask_for_no_gradients_meanwhile(self, tiny_sd, latents, condition, monkeypatch):
        weights = list(tiny_sd.unet.parameters())
        weights[0].requires_grad_(False)
        before = [w.requires_grad for w in weights]
        control = BoxDiff(tiny_sd, condition, GUIDANCE, 50, grid=8)
        run = partial(control.before_step, 1, torch.tensor(901), latents)
        kept = {}
        for name in ("frozen", "asking"):
            if name == "asking":
                monkeypatch.setattr(boxdiff, "frozen", lambda _: nullcontext())
            kept[name] = saved_bytes(run, tiny_sd.unet)
            assert [w.requires_grad for w in weights] == before
        monkeypatch.undo()
        weights[0].requires_grad_(True)
        assert kept["frozen"] < 0.95 * kept["asking"]
        with pytest.raises(ZeroDivisionError), boxdiff.frozen(tiny_sd.unet):
            assert not any(w.requires_grad for w in weights)
            raise ZeroDivisionError
        assert all(w.requires_grad for w in weights)

    def test_a_sampler_that_scales_latents_is_refused(self, tiny_sd, condition):
        constants = {"step_size": 2.0, "grid": 8, "max_refinements": 1}
        boxdiff.control(tiny_sd, condition, GUIDANCE, SAMPLER, **constants)
        euler = Sampler(1, 5.0, scheduler="euler_ancestral")
        with pytest.raises(ValueError, match=r"EulerAncestral.* scales them: use scheduler ddim$"):
            boxdiff.control(tiny_sd, condition, GUIDANCE, euler, **constants)

    def test_grid_that_no_layer_has(self, tiny_sd, latents, condition):
        control = BoxDiff(tiny_sd, condition, GUIDANCE, 4, grid=16)
        with pytest.raises(ValueError, match="grid of side 16"):
            control.before_step(0, torch.tensor(981), latents)

    def test_refusals(self, tiny_sd, condition):
        with pytest.raises(ValueError, match="3 prompts, but guidance for 2 images"):
            BoxDiff(tiny_sd, condition, GUIDANCE[:2], 4, grid=8)
        with pytest.raises(ValueError, match=r"\(76,\): words stand at 1 to 75"):
            BoxDiff(tiny_sd, condition, [[Guided((76,), LEFT)], [], []], 4, grid=8)
