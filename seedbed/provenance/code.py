"""What code a result depends on: a digest over the syntax trees of all modules that a job runs.

Snakemake does not see edits to imported modules. The digests go into a rule's ``params``, so that
what a result depends on reruns it and nothing else does: code is compared by its syntax tree, since
no comment is worth hours on a GPU.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from seedbed.provenance.kept import CODE_CACHE, Kept

PACKAGE = Path(__file__).resolve().parents[1]
NAME = PACKAGE.name
SCRIPTS = PACKAGE.parent / "scripts"
WITHOUT_EFFECT = frozenset(
    {
        NAME,
        *(
            f"{NAME}.{module}"
            for module in "logs progress job partials provenance seals stamps".split()
        ),
    }
)
"""Modules that cannot change a result: neither hashed nor followed. ``seedbed`` itself holds the
version alone, which a result records but does not depend on."""

LOG_NAMES = frozenset({"log", "logger", "logging"})
LOG_METHODS = frozenset(
    "debug info warning error exception critical log setLevel basicConfig captureWarnings".split()
)
HARMLESS_CALLS = frozenset(
    # Functions
    "Path abs all any bool dict enumerate float int isinstance len list map max min range repr "
    "round set sorted str sum tuple type zip "
    # Methods
    "as_posix count format get isEnabledFor item items join keys mean median monotonic numel "
    "perf_counter size stat std time tolist total values".split()
)
"""Calls that a log line may make and still be taken as without effect. Any other might draw a
number or use up an iterator, so a line that makes it counts as code."""
READS_DOCS = frozenset({"__doc__", "getdoc"})
READS_ANNOTATIONS = frozenset(
    "__annotations__ get_annotations get_type_hints signature singledispatch "
    "singledispatchmethod".split()
)


def _harmless(node: ast.AST) -> bool:
    """Whether evaluating an expression leaves everything as it was, as far as can be seen."""
    for part in ast.walk(node):
        if isinstance(part, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom):
            return False
        if isinstance(part, ast.Call):
            name = getattr(part.func, "id", getattr(part.func, "attr", None))
            if name not in HARMLESS_CALLS:
                return False
    return True


def _is_name(node: ast.AST | None, *names: str) -> bool:
    return isinstance(node, ast.Name) and node.id in names


def _only_logs(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and _is_name(node.func.value, *LOG_NAMES)
        and node.func.attr in LOG_METHODS
        and all(map(_harmless, [*node.args, *(k.value for k in node.keywords)]))
    )


def _makes_logger(node: ast.expr | None) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and _is_name(node.func.value, "logging")
        and node.func.attr == "getLogger"
    )


class _Effective(ast.NodeTransformer):
    """Leave of a module what can change a result."""

    def __init__(self, tree: ast.Module):
        named = set()
        for node in ast.walk(tree):
            named.update(getattr(node, key, None) for key in ("id", "attr") if hasattr(node, key))
            if isinstance(node, ast.alias):
                named.add(node.name)
        # A module that reads docstrings or annotations may make something of them.
        self.keep_docs = bool(named & READS_DOCS)
        self.keep_annotations = bool(named & READS_ANNOTATIONS)

    def visit_Expr(self, node):
        if isinstance(node.value, ast.Constant):
            return node if self.keep_docs and isinstance(node.value.value, str) else None
        return None if _only_logs(node.value) else self.generic_visit(node)

    def visit_Pass(self, node):
        # A body of a docstring and one of `pass` do the same.
        return None

    def visit_If(self, node):
        node = self.generic_visit(node)
        if getattr(node.test, "id", getattr(node.test, "attr", None)) == "TYPE_CHECKING":
            return node.orelse
        empty = not node.body and not node.orelse
        return None if empty and _harmless(node.test) else node

    def _assignment(self, node):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if all(_is_name(t, "__version__", "__all__") for t in targets):
            return None
        if all(_is_name(t, *LOG_NAMES) for t in targets) and _makes_logger(node.value):
            return None
        return self.generic_visit(node)

    visit_Assign = visit_AugAssign = visit_AnnAssign = _assignment

    def visit_Import(self, node):
        # What else uses the module `logging` shows where it is used.
        node.names = [a for a in node.names if (a.name, a.asname) != ("logging", None)]
        return node if node.names else None

    def visit_ImportFrom(self, node):
        return None if node.module == "__future__" else node

    def visit_arg(self, node):
        if not self.keep_annotations:
            node.annotation = None
        return self.generic_visit(node)

    def _function(self, node):
        if not self.keep_annotations:
            node.returns = None
        return self.generic_visit(node)

    visit_FunctionDef = visit_AsyncFunctionDef = _function


def _joined(values: list[ast.expr]) -> list[ast.expr]:
    """Parts of an f-string; Pythons differ in where they cut its constant text."""
    parts: list[ast.expr] = []
    for value in values:
        if isinstance(value, ast.Constant):
            if parts and isinstance(parts[-1], ast.Constant):
                parts[-1] = ast.Constant(parts[-1].value + value.value)
            elif value.value:
                parts.append(value)
        else:
            parts.append(value)
    return parts


def _serialise(value: object) -> str:
    """A syntax tree as text that is the same under every Python from 3.11 on.

    ``ast.dump`` is not: which fields a node has (``type_params`` since 3.12) and which of
    them are printed (no empty ones since 3.13) depend on the version. Here a node is its class
    and its fields that hold something, by name, without positions and without fields that
    follow from the rest. ``ascii`` instead of ``repr``: what is printable depends on the
    Unicode tables of the version too.
    """
    if isinstance(value, ast.Constant):
        return f"Constant({type(value.value).__name__} {value.value!a})"
    if isinstance(value, ast.AST):
        fields = {k: v for k, v in ast.iter_fields(value) if v is not None and v != []}
        for key in ("ctx", "type_comment", "kind", "type_ignores"):
            fields.pop(key, None)
        if isinstance(value, ast.JoinedStr):
            fields["values"] = _joined(value.values)
        inner = ",".join(f"{k}={_serialise(fields[k])}" for k in sorted(fields))
        return f"{type(value).__name__}({inner})"
    if isinstance(value, list):
        return f"[{','.join(map(_serialise, value))}]"
    return ascii(value)


class _Source(NamedTuple):
    """A source file as far as it matters.

    Attributes:
        digest: of its syntax tree without what has no effect.
        imports: dotted names of the package that it imports; some are no modules.
        empty: whether nothing in it has an effect.
    """

    digest: bytes
    imports: frozenset[str]
    empty: bool


_kept = Kept(CODE_CACHE)


@cache
def _way() -> bytes:
    """Changes with what this module makes of a file."""
    return repr(sys.version_info[:2]).encode() + Path(__file__).read_bytes()


@cache
def _parsed(path: Path, mtime_ns: int, size: int) -> _Source:
    content = path.read_bytes()
    key = hashlib.sha256(_way() + b"\0" + content).hexdigest()
    with suppress(TypeError, ValueError):  # not there, or not as it was written
        digest, imports, empty = _kept.get(key)
        return _Source(bytes.fromhex(digest), frozenset(imports), bool(empty))
    found = _looked_at(path, content)
    _kept.put(key, [found.digest.hex(), sorted(found.imports), found.empty])
    return found


def _looked_at(path: Path, content: bytes) -> _Source:
    tree = ast.parse(content.decode("utf-8"), filename=str(path))
    tree = _Effective(tree).visit(tree)
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            raise ValueError(f"{path}: line {node.lineno}: import modules of {NAME} by full name")
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    ours = frozenset(n for n in names if n == NAME or n.startswith(NAME + "."))
    return _Source(hashlib.sha256(_serialise(tree).encode()).digest(), ours, not tree.body)


def _source(path: Path) -> _Source:
    state = path.stat()
    return _parsed(path, state.st_mtime_ns, state.st_size)


def _file_of(module: str) -> Path | None:
    first, *rest = module.split(".")
    if first != NAME:
        return None
    base = PACKAGE.joinpath(*rest)
    # In Python's order: a package hides a module of the same name.
    for path in (base / "__init__.py", base.parent / f"{base.name}.py"):
        if path.is_file():
            return path
    return None


def modules_behind(*modules: str) -> list[str]:
    """The given modules and all modules of the package that they run, directly or not.

    Python runs a package before its modules; a package counts where it holds more than a
    docstring. Imports for type checkers are not followed, nor is ``WITHOUT_EFFECT``.

    Args:
        modules: dotted names, ``seedbed.noise``.

    Returns:
        Dotted names, sorted.

    Raises:
        ValueError: a name is no module of the package, or a module imports relatively.
        SyntaxError: a module is no Python.
    """
    for name in modules:
        if _file_of(name) is None:
            raise ValueError(f"{name} is no module of {NAME}")
    behind: set[str] = set()
    seen = set(WITHOUT_EFFECT)
    todo = list(modules)
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        path = _file_of(name)
        if path is not None:  # else it is something that a module defines
            source = _source(path)
            todo.extend(source.imports)
            if not (source.empty and path.name == "__init__.py"):
                behind.add(name)
        if "." in name:
            todo.append(name.rpartition(".")[0])
    return sorted(behind)


def code_digest(*modules: str) -> str:
    """Digest of the code of modules and of all that they import from the package.

    Args:
        modules: dotted names, in any order.

    Returns:
        16 hex digits. Comments, docstrings, layout, log lines, annotations of functions and
        ``__version__`` have no part in it.

    Raises:
        ValueError: a name is no module of the package, or a module imports relatively.
        SyntaxError: a module is no Python.
    """
    digest = hashlib.sha256()
    for name in modules_behind(*modules):
        digest.update(name.encode() + b"\0" + _source(_file_of(name)).digest + b"\0")
    return digest.hexdigest()[:16]


def script_digest(script: str, *modules: str) -> str:
    """Digest of a script and of all that it runs of the package.

    Args:
        script: path below ``scripts/`` without suffix, ``good_seed/score_seeds``.
        modules: those that it loads by name through a registry, which its imports do not
            show: a model family, an evaluator, a control.

    Returns:
        16 hex digits, as those of ``code_digest``.

    Raises:
        ValueError: there is no such script or module, or one of them imports relatively.
        SyntaxError: one of them is no Python.
    """
    path = SCRIPTS / f"{script}.py"
    if not path.is_file():
        raise ValueError(f"{path}: there is no such script")
    source = _source(path)
    imported = [name for name in source.imports if _file_of(name) is not None]
    code = code_digest(*imported, *modules)
    return hashlib.sha256(source.digest + code.encode()).hexdigest()[:16]
