"""Where an evaluator's file is looked for, where it runs, and what is said if it is not there."""

import hashlib

import huggingface_hub
import pytest
import torch

from seedbed import config
from seedbed.evaluators.weight_files import find, may_come
from seedbed.models.batching import place_of
from seedbed.plan import Plan

WANTED = "the file that is wanted"


@pytest.mark.parametrize(
    ("source", "comes"),
    [
        ("facebook/dinov2-large", True),
        ("xswu/HPSv2/HPS_v2_compressed.pt", True),
        ("vgg19-dcbb9e9d.pth", True),
        ("eng.traineddata", True),
        ("yolo11x.pt", False),
        ("a/b/c.txt", False),
        ("./a/b.pt", False),
        ("/a/b.pt", False),
        ("~/b", False),
        ("a/b/c/d.pt", False),
        ("", False),
        ("tests/gone.pt", False),
    ],
)
def test_what_may_come_from_elsewhere(source, comes):
    assert may_come(source) is comes


def test_torch_s_cache_is_checked_by_the_name(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    digest = hashlib.sha256(b"weights").hexdigest()
    name = f"net-{digest[:8]}.pth"
    with pytest.raises(ValueError, match=rf"{name}: no such file \(looked for .*\); name the file"):
        find(name, WANTED)
    cached = tmp_path / "hub" / "checkpoints" / name
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"weights")
    assert find(name, WANTED) == cached == find(name, WANTED, sha256=digest)
    cached.write_bytes(b"others")
    with pytest.raises(ValueError, match="restore the published file, or set sha256 to unchecked"):
        find(name, WANTED)
    assert find(name, WANTED, sha256="unchecked") == cached


def test_a_file_of_the_hub(tmp_path, monkeypatch):
    asked = []

    def download(repository, file, revision):
        asked.append((repository, file, revision))
        (tmp_path / file).write_bytes(b"weights")
        return str(tmp_path / file)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    assert find("owner/name/a.pt", WANTED, "abc") == tmp_path / "a.pt"
    assert asked == [("owner/name", "a.pt", "abc")]


def test_no_hub_is_one_line():
    with pytest.raises(ValueError, match=r"a\.pt is not in the hub's cache \(.+\) and cannot") as e:
        find("nobody/nothing/a.pt", WANTED)
    assert "\n" not in str(e.value)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ValueError, match="a folder, not a file; name the file that is wanted"):
        find(str(tmp_path), WANTED)


def test_device_and_arithmetic_by_the_entry():
    place = place_of({"device": "cpu", "weights": "bfloat16", "batch": 3}, "x")
    net = place.put(torch.nn.Linear(2, 2))
    assert net.weight.dtype == torch.bfloat16 and not net.weight.requires_grad
    assert place.metadata == {"arithmetic": "bfloat16"}
    expected = "cuda:0" if torch.cuda.is_available() else "cpu"
    assert place_of({}, "x").device == expected and place_of({}, "x").metadata == {}
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="x: device: cuda is asked for, and torch finds no"):
            place_of({"device": "cuda"}, "x")


def test_jobs_ask_for_the_memory_of_what_they_load():
    entries = config.load("config.yaml")
    source = "xswu/HPSv2/HPS_v2_compressed.pt"
    entries["scorers"]["hps"] = {"kind": "hps", "source": source}
    entries["prompts"]["captions"] = {"kind": "llava"}
    plan = Plan(config.complete(entries))
    # 986 million numbers of four bytes; seven thousand million of two.
    expected = 3000 + 2.5 * 986_109_441 * 4 / 2**20
    assert plan.evaluator_mb("scorers", "hps") == pytest.approx(expected, abs=3)
    assert plan.captioner_mb("captions") > 2 * 7e9 * 2 / 2**20
    assert plan.evaluator_mb("scorers", "storybook-clip") == 4000
