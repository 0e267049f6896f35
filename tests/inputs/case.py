"""What a bad input is: where it comes in, what it is, how it must end and what must be said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Case:
    """One input.

    Attributes:
        name: of its own within its entrance.
        where: the entrance, a key of ``entrances.ENTRANCES``.
        given: what the entrance takes: text, bytes, or a function of an empty folder that makes
            files there and returns what is read.
        words: what the message must hold, file or key first; none where it is accepted.
        lines: of the message; one for each faulty key.
    """

    name: str
    where: str
    given: str | bytes | Mapping | Callable[[Path], object]
    words: tuple[str, ...] = ()
    lines: int = 1

    @property
    def accepted(self) -> bool:
        """Whether it is no fault, or one that others look after."""
        return not self.words

    def __str__(self) -> str:
        return f"{self.where}: {self.name}"


def cases(where: str, table: Mapping[str, tuple]) -> list[Case]:
    """Cases of one entrance: by name, what is given and then the words of the message."""
    return [Case(name, where, given, tuple(words)) for name, (given, *words) in table.items()]


def write(path: Path, data: str | bytes) -> Path:
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
    return path
