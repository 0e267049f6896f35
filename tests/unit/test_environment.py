"""The files about the environment agree: dependencies, locks, conda, licence, citation."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "uv.lock.txt")
PIN = re.compile(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.+!_-]+)(?: ; (.+))? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")
CONDA_PYTHON = "3.11"
CONDA_NAMES = {
    "matplotlib": "matplotlib-base",
    "torch": "pytorch",
    "ultralytics-opencv-headless": "ultralytics",
}


def read_lock(name: str) -> list[tuple[str, str, str | None, int]]:
    """List (package, version, marker, number of hashes); any other kind of line is an error."""
    entries = []
    for number, line in enumerate((ROOT / "envs" / name).read_text().splitlines(), start=1):
        if pin := PIN.fullmatch(line):
            entries.append([canonicalize_name(pin[1]), pin[2], pin[3], 0])
        elif HASH.fullmatch(line) and entries:
            entries[-1][3] += 1
        else:
            raise ValueError(f"envs/{name}:{number} is neither a pin nor a hash: {line!r}")
    return [tuple(entry) for entry in entries]


def versions(package: str, python: str | None = None) -> list[str]:
    """Return a package's locked versions: all of them, or those for one Python on Linux."""
    where = {"python_full_version": f"{python}.0", "sys_platform": "linux"}
    return [
        version
        for name, version, marker, _ in read_lock("requirements.lock")
        if name == package
        and (python is None or marker is None or Marker(marker).evaluate(environment=where))
    ]


def direct_dependencies(*groups: str) -> list[Requirement]:
    """Return what pyproject.toml asks for: library, workflow and the groups."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lines = list(declared["project"]["dependencies"])
    lines += declared["project"]["optional-dependencies"]["workflow"]
    for group in groups:
        lines += declared["dependency-groups"][group]
    return [Requirement(line) for line in lines]


def conda_pins() -> dict[str, str]:
    """Map each package of the conda definition, those from pip included, to its version."""
    pins = {}
    for entry in yaml.safe_load((ROOT / "envs" / "seedbed.yaml").read_text())["dependencies"]:
        for line in entry["pip"] if isinstance(entry, dict) else [entry]:
            name, _, version = line.replace("==", "=").partition("=")
            pins[name] = version
    return pins


@pytest.mark.parametrize("name", LOCKS)
def test_lock_holds_only_pins_and_each_has_a_hash(name):
    without = [package for package, *_, hashes in read_lock(name) if hashes == 0]
    assert not without


@pytest.mark.parametrize("name", LOCKS)
def test_lock_names_no_address(name):
    text = (ROOT / "envs" / name).read_text()
    for word in ("://", "http:", "https:", "--index", "--extra-index", "find-links", "@"):
        assert word not in text


def test_torch_and_torchvision_are_the_pair_that_was_released_together():
    assert versions("torch") == ["2.15.0"]
    assert versions("torchvision") == ["0.29.2"]


def test_opencv_needs_no_display_libraries():
    assert versions("opencv-python-headless")
    assert not versions("opencv-python")


def test_the_library_asks_for_three_packages():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {Requirement(line).name for line in project["dependencies"]}
    assert names == {"numpy", "safetensors", "torch"}
    assert set(project["optional-dependencies"]) == {"workflow"}


@pytest.mark.parametrize("requirement", direct_dependencies("dev"), ids=lambda r: r.name)
def test_lock_satisfies_every_direct_dependency(requirement):
    locked = versions(canonicalize_name(requirement.name))
    assert locked
    assert all(requirement.specifier.contains(version) for version in locked)


def test_conda_definition_has_the_pins_of_the_lock():
    expected = {"python": CONDA_PYTHON, "pip": ""}
    for requirement in direct_dependencies():
        (version,) = versions(canonicalize_name(requirement.name), python=CONDA_PYTHON)
        expected[CONDA_NAMES.get(requirement.name, requirement.name)] = version
    assert conda_pins() == expected


def test_citation_names_both_papers():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"]
    found = {
        reference["doi"]: [author["family-names"] for author in reference["authors"]]
        for reference in citation["references"]
    }
    assert found == {
        "10.48550/arXiv.2405.14828": ["Xu", "Zhang", "Shi"],
        "10.48550/arXiv.2312.08872": ["Mao", "Wang", "Aizawa"],
    }


def test_licence_is_mit_and_says_what_ultralytics_asks():
    text = (ROOT / "LICENSE").read_text()
    assert text.startswith("MIT License")
    assert "AGPL-3.0" in text and "ultralytics" in text
