"""Stamps: what a table or figure says of itself, written into the file once it is made.

A PNG gets a text chunk, a PDF, Markdown, LaTeX or HTML file a comment. A CSV stays rows alone, for
whoever reads it; what made it stands in ``made_by/``, as for every file.
"""

from __future__ import annotations

import logging
import struct
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from seedbed import store
from seedbed.provenance.citation import line_of

log = logging.getLogger(__name__)

COMMENTS = {".md": "<!-- {} -->", ".html": "<!-- {} -->", ".tex": "% {}", ".pdf": "% {}"}
"""Comments by suffix; all stand at the end, which no reader minds."""
_PNG = b"\x89PNG\r\n\x1a\n"
KEYWORD = "Seedbed"
"""Of the text chunk of a PNG, and before every comment."""


def stamp(paths: Iterable[str | Path], cited: Mapping[str, str]) -> None:
    """Write into files what they are of.

    Args:
        paths: what a job made; files of other kinds stay as they are.
        cited: of ``provenance.citation``.
    """
    line = line_of(cited)
    for path in map(Path, paths):
        if not path.is_file():
            continue
        if path.suffix == ".png":
            _replaced(path, with_text(path.read_bytes(), line))
        elif path.suffix in COMMENTS:
            # Nothing in a name ends a comment early.
            said = COMMENTS[path.suffix].format(f"{KEYWORD}: {line}".replace("--", "- -"))
            _replaced(path, path.read_bytes().rstrip(b"\n") + f"\n{said}\n".encode())


def _replaced(path: Path, content: bytes) -> None:
    with store.atomic(path, logging.DEBUG) as partial:
        partial.write_bytes(content)


def with_text(png: bytes, text: str) -> bytes:
    """A PNG with a text in UTF-8 before its end, instead of an earlier one of ours.

    Args:
        png: the whole file.
        text: one line.

    Raises:
        ValueError: it is no PNG, or ends early.
    """
    if not png.startswith(_PNG):
        raise ValueError("no PNG to put a text into")
    mine = KEYWORD.encode() + b"\0"
    kept, at = [_PNG], len(_PNG)
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        kind, chunk = png[at + 4 : at + 8], png[at : at + 12 + size]
        if len(chunk) < 12 + size:
            raise ValueError("the PNG ends within a chunk")
        if kind == b"IEND":
            # iTXt: keyword, not compressed, no language, no translated keyword, text.
            kept.append(_chunk(b"iTXt", mine + b"\0\0\0\0" + text.encode()))
        if kind != b"iTXt" or not chunk[8:].startswith(mine):
            kept.append(chunk)
        at += 12 + size
        if kind == b"IEND":
            return b"".join(kept)
    raise ValueError("the PNG has no end")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
