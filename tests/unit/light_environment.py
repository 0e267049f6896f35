"""Environments with the library's wheel and only what it needs, made without any network.

A package is not installed again but linked from the environment that the tests run in, with all
that it asks for. Nothing else is visible: what the library imports beyond that fails.
"""

import shutil
import subprocess
import sys
import venv
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", "seedbed")


def wheel(folder: Path) -> Path:
    """Builds the wheel from a copy of what it is made of, as `pip install .` would."""
    source = folder / "source"
    source.mkdir()
    for name in BUILT_FROM:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, source / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, source)
    _uv("build", "--wheel", "--offline", "--no-build-isolation", "-o", folder, source)
    (found,) = folder.glob("*.whl")
    return found


def environment(folder: Path, wheel: Path, *packages: str) -> Path:
    """Makes an environment of the wheel, the named packages and their needs; returns its Python."""
    venv.create(folder, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    for distribution in _with_needs(packages):
        home = Path(distribution.locate_file(""))
        for top in {file.parts[0] for file in distribution.files} - {"..", "__pycache__"}:
            if not (site / top).exists():
                (site / top).symlink_to(home / top)
    python = folder / "bin" / "python"
    _uv("pip", "install", "--offline", "--no-deps", "--no-index", "--python", python, wheel)
    return python


def run(python: Path, code: str, folder: Path) -> str:
    """Runs code with an environment's Python and returns what it prints; the checkout is hidden."""
    done = subprocess.run(
        [python, "-P", "-c", code],
        cwd=folder,
        env={"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "2", "PATH": ""},
        text=True,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _uv(*arguments) -> None:
    command = [sys.executable, "-m", "uv", "--quiet", *map(str, arguments)]
    done = subprocess.run(command, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr


def _with_needs(names) -> list[metadata.Distribution]:
    """Distributions by name, and all that they require on this machine."""
    waiting = [(canonicalize_name(name), frozenset()) for name in names]
    seen, found = set(), {}
    while waiting:
        name, extras = pair = waiting.pop()
        if pair in seen:
            continue
        seen.add(pair)
        found[name] = metadata.distribution(name)
        for line in found[name].requires or []:
            need = Requirement(line)
            applies = need.marker is None or any(
                need.marker.evaluate({"extra": extra}) for extra in ("", *extras)
            )
            if applies:
                waiting.append((canonicalize_name(need.name), frozenset(need.extras)))
    return list(found.values())
