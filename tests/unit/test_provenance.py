"""The digests follow what can change a result, code and weights, and nothing else."""

import hashlib
import itertools
import json
import os
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

import seedbed
from seedbed.provenance import code, content, kept, made

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
    "plain/__init__": '"""Only words."""\n\n__version__ = "1"\n__all__ = ["one"]\n',
    "plain/one": "x = 1\n",
    "hinted": (
        "from typing import TYPE_CHECKING\n\n"
        "if TYPE_CHECKING:\n    from seedbed.alone import VALUE\n"
    ),
    "logs": "LEVEL = 1\n",
    "told": "from seedbed import logs\n",
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of its own for the digests."""
    folder = tmp_path / "seedbed"
    monkeypatch.setattr(code, "PACKAGE", folder)
    return folder


TICKS = itertools.count(1)


def write(path, text):
    """Write a file at a time of its own: two edits within a tick of the clock look like one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (next(TICKS), next(TICKS)))


@pytest.fixture
def small(package):
    for name, text in SMALL.items():
        write(package / f"{name}.py", text)
    return package


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    folder = tmp_path_factory.mktemp("real") / "seedbed"
    shutil.copytree(ROOT / "seedbed", folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture
def real(copied, monkeypatch):
    """A copy of Seedbed's own source; tests leave it as they find it."""
    monkeypatch.setattr(code, "PACKAGE", copied)
    return copied


def modules(folder):
    names = (p.relative_to(folder.parent).with_suffix("") for p in folder.rglob("*.py"))
    return sorted(".".join(n.parts).removesuffix(".__init__") for n in names)


def digests(folder):
    return {name: code.code_digest(name) for name in modules(folder)}


def moved_by(folder, name, change):
    """Modules whose digest changes with the text of one of them; all is as before afterwards."""
    before = digests(folder)
    path = folder / f"{name}.py"
    text = path.read_text(encoding="utf-8")
    assert change(text) != text
    write(path, change(text))
    after = digests(folder)
    write(path, text)
    assert digests(folder) == before
    return {m.removeprefix("seedbed.") for m in before if before[m] != after[m]}


def with_a_constant(text):
    return text + "\nADDED = 1\n"


@pytest.mark.parametrize(
    ("edited", "moved"),
    [
        ("alone", {"alone"}),
        ("top", {"top"}),
        ("middle", {"middle", "top"}),
        ("base", {"base", "middle", "top", "late"}),
        ("ring_a", {"ring_a", "ring_b"}),
        ("part/inner", {"part.inner", "part", "outside"}),
        # Python runs the package before its module.
        ("part/__init__", {"part.inner", "part", "outside"}),
        ("plain/one", {"plain.one"}),
        ("plain/__init__", {"plain.one", "plain"}),
        ("logs", set()),
        ("__init__", set()),
    ],
)
def test_an_edit_moves_those_that_import_it_and_no_others(small, edited, moved):
    assert moved_by(small, edited, with_a_constant) == moved


def test_what_only_type_checkers_import_is_not_followed(small):
    assert code.modules_behind("seedbed.hinted") == ["seedbed.hinted"]


def test_packages_count_if_they_hold_more_than_words(small):
    assert code.modules_behind("seedbed.plain.one") == ["seedbed.plain.one"]
    assert code.modules_behind("seedbed.part.inner") == ["seedbed.part", "seedbed.part.inner"]


def test_the_order_of_names_does_not_matter(small):
    one = code.code_digest("seedbed.alone", "seedbed.top")
    assert code.code_digest("seedbed.top", "seedbed.alone") == one
    assert code.code_digest("seedbed.top", "seedbed.alone", "seedbed.base") == one
    assert code.code_digest("seedbed.top") != one
    assert len(one) == 16 and int(one, 16) >= 0


def test_same_source_under_another_name_is_other_code(small):
    write(small / "copy.py", SMALL["alone"])
    assert code.code_digest("seedbed.copy") != code.code_digest("seedbed.alone")


@pytest.mark.parametrize("name", ["seedbed.nothing", "alone", "numpy", "seedbed.alone.VALUE"])
def test_an_unknown_module_is_refused(small, name):
    with pytest.raises(ValueError, match=f"{name} is no module of seedbed"):
        code.code_digest("seedbed.alone", name)


def test_a_relative_import_is_refused_rather_than_overlooked(small):
    write(small / "near.py", "from . import base\n")
    with pytest.raises(ValueError, match=r"near\.py: line 1: import modules of seedbed by full"):
        code.code_digest("seedbed.near")


@pytest.mark.parametrize("name", ["seedbed.storybook.prompts", "seedbed.config", "seedbed.noise"])
def test_all_that_python_loads_is_behind_the_digest(name):
    asked = f"import json, sys, {name}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {m for m in json.loads(done.stdout) if m.split(".")[0] == "seedbed"}
    only_words = {m for m in loaded if code._source(code._file_of(m)).empty}
    loaded -= only_words | code.WITHOUT_EFFECT
    assert loaded <= set(code.modules_behind(name))


# What of an edit counts

CODE = '''\
"""Words."""

import logging

log = logging.getLogger(__name__)
RATE = 0.5


def scale(x: float, by: float = 2.0) -> float:
    """More words."""
    if x > 1:
        log.info("large: %s", x)
    return x * by + RATE


def name(x):
    return f"{x:.3f} of {scale(x)!r}"
'''
USER = "from seedbed.code import scale\n"


def replaced(old, new):
    return lambda text: text.replace(old, new)


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        (lambda text: text + "# a comment\n", False),
        (replaced("RATE = 0.5", "RATE = 0.5  # a comment"), False),
        (replaced('"""Words."""', '"""Other words."""'), False),
        (replaced('    """More words."""\n', ""), False),
        (replaced("RATE = 0.5", 'RATE = 0.5\n"""What it is."""'), False),
        (replaced("\n\n\n", "\n"), False),
        (replaced("x: float, by: float = 2.0", "\n    x: float,\n    by: float = 2.0,\n"), False),
        (replaced("x * by + RATE", "(x * by) + RATE"), False),
        (replaced("0.5", "5e-1"), False),
        (replaced('f"{x:.3f} of {scale(x)!r}"', 'f"{x:.3f} " f"of {scale(x)!r}"'), False),
        (replaced("large", "very large"), False),
        (replaced("log.info", "log.warning"), False),
        (replaced('    if x > 1:\n        log.info("large: %s", x)\n', ""), False),
        (
            replaced("    return x *", '    log.debug("%d of %s", len([x]), x)\n    return x *'),
            False,
        ),
        (replaced("import logging\n\nlog = logging.getLogger(__name__)\n", ""), False),
        (replaced("RATE =", '__version__ = "9"\n__all__ = ["scale"]\nRATE ='), False),
        (replaced("x: float, by: float = 2.0) -> float", "x, by=2.0)"), False),
        (replaced("import logging", "from __future__ import annotations\nimport logging"), False),
        (replaced("RATE = 0.5", "RATE = 0.6"), True),
        (replaced("RATE = 0.5", "RATE = None"), True),
        (replaced("RATE = 0.5", "RATE = '0.5'"), True),
        (replaced("RATE", "SPEED"), True),
        (replaced("def name", "def title"), True),
        (replaced("+ RATE", "- RATE"), True),
        (replaced("by: float = 2.0", "by: float"), True),
        (replaced("x * by + RATE", "x * (by + RATE)"), True),
        (replaced(":.3f", ":.2f"), True),
        (replaced("!r", "!s"), True),
        (replaced("x > 1:", "x > 1:\n        x = 1"), True),
        # A list called log, and a log line that uses up what it shows.
        (replaced('log.info("large: %s", x)', "log.append(x)"), True),
        (replaced('"large: %s", x)', '"large: %s", next(x))'), True),
        (replaced('"large: %s", x)', '"large: %s", x := 1)'), True),
        (replaced("    return x *", "    progress.add(1)\n    return x *"), True),
    ],
)
def test_what_of_an_edit_counts(small, change, counts):
    write(small / "code.py", CODE)
    write(small / "user.py", USER)
    assert moved_by(small, "code", change) == ({"code", "user"} if counts else set())


