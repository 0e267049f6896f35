"""Gram features: cosines between channels, of storybook-net's layers and VGG-19's."""

import numpy as np
import pytest
import torch

from seedbed import config
from seedbed.choices import GRAM_NETWORKS
from seedbed.evaluators.extractors.gram import LAYERS, NETWORKS, GramExtractor, gram, layer_places
from seedbed.evaluators.registry import EvaluatorError, load

NET = "resources/storybook/storybook-net"


def entry(**keys):
    return {"kind": "gram", "network": "storybook_net", "layers": [], "source": NET} | keys


@pytest.fixture(scope="module")
def vgg(tmp_path_factory):
    """A file of torchvision's VGG-19 with random weights, without the classifier's."""
    from torchvision.models import vgg19

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("vgg") / "vgg19.pth"
    state = vgg19(weights=None).state_dict()
    torch.save({k: v for k, v in state.items() if k.startswith("features.")}, path)
    return path


def images(n=3, side=64):
    return np.random.default_rng(0).integers(0, 256, (n, side, side, 3), dtype=np.uint8)


def test_cosines_by_hand():
    x = torch.tensor([[[[1.0, 0.0]], [[1.0, 1.0]], [[0.0, 0.0]]]])
    # Channels 0 and 1 meet at 45 degrees; a silent one has no cosine with any, nor with itself.
    expected = [1, 0.5**0.5, 0, 1, 0, 0]
    torch.testing.assert_close(gram(x)[0], torch.tensor(expected, dtype=torch.float32))


def test_gram_as_the_slow_formula():
    x = torch.rand(2, 5, 4, 4, generator=torch.Generator().manual_seed(0))
    found = gram(x).numpy()
    for n in range(2):
        flat = x[n].reshape(5, -1).numpy()
        slow = [
            flat[i] @ flat[j] / np.linalg.norm(flat[i]) / np.linalg.norm(flat[j])
            for i in range(5)
            for j in range(i, 5)
        ]
        np.testing.assert_allclose(found[n], slow, atol=1e-6)


def test_storybook_net_has_a_few_thousand_numbers_whatever_the_batch():
    extractor = load("extractors", entry(), "g")
    found = extractor(images())
    assert (
        found.shape == (3, 300 + 1176 + 4656) == (3, GRAM_NETWORKS["storybook_net"])
        and found.dtype == np.float16
    )
    assert found.min() >= 0 and found.max() <= 1
    np.testing.assert_allclose(extractor(images()[1:2])[0], found[1], atol=2e-3)
    assert "conv3_1" in extractor.metadata["preprocessing"]


def test_layers_stand_in_the_order_of_the_network():
    a = load("extractors", entry(layers=["conv2_1", "conv1_1"]), "g")
    b = load("extractors", entry(layers=["conv1_1", "conv2_1"]), "g")
    np.testing.assert_array_equal(a(images()), b(images()))


def test_an_unknown_layer_is_named():
    with pytest.raises(EvaluatorError, match="no layer 'conv9_1'; use some of conv1_1"):
        load("extractors", entry(layers=["conv9_1"]), "g")


def test_vgg19_has_gatys_s_dimensions(vgg):
    network = NETWORKS["vgg19"]({"source": str(vgg)})
    assert list(layer_places(network.trunk))[:5] == [
        *("conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1")
    ]
    extractor = GramExtractor("v", network, LAYERS["vgg19"])
    found = extractor(images(1, 32))
    assert found.shape == (1, GRAM_NETWORKS["vgg19"])
    assert np.isfinite(found).all()


def test_vgg19_refuses_another_file(tmp_path):
    torch.save({"features.0.weight": torch.zeros(64, 3, 3, 3)}, tmp_path / "x.pth")
    with pytest.raises(EvaluatorError, match="tensors are missing"):
        load("extractors", entry(network="vgg19", source=str(tmp_path / "x.pth")), "v")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"good_seed": {"extractors": ["storybook-gram"]}}, "describes style and ranks no seeds"),
        ({"good_seed": {"style": {"extractor": "storybook-net"}}}, "not gram; name one that is"),
        ({"good_seed": {"style": {"extractor": "mine"}}}, "good_seed.style.extractor"),
        ({"good_seed": {"habits": {"detector": "mine"}}}, "good_seed.habits.detector"),
        ({"extractors": {"storybook-gram": {"network": None}}}, "network: goes with kind: gram"),
        ({"extractors": {"storybook-net": {"layers": ["conv1_1"]}}}, "layers: goes with kind"),
        ({"good_seed": {"habits": {"most_width": 0.01}}}, "good_seed.habits.most_width"),
    ],
)
def test_what_does_not_go_together_is_refused(change, said):
    found = config.load("config.yaml")
    for section, names in change.items():
        for name, value in names.items():
            if isinstance(value, dict):
                found[section][name] = {**found[section].get(name, {}), **value}
            else:
                found[section][name] = value
    with pytest.raises(config.ConfigError, match=said):
        config.complete(found)
