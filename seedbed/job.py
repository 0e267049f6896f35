"""One job of the workflow: its log, its inputs checked, its script called, its records written."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from seedbed import logs, seals, stamps, store
from seedbed.provenance import made_by
from seedbed.provenance.citation import citation, config_digest
from seedbed.run import BASE

NAMED = 3
"""Inputs that a line about an error names."""
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


class JobError(RuntimeError):
    """A job ended early; the message names what it was reading."""


def run(rule, main: Callable) -> None:
    """Log to the rule's file, call ``main`` by keyword, write beside the outputs what made them.

    Args:
        rule: the ``snakemake`` object.
        main: the script's function; a parameter named like a wildcard gets its value.

    Raises:
        JobError: an input is not what its job wrote, or ``main`` could not go on.
        TypeError: the rule passes what ``main`` does not take, or lacks what it needs.
    """
    logs.setup(rule.log[0])
    given = arguments(rule)
    wanted = inspect.signature(main).parameters
    given |= {k: str(v) for k, v in rule.wildcards.items() if k in wanted and k not in given}
    inspect.signature(main).bind(**given)
    try:
        seals.refuse_changed(rule.input)
        main(**given)
        cited = _cited(getattr(rule, "config", {}))
        stamps.stamp(rule.output, cited)
    except Exception as error:
        raise JobError(told(error, rule.input)) from error
    record = made_by(dict(rule.params.get(BOOKKEEPING, {})), cited.pop("device")) | cited
    store.write_json(record | {"outputs": sorted(map(str, rule.output))}, record_path(rule.log[0]))
    seals.seal(rule.output)


def _cited(config: Mapping) -> dict[str, str]:
    """What the outputs say of themselves. Read while the job runs: none of it is a trigger."""
    return citation(str(config.get("run", "none")), config_digest(config), BASE)


def told(error: Exception, inputs: Iterable) -> str:
    """An error as the line that people read: with its kind where it is none of ours.

    Args:
        error: what ended the job.
        inputs: files that it read; the first ones are named unless the error names one.
    """
    text = str(error).strip()
    if not isinstance(error, ValueError) or not text:
        text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    files = [str(path) for path in inputs]
    if not files or any(path in text for path in files):
        return text
    more = f" and {len(files) - NAMED} more" if len(files) > NAMED else ""
    return f"{text} [while reading {', '.join(files[:NAMED])}{more}]"


def record_path(log: str) -> Path:
    """Where the record of a job lies: as its log, below ``made_by/`` instead of ``logs/``."""
    parts = list(Path(log).with_suffix(".json").parts)
    parts[parts.index("logs")] = "made_by"
    return Path(*parts)