@pytest.mark.parametrize(
    ("reads", "change"),
    [
        ("print(__doc__)\n", replaced("Words", "Other words")),
        ("from functools import singledispatch\n", replaced("x: float", "x: int")),
    ],
)
def test_what_a_module_reads_of_itself_counts(small, reads, change):
    write(small / "code.py", CODE + reads)
    assert moved_by(small, "code", change) == {"code"}


def test_the_digest_is_that_of_every_python(small):
    """The same under 3.11, 3.12 and 3.13; fails under a Python whose trees are other ones."""
    write(small / "code.py", CODE)
    assert code.code_digest("seedbed.code") == "cc019a83e30ab9e3"


# An edit in the real package

LOG_LINE = 'import logging\n\nlog = logging.getLogger(__name__)\nlog.info("loaded")\n'


@pytest.mark.parametrize(
    "name", ["noise/philox", "store/files", "storybook/vocabulary", "models/sdxl"]
)
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + "\n# a comment\n",
        lambda text: "\n\n" + text.replace("\n\n", "\n\n\n"),
        lambda text: text.replace('"""', '"""Edited. ', 1),
        lambda text: text + '__version__ = "9"\n',
        lambda text: text + LOG_LINE,
    ],
)
def test_no_digest_moves_with_what_has_no_effect(real, name, change):
    assert moved_by(real, name, change) == set()


