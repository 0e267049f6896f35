"""Grounded attention: where objects are, what names them, and the divergence between."""

import numpy as np
import pytest
import torch
from diffusers.models.attention_processor import AttnProcessor
from tiny_models import storybook_tokenizer

from seedbed.storybook import data, grounding
from seedbed.storybook.captions import training_caption
from seedbed.storybook.text_to_image import build_unet
from seedbed.storybook.vocabulary import OBJECTS
from seedbed.storybook.world import draw_scene, sample_scene


@pytest.fixture(scope="module")
def scenes():
    return data.draw_set(12, seed=8)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    rng = np.random.default_rng(0)
    captions = [training_caption(sample_scene(rng), rng) for _ in range(400)]
    return storybook_tokenizer.fit(captions, tmp_path_factory.mktemp("tokenizer"))


def test_coverage_is_the_visible_area_of_each_object(scenes):
    for i in range(len(scenes)):
        masks = draw_scene(sample_scene(np.random.default_rng((8, i)))).masks
        seen = scenes.coverage[i].astype(float).sum(axis=(1, 2)) / 255 * 64
        np.testing.assert_allclose(seen[: len(masks)], masks.sum(axis=(1, 2)), atol=8)
        assert (scenes.kinds[i] >= 0).sum() == len(masks) and not seen[len(masks) :].any()


def test_tokens_mark_every_mention_and_nothing_else(scenes, tokenizer):
    ids = storybook_tokenizer.encode(tokenizer, scenes.captions.tolist())
    places = grounding.Places.of(scenes, ids, tokenizer)
    names = list(OBJECTS)
    for i, caption in enumerate(scenes.captions):
        for kind, marked in zip(scenes.kinds[i], places.tokens[i], strict=True):
            mentions = caption.replace(".", " ").replace(",", " ").split()
            wanted = mentions.count(names[kind]) if kind >= 0 else 0
            assert int(marked.sum()) == wanted


class TestDivergence:
    where = torch.tensor([[[0.0, 2.0, 2.0, 0.0]]])
    tokens = torch.tensor([[[False, True, False]]])

    def maps(self, attended):
        maps = torch.full((1, 4, 3), 0.1)
        maps[0, :, 1] = torch.tensor(attended)
        return maps

    def test_nothing_where_the_noun_attends_over_its_object_at_any_scale(self):
        found = grounding.divergence(self.maps([0.0, 0.3, 0.3, 0.0]), self.where, self.tokens)
        assert found == pytest.approx(0, abs=1e-5)

    def test_log_two_where_it_attends_everywhere_alike(self):
        found = grounding.divergence(self.maps([0.2] * 4), self.where, self.tokens)
        assert found == pytest.approx(np.log(2), abs=1e-4)

    def test_objects_unnamed_or_out_of_sight_do_not_count(self):
        maps = self.maps([0.2] * 4)
        unnamed = torch.zeros_like(self.tokens)
        assert grounding.divergence(maps, self.where, unnamed) == 0
        assert grounding.divergence(maps, torch.zeros(1, 1, 4), self.tokens) == 0


def test_recording_changes_nothing_and_keeps_probabilities():
    torch.manual_seed(0)
    unet = build_unet().eval()
    unet.set_attn_processor(AttnProcessor())
    x, t, text = torch.randn(2, 4, 16, 16), torch.tensor([999, 10]), torch.randn(2, 77, 128)
    with torch.no_grad():
        before = unet(x, t, text).sample
        recorders = grounding.record(unet)
        after = unet(x, t, text).sample
    torch.testing.assert_close(after, before, rtol=0, atol=1e-6)
    assert len(recorders) == 3
    for recorder in recorders:
        assert recorder.maps.shape == (2, 64, 77)
        torch.testing.assert_close(recorder.maps.sum(-1), torch.ones(2, 64))
