"""A measured time, and how it is taken.

Belongs here: the stopwatch. Does not belong here: what is measured.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measurement:
    """Seconds that a task took, and the floor beside it (both wall clock)."""

    what: str
    seconds: float
    floor: float
    floor_is: str

    @property
    def ratio(self) -> float:
        """How many times the floor."""
        return self.seconds / self.floor


def best_of(repeats: int, task: Callable[[], object]) -> float:
    """Return the shortest time of some runs of a task, in seconds."""
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        task()
        times.append(time.perf_counter() - begun)
    return min(times)
