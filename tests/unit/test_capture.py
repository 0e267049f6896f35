"""First-step maps: the truncated forward against the whole one; scores; costs."""

import pytest
import torch
from transformers import CLIPTokenizer

from seedbed import noise
from seedbed.attention.capture import Capture, layer_of, of_words
from seedbed.attention.modules import cross_attention
from seedbed.lottery_ticket.tickets.collect import (
    collect,
    pair_prompt,
    pairs_of,
    word_positions,
)
from seedbed.lottery_ticket.tickets.collect_alone import collect_alone
from seedbed.lottery_ticket.tickets.reading import Reading
from seedbed.lottery_ticket.tickets.scores import scores
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.schedulers import Sampler, make_scheduler

SAMPLER = Sampler(5, 3.0, scheduler="ddim")
PROMPTS = ["a red apple on the beach", "a blue boat and a green tree"]


@pytest.fixture
def latents(tiny_sd):
    return torch.stack([noise.latents(s, tiny_sd.latent_shape, "cpu") for s in range(3)])


def whole(capture, latents, batch=64):
    """Per layer (n, P, cells, tokens), put together from ``grid``'s parts."""
    made = {}
    for noises, prompts, maps in capture.grid(latents, batch):
        for layer, part in maps.items():
            shape = (len(latents), len(capture.condition), *part.shape[2:])
            made.setdefault(layer, torch.full(shape, torch.nan))[noises, prompts] = part
    return made


def by_hand(unet, x, t, states):
    """Maps of every cross-attention from a whole forward of diffusers' own, by name.

    Hooks on the projections see what queries and keys are; softmax and mean are taken here.
    """
    seen, hooks = {}, []

    def keep(name, part):
        return lambda module, given, found: seen.setdefault((name, part), found)

    layers = {n: m for n, m in unet.named_modules() if n.endswith("attn2")}
    for name, module in layers.items():
        hooks += [getattr(module, k).register_forward_hook(keep(name, k)) for k in ("to_q", "to_k")]
    with torch.no_grad():
        unet(x, t, encoder_hidden_states=states, return_dict=False)
    for hook in hooks:
        hook.remove()
    maps = {}
    for name, module in layers.items():
        query, key = seen[name, "to_q"], seen[name, "to_k"]
        width = query.shape[-1] // module.heads
        of_heads = [
            (query[..., k : k + width] @ key[..., k : k + width].mT / width**0.5).softmax(-1)
            for k in range(0, query.shape[-1], width)
        ]
        maps[name] = sum(of_heads) / len(of_heads)
    return maps


