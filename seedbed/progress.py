"""Progress of long jobs as log lines: done / total, rate, time left.

A redrawn bar turns a log file into noise; a line every few seconds reads well in
both a terminal and a file.
"""

from __future__ import annotations

import logging
import time

BAR = 20


def clock(seconds: float) -> str:
    """``1:02:03`` or ``2:03``."""
    minutes, secs = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{secs:02d}" if hours else f"{minutes}:{secs:02d}"


class Progress:
    """Count items and log at most every ``every`` seconds, and once at the end."""

    def __init__(self, total: int, unit: str, log: logging.Logger, every: float = 5.0):
        self.total, self.unit, self.log, self.every = total, unit, log, every
        self.done = 0
        self._began = self._last = time.monotonic()

    def add(self, n: int) -> None:
        """Count ``n`` more items."""
        self.done += n
        now = time.monotonic()
        if now - self._last >= self.every or self.done >= self.total:
            self._last = now
            self.log.info("%s", self.line(now - self._began))

    def line(self, elapsed: float) -> str:
        """The text of one line."""
        share = self.done / max(1, self.total)
        rate = self.done / elapsed if elapsed > 0 else 0.0
        left = (self.total - self.done) / rate if rate > 0 else 0.0
        bar = "#" * round(BAR * share) + "." * (BAR - round(BAR * share))
        return (
            f"[{bar}] {self.done}/{self.total} {self.unit}, {rate:.1f}/s, "
            f"{clock(elapsed)} elapsed, {clock(left)} left"
        )
