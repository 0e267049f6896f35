"""Evaluators by kind: a kind is a module in the folder of its role, with ``load(entry, name)``.

The folders are the registry: nothing else lists the kinds. Modules are loaded by name, so that
a measurement depends on the code of its own evaluator alone.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path

from seedbed.models.registry import about

WIDTH = 2048
"""Numbers of a feature vector where an extractor's module states no ``WIDTH``: Inception's pool3,
the widest in use. Only estimates of memory ask for it."""
ROLES = ("extractors", "scorers", "detectors", "segmenters", "depths")
"""Sections of the config and folders of this package; see the protocols in ``base``."""


class EvaluatorError(ValueError):
    """An evaluator cannot be loaded or is not what its config entry says."""


@cache
def stated(role: str, kind: str) -> dict:
    """What the module of a kind states as plain constants, by name; torch is not imported."""
    path, found = Path(__file__).parent / role / f"{kind}.py", {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            with suppress(ValueError):
                found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


def width_of(kind: str) -> int:
    """Numbers of an extractor's feature vector, as its module states it."""
    return stated("extractors", kind).get("WIDTH", WIDTH)


def kinds(role: str) -> list[str]:
    """The kinds of evaluators of a role.

    Raises:
        ValueError: the role is unknown.
    """
    if role not in ROLES:
        raise ValueError(f"evaluators of role {role!r} are unknown; use one of {', '.join(ROLES)}")
    folder = Path(__file__).parent / role
    return sorted(p.stem for p in folder.glob("*.py") if p.stem != "__init__")


def module_of(role: str, kind: str) -> str:
    """Dotted name of the module of a kind.

    Raises:
        ValueError: there is no such role or kind.
    """
    if kind not in kinds(role):
        known = ", ".join(kinds(role))
        raise ValueError(f"{role}: kind {kind!r} is unknown; use one of {known}")
    return f"seedbed.evaluators.{role}.{kind}"


def load(role: str, entry: Mapping, name: str):
    """The evaluator of a config entry.

    Args:
        role: a name of ``ROLES``.
        entry: its entry in the config: ``kind``, ``source`` and what the kind needs.
        name: its name there.

    Raises:
        EvaluatorError: in one line that names entry and file: an unknown kind, nothing loadable at
            its source, or weights that are not finite.
    """
    from seedbed.models.weights import check_finite

    key, source = f"{role}.{name}", str(entry["source"])
    try:
        module = import_module(module_of(role, entry["kind"]))
        found = module.load(entry, name)
        check_finite(_networks(found), source)
    except Exception as error:  # libraries raise whatever a file's bytes lead them to
        said = about(source, error, f"kind {entry['kind']!r}")
        raise EvaluatorError(f"{key}.source: {said}") from error
    return found


def _networks(evaluator) -> dict:
    """Whatever of an evaluator has weights, by its attribute's name."""
    return {k: v for k, v in vars(evaluator).items() if callable(getattr(v, "state_dict", None))}
