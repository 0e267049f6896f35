"""Kinds of what a config can name (prompts, layouts, references, pairs), and who makes each.

A kind is a module that is loaded by name, so that a prompt set depends on the code of its own
source alone, and the Storybook world is one source among others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from importlib import import_module

from seedbed.download import place_of

_WORLD = "seedbed.storybook"
MAKERS: dict[str, dict[str, str]] = {
    "prompts": {
        "lines": "seedbed.prompts.lines",
        "llava": "seedbed.prompts.llava",
        "parti": "seedbed.prompts.parti",
        "synthetic": "seedbed.prompts.synthetic",
        "storybook_dense": f"{_WORLD}.prompts",
        "storybook_short": f"{_WORLD}.prompts",
        "storybook_synthetic": f"{_WORLD}.prompts",
    },
    "layouts": {
        "coco": "seedbed.layouts.coco_files",
        "storybook": f"{_WORLD}.layouts",
    },
    "pairs": {
        "folder": "seedbed.masked_photos",
        "open_images": "seedbed.open_images",
        "storybook": f"{_WORLD}.inpaint_pairs",
    },
    "references": {
        "coco": "seedbed.coco_photos",
        "folder": "seedbed.photos",
        "storybook": f"{_WORLD}.reference",
    },
}
"""Section of the config, kind, module with ``from_entry(entry, name)``."""


def kinds(section: str) -> list[str]:
    """The kinds that entries of a section may have."""
    return list(MAKERS[section])


def module_of(section: str, kind: str) -> str:
    """Dotted name of the module behind a kind.

    Raises:
        ValueError: there is no such kind.
    """
    if kind not in MAKERS[section]:
        known = ", ".join(MAKERS[section])
        raise ValueError(f"{section}: kind {kind!r} is unknown: use one of {known}")
    return MAKERS[section][kind]


def make(section: str, entry: Mapping, name: str):
    """The table (prompts, layouts, pairs) or the pictures (references) of a config entry.

    Args:
        section: a key of ``MAKERS``.
        entry: its entry in the config.
        name: its name there, for messages.

    Raises:
        ValueError: one line that names the entry, then the file and what is wrong with it.
    """
    module = import_module(module_of(section, entry["kind"]))
    key = f"{section}.{name}"
    try:
        made = module.from_entry(entry, name)
    except ValueError as error:
        raise _named(key, error) from error
    return _watched(made, key) if isinstance(made, Iterator) else made


def _watched(made: Iterator, key: str) -> Iterator:
    try:
        yield from made
    except ValueError as error:
        raise _named(key, error) from error


def _named(key: str, error: ValueError) -> ValueError:
    """The same fault in a line that begins with the entry."""
    line = " ".join(str(error).split())
    return ValueError(line if line.startswith(key) else f"{key}: {line}")


_FILES = {
    "lines": ("path",),
    "synthetic": ("objects", "modifiers"),
    "coco": ("instances", "captions"),
    "folder": ("path",),
}
SINGLE = "photos"
"""A file of an entry that is not one download: photos one by one, which a rule of its own packs."""


@dataclass(frozen=True)
class Outside:
    """A file of a config entry that comes from outside unless a local one is named.

    Attributes:
        key: dotted, below the entry, of the table that has ``url`` and ``local``; '' for the entry.
        url: where it is.
        sha256: its digest, ``None`` where none is known.
        local: a file on disk to take instead.
    """

    key: str
    url: str
    sha256: str | None
    local: str | None


def outside_files(entry: Mapping) -> list[Outside]:
    """Every file of an entry that can come from outside: tables in it with ``url`` and ``local``.

    Of ``archives``, that of the entry's ``part`` alone; of COCO's annotations, nothing where local
    ones are named.
    """
    if entry.get("instances") is not None:
        return []
    found = [("", entry)] if "url" in entry else []
    for key, value in entry.items():
        if key == "archives":
            found.append((f"{key}.{entry['part']}", value[entry["part"]]))
        elif isinstance(value, Mapping) and "url" in value:
            found.append((key, value))
    return [Outside(key, each["url"], each.get("sha256"), each["local"]) for key, each in found]


def downloads(entry: Mapping, folder: str) -> dict[str, Outside]:
    """What has to be downloaded for an entry, by where it goes below the folder of downloads."""
    return {
        place_of(file.url, folder): file
        for file in outside_files(entry)
        if file.local is None and file.key != SINGLE
    }


def located(entry: Mapping, folder: str, photos: str | None = None) -> dict:
    """A copy of an entry in which every file from outside is a local one.

    Args:
        entry: of the config.
        folder: of downloads.
        photos: where photos that come one by one are packed.
    """
    copy = deepcopy(dict(entry))
    for file in outside_files(entry):
        if file.local is None:
            place = copy
            for part in filter(None, file.key.split(".")):
                place = place[part]
            place["local"] = photos if file.key == SINGLE else place_of(file.url, folder)
    return copy


def files(entry: Mapping) -> list[str]:
    """The local files that a config entry names: when one changes, its table is made anew."""
    named = [entry[key] for key in _FILES.get(entry["kind"], ()) if entry.get(key) is not None]
    return named + [file.local for file in outside_files(entry) if file.local is not None]
