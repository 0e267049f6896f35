"""The digest of the code behind a result follows its imports and nothing else."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from seedbed import provenance

ROOT = Path(__file__).resolve().parents[2]

SMALL = {
    "__init__": "",
    "base": "import os\n",
    "alone": "VALUE = 1\n",
    "middle": "from seedbed import base\nimport numpy\n",
    "top": "from seedbed.middle import os\n",
    "late": "def f():\n    import seedbed.base\n    return seedbed.base\n",
    "ring_a": "import seedbed.ring_b\n",
    "ring_b": "from seedbed import ring_a\n",
    "part/__init__": "from seedbed.part.inner import x\n",
    "part/inner": "x = 1\n",
    "outside": "from seedbed.part import x\n",
}


def forget():
    provenance.script_digest.cache_clear()
    provenance.code_digest.cache_clear()
    provenance._direct_imports.cache_clear()


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of its own for the digests; the caches are those of a fresh process."""
    folder = tmp_path / "seedbed"
    monkeypatch.setattr(provenance, "PACKAGE", folder)
    forget()
    yield folder
    forget()


@pytest.fixture
def small(package):
    for name, text in SMALL.items():
        path = package / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return package


def modules(folder):
    names = (p.relative_to(folder.parent).with_suffix("") for p in folder.rglob("*.py"))
    return sorted(".".join(n.parts).removesuffix(".__init__") for n in names)


def digests(folder):
    forget()
    return {name: provenance.code_digest(name) for name in modules(folder)}


def moved_by_editing(folder, name):
    """Modules whose digest changes when a comment is added to one of them."""
    before = digests(folder)
    path = folder / f"{name}.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "# edited\n", encoding="utf-8")
    after = digests(folder)
    path.write_text(text, encoding="utf-8")
    return {m.removeprefix("seedbed.") for m in before if before[m] != after[m]}


@pytest.mark.parametrize(
    ("edited", "moved"),
    [
        ("alone", {"alone"}),
        ("top", {"top"}),
        ("middle", {"middle", "top"}),
        ("base", {"base", "middle", "top", "late"}),
        ("ring_a", {"ring_a", "ring_b"}),
        ("part/inner", {"part.inner", "part", "outside"}),
        ("part/__init__", {"part", "outside"}),
    ],
)
def test_an_edit_moves_those_that_import_it_and_no_others(small, edited, moved):
    before = digests(small)
    assert moved_by_editing(small, edited) == moved
    assert digests(small) == before


def test_an_edit_in_the_real_package(package):
    """The same on a copy of Seedbed."""
    for source in (ROOT / "seedbed").rglob("*.py"):
        target = package / source.relative_to(ROOT / "seedbed")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    moved = moved_by_editing(package, "storybook/vocabulary")
    assert {
        "storybook.vocabulary",
        "storybook.world",
        "storybook.captions",
        "storybook.prompts",
        "storybook.reference",
    } <= moved
    assert not moved & {"store", "noise", "prompts.table", "prompts.splits", "seeds.rank"}
    assert moved_by_editing(package, "config") == {"config"}


def test_the_order_of_names_does_not_matter(small):
    one = provenance.code_digest("seedbed.alone", "seedbed.top")
    assert provenance.code_digest("seedbed.top", "seedbed.alone") == one
    assert provenance.code_digest("seedbed.top", "seedbed.alone", "seedbed.base") == one
    assert provenance.code_digest("seedbed.top") != one
    assert len(one) == 16 and int(one, 16) >= 0


def test_same_source_under_another_name_is_other_code(small):
    (small / "copy.py").write_text(SMALL["alone"])
    assert provenance.code_digest("seedbed.copy") != provenance.code_digest("seedbed.alone")


@pytest.mark.parametrize("name", ["seedbed.nothing", "alone", "numpy", "seedbed.alone.VALUE"])
def test_an_unknown_module_is_refused(small, name):
    with pytest.raises(ValueError, match=f"{name} is no module of seedbed"):
        provenance.code_digest("seedbed.alone", name)


def test_a_relative_import_is_refused_rather_than_overlooked(small):
    (small / "near.py").write_text("from . import base\n")
    with pytest.raises(ValueError, match=r"near\.py: line 1: import modules of seedbed by full"):
        provenance.code_digest("seedbed.near")


@pytest.mark.parametrize("name", ["seedbed.storybook.prompts", "seedbed.config"])
def test_all_that_python_loads_is_behind_the_digest(name):
    code = f"import json, sys, {name}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {m for m in json.loads(done.stdout) if m.split(".")[0] == "seedbed"}
    behind = set(provenance.modules_behind(name))
    # Packages run with their modules; what they hold may only be a docstring.
    packages = {
        m for m in loaded - behind if (ROOT.joinpath(*m.split(".")) / "__init__.py").exists()
    }
    assert loaded - packages <= behind


# Scripts


@pytest.fixture
def scripts(small, tmp_path, monkeypatch):
    folder = tmp_path / "scripts"
    folder.mkdir()
    monkeypatch.setattr(provenance, "SCRIPTS", folder)
    (small / "logs.py").write_text("")
    (folder / "one.py").write_text(
        "from seedbed import logs\n\ndef main():\n    from seedbed.middle import base\n"
    )
    return folder


@pytest.mark.parametrize(
    ("edited", "counts"),
    [
        ("scripts/one.py", True),
        ("seedbed/middle.py", True),
        ("seedbed/base.py", True),
        ("seedbed/alone.py", False),
        ("seedbed/logs.py", False),
    ],
)
def test_a_scripts_digest_follows_the_script_and_what_it_imports(scripts, edited, counts):
    before = provenance.script_digest("one")
    path = scripts.parent / edited
    path.write_text(path.read_text() + "# an edit\n")
    forget()
    assert (provenance.script_digest("one") != before) == counts


def test_a_script_that_is_not_there_is_named(scripts):
    with pytest.raises(ValueError, match=r"two\.py: there is no such script"):
        provenance.script_digest("two")


def test_every_rule_carries_the_digest_of_its_own_script():
    for path in sorted((ROOT / "rules").glob("*.smk")):
        text = path.read_text()
        run = re.findall(r'"\.\./scripts/(\w+)\.py"', text)
        carried = re.findall(r'code=script_digest\("(\w+)"\)', text)
        # Training is asked for by name and resumes from checkpoints, which know their schedule.
        assert carried == ([] if path.stem == "training" else run), path.name
