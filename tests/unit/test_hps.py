"""The scorer ``hps``: hpsv2's numbers, its full architecture, its name."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from seedbed import config
from seedbed.config import ConfigError
from seedbed.evaluators.metric_names import real_name
from seedbed.evaluators.registry import EvaluatorError, load
from seedbed.evaluators.scorers import hps

open_clip = pytest.importorskip("open_clip")
PYTHON = os.environ.get("SEEDBED_HPSV2_PYTHON")
"""Of an environment with hpsv2 1.2.0, which cannot stand beside this one's packages."""
NET = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 28, "layers": 2, "width": 32, "head_width": 8, "patch_size": 7},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 2},
}
TEXTS = ["a pale horse", "A Round  BOWL on a table, it's blue", "ein Löwe", "word " * 100]
ENTRY = {
    "kind": "hps",
    "source": "xswu/HPSv2/HPS_v2_compressed.pt",
    "version": "v2.0",
    "antialias": False,
    "network": "ViT-H-14",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small network with random weights, as hpsv2 publishes its own: architecture and file."""
    path = tmp_path_factory.mktemp("hps")
    (path / "net.json").write_text(json.dumps(NET))
    torch.manual_seed(0)
    state = open_clip.CLIP(**NET).state_dict()
    torch.save({"state_dict": state, "epoch": 1}, path / "own.pt")
    return path


def images(height=48, width=48, n=4):
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (n, height, width, 3), dtype=np.uint8)


def entry(folder, **keys):
    own = {"source": str(folder / "own.pt"), "network": str(folder / "net.json")}
    return ENTRY | own | keys


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("size", [(48, 48), (40, 64), (64, 30), (28, 28), (12, 20)])
def test_scores_are_the_slow_formula_s(folder, size, antialias):
    scorer = load("scorers", entry(folder, antialias=antialias, batch=3), "mine")
    scorer.prepare(TEXTS)
    found = scorer.score(images(*size), [0, 1, 2, 3])
    net = open_clip.CLIP(**NET).eval()
    net.load_state_dict(torch.load(folder / "own.pt")["state_dict"])
    tokens = open_clip.tokenizer.SimpleTokenizer()(TEXTS)
    for i, image in enumerate(images(*size)):
        x = torch.from_numpy(image).permute(2, 0, 1)[None] / 255
        scale = 28 / max(size)
        if scale != 1:
            sides = [round(side * scale) for side in size]
            x = functional.interpolate(x, sides, mode="bicubic", antialias=antialias)
            frame = torch.zeros(1, 3, 28, 28)
            top, left = ((28 - side) // 2 for side in sides)
            frame[:, :, top : top + sides[0], left : left + sides[1]] = x
            x = frame
        mean, sd = (torch.tensor(v).view(3, 1, 1) for v in (hps.MEAN, hps.STD))
        with torch.no_grad():
            a, b = net.encode_image((x - mean) / sd)[0], net.encode_text(tokens[i : i + 1])[0]
        expected = float(a @ b / a.norm() / b.norm())
        assert abs(found[i] - expected) < 1e-5
    assert found.dtype == np.float64 and np.ptp(found) > 1e-3


@pytest.mark.skipif(not PYTHON, reason="SEEDBED_HPSV2_PYTHON names no environment with hpsv2")
def test_scores_are_hpsv2_s(folder):
    from importlib.util import find_spec

    package = Path(find_spec("open_clip").submodule_search_locations[0])
    shutil.copy(package / "bpe_simple_vocab_16e6.txt.gz", folder)
    np.save(folder / "images.npy", images(40, 64))
    (folder / "texts.json").write_text(json.dumps(TEXTS))
    oracle = Path(__file__).with_name("hps_oracle.py")
    subprocess.run([PYTHON, oracle, folder], check=True, capture_output=True)
    said = json.loads((folder / "scores.json").read_text())
    for antialias in (False, True):
        scorer = load("scorers", entry(folder, antialias=antialias), "mine")
        scorer.prepare(TEXTS)
        found = scorer.score(images(40, 64), [0, 1, 2, 3])
        np.testing.assert_allclose(found, said["on" if antialias else "off"], atol=1e-5)
    assert np.abs(np.subtract(said["on"], said["off"])).max() > 1e-4


def test_the_full_network_is_hpsv2_s():
    """686 tensors of 986 million numbers, as the published file has them; none is made here."""
    net = hps.architecture(hps._config(hps.NETWORK))
    state = net.state_dict()
    assert len(state) == 686 and all(t.is_meta for t in state.values())
    assert sum(t.numel() for t in state.values()) == 986_109_441
    assert state["visual.conv1.weight"].shape == (1280, 3, 14, 14)
    assert state["text_projection"].shape == (1024, 1024)
    assert state["positional_embedding"].shape == (77, 1024)
    assert net.attn_mask.shape == (77, 77) and not net.attn_mask.is_meta


def test_half_precision_is_told_and_close(folder):
    full, half = (load("scorers", entry(folder, weights=d), "m") for d in ("float32", "bfloat16"))
    for scorer in (full, half):
        scorer.prepare(TEXTS)
    a, b = (scorer.score(images(), [0, 1, 2, 3]) for scorer in (full, half))
    np.testing.assert_allclose(a, b, atol=0.05)
    assert half.metadata["arithmetic"] == "bfloat16"
    assert "antialias off" in full.metadata["preprocessing"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"network": "ViT-H-41"}, "network 'ViT-H-41' is unknown to open_clip; use ViT-H-14"),
        ({"source": "xswu/HPSv2/HPS_v2.1_compressed.pt"}, "the weights of v2.1, not v2.0"),
        ({"source": "gone.pt"}, "gone.pt: no such file; name HPS_v2_compressed.pt"),
        ({"sha256": "0" * 64}, "its sha256 is"),
    ],
)
def test_what_it_cannot_take(folder, change, said):
    with pytest.raises(EvaluatorError, match=said):
        load("scorers", entry(folder, **change), "mine")


def test_a_file_of_another_network_is_refused(folder, tmp_path):
    small = NET | {"embed_dim": 8}
    torch.save(open_clip.CLIP(**small).state_dict(), tmp_path / "small.pt")
    with pytest.raises(EvaluatorError, match="another shape than config"):
        load("scorers", entry(folder, source=str(tmp_path / "small.pt")), "mine")
    torch.save({"state_dict": {}}, tmp_path / "empty.pt")
    with pytest.raises(EvaluatorError, match="tensors are missing"):
        load("scorers", entry(folder, source=str(tmp_path / "empty.pt")), "mine")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({}, "HPS v2.0 (antialias off)"),
        ({"antialias": True, "version": "v2.1"}, "HPS v2.1 (antialias on)"),
        ({"source": "own.pt"}, None),
        ({"source": "own.pt", "sha256": "unchecked"}, None),
        ({"source": "copy/HPS_v2_compressed.pt", "sha256": "a" * 64}, "HPS v2.0 (antialias off)"),
        ({"network": "net.json"}, None),
    ],
)
def test_its_name_says_version_and_antialias(change, name):
    assert real_name("scorers", ENTRY | change) == name


def test_a_config_cannot_leave_them_out():
    entries = config.load("config.yaml")
    entries["scorers"]["hps"] = {"kind": "hps", "source": ENTRY["source"]}
    assert config.complete(entries)["scorers"]["hps"]["metric"] == "HPS v2.0 (antialias off)"
    entries["scorers"]["hps"]["metric"] = "HPS v2"
    with pytest.raises(ConfigError, match=r"must begin with 'HPS v2\.0 \(antialias off\)'"):
        config.complete(entries)
