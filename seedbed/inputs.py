"""Kinds of what a config can name (prompts, layouts, references, pairs), and who makes each.

A kind is a module that is loaded by name, so that a prompt set depends on the code of its own
source alone, and the Storybook world is one source among others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

_WORLD = "seedbed.storybook"
MAKERS: dict[str, dict[str, str]] = {
    "prompts": {
        "lines": "seedbed.prompts.lines",
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
        "storybook": f"{_WORLD}.inpaint_pairs",
    },
    "references": {
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
    "parti": ("local",),
    "synthetic": ("objects", "modifiers"),
    "coco": ("instances", "captions"),
    "folder": ("path",),
}


def files(entry: Mapping) -> list[str]:
    """The local files that a config entry names: when one changes, its table is made anew."""
    return [entry[key] for key in _FILES.get(entry["kind"], ()) if entry[key] is not None]
