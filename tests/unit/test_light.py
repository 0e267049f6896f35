"""The library from its wheel, beside the three packages that it needs and nothing else."""

import ast
import re
import tomllib

import pytest
import small_run
from light_environment import ROOT, environment, run, wheel
from packaging.requirements import Requirement

from seedbed import PUBLIC
from seedbed.noise.gpus import COMPARED

RECIPES = ROOT / "docs" / "recipes.md"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    pytest.importorskip("uv", reason="uv builds and installs the wheel here, and is not there")
    return wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def light(built, tmp_path_factory):
    """Python of an environment with the library's own needs alone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needs = [Requirement(line).name for line in project["dependencies"]]
    return environment(tmp_path_factory.mktemp("light") / "env", built, *needs)


@pytest.fixture(scope="module")
def users(built, tmp_path_factory):
    """The same with diffusers, as somebody who makes pictures has it."""
    needs = ("torch", "numpy", "safetensors", "diffusers", "transformers")
    return environment(tmp_path_factory.mktemp("users") / "env", built, *needs)


def recipes():
    blocks = re.findall(r"^```python\n(.*?)^```$", RECIPES.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) > 4
    return blocks


def test_importing_it_loads_nothing_heavy(light, tmp_path):
    code = (
        "import sys; before = set(sys.modules); import seedbed; print(seedbed.__file__);"
        "print(*sorted(set(sys.modules) - before))"
    )
    where, loaded = run(light, code, tmp_path).splitlines()
    assert "site-packages" in where
    assert loaded == "seedbed"


def test_every_public_name_is_there_and_documented(light, tmp_path):
    code = (
        "import importlib.util, seedbed\n"
        "for name in seedbed.__all__:\n"
        "    found = getattr(seedbed, name)\n"
        "    assert isinstance(found, str) or found.__doc__, name\n"
        "    assert name in dir(seedbed)\n"
        "    if name in seedbed.PUBLIC: assert f'``{name}``' in seedbed.__doc__, name\n"
        "others = 'diffusers pandas scipy snakemake matplotlib yaml PIL'.split()\n"
        "print(*(name for name in others if importlib.util.find_spec(name)))\n"
        "print(seedbed.__version__)\n"
    )
    seen, version = run(light, code, tmp_path).split("\n")[:2]
    assert seen == ""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert version == project["version"]


def test_noise_needs_nothing_more(light, tmp_path):
    code = (
        "import seedbed, torch\n"
        "assert seedbed.noise.Gpu('mine', 14, 2048).blocks == 112\n"
        "drawn = seedbed.latents_for(None, [0, 1], 'cuda', gpu='T4', shape=(16, 64, 64))\n"
        "assert drawn.shape == (2, 16, 64, 64) and drawn.isfinite().all()\n"
        "assert torch.equal(drawn[1], seedbed.latents(1, (16, 64, 64), 'cuda', gpu='T4'))\n"
    )
    run(light, code, tmp_path)


def test_the_recipes_run(users, tmp_path):
    small_run.write_card(tmp_path, latent_shape=(4, 16, 16))
    code = "\n".join(recipes()).replace("results/default/cards/storybook-sd", str(tmp_path))
    printed = run(users, code, ROOT)
    assert "give shape=" in printed
    assert "supported\ngolden seeds against the whole pool, on test prompts fd -2.0" in printed


@pytest.mark.parametrize("block", recipes(), ids=lambda block: block.splitlines()[-1][:40])
def test_a_recipe_is_ten_lines(block):
    ast.parse(block)
    assert len([line for line in block.splitlines() if line.strip()]) <= 10


def test_the_page_lists_every_public_name():
    text = RECIPES.read_text()
    assert re.findall(r"^\| `seedbed\.(\w+)` \|", text, re.MULTILINE) == list(PUBLIC)


def test_the_page_says_which_cards_were_compared():
    text = RECIPES.read_text().partition("**What was compared")[2].partition("##")[0]
    assert not [name for name in COMPARED if not re.search(rf"\b{re.escape(name)}\b", text)]
