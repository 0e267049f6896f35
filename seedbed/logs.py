"""One logging set-up for every job: to its log file and to stderr, uncaught errors included."""

from __future__ import annotations

import copy
import logging
import sys
from pathlib import Path

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _WithoutTraceback(logging.Formatter):
    """What people read while a job runs: an error is its message."""

    def format(self, record: logging.LogRecord) -> str:
        record = copy.copy(record)
        record.exc_info = record.exc_text = record.stack_info = None
        return super().format(record)


def setup(path: str | Path | None = None) -> None:
    """Send log records of this process to ``path`` (if given) and stderr.

    An uncaught exception is recorded with its traceback in the file; on stderr it is one line
    that says where the rest stands.
    """
    screen = logging.StreamHandler(sys.stderr)
    handlers: list[logging.Handler] = [screen]
    if path is not None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        handlers.append(logging.FileHandler(path, mode="w", encoding="utf-8"))
    logging.basicConfig(level=logging.INFO, format=FORMAT, handlers=handlers, force=True)
    if path is not None:
        screen.setFormatter(_WithoutTraceback(FORMAT))
    for noisy in ("httpx", "matplotlib", "PIL", "diffusers", "transformers", "fontTools"):
        logging.getLogger(noisy).setLevel(logging.WARNING)

    def record(kind, value, trace):
        text = str(value) or kind.__name__
        logging.getLogger("seedbed").critical("%s", text, exc_info=(kind, value, trace))

    sys.excepthook = record
