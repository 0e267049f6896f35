"""The extractor ``inception``: pytorch-fid's numbers, weights by their digest, the name FID."""

import numpy as np
import pytest
import torch
from PIL import Image

from seedbed import config, store
from seedbed.config import ConfigError
from seedbed.evaluators.extractors.inception import SHA256, InceptionExtractor
from seedbed.evaluators.metric_names import real_name
from seedbed.evaluators.registry import EvaluatorError, load, width_of
from seedbed.statistics import frechet

PUBLISHED = "pt_inception-2015-12-05-6726825d.pth"
ENTRY = {"kind": "inception", "source": PUBLISHED, "sha256": None, "weights": "float32"}
SEEDS, PROMPTS, WIDTH = 2, 70, 64


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Random weights under the names of the published ones, with features of everyday size."""
    from pytorch_fid import inception

    asks = inception.load_state_dict_from_url
    inception.load_state_dict_from_url = lambda *_, **__: {}
    strict = torch.nn.Module.load_state_dict
    torch.nn.Module.load_state_dict = lambda *_, **__: None
    try:
        net = inception.fid_inception_v3()
    finally:
        inception.load_state_dict_from_url = asks
        torch.nn.Module.load_state_dict = strict
    generator = torch.Generator().manual_seed(0)
    for module in net.modules():
        if isinstance(module, torch.nn.Conv2d):
            spread = (2 / module.weight[0].numel()) ** 0.5
            module.weight.data = torch.randn(module.weight.shape, generator=generator) * spread
    path = tmp_path_factory.mktemp("inception") / "own.pth"
    torch.save(net.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def theirs(weights):
    """pytorch-fid's own network of these weights, for a width."""
    from pytorch_fid import inception

    def built(width):
        asks = inception.load_state_dict_from_url
        inception.load_state_dict_from_url = lambda *_, **__: torch.load(weights)
        try:
            return inception.InceptionV3([inception.InceptionV3.BLOCK_INDEX_BY_DIM[width]])
        finally:
            inception.load_state_dict_from_url = asks

    return built


def pictures(folder, count, seed, side=40):
    """Pictures of blurred noise in a folder, and as an array."""
    rng = np.random.default_rng(seed)
    folder.mkdir()
    coarse = rng.integers(0, 256, (count, 6, 6, 3), dtype=np.uint8)
    made = [Image.fromarray(c).resize((side, side), Image.Resampling.BICUBIC) for c in coarse]
    for i, picture in enumerate(made):
        picture.save(folder / f"{i:03d}.png")
    return np.stack([np.asarray(picture) for picture in made])


def test_per_seed_fid_is_pytorch_fid_s(tmp_path, weights, theirs):
    from pytorch_fid.fid_score import calculate_activation_statistics, calculate_frechet_distance

    extractor = InceptionExtractor(weights, width=WIDTH)
    real = extractor(pictures(tmp_path / "real", PROMPTS, 99))
    ours = {seed: extractor(pictures(tmp_path / str(seed), PROMPTS, seed)) for seed in range(SEEDS)}
    distances = frechet.per_seed(ours, frechet.Reference.from_features(real))
    net, said = theirs(WIDTH), {}
    for name in ("real", *map(str, range(SEEDS))):
        files = sorted((tmp_path / name).iterdir())
        said[name] = calculate_activation_statistics(files, net, 35, WIDTH, "cpu", 0)
    expected = [
        calculate_frechet_distance(*said[str(seed)], *said["real"]) for seed in range(SEEDS)
    ]
    assert min(expected) > 1e-3
    np.testing.assert_allclose(distances, expected, rtol=1e-6)


def test_pool3_is_pytorch_fid_s(tmp_path, weights, theirs):
    from pytorch_fid.fid_score import get_activations

    images = pictures(tmp_path / "some", 3, 0)
    found = InceptionExtractor(weights)(images)
    files = sorted((tmp_path / "some").iterdir())
    expected = get_activations(files, theirs(2048), 3, 2048, "cpu", 0)
    assert found.shape == (3, width_of("inception")) and found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_other_weights_are_not_taken_for_the_published_ones(weights, monkeypatch, tmp_path):
    with pytest.raises(EvaluatorError, match=f"own.pth: its sha256 is .*, not {SHA256}"):
        load("extractors", ENTRY | {"source": str(weights)}, "mine")
    loaded = load("extractors", ENTRY | {"source": str(weights), "sha256": "unchecked"}, "mine")
    assert loaded.metadata["weights_sha256"] == store.sha256_of(weights)
    # By its bare name it is looked for where pytorch-fid would look.
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(EvaluatorError, match=rf"no such file \(looked for {tmp_path}/hub/check"):
        load("extractors", ENTRY, "mine")
    cached = tmp_path / "hub" / "checkpoints" / PUBLISHED
    cached.parent.mkdir(parents=True)
    cached.write_bytes(weights.read_bytes())
    with pytest.raises(EvaluatorError, match="restore the published file"):
        load("extractors", ENTRY, "mine")


def test_a_file_of_another_network_is_refused(tmp_path):
    torch.save({"a": torch.zeros(1)}, tmp_path / "a.pth")
    (tmp_path / "b.pth").write_text("no weights")
    entry = ENTRY | {"sha256": "unchecked"}
    with pytest.raises(EvaluatorError, match="not the weights of pytorch-fid's Inception"):
        load("extractors", entry | {"source": str(tmp_path / "a.pth")}, "mine")
    with pytest.raises(EvaluatorError, match="no weights that can be read"):
        load("extractors", entry | {"source": str(tmp_path / "b.pth")}, "mine")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({}, "FID"),
        ({"sha256": SHA256}, "FID"),
        ({"sha256": "unchecked"}, None),
        ({"sha256": "0" * 64}, None),
        ({"weights": "bfloat16"}, None),
        ({"kind": "dinov2"}, None),
    ],
)
def test_only_the_published_weights_are_called_fid(change, name):
    assert real_name("extractors", ENTRY | change) == name


def test_a_config_cannot_call_anything_else_fid():
    entries = config.load("config.yaml")
    entries["extractors"]["fid"] = {"kind": "inception", "source": PUBLISHED}
    assert config.complete(entries)["extractors"]["fid"]["metric"] == "FID"
    entries["extractors"]["fid"]["sha256"] = "unchecked"
    assert config.complete(entries)["extractors"]["fid"]["metric"] == "fid"
    entries["extractors"]["fid"] |= {"metric": "FID (mine)", "paper": {"column": "FID"}}
    with pytest.raises(ConfigError, match="FID is what kind inception measures with the publ"):
        config.complete(entries)
    entries["extractors"]["fid"] |= {"metric": "FD", "paper": {"column": "FID", "same": True}}
    with pytest.raises(ConfigError, match=r"extractors\.fid\.paper\.same: true, but this is not"):
        config.complete(entries)
