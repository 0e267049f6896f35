"""Evaluators by kind: a kind is a module in the folder of its role, with ``load(entry, name)``.

The folders are the registry: nothing else lists the kinds. Modules are loaded by name, so that
a measurement depends on the code of its own evaluator alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

ROLES = ("extractors", "scorers", "detectors")
"""Sections of the config and folders of this package; see the protocols in ``base``."""


def kinds(role: str) -> list[str]:
    """The kinds of evaluators of a role.

    Raises:
        ValueError: the role is unknown.
    """
    if role not in ROLES:
        raise ValueError(f"evaluators of role {role!r} are unknown: use one of {', '.join(ROLES)}")
    folder = Path(__file__).parent / role
    return sorted(p.stem for p in folder.glob("*.py") if p.stem != "__init__")


def module_of(role: str, kind: str) -> str:
    """Dotted name of the module of a kind.

    Raises:
        ValueError: there is no such role or kind.
    """
    if kind not in kinds(role):
        known = ", ".join(kinds(role))
        raise ValueError(f"{role}: kind {kind!r} is unknown: use one of {known}")
    return f"seedbed.evaluators.{role}.{kind}"


def load(role: str, entry: Mapping, name: str):
    """The evaluator of a config entry.

    Args:
        role: a name of ``ROLES``.
        entry: its entry in the config: ``kind``, ``source`` and what the kind needs.
        name: its name there.

    Raises:
        ValueError: an unknown kind, or nothing loadable at its source.
    """
    return import_module(module_of(role, entry["kind"])).load(entry, name)
