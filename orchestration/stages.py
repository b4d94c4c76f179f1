"""Stages of a run: their order, how far each has come and how long each took.

Belongs here: the clock that assets report to and that the command line listens to.
Does not belong here: drawing (see `console`), and any time in data: durations are told, not kept.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, Protocol

StageName = Literal["ingest", "boundary", "vintages", "dbt", "export", "gate", "publish"]

#: Stages in running order, with what each does in words.
STAGES: dict[StageName, str] = {
    "ingest": "Taking files in",
    "boundary": "Judging raw tables",
    "vintages": "Replaying vintages",
    "dbt": "Deriving factors",
    "export": "Writing tables",
    "gate": "Judging the candidate",
    "publish": "Publishing",
}


class Report(Protocol):
    """What a stage calls to tell how far it is: (done, total, what)."""

    def __call__(self, done: int, total: int, what: str) -> None: ...


class Listener(Protocol):
    """Whoever shows progress. All methods may be called from the running thread only."""

    def started(self, stage: StageName) -> None: ...

    def advanced(self, stage: StageName, done: int, total: int, what: str) -> None: ...

    def ended(self, stage: StageName, seconds: float, ok: bool) -> None: ...


class Silent:
    """A listener that shows nothing."""

    def started(self, stage: StageName) -> None:
        """Show nothing."""

    def advanced(self, stage: StageName, done: int, total: int, what: str) -> None:
        """Show nothing."""

    def ended(self, stage: StageName, seconds: float, ok: bool) -> None:
        """Show nothing."""


@dataclass
class StageClock:
    """Times the stages of one run (seconds, wall clock) and passes progress to a listener."""

    listener: Listener = field(default_factory=Silent)
    seconds: dict[StageName, float] = field(default_factory=dict)
    now: Callable[[], float] = time.perf_counter

    @contextmanager
    def stage(self, name: StageName) -> Iterator[Report]:
        """Time a stage; its time is kept also when it fails."""
        begun = self.now()
        self.listener.started(name)
        ok = False
        try:
            yield lambda done, total, what: self.listener.advanced(name, done, total, what)
            ok = True
        finally:
            self.seconds[name] = self.now() - begun
            self.listener.ended(name, self.seconds[name], ok)
