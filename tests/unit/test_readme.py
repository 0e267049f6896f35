"""README: its results are those of docs/results.json, its words follow, what it types works."""

import re
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace

import pytest
import small_run
import torch

import seedbed
from seedbed import store
from seedbed.card import CardWarning
from seedbed.render import readme, readme_good_seed

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def results():
    return store.read_json(ROOT / readme.RESULTS)


def test_the_sections_are_those_of_the_results(results):
    text = (ROOT / readme.README).read_text(encoding="utf-8")
    assert readme.rewritten(text, results) == text, "write them with `make readme`"


def test_check_says_so_in_one_line(results, tmp_path, monkeypatch, capsys):
    text = (ROOT / readme.README).read_text(encoding="utf-8")
    (tmp_path / "docs").mkdir()
    store.write_json(results, tmp_path / readme.RESULTS)
    (tmp_path / readme.README).write_text(text.replace("Golden", "golden"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["readme", "--check"])
    with pytest.raises(SystemExit) as left:
        readme.main()
    assert "make readme" in left.value.code and "\n" not in left.value.code
    (tmp_path / readme.README).write_text(readme.rewritten(text, results), encoding="utf-8")
    readme.main()


def test_a_missing_section_is_named(results):
    with pytest.raises(ValueError, match="results: quality"):
        readme.rewritten("nothing here", results)


def test_a_run_that_has_not_finished_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises(ValueError, match="finished"):
        readme.gather(readme.plan_of([]), lambda path: tmp_path / path)


class TestVerdicts:
    def test_golden_seeds_beat_what_they_beat(self):
        beat = readme_good_seed.golden_beat
        assert beat(["level", "undecided"]) == "Golden seeds do not beat random ones"
        assert beat(["level", "worse"]).endswith("random ones and fall behind in 1 of 2")
        assert beat(["better", "undecided"]).endswith("in 1 of 2 comparisons")
        assert beat(["better", "better"]) == "Golden seeds beat random ones"

    def test_a_goal_is_missed_with_or_without_room(self):
        row = {"model": "m", "measure": "vae_psnr", "unit": "dB", "value": 27.0, "goal": 28.0}
        assert readme.goal_said(row | {"low": 26.0, "high": 28.5}).endswith("the interval holds")
        assert readme.goal_said(row | {"low": 26.0, "high": 27.5}).endswith("the interval excludes")


def test_other_numbers_give_other_words(results):
    """No verdict in a section is fixed."""
    other = deepcopy(results)
    for study in other["good_seed"]["studies"]:
        for row in study["differences"]:
            row["verdict"] = "lower" if row["metric"] == "fd" else "higher"
    for row in other["good_seed"]["effects"]:
        row["verdict"] = "some are better"
    for row in other["ledger"]:
        row["verdict"] = "holds"
    text = readme_good_seed.good_seed_section(other)
    n = len(other["good_seed"]["effects"])
    assert f"better by {n} of {n} scores" in text and "Golden seeds beat random ones**" in text
    assert text.count("| holds") == 22 and "22 claims: 22 holding wherever they were tried." in text
    assert "cannot be told" not in text and "G22: 46 million" in text
    for row in other["quality"]:
        row["reached"] = True
    assert "goals are reached." in readme.quality_section(other)


def blocks():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def block_with(text):
    (block,) = [b for b in blocks() if text in b]
    return block


def test_the_noise_of_a_seed_goes_into_any_pipeline():
    block = block_with('stream="cuda"')
    seen = {}

    def pipe(prompt, latents):
        seen["latents"] = latents
        return SimpleNamespace(images=[prompt])

    pipe.device, pipe.dtype = "cpu", torch.float16
    names = {"pipe": pipe}
    exec(block, names)
    assert seen["latents"].shape == (1, 4, 64, 64) and seen["latents"].dtype == torch.float16
    assert names["image"] == "a red apple"


@pytest.fixture(scope="module")
def storybook():
    from diffusers import StableDiffusionPipeline

    folder = ROOT / "resources" / "storybook" / "storybook-sd"
    pipe = StableDiffusionPipeline.from_pretrained(folder, dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def test_noise_built_of_tickets_goes_into_a_diffusers_pipeline(storybook):
    names = {"pipe": storybook, "seedbed": seedbed}
    exec(block_with("seedbed.place("), names)
    assert names["image"].size == (64, 64)
    assert names["latents"].shape == (1, 4, 16, 16) and torch.isfinite(names["latents"]).all()


def test_the_seeds_of_a_card_go_into_a_diffusers_pipeline(storybook, tmp_path):
    small_run.write_card(tmp_path, latent_shape=(4, 16, 16))
    block = block_with("Card.load(").replace("results/default/cards/storybook-sd", str(tmp_path))
    names = {"pipe": storybook, "prompts": ["a boat"] * 4}
    with pytest.warns(CardWarning, match="only 3 seeds of tiny"):
        exec(block, names)
    assert [image.size for image in names["images"]] == [(64, 64)] * 4