@pytest.mark.parametrize("name", ["__init__", "logs", "progress", "provenance/code", "seals"])
def test_modules_without_effect_move_no_digest(real, name):
    assert moved_by(real, name, with_a_constant) <= {name.replace("/", ".")}


def test_an_edit_in_the_real_package(real):
    moved = moved_by(real, "storybook/vocabulary", with_a_constant)
    assert {
        "storybook.vocabulary",
        "storybook.world",
        "storybook.captions",
        "storybook.prompts",
        "storybook.reference",
    } <= moved
    assert not moved & {"store.files", "noise", "prompts.table", "prompts.splits", "models.sd"}
    moved = moved_by(real, "noise/philox", with_a_constant)
    assert {"noise.philox", "sampling.generate"} <= moved
    assert not moved & {"store.files", "prompts.table", "storybook.vocabulary", "models.sd"}
    assert "store.files" in moved_by(real, "store/files", with_a_constant)


# Scripts


@pytest.fixture
def scripts(small, tmp_path, monkeypatch):
    folder = tmp_path / "scripts"
    monkeypatch.setattr(code, "SCRIPTS", folder)
    write(
        folder / "group" / "one.py",
        "from seedbed import logs\n\n\ndef main():\n    from seedbed.middle import base\n",
    )
    return folder


@pytest.mark.parametrize(
    ("edited", "counts"),
    [
        ("scripts/group/one.py", True),
        ("seedbed/middle.py", True),
        ("seedbed/base.py", True),
        ("seedbed/plain/one.py", True),
        ("seedbed/alone.py", False),
        ("seedbed/logs.py", False),
    ],
)
def test_a_scripts_digest_follows_all_that_it_runs(scripts, edited, counts):
    before = code.script_digest("group/one", "seedbed.plain.one")
    path = scripts.parent / edited
    text = path.read_text()
    write(path, text + "# a comment\n")
    assert code.script_digest("group/one", "seedbed.plain.one") == before
    write(path, with_a_constant(text))
    assert (code.script_digest("group/one", "seedbed.plain.one") != before) == counts


def test_a_script_that_is_not_there_is_named(scripts):
    with pytest.raises(ValueError, match=r"two\.py: there is no such script"):
        code.script_digest("two")
    with pytest.raises(ValueError, match=r"seedbed\.nothing is no module of seedbed"):
        code.script_digest("group/one", "seedbed.nothing")