class TestCapture:
    def test_truncated_equals_whole_at_every_layer(self, tiny_sd, latents):
        condition = tiny_sd.encode(PROMPTS)
        layers = list(cross_attention(tiny_sd.unet))
        untouched = whole(Capture(tiny_sd, condition, layers, SAMPLER, truncate=False), latents)
        for layer in layers:
            short = whole(Capture(tiny_sd, condition, [layer], SAMPLER), latents)[layer]
            torch.testing.assert_close(short, untouched[layer], atol=2e-6, rtol=0)
            torch.testing.assert_close(short.sum(-1), torch.ones(short.shape[:-1]))

    @pytest.mark.parametrize("scheduler", ["ddim", "own", "euler_ancestral"])
    def test_equals_plain_diffusers_under_every_sampler(self, tiny_sd, latents, scheduler):
        """The first call of the UNet that diffusers' own pipeline would make."""
        condition = tiny_sd.encode(PROMPTS)
        sampler = Sampler(5, 3.0, scheduler=scheduler)
        fresh = make_scheduler(tiny_sd, sampler)
        t = fresh.timesteps[0]
        x = fresh.scale_model_input(latents * fresh.init_noise_sigma, t)
        if scheduler == "euler_ancestral":
            assert fresh.init_noise_sigma > 10 and (x - latents).abs().max() < 0.1
        layers = list(cross_attention(tiny_sd.unet))
        found = whole(Capture(tiny_sd, condition, layers, sampler), latents)
        for p in range(len(PROMPTS)):
            states = condition.embeddings[[p] * len(x)]
            for layer, expected in by_hand(tiny_sd.unet, x, t, states).items():
                torch.testing.assert_close(found[layer][:, p], expected, atol=2e-6, rtol=0)

    def test_pairs_are_the_grid_s_cells(self, tiny_sd, latents):
        for layer in cross_attention(tiny_sd.unet):
            capture = Capture(tiny_sd, tiny_sd.encode(PROMPTS), [layer], SAMPLER)
            grid = whole(capture, latents)[layer]
            paired = capture.paired(latents, [1, 0, 1])[layer]
            for i, prompt in enumerate([1, 0, 1]):
                torch.testing.assert_close(paired[i], grid[i, prompt], atol=2e-6, rtol=0)

    def test_no_forward_has_more_rows_than_the_batch(self, tiny_sd, latents, monkeypatch):
        condition = tiny_sd.encode([*PROMPTS, "a boat", "a tree", "a sun"])
        rows = []
        predict = tiny_sd.predict

        def counted(sample, t, condition):
            rows.append(len(sample))
            return predict(sample, t, condition)

        monkeypatch.setattr(tiny_sd, "predict", counted)
        for layer in cross_attention(tiny_sd.unet):
            capture = Capture(tiny_sd, condition, [layer], SAMPLER)
            expected = whole(capture, latents)[layer]
            for batch in (1, 2, 4, 7):
                rows.clear()
                parts = [len(n) * len(p) for n, p, _ in _sized(capture, latents, batch)]
                assert max(rows) <= batch and max(parts) <= batch and sum(parts) == 15
                found = whole(capture, latents, batch)[layer]
                torch.testing.assert_close(found, expected, atol=2e-6, rtol=0)

    def test_processors_come_back(self, tiny_sd, latents):
        before = dict(tiny_sd.unet.attn_processors)
        layer = next(iter(cross_attention(tiny_sd.unet)))
        whole(Capture(tiny_sd, tiny_sd.encode(PROMPTS), [layer], SAMPLER), latents)
        after = tiny_sd.unet.attn_processors
        assert all(after[name] is processor for name, processor in before.items())

    def test_a_sampler_without_a_scaled_first_input_is_refused(self, tiny_sd, monkeypatch):
        from diffusers import FlowMatchEulerDiscreteScheduler

        monkeypatch.setattr(tiny_sd, "scheduler", FlowMatchEulerDiscreteScheduler())
        layer = next(iter(cross_attention(tiny_sd.unet)))
        with pytest.raises(ValueError, match=r"FlowMatch.* has no init_noise_sigma.*use .* ddim$"):
            Capture(tiny_sd, tiny_sd.encode(PROMPTS), [layer], Sampler(5, 3.0))

    def test_unknown_layer(self, tiny_sd):
        with pytest.raises(ValueError, match=r"'nowhere' is no cross-attention"):
            layer_of(tiny_sd.unet, "nowhere")

    def test_words_are_means_of_their_tokens(self):
        maps = torch.rand(2, 4, 7)
        got = of_words(maps, [(1,), (2, 4)])
        torch.testing.assert_close(got[:, 0], maps[..., 1])
        torch.testing.assert_close(got[:, 1], (maps[..., 2] + maps[..., 4]) / 2)


def _sized(capture, latents, batch):
    ranges = range(len(latents)), range(len(capture.condition))
    for noises, prompts, maps in capture.grid(latents, batch):
        yield ranges[0][noises], ranges[1][prompts], maps


class TestScores:
    def test_minmax_spans_each_map(self):
        maps = torch.rand(3, 2, 9)
        got = scores(maps, "minmax")
        assert got.amin(-1).eq(0).all()
        assert got.amax(-1).eq(1).all()
        by_hand = (maps[1, 0, 4] - maps[1, 0].min()) / (maps[1, 0].max() - maps[1, 0].min())
        torch.testing.assert_close(got[1, 0, 4], by_hand)

    def test_a_constant_map_scores_nothing(self):
        assert scores(torch.full((1, 2, 4), 0.3), "minmax").eq(0).all()

    def test_pair_shares_sum_to_one(self):
        got = scores(torch.rand(2, 2, 5), "pair_softmax")
        torch.testing.assert_close(got.sum(1), torch.ones(2, 5))

    def test_unknown_mode(self):
        with pytest.raises(ValueError, match="score mode 'max' is unknown"):
            scores(torch.rand(1, 2, 4), "max")


