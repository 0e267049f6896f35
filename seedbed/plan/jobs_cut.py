"""Into what one job handles each a run is cut."""

from __future__ import annotations


def ranges(name: str, start: int, stop: int, per_job: int) -> dict[str, range]:
    """Cut ``start`` to ``stop`` into what one job handles: ``seeds_0000-0063`` and so on."""
    found = {}
    for first in range(start, stop, per_job):
        end = min(first + per_job, stop)
        found[f"{name}_{first:04d}-{end - 1:04d}"] = range(first, end)
    return found
