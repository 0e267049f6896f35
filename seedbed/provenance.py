"""Which code a result depends on: a digest over a script and all it imports from here.

Snakemake does not see edits to imported modules. The digest goes into a rule's
``params``, so that an edit reruns the rules that use the module and no others.
"""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
NAME = PACKAGE.name
SCRIPTS = PACKAGE.parent / "scripts"
WITHOUT_EFFECT = frozenset({f"{NAME}.logs"})
"""Modules that scripts import and that cannot change a result."""


def _file_of(module: str) -> Path | None:
    base = PACKAGE.parent.joinpath(*module.split("."))
    if base.with_suffix(".py").is_file():
        return base.with_suffix(".py")
    if (base / "__init__.py").is_file():
        return base / "__init__.py"
    return None


@cache
def _direct_imports(path: Path) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            raise ValueError(f"{path}: line {node.lineno}: import modules of {NAME} by full name")
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    ours = {n for n in names if n == NAME or n.startswith(NAME + ".")}
    return frozenset(n for n in ours if _file_of(n) is not None)


def modules_behind(*modules: str) -> list[str]:
    """The given modules and all modules of the package that they import, directly or not.

    Raises:
        ValueError: a name is no module of the package, or a module imports relatively.
    """
    seen: set[str] = set()
    todo = list(modules)
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        path = _file_of(name)
        if path is None:
            raise ValueError(f"{name} is no module of {NAME}")
        seen.add(name)
        todo.extend(_direct_imports(path))
    return sorted(seen)


@cache
def code_digest(*modules: str) -> str:
    """16 hex digits over the source of the modules and all they import from the package."""
    digest = hashlib.sha256()
    for name in modules_behind(*modules):
        digest.update(name.encode() + b"\0" + _file_of(name).read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@cache
def script_digest(name: str) -> str:
    """16 hex digits over ``scripts/{name}.py`` and all that it imports from the package.

    Raises:
        ValueError: there is no such script.
    """
    path = SCRIPTS / f"{name}.py"
    if not path.is_file():
        raise ValueError(f"{path}: there is no such script")
    modules = sorted(_direct_imports(path) - WITHOUT_EFFECT)
    digest = hashlib.sha256(path.read_bytes() + code_digest(*modules).encode())
    return digest.hexdigest()[:16]


def weights_digest(source: str) -> str:
    """Digest of a shipped model folder, from the ``SHA256SUMS`` beside it; '' elsewhere.

    A hub model is pinned by its revision instead; a folder of the user's own is taken as it
    is. A test holds the sums equal to the files.
    """
    folder = Path(source)
    sums = folder.parent / "SHA256SUMS"
    if not sums.is_file():
        return ""
    lines = [
        line
        for line in sums.read_text(encoding="utf-8").splitlines()
        if line.partition("  ")[2].startswith(folder.name + "/")
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
