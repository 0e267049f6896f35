"""Checks of what a config says about models' files: keys that go together, checksums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path


def faults(config: Mapping) -> list[str]:
    """One line for each key of a model that does not go with another, or with its file.

    Files are read for their checksum once in each of their states, and of models that the run
    uses alone.
    """
    # What tells files apart decides no result, so no digest follows it.
    from seedbed.provenance import check_sha256

    lines = []
    for name, entry in config["models"].items():
        lines += [f"models.{name}.{line}" for line in _of_entry(entry)]
    for name in dict.fromkeys(used_models(config)):
        stated = config["models"].get(name, {}).get("sha256")
        if stated is not None:
            try:
                check_sha256(config["models"][name]["source"], stated)
            except (OSError, ValueError) as fault:
                lines.append(f"models.{name}.sha256: {fault}")
    return lines


def used_models(config: Mapping) -> list[str]:
    """Names of the models that the run draws with; they need not be defined."""
    study, lottery = config["good_seed"], config["lottery_ticket"]
    filler = study["inpainting"]["model"]
    fillers = [filler] if study["models"] and filler is not None else []
    return [*study["models"], *lottery["models"], *fillers]


def _of_entry(entry: Mapping) -> Iterator[str]:
    weights, precision = entry["weights"], entry["precision"]
    if precision != "float32" and weights != "float32":
        yield (
            f"precision: {precision} is autocast of float32 weights, and weights are {weights}; "
            "leave one of the two out"
        )
    path = Path(entry["source"])
    if path.is_dir() and entry["architecture"] is not None:
        yield "architecture: the source is a folder, which has its own configs; leave it out"
    if path.is_file() and entry["variant"] is not None:
        yield "variant: the source is a single file, which has no variants; leave it out"
