"""Two ways to the same result, timed side by side in one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Comparison:
    """How fast ours is beside another way.

    Attributes:
        task: what is done, and with what.
        size: how much of it.
        unit: what is counted.
        theirs, ours: the two ways, in words.
        their_rate, our_rate: units per second.
        goal: how many times faster ours should be.
        difference: the largest between the two results, in words.
    """

    task: str
    size: str
    unit: str
    theirs: str
    ours: str
    their_rate: float
    our_rate: float
    goal: float
    difference: str

    @property
    def faster(self) -> float:
        return self.our_rate / self.their_rate

    def record(self) -> dict:
        """Ready for JSON."""
        return asdict(self) | {"faster": self.faster, "met": self.faster >= self.goal}


def shortest(
    calls: Mapping[str, Callable], repeats: int, warm: bool = True
) -> tuple[dict[str, float], dict]:
    """Shortest processor seconds of this process, and last result, of each call.

    On an idle machine one thread's processor seconds are those of the clock; on a busy one the
    clock also counts the others' turns.

    Args:
        calls: by name; taken in turns, so that what disturbs disturbs all.
        repeats: of each.
        warm: whether a round goes before that is not measured.
    """
    seconds = dict.fromkeys(calls, float("inf"))
    results = {}
    for turn in range(repeats + warm):
        for name, call in calls.items():
            start = time.process_time()
            results[name] = call()
            if turn >= warm:
                seconds[name] = min(seconds[name], time.process_time() - start)
    return seconds, results
