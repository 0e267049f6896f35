"""One logging set-up for every job: to its log file and to stderr, uncaught errors included."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def setup(path: str | Path | None = None) -> None:
    """Send log records of this process to ``path`` (if given) and stderr.

    An uncaught exception is recorded in full in the file; on stderr, an error that names
    its own remedy (``ValueError`` and kin) ends in that one line.
    """
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if path is not None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        handlers.append(logging.FileHandler(path, mode="w", encoding="utf-8"))
    logging.basicConfig(level=logging.INFO, format=FORMAT, handlers=handlers, force=True)
    for noisy in ("httpx", "matplotlib", "PIL", "diffusers", "transformers", "fontTools"):
        logging.getLogger(noisy).setLevel(logging.WARNING)

    def record(kind, value, trace):
        logging.getLogger("seedbed").critical("%s", value, exc_info=(kind, value, trace))

    sys.excepthook = record