def test_another_familys_module_does_not_count(real, tmp_path, monkeypatch):
    monkeypatch.setattr(code, "SCRIPTS", tmp_path / "scripts")
    write(tmp_path / "scripts" / "draw.py", "from seedbed.models import load\n")

    def found():
        return [code.script_digest("draw", f"seedbed.models.{f}") for f in ("sd", "sdxl")]

    before = found()
    path = real / "models" / "sdxl.py"
    text = path.read_text(encoding="utf-8")
    write(path, with_a_constant(text))
    after = found()
    write(path, text)
    assert before[0] == after[0] and before[1] != after[1]


# Weights


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """A model folder in a working directory of its own, with nothing remembered."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(content, "_hashes", {})
    folder = tmp_path / "models" / "own"
    (folder / "unet").mkdir(parents=True)
    (folder / "model_index.json").write_text("{}")
    (folder / "unet" / "weights.bin").write_bytes(b"weights")
    # The folders' files are older than a moment, as those of a run are.
    monkeypatch.setattr(content, "JUST_NOW_S", 0.0)
    return folder


def forget(monkeypatch):
    """As a new process would begin."""
    monkeypatch.setattr(content, "_hashes", {})


def count_hashes(monkeypatch):
    read = []
    sha256 = content.file_sha256
    monkeypatch.setattr(content, "file_sha256", lambda path: read.append(path) or sha256(path))
    return read


def retrain(folder):
    (folder / "unet" / "weights.bin").write_bytes(b"WEIGHTS")


def retrain_with_the_same_mtime(folder):
    path = folder / "unet" / "weights.bin"
    before = path.stat()
    path.write_bytes(b"WEIGHTS")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def rename(folder):
    (folder / "unet" / "weights.bin").rename(folder / "unet" / "other.bin")


def touch(folder):
    os.utime(folder / "unet" / "weights.bin", (1, 1))


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        (retrain, True),
        (retrain_with_the_same_mtime, True),
        (rename, True),
        (lambda folder: (folder / "unet" / "weights.bin").unlink(), True),
        (lambda folder: (folder / "config.json").write_text("{}"), True),
        (touch, False),
        (lambda folder: (folder / "README.md").write_text("edited"), False),
        (lambda folder: (folder / "unet" / "README").write_text("edited"), False),
        (lambda folder: (folder / "notes.md").write_text("edited"), False),
        (lambda folder: (folder / ".gitattributes").write_text("edited"), False),
        (lambda folder: (folder / "weights.bin.partial").write_text("half"), False),
        (lambda folder: (folder / "empty").mkdir(), False),
    ],
)
def test_weights_count_by_name_and_content(weights, change, counts):
    before = content.weights_digest("models/own")
    assert len(before) == 16 and int(before, 16) >= 0
    change(weights)
    after = content.weights_digest("models/own")
    assert (after != before) == counts


def test_where_a_folder_lies_and_how_it_is_named_does_not_matter(weights):
    one = content.weights_digest("models/own")
    assert content.weights_digest(f"{weights}/") == one
    assert content.weights_digest(weights) == one
    assert content.weights_digest("models/own", "a revision") == one
    weights.rename(weights.with_name("other"))
    assert content.weights_digest("models/other") == one


def test_links_are_followed_but_not_in_a_circle(weights, tmp_path):
    one = content.weights_digest("models/own")
    blob = tmp_path / "blob"
    (weights / "unet" / "weights.bin").rename(blob)
    (weights / "unet" / "weights.bin").symlink_to(blob)
    assert content.weights_digest("models/own") == one
    (weights / "unet" / "up").symlink_to(weights)
    assert content.weights_digest("models/own") == one
    blob.write_bytes(b"WEIGHTS")
    assert content.weights_digest("models/own") != one


def test_a_file_counts_by_its_content(weights):
    file = weights / "unet" / "weights.bin"
    expected = hashlib.sha256(b"weights").hexdigest()[:16]
    assert content.weights_digest("models/own/unet/weights.bin") == expected
    file.write_bytes(b"WEIGHTS")
    assert content.weights_digest(file) == hashlib.sha256(b"WEIGHTS").hexdigest()[:16]


def test_a_hub_model_counts_by_id_and_revision(weights, monkeypatch):
    read = count_hashes(monkeypatch)
    one = content.weights_digest("stabilityai/sd-turbo", "b261bac")
    assert one == content.weights_digest("stabilityai/sd-turbo", "b261bac")
    assert one != content.weights_digest("stabilityai/sd-turbo", "0000000")
    assert one != content.weights_digest("stabilityai/sdxl-turbo", "b261bac")
    assert len(one) == 16 and not read


def test_contents_are_read_once(weights, monkeypatch):
    read = count_hashes(monkeypatch)
    one = content.weights_digest("models/own")
    assert len(read) == 2
    assert content.weights_digest("models/own") == one
    assert len(read) == 2
    forget(monkeypatch)
    assert content.weights_digest("models/own") == one
    assert len(read) == 2
    touch(weights)
    forget(monkeypatch)
    assert content.weights_digest("models/own") == one
    assert [Path(path).name for path in read[2:]] == ["weights.bin"]
    stored = json.loads(Path(".snakemake/seedbed/weights.json").read_text())
    assert {Path(path).name for path in stored} == {"model_index.json", "weights.bin"}
    assert [p.name for p in Path(".snakemake/seedbed").iterdir()] == ["weights.json"]


def test_what_is_gone_is_forgotten_and_the_rest_is_kept(weights):
    content.weights_digest("models/own")
    (weights / "model_index.json").unlink()
    (weights / "new.bin").write_text("new")
    content.weights_digest("models/own")
    stored = json.loads(content.WEIGHTS_CACHE.read_text())
    assert {Path(path).name for path in stored} == {"new.bin", "weights.bin"}


def test_what_has_just_changed_is_not_remembered(weights, monkeypatch):
    """A second edit within a tick of the clock leaves size and times as they are."""
    monkeypatch.setattr(content, "JUST_NOW_S", 3600.0)
    read = count_hashes(monkeypatch)
    content.weights_digest("models/own")
    content.weights_digest("models/own")
    assert len(read) == 4
    assert not content.WEIGHTS_CACHE.exists()


@pytest.mark.parametrize(
    "stored",
    ["", "{", "[]", "3", '{"a": 1}', '{"a": [1, 2, 3, 4]}', '{"a": [null, 1, 1, "00"]}', "\x00"],
)
def test_a_broken_cache_is_passed_over_and_replaced(weights, monkeypatch, stored):
    one = content.weights_digest("models/own")
    content.WEIGHTS_CACHE.write_text(stored)
    forget(monkeypatch)
    assert content.weights_digest("models/own") == one
    assert len(json.loads(content.WEIGHTS_CACHE.read_text())) == 2


def test_a_cache_that_cannot_be_written_is_done_without(weights):
    Path(".snakemake").write_text("a file where the folder should be")
    one = content.weights_digest("models/own")
    assert content.weights_digest("models/own") == one


def test_weights_that_differ_from_their_sums_are_named(weights):
    sums = weights.parent / "SHA256SUMS"
    sha = hashlib.sha256(b"weights").hexdigest()
    sums.write_text(f"{sha}  own/unet/weights.bin\n{'0' * 64}  other/unet/weights.bin\n")
    one = content.weights_digest("models/own")
    retrain(weights)
    with pytest.raises(ValueError) as caught:
        content.weights_digest("models/own")
    message = str(caught.value)
    assert message.startswith("models/own/unet/weights.bin: differs from models/SHA256SUMS")
    assert "git checkout -- models/own/unet/weights.bin" in message
    assert "train_storybook" in message and "\n" not in message
    (weights / "unet" / "weights.bin").write_bytes(b"weights")
    assert content.weights_digest("models/own") == one


@pytest.mark.parametrize(("folder", "name"), [("models", "own/one.pt"), ("models/own", "one.pt")])
def test_a_single_file_is_held_against_the_sums_too(weights, folder, name):
    Path("models/own/one.pt").write_text("detector")
    Path(folder, "SHA256SUMS").write_text(f"{'0' * 64} *{name}\n")
    with pytest.raises(ValueError, match=r"own/one\.pt: differs from .*SHA256SUMS"):
        content.weights_digest("models/own/one.pt")


# The record


def test_the_record_of_a_result(monkeypatch):
    digests = {"code": "c0de", "weights": {"b": "2", "a": "1"}}
    record = made.made_by(digests, "a processor")
    assert json.loads(json.dumps(record)) == record
    assert set(record) == {"seedbed", "code", "weights", "lock", "python", "torch", "device"}
    assert record["seedbed"] == seedbed.version()
    assert (record["code"], list(record["weights"])) == ("c0de", ["a", "b"])
    assert (len(record["lock"]), record["device"]) == (16, "a processor")
    assert record["python"].count(".") == 2
    assert made.made_by(digests, "a processor") == record
    assert str(ROOT) not in json.dumps(record)


def test_the_record_bears_with_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.setattr(made, "LOCK", tmp_path / "requirements.lock")
    monkeypatch.setattr(made, "_installed", lambda name: None)
    record = made.made_by({}, "a processor")
    assert record["lock"] is record["torch"] is record["code"] is None
    assert record["weights"] == {}
    assert made.made_by({"code": "c0de", "data": "d"}, "a processor")["data"] == "d"


@pytest.mark.parametrize("available", [True, False])
def test_the_device_is_the_gpu_where_torch_uses_one(monkeypatch, available):
    cuda = types.SimpleNamespace(
        is_available=lambda: available, get_device_name=lambda index: f"GPU {index}"
    )
    monkeypatch.setitem(sys.modules, "torch", types.SimpleNamespace(cuda=cuda))
    assert (made.device_name() == "GPU 0") == available
    assert made.device_name()


def test_the_version_is_that_of_the_project():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert seedbed.version() == seedbed.__version__ == project["version"]
    with pytest.raises(AttributeError, match="nothing"):
        _ = seedbed.nothing


def test_importing_seedbed_costs_nothing():
    code = "import sys; old = set(sys.modules); import seedbed; print(*(set(sys.modules) - old))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["seedbed"]


def test_importing_provenance_loads_no_torch():
    code = "import sys; import seedbed.provenance; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


class TestKeptDigests:
    ASKED = (
        "from seedbed.provenance import code; print(code.script_digest('good_seed/score_seeds'))"
    )

    def asked(self, folder, before=""):
        """Of a new process in a working directory."""
        command = [sys.executable, "-c", before + self.ASKED]
        found = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            check=True,
            capture_output=True,
            text=True,
        )
        return found.stdout.strip()

    def test_a_second_start_parses_nothing_and_finds_the_same(self, tmp_path):
        first = self.asked(tmp_path)
        assert (tmp_path / kept.CODE_CACHE).exists()
        assert self.asked(tmp_path, "import ast; ast.parse = None\n") == first
        assert not list(tmp_path.rglob("*.partial"))

    @pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"%s": [1, 2]}', "\xe4"])
    def test_a_broken_file_is_passed_over(self, tmp_path, content):
        first = self.asked(tmp_path)
        path = tmp_path / kept.CODE_CACHE
        keys = json.loads(path.read_text())
        path.write_text(content % next(iter(keys)) if "%" in content else content)
        assert self.asked(tmp_path) == first
        assert json.loads(path.read_text()).keys() == keys.keys()

    def test_a_folder_that_cannot_be_written_costs_time_alone(self, tmp_path):
        (tmp_path / ".snakemake").write_text("in the way")
        assert self.asked(tmp_path) == self.asked(ROOT)

    def test_the_oldest_entries_go(self, tmp_path, monkeypatch):
        monkeypatch.setattr(kept, "MOST", 3)
        for names in ("ab", "cd"):
            some = kept.Kept(tmp_path / "kept.json")
            for name in names:
                assert some.get(name) is None
                some.put(name, [name])
            some.save()
        assert list(json.loads((tmp_path / "kept.json").read_text())) == ["b", "c", "d"]
