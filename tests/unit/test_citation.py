"""What a result says of itself: commit, config, device; stamped into files, told in a crate."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from seedbed import stamps
from seedbed.provenance.citation import ENVIRONMENT, commit_of, config_digest, line_of
from seedbed.render import style
from seedbed.render.crate import crate_of

ROOT = Path(__file__).resolve().parents[2]
CITED = {"run": "toy -- run", "commit": "0" * 40, "config": "1" * 16, "device": "a CPU"}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    commit_of.cache_clear()


def git(folder, *arguments):
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_the_commit_is_gits_own_answer(tmp_path):
    assert commit_of(tmp_path) == "unknown"
    commit_of.cache_clear()
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "one")
    head = git(tmp_path, "rev-parse", "HEAD")
    other = tmp_path / "tree"
    git(tmp_path, "worktree", "add", "-q", str(other))
    for prepare in ((), ("pack-refs", "--all"), ("checkout", "-q", "--detach")):
        if prepare:
            git(tmp_path, *prepare)
        commit_of.cache_clear()
        assert commit_of(tmp_path) == commit_of(other) == head


def test_the_environment_names_a_commit_where_no_repository_is(tmp_path, monkeypatch):
    monkeypatch.setenv(ENVIRONMENT, "a" * 40)
    assert commit_of(tmp_path) == "a" * 40


def test_a_config_has_one_digest_in_any_order():
    one = config_digest({"a": 1, "b": [1, 2]})
    assert one == config_digest({"b": [1, 2], "a": 1}) and len(one) == 16
    assert one != config_digest({"a": 1, "b": [2, 1]})


def test_a_picture_keeps_its_pixels_and_says_what_it_is(tmp_path):
    path = tmp_path / "a.png"
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    stamps.stamp([path], CITED)
    once = path.read_bytes()
    stamps.stamp([path], CITED)
    assert path.read_bytes() == once
    with Image.open(path) as image:
        image.load()
        assert image.text["Seedbed"] == line_of(CITED)
        assert np.array_equal(np.asarray(image), pixels)


def test_a_figure_stays_a_pdf(tmp_path):
    plt = style.pyplot()
    png, pdf = tmp_path / "a.png", tmp_path / "a.pdf"
    style.save(plt.figure(), png, pdf)
    stamps.stamp([png, pdf], CITED)
    content = pdf.read_bytes()
    assert content.startswith(b"%PDF-") and b"%%EOF" in content[-1024:]
    assert content.endswith(f"% Seedbed: {line_of(CITED).replace('--', '- -')}\n".encode())


@pytest.mark.parametrize(
    ("suffix", "begins"), [(".md", "<!-- "), (".tex", "% "), (".html", "<!-- ")]
)
def test_texts_end_in_a_comment(tmp_path, suffix, begins):
    path = tmp_path / f"a{suffix}"
    path.write_text("said\n")
    stamps.stamp([path, tmp_path / "missing.md"], CITED)
    first, last = path.read_text().splitlines()
    assert first == "said" and last.startswith(begins) and "commit 000000000000" in last
    assert last.count("--") == 2 * (begins[0] == "<")


def test_rows_stay_rows(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a\n1\n")
    stamps.stamp([path], CITED)
    assert path.read_text() == "a\n1\n"


@pytest.mark.parametrize("content", [b"GIF", stamps._PNG, stamps._PNG + b"\0\0\0\x09IDAT"])
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(ValueError, match="PNG"):
        stamps.with_text(content, "text")


def test_a_crate_names_every_file_once_and_no_time(tmp_path):
    (tmp_path / "good_seed").mkdir()
    files = [str(tmp_path / name) for name in ("good_seed/t.csv", "good_seed/f.png", "config.json")]
    for path in files:
        Path(path).write_text("x")
    found = crate_of(files, tmp_path, CITED, ROOT / "CITATION.cff")
    assert found == crate_of(files, tmp_path, CITED, ROOT / "CITATION.cff")
    by_id = {entity["@id"]: entity for entity in found["@graph"]}
    assert len(by_id) == len(found["@graph"])
    assert {part["@id"] for part in by_id["./"]["hasPart"]} == {
        *("good_seed/t.csv", "good_seed/f.png", "config.json")
    }
    assert by_id["good_seed/t.csv"]["encodingFormat"] == "text/csv"
    assert CITED["commit"] in by_id["#seedbed"]["softwareVersion"]
    assert by_id["#device"]["name"] == "a CPU" and by_id["./"]["datePublished"]
    assert by_id["ro-crate-metadata.json"]["conformsTo"]["@id"].endswith("ro/crate/1.1")
