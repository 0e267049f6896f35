"""Where inputs come in: each entrance takes a case's ``given`` and an empty folder."""

from __future__ import annotations

import faulthandler
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.inputs.case import Case, write

SECONDS = 20
"""Within which a case must end."""
TRACES = ("Traceback", 'File "', "<class ", "object at 0x", "\t")
"""What no message may hold."""


class Hang(BaseException):
    """A case did not end; no ``except Exception`` may swallow it."""


@contextmanager
def deadline(seconds: int) -> Iterator[None]:
    """Raise ``Hang`` in the main thread after some seconds, also out of a waiting system call."""

    def ring(*_):
        raise Hang(f"no end after {seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    # What waits inside a compiled library hears no signal: then the whole run ends.
    faulthandler.dump_traceback_later(3 * seconds, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def config_file(given, folder: Path) -> None:
    """One config file, read."""
    from seedbed import config

    config.load(given(folder) if callable(given) else write(folder / "bad.yaml", given))


def config_values(given, folder: Path) -> None:
    """A config file over config.yaml, completed and planned."""
    from seedbed.render.summary import plan_of

    plan = plan_of([write(folder / "bad.yaml", given)])
    assert plan.left_out is not None and plan.arms and plan.noises
    assert len(plan.all_seed_ranges) <= plan.config["limits"]["jobs"]


def _filled(section: str, entry: dict) -> dict:
    """An entry with the defaults of its kind."""
    from seedbed.config import schema

    node = schema.schema("run")["properties"][section]["additionalProperties"]
    return schema.filled(entry, node)


def inputs(given: Callable, folder: Path) -> None:
    """A prompt set, a layout set or reference pictures, made."""
    from seedbed import inputs

    section, entry = given(folder)
    made = inputs.make(section, _filled(section, entry), "mine")
    if section == "references":
        assert sum(len(ids) for ids, _ in made) > 1
    else:
        assert len(made) > 0


def scenes(given, folder: Path) -> None:
    """A file of scenes, read."""
    from seedbed.layouts.scenes import read_scenes

    path = given(folder) if callable(given) else write(folder / "scenes.json", given)
    assert len(read_scenes(path)) > 0


def model(given: Callable, folder: Path) -> None:
    """A model, loaded."""
    from seedbed import models

    family, source = given(folder)
    assert models.load(family, str(source)).source == str(source)


def evaluator(given: Callable, folder: Path) -> None:
    """An evaluator, loaded."""
    from seedbed.evaluators import registry

    role, entry = given(folder)
    assert registry.load(role, _filled(role, entry), "mine").metadata


def digest(given: Callable, folder: Path) -> None:
    """The weights behind an entry, hashed as every rule does before it plans."""
    from seedbed.provenance import weights_digest

    assert len(weights_digest(given(folder))) == 16


def stored(given: Callable, folder: Path) -> None:
    """A stored file, read as the next job does."""
    assert given(folder)() is not None


ENTRANCES = {
    "file": config_file,
    "config": config_values,
    "prompts": inputs,
    "layouts": inputs,
    "photos": inputs,
    "scenes": scenes,
    "model": model,
    "evaluator": evaluator,
    "digest": digest,
    "stored": stored,
}


def said_by(case: Case, folder: Path) -> str:
    """What a case is refused with; empty where it is accepted. Other errors than faults pass."""
    with deadline(SECONDS):
        try:
            ENTRANCES[case.where](case.given, folder)
        except ValueError as fault:
            return str(fault)
    return ""


def faults_of(said: str, case: Case) -> list[str]:
    """What is wrong with a message, by the rules that all messages keep."""
    if case.accepted:
        return [f"refused: {said}"] if said else []
    if not said:
        return ["accepted in silence"]
    lines, found = said.split("\n"), []
    if len(lines) != case.lines:
        found.append(f"{len(lines)} lines, not {case.lines}")
    for line in lines:
        found += [f"holds {trace!r}" for trace in TRACES if trace in line]
        if not 20 <= len(line) <= 700:
            found.append(f"a line of {len(line)} characters")
        if ": " not in line:
            found.append("a line without a file or key at its head")
        if not re.search(r"; |, or |: (collect|use|add|a shard) ", line):
            found.append(f"a line that does not say what to do: {line}")
    found += [f"does not say {word!r}" for word in case.words if word not in said]
    return [f"{fault}\n{said}" for fault in found]
