"""Checks of what a config says lies elsewhere: files, models, columns of the papers' tables.

Only what a run uses is looked for, so that entries for another machine may stand beside it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from seedbed import outside
from seedbed.config.checkpoints import used_models
from seedbed.config.messages import shown, suggest
from seedbed.config.used import used_evaluators, used_prompts

PAPER = Path(__file__).resolve().parents[2] / "resources" / "paper"
_WEIGHTS = (".pt", ".pth", ".ckpt", ".bin", ".safetensors")
_TABLES = ("good_seed_table1.csv", "good_seed_evidence.csv")


def faults(config: Mapping) -> list[str]:
    """One line for each column, file or source that is not there."""
    return [
        *_column_faults(config),
        *_metric_faults(config),
        *dict.fromkeys(_source_faults(config)),
    ]


@cache
def _columns(heading: str) -> tuple[str, ...]:
    """What stands under a heading of the papers' tables."""
    found = {}
    for name in _TABLES:
        with (PAPER / name).open(encoding="utf-8", newline="") as file:
            found |= {row[heading]: None for row in csv.DictReader(file) if row.get(heading)}
    return tuple(found)


def _column_faults(config: Mapping) -> Iterator[str]:
    for table, heading in (("models", "model"), ("extractors", "metric"), ("scorers", "metric")):
        for name, entry in config[table].items():
            column = (entry["paper"] or {}).get("column")
            if column is not None and column not in _columns(heading):
                key = f"{table}.{name}.paper.column"
                yield f"{key}: {column!r} is in no table of the papers{_or(column, heading)}"


def _or(column: str, heading: str) -> str:
    return suggest(column, _columns(heading)) + "; leave paper out where it stands beside nothing"


def _metric_faults(config: Mapping) -> Iterator[str]:
    study, seen = config["good_seed"], {}
    for table in ("extractors", "scorers"):
        for name in study[table]:
            if name in config[table]:
                key, metric = f"{table}.{name}.metric", config[table][name]["metric"]
                first = seen.setdefault(metric, key)
                if first != key:
                    yield f"{key}: {metric!r} as {first}; their columns would meet, rename one"


def _source_faults(config: Mapping) -> Iterator[str]:
    for key, path in _files(config):
        try:
            next(outside.chunks(path), b"")
        except outside.OutsideError as fault:
            yield f"{key}: {shown(path)}: {fault}; name a file that can be read"
    from seedbed.models.registry import ModelError, check_source

    for name in used_models(config):
        if name in config["models"]:
            try:
                check_source(config["models"][name]["source"])
            except ModelError as fault:
                yield f"models.{name}.source: {fault}"
    for table, name in used_evaluators(config):
        if name in config[table]:
            yield from _absent(f"{table}.{name}.source", config[table][name]["source"])
    yield from _input_faults(config)
    study = config["good_seed"]
    reference = config["references"].get(study["reference"])
    if study["models"] and reference and reference["kind"] == "folder":
        if not Path(reference["path"]).is_dir():
            key = f"references.{study['reference']}.path"
            yield f"{key}: {shown(reference['path'])} is no folder; name one of pictures"
    pairs = config["pairs"].get(study["inpainting"]["pairs"])
    filled = study["models"] and study["inpainting"]["model"] is not None
    if filled and pairs and pairs["kind"] == "folder":
        if not Path(pairs["path"]).is_dir():
            key = f"pairs.{study['inpainting']['pairs']}.path"
            yield f"{key}: {shown(pairs['path'])} is no folder; name one of pictures and masks"


def _absent(key: str, source: str) -> Iterator[str]:
    """A line where a source is not on disk and cannot come from elsewhere."""
    from seedbed.evaluators.weight_files import may_come

    path = Path(source)
    # A file of weights in a folder that is not here reads as a hub id does: owner/name.
    mistyped = len(path.parts) == 2 and path.suffix in _WEIGHTS
    if not path.exists() and (mistyped or not may_come(source)):
        yield f"{key}: {shown(source)}: no such file or folder; correct it"


def _inputs(config: Mapping) -> Iterator[tuple[str, Mapping]]:
    """Key and entry of every set of prompts, layouts, pairs or pictures that the run uses."""
    study, lottery = config["good_seed"], config["lottery_ticket"]
    named = [("prompts", name) for name in used_prompts(config)]
    if study["models"]:
        named.append(("references", study["reference"]))
    if study["models"] and study["inpainting"]["model"] is not None:
        named.append(("pairs", study["inpainting"]["pairs"]))
    if lottery["models"]:
        named += [("layouts", lottery["layouts"]), ("layouts", lottery["tuning"].get("layouts"))]
    for section, name in dict.fromkeys(named):
        if name in config[section]:
            yield f"{section}.{name}", config[section][name]


def _input_faults(config: Mapping) -> Iterator[str]:
    """Local copies of files from outside that are not there, and models that describe photos."""
    from seedbed.inputs import outside_files

    for name, entry in _inputs(config):
        for file in outside_files(entry):
            # What an archive was unpacked to will do for it.
            if file.local is None or (file.key and Path(file.local).is_dir()):
                continue
            key = ".".join(filter(None, (name, file.key, "local")))
            try:
                next(outside.chunks(file.local), b"")
            except outside.OutsideError as fault:
                yield f"{key}: {shown(file.local)}: {fault}; name a file that can be read"
        if entry["kind"] == "llava":
            yield from _absent(f"{name}.source", entry["source"])


def _files(config: Mapping) -> Iterator[tuple[str, str]]:
    """Key and path of every local file that the run reads."""
    lottery = config["lottery_ticket"]
    yield "training", config["training"]
    if lottery["models"]:
        yield "lottery_ticket.scenes", lottery["scenes"]
    for name in used_prompts(config):
        entry = config["prompts"].get(name, {})
        for key in ("path", "objects", "modifiers"):
            if entry.get(key) is not None:
                yield f"prompts.{name}.{key}", entry[key]
    for name in (lottery["layouts"], lottery["tuning"].get("layouts")) if lottery["models"] else ():
        entry = config["layouts"].get(name, {})
        for key in ("instances", "captions"):
            if entry.get(key) is not None:
                yield f"layouts.{name}.{key}", entry[key]
