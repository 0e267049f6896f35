"""The recipes of the Storybook models: what can be checked without hours of training."""

import numpy as np
import pytest
import torch

from seedbed.evaluators.extractors.storybook_net import StorybookNet, normalise
from seedbed.storybook import text_encoder, text_to_image, tokenizer, turbo
from seedbed.storybook.data import draw_set
from seedbed.storybook.vocabulary import COLORS, OBJECTS, SETTINGS, SIZES, TEXTURES

CAPTIONS = [
    "a large striped red apple and a blue boat on the beach",
    "The picture shows a small cup. The scene is the sea with blue waves under a light sky.",
    "",
]


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    captions = draw_set(400, 5).captions.tolist()
    return tokenizer.fit(captions + CAPTIONS, tmp_path_factory.mktemp("tokenizer"))


def test_every_word_of_the_world_is_one_token(words):
    for word in (*OBJECTS, *COLORS, *SIZES, *TEXTURES, *SETTINGS):
        assert len(words.tokenize(word)) == 1, word
    longest = max(len(words(c).input_ids) for c in draw_set(400, 6).captions.tolist())
    assert longest <= words.model_max_length == 77


def test_saved_tokenizer_is_clips_and_reads_foreign_words(words, tmp_path):
    from transformers import CLIPTokenizer

    words.save_pretrained(tmp_path)
    again = CLIPTokenizer.from_pretrained(tmp_path)
    text = "a photograph of a red zebra"
    assert again(text).input_ids == words(text).input_ids
    assert words.unk_token_id not in words(text).input_ids[1:-1]


def test_readings_bind_attributes_to_their_noun(words):
    ids = tokenizer.encode(words, CAPTIONS)
    truth = text_encoder.read(words, ids)
    nouns = [int(i) for i in torch.nonzero(truth.kind[0] >= 0).flatten()]
    said = [
        (list(OBJECTS)[truth.kind[0, i]], *(int(truth.attributes[a, 0, i]) for a in range(3)))
        for i in nouns
    ]
    red, blue = list(COLORS).index("red") + 1, list(COLORS).index("blue") + 1
    large, striped = list(SIZES).index("large") + 1, TEXTURES.index("striped") + 1
    assert said == [("apple", red, large, striped), ("boat", blue, 0, 0)]
    end = int((ids[0] == words.eos_token_id).nonzero()[0])
    assert truth.setting[0, end] == list(SETTINGS).index("beach") + 1
    assert truth.setting[2].max() == 0 and (truth.kind[2] == -1).all()
    # The blue of the waves belongs to no object.
    cup = int((truth.kind[1] >= 0).nonzero()[0])
    assert truth.attributes[0, 1, cup] == 0


def test_unet_has_cross_attention_on_the_grids_that_tickets_need():
    unet = text_to_image.build_unet()
    names = [n for n, _ in unet.named_modules() if n.endswith("attn2")]
    assert any(n.startswith("down_blocks.1.attentions.0") for n in names)
    assert not any(n.startswith("down_blocks.0") for n in names)
    assert sum(p.numel() for p in unet.parameters()) < 6e6


def test_student_steps_straight_to_the_clean_latent():
    scheduler = turbo.build_scheduler()
    scheduler.set_timesteps(1)
    assert scheduler.timesteps.tolist() == [turbo.LAST_TIMESTEP]
    generator = torch.Generator().manual_seed(0)
    x, v = torch.randn(2, 1, 4, 4, 4, generator=generator)
    alpha = scheduler.alphas_cumprod[turbo.LAST_TIMESTEP].sqrt()
    clean = alpha * x - (1 - alpha**2).sqrt() * v
    found = scheduler.step(v, scheduler.timesteps[0], x).prev_sample
    torch.testing.assert_close(found, clean, rtol=1e-5, atol=1e-6)


def test_pair_noises_do_not_depend_on_the_chunk():
    whole = turbo.pair_noises(0, 6, (4, 2, 2), 3)
    parts = torch.cat(
        [turbo.pair_noises(0, 2, (4, 2, 2), 3), turbo.pair_noises(2, 4, (4, 2, 2), 3)]
    )
    assert torch.equal(whole, parts) and whole.unique().numel() == whole.numel()


def test_scaling_features_changes_nothing_that_the_net_says():
    torch.manual_seed(0)
    net = StorybookNet(list(OBJECTS), list(COLORS), list(SETTINGS)).eval()
    pixels = normalise(draw_set(4, 9).images)
    with torch.no_grad():
        before, features = net(pixels), net.features(pixels)
        net.scale_features(0.125)
        after = net(pixels)
        torch.testing.assert_close(net.features(pixels), features * 0.125)
    for one, two in zip(before, after, strict=True):
        torch.testing.assert_close(one, two, rtol=1e-4, atol=1e-4)


def test_net_survives_saving_to_half_precision(tmp_path):
    torch.manual_seed(1)
    net = StorybookNet(list(OBJECTS), list(COLORS), list(SETTINGS)).eval()
    net.save(tmp_path)
    again = StorybookNet.load(tmp_path)
    pixels = normalise(draw_set(2, 9).images)
    with torch.no_grad():
        difference = (net.features(pixels) - again.features(pixels)).abs().max()
        assert difference < 2e-2 * net.features(pixels).abs().max()
    assert np.isfinite(float(difference))
