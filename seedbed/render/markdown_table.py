"""Pipe tables, as ``render.tables`` writes them, read back as HTML."""

from __future__ import annotations

import re
from html import escape

_CELLS = re.compile(r"(?<!\\)\|")
_ESCAPED = re.compile(r"\\([^\w\s])")


def html_table(text: str) -> str:
    """The table that a text begins with, and what follows it as a paragraph.

    Args:
        text: Markdown: lines of cells between pipes, the second a rule.

    Raises:
        ValueError: it begins with no table.
    """
    lines = text.splitlines()
    rows = [line for line in lines if line.startswith("|")]
    if len(rows) < 2 or not lines[0].startswith("|"):
        raise ValueError("no pipe table to show: its first line begins with no |")
    head, body = _cells(rows[0]), map(_cells, rows[2:])
    said = " ".join(line for line in lines[len(rows) :] if line and not line.startswith("<!--"))
    heads = "".join(f'<th scope="col">{_text(cell)}</th>' for cell in head)
    cells = "\n".join("<tr>" + "".join(f"<td>{_text(c)}</td>" for c in r) + "</tr>" for r in body)
    return f"<table><thead><tr>{heads}</tr></thead>\n<tbody>{cells}</tbody></table>" + (
        f"<p>{_text(said)}</p>" if said else ""
    )


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in _CELLS.split(line)[1:-1]]


def _text(cell: str) -> str:
    return escape(_ESCAPED.sub(r"\1", cell))
