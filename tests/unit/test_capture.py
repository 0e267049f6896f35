"""First-step maps: the truncated forward against the whole one; scores; costs."""

import pytest
import torch

from seedbed import noise
from seedbed.attention.capture import Capture, layer_of, of_words
from seedbed.attention.modules import cross_attention
from seedbed.lottery_ticket.tickets.collect import collect, pairs_of
from seedbed.lottery_ticket.tickets.reading import Reading
from seedbed.lottery_ticket.tickets.scores import scores
from seedbed.sampling.drawing import Drawing
from seedbed.sampling.schedulers import Sampler

SAMPLER = Sampler(5, 3.0, scheduler="ddim")
PROMPTS = ["a red apple on the beach", "a blue boat and a green tree"]


@pytest.fixture
def latents(tiny_sd):
    return torch.stack([noise.latents(s, tiny_sd.latent_shape, "cpu") for s in range(3)])


class TestCapture:
    def test_truncated_equals_whole_at_every_layer(self, tiny_sd, latents):
        condition = tiny_sd.encode(PROMPTS)
        layers = list(cross_attention(tiny_sd.unet))
        whole = Capture(tiny_sd, condition, layers, SAMPLER, truncate=False).grid(latents)
        for layer in layers:
            short = Capture(tiny_sd, condition, [layer], SAMPLER).grid(latents)[layer]
            torch.testing.assert_close(short, whole[layer], atol=2e-6, rtol=0)
            torch.testing.assert_close(short.sum(-1), torch.ones(short.shape[:-1]))

    def test_pairs_are_the_grid_s_cells(self, tiny_sd, latents):
        for layer in cross_attention(tiny_sd.unet):
            capture = Capture(tiny_sd, tiny_sd.encode(PROMPTS), [layer], SAMPLER)
            grid = capture.grid(latents)[layer]
            paired = capture.paired(latents, [1, 0, 1])[layer]
            for i, prompt in enumerate([1, 0, 1]):
                torch.testing.assert_close(paired[i], grid[i, prompt], atol=2e-6, rtol=0)

    def test_processors_come_back(self, tiny_sd, latents):
        before = dict(tiny_sd.unet.attn_processors)
        layer = next(iter(cross_attention(tiny_sd.unet)))
        Capture(tiny_sd, tiny_sd.encode(PROMPTS), [layer], SAMPLER).grid(latents)
        after = tiny_sd.unet.attn_processors
        assert all(after[name] is processor for name, processor in before.items())

    def test_unknown_layer(self, tiny_sd):
        with pytest.raises(ValueError, match=r"'nowhere' is no cross-attention"):
            layer_of(tiny_sd.unet, "nowhere")

    def test_words_are_means_of_their_tokens(self):
        maps = torch.rand(2, 4, 7)
        got = of_words(maps, [(1,), (2, 4)])
        torch.testing.assert_close(got[:, 0], maps[..., 1])
        torch.testing.assert_close(got[:, 1], (maps[..., 2] + maps[..., 4]) / 2)


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
    layer = next(iter(cross_attention(tiny_sd.unet)))
    drawing, reading = Drawing(tiny_sd, SAMPLER), Reading(layer)
    pairs = pairs_of(["apple", "boat", "tree"])
    (ten,), cost = collect(drawing, reading, pairs, range(10), batch=4)
    (four,), _ = collect(drawing, reading, pairs, range(4), batch=1)
    assert ten.seeds == tuple(range(10))
    assert abs(ten.first(4).scores.astype(float) - four.scores.astype(float)).max() < 2e-3
    assert cost.pairs == 3
    assert 0 < cost.flops_per_map < cost.flops_full
