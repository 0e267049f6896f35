"""The files below ``page/`` of which the explorer's page is put together.

Light, since the workflow reads their digest at every parse.
"""

from __future__ import annotations

from pathlib import Path

from seedbed.provenance import files_digest

FOLDER = Path(__file__).parent / "page"
STYLES = ("explorer.css",)
SCRIPTS = (
    "numbers.js",
    "pictures.js",
    "state.js",
    "grid.js",
    "charts.js",
    "card.js",
    "controls.js",
    "start.js",
)
"""In the order in which they stand on the page: each uses only what stands before it."""


def page_digest() -> str:
    """16 hex digits over the files below ``page/``, which no import shows."""
    return files_digest(FOLDER / name for name in ("explorer.html", *STYLES, *SCRIPTS))