def test_collection_does_not_depend_on_batch_or_count(tiny_sd):
    reading = Reading(next(iter(cross_attention(tiny_sd.unet))))
    pairs = pairs_of(["apple", "boat", "tree"])
    (ten,), cost = collect(Drawing(tiny_sd, SAMPLER, batch=4), reading, pairs, range(10))
    (four,), _ = collect(Drawing(tiny_sd, SAMPLER, batch=1), reading, pairs, range(4))
    assert ten.seeds == tuple(range(10))
    assert abs(ten.first(4).scores.astype(float) - four.scores.astype(float)).max() < 2e-3
    assert cost.pairs == 3
    assert 0 < cost.flops_per_map < cost.flops_full


@pytest.mark.parametrize("batch", [2, 64])
def test_a_score_belongs_to_its_noise_pair_and_word(tiny_sd, batch):
    """Behind other layers, where every row is a forward of its own, one map at a time."""
    layer = list(cross_attention(tiny_sd.unet))[-1]
    pairs = pairs_of(["apple", "boat", "tree"])
    drawing = Drawing(tiny_sd, SAMPLER, batch=batch)
    (found,), _ = collect(drawing, Reading(layer), pairs, range(3, 6))
    for i, seed in enumerate(range(3, 6)):
        for p, pair in enumerate(pairs):
            condition = tiny_sd.encode([pair_prompt(*pair)])
            capture = Capture(tiny_sd, condition, [layer], SAMPLER)
            maps = capture.paired(drawing.latent(seed)[None], [0])[capture.layers[0]]
            words = word_positions(tiny_sd.tokenizer, pair, False)
            expected = scores(of_words(maps, words), "minmax")[0]
            assert abs(found.scores[i, p].astype(float) - expected.numpy()).max() < 2e-3


@pytest.mark.parametrize("batch", [2, 64])
@pytest.mark.parametrize("place", [0, -1])
@pytest.mark.parametrize("mode", ["minmax", "softmax", "pair_softmax"])
def test_a_score_of_an_object_alone_is_of_its_own_prompt(tiny_sd, batch, place, mode):
    """At the first layer, where prompts share a forward, and behind others."""
    layer = list(cross_attention(tiny_sd.unet))[place]
    pairs = pairs_of(["apple", "boat", "tree"])
    drawing = Drawing(tiny_sd, SAMPLER, batch=batch)
    found = collect_alone(drawing, Reading(layer, mode), pairs, range(3, 6))
    for i, seed in enumerate(range(3, 6)):
        alone = {}
        for name in ("apple", "boat", "tree"):
            capture = Capture(tiny_sd, tiny_sd.encode([f"a {name}"]), [layer], SAMPLER)
            maps = capture.paired(drawing.latent(seed)[None], [0])[capture.layers[0]]
            alone[name] = of_words(maps, [(2,)])[:, 0]
        for p, pair in enumerate(pairs):
            expected = scores(torch.stack([alone[name] for name in pair], 1), mode)[0]
            assert abs(found.scores[i, p].astype(float) - expected.numpy()).max() < 2e-3


class TestArticles:
    @pytest.mark.parametrize(
        ("form", "expected"),
        [("literal", "a apple and a boat"), ("grammatical", "an apple and a boat")],
    )
    def test_names_are_found_in_either_form(self, form, expected):
        tokenizer = CLIPTokenizer.from_pretrained("resources/storybook/storybook-sd/tokenizer")
        assert pair_prompt("apple", "boat", form) == expected
        assert word_positions(tokenizer, ("apple", "boat"), False, form) == ((2,), (5,))

    def test_the_paper_s_is_the_default(self, tiny_sd):
        assert pair_prompt("orange", "umbrella") == "a orange and a umbrella"
        layer = next(iter(cross_attention(tiny_sd.unet)))
        assert Reading(layer).article == "literal"
        entry = {"layer": layer, "score_mode": "minmax", "fixed_positions": False}
        assert Reading.of(entry).article == "literal"
        reading = Reading.of(entry | {"article": "grammatical"})
        drawing = Drawing(tiny_sd, SAMPLER)
        made = [
            collect(drawing, r, [("apple", "boat")], range(2))[0][0]
            for r in (reading, Reading(layer))
        ]
        assert [c.origin["article"] for c in made] == ["grammatical", "literal"]
        assert not (made[0].scores == made[1].scores).all()

    def test_an_unknown_form(self):
        with pytest.raises(ValueError, match="article 'the' is unknown: use one of literal"):
            pair_prompt("apple", "boat", "the")
