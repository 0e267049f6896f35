"""A run as an RO-Crate: its results, what made them, in the metadata that archives read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

TYPES = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".tex": "text/x-tex",
    ".txt": "text/plain",
}


def crate_of(files: Sequence[str], folder: Path, cited: Mapping[str, str], citation: Path) -> dict:
    """The metadata, RO-Crate 1.1, with no time of its own: equal results have equal crates.

    Args:
        files: results, below ``folder``, which is the crate.
        folder: of the run.
        cited: of ``provenance.citation``.
        citation: the software's ``CITATION.cff``.

    Returns:
        JSON-LD.
    """
    from rocrate.model import ContextEntity, SoftwareApplication
    from rocrate.rocrate import ROCrate

    software = yaml.safe_load(citation.read_text(encoding="utf-8"))
    crate = ROCrate(version="1.1")
    crate.name = f"Seedbed, run {cited['run']}"
    crate.description = (
        "Tables and figures of two papers about the random seed of diffusion models, regenerated: "
        + ", ".join(f"{key} {value}" for key, value in cited.items())
    )
    crate.root_dataset["datePublished"] = str(software["date-released"])
    crate.license = f"https://spdx.org/licenses/{software['license']}"
    made = [
        crate.add_file(path, Path(path).relative_to(folder).as_posix(), properties=_about(path))
        for path in files
    ]
    device = ContextEntity(crate, "#device", properties={"@type": "Thing", "name": cited["device"]})
    seedbed = SoftwareApplication(
        crate,
        "#seedbed",
        properties={
            "name": software["title"],
            "softwareVersion": f"{software['version']}, commit {cited['commit']}",
            "license": crate.license,
        },
    )
    crate.add(device, seedbed)
    action = crate.add_action(
        seedbed,
        identifier="#run",
        object=[file for file in made if file.id == "config.json"],
        result=made,
        properties={"name": f"run {cited['run']}", "description": f"config {cited['config']}"},
    )
    action["location"] = device
    crate.root_dataset["mentions"] = action
    return crate.metadata.generate()


def _about(path: str) -> dict:
    content = Path(path).read_bytes()
    return {
        "name": Path(path).name,
        "encodingFormat": TYPES.get(Path(path).suffix, "application/octet-stream"),
        "contentSize": str(len(content)),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
