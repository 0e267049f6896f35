"""The extractor ``dinov2``: torch-fidelity's numbers, the published network's positions."""

import numpy as np
import pytest
import torch
from torch.nn import functional
from transformers import Dinov2Config, Dinov2Model

from seedbed.evaluators.extractors.dinov2 import OFFSET, at_side, resized
from seedbed.evaluators.registry import EvaluatorError, kinds, load

SIZES = {"hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3, "patch_size": 14}


def tiny(side):
    torch.manual_seed(0)
    return Dinov2Model(Dinov2Config(image_size=side, **SIZES)).eval()


@pytest.fixture
def folder(tmp_path):
    tiny(224).save_pretrained(tmp_path)
    return tmp_path


def images(n=4, side=96, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, side, side, 3), dtype=np.uint8)


def entry(folder, **keys):
    return {"kind": "dinov2", "source": str(folder)} | keys


class ClassToken(torch.nn.Module):
    """The interface of the published network: pictures to class tokens."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixels):
        return self.model(pixels).last_hidden_state[:, 0]


@pytest.mark.parametrize("side", [64, 512])
def test_features_are_torch_fidelity_s(folder, monkeypatch, side):
    oracle = pytest.importorskip("torch_fidelity.feature_extractor_dinov2")
    monkeypatch.setattr(
        torch.hub, "load", lambda *_: ClassToken(Dinov2Model.from_pretrained(folder))
    )
    theirs = oracle.FeatureExtractorDinoV2("dinov2-vit-l-14", ["dinov2"])
    pictures = images(2, side)
    (expected,) = theirs(torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous())
    found = load("extractors", entry(folder), "tiny")(pictures)
    assert found.shape == (2, 24) and found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_features_belong_to_their_images(folder):
    extractor = load("extractors", entry(folder, batch=3), "tiny")
    features = extractor(images())
    np.testing.assert_allclose(extractor(images()[3:]), features[3:], atol=1e-5)
    assert np.abs(features[0] - features[1]).max() > 1e-2
    assert extractor.metadata["extractor"] == "tiny" and extractor.metadata["weights"]


def test_another_arithmetic_is_told_and_close(folder):
    half = load("extractors", entry(folder, weights="bfloat16"), "tiny")
    full = load("extractors", entry(folder), "tiny")
    assert half.metadata["arithmetic"] == "bfloat16" and "arithmetic" not in full.metadata
    np.testing.assert_allclose(half(images()), full(images()), atol=0.2)


def test_positions_are_scaled_as_the_published_network_does():
    model = tiny(518)
    before = model.embeddings.position_embeddings.detach().clone()
    grid = before[:, 1:].reshape(1, 37, 37, 24).permute(0, 3, 1, 2)
    scale = (16 + OFFSET) / 37
    wanted = functional.interpolate(grid, scale_factor=(scale, scale), mode="bicubic")
    after = at_side(model, 224).embeddings.position_embeddings
    assert after.shape == (1, 1 + 16 * 16, 24) and wanted.shape[-2:] == (16, 16)
    torch.testing.assert_close(after[:, :1], before[:, :1])
    torch.testing.assert_close(after[0, 1:].T.reshape(24, 16, 16), wanted[0])
    # It is not what transformers would do at 224 pixels.
    plain = functional.interpolate(grid, (16, 16), mode="bicubic")
    assert (plain - wanted).abs().max() > 1e-3
    assert model(torch.zeros(1, 3, 224, 224)).pooler_output.shape == (1, 24)


def test_resizing_by_hand():
    row = torch.tensor([[0.0, 10.0, 20.0]]).view(1, 1, 1, 3)
    # Pixel i of 6 lies at i / 2; beyond the last there is nothing new.
    found = resized(row.expand(1, 1, 3, 3), 6)[0, 0, 0]
    torch.testing.assert_close(found, torch.tensor([0.0, 5.0, 10.0, 15.0, 20.0, 20.0]))


def test_another_model_s_folder_is_refused(tmp_path):
    with pytest.raises(EvaluatorError, match="a 'clip', not a 'dinov2'"):
        load("extractors", entry("resources/storybook/storybook-clip"), "x")
    assert "dinov2" in kinds("extractors")
