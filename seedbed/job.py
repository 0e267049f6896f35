"""One job of the workflow: logs, the call of a script's ``main``, the record of what made it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path

from seedbed import logs, store
from seedbed.provenance import device_name, made_by

BOOKKEEPING = "made_by"
"""The param that carries digests; it reruns a job and is recorded, ``main`` does not see it."""


def arguments(rule) -> dict:
    """What a script's ``main`` gets: named params, inputs and outputs, and wildcards it asks for.

    Args:
        rule: the ``snakemake`` object that Snakemake puts into a script.
    """
    given = {k: v for k, v in rule.params.items() if k != BOOKKEEPING}
    for files in (rule.input, rule.output):
        given |= {k: list(v) if isinstance(v, list | tuple) else str(v) for k, v in files.items()}
    return given


def run(rule, main: Callable) -> None:
    """Log to the rule's file, call ``main`` by keyword, write beside the outputs what made them.

    Args:
        rule: the ``snakemake`` object.
        main: the script's function; a parameter named like a wildcard gets its value.

    Raises:
        TypeError: the rule passes what ``main`` does not take, or lacks what it needs.
    """
    logs.setup(rule.log[0])
    given = arguments(rule)
    wanted = inspect.signature(main).parameters
    given |= {k: str(v) for k, v in rule.wildcards.items() if k in wanted and k not in given}
    main(**given)
    record = made_by(dict(rule.params.get(BOOKKEEPING, {})), device_name())
    store.write_json(record | {"outputs": sorted(map(str, rule.output))}, record_path(rule.log[0]))


def record_path(log: str) -> Path:
    """Where the record of a job lies: as its log, below ``made_by/`` instead of ``logs/``."""
    parts = list(Path(log).with_suffix(".json").parts)
    parts[parts.index("logs")] = "made_by"
    return Path(*parts)
