"""Counts what the drills have tried, and prints it when the tests are over.

Belongs here: the fixtures `way_around_the_gate` and `drill_count` and the lines at the end of a
run. Does not belong here: any drill.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

_MARK = "drill: "


@pytest.fixture
def drill_count(record_property: Callable[[str, object], None]) -> Callable[[str, int], None]:
    """Report that a test has tried something so many times: `drill_count("kill points", 100)`."""

    def count(what: str, times: int = 1) -> None:
        record_property(f"{_MARK}{what}", times)

    return count


@pytest.fixture
def way_around_the_gate(drill_count: Callable[[str, int], None]) -> Iterator[None]:
    """Count the test as one way around the gate that was tried and refused."""
    drill_count("ways around the gate, each refused", 1)
    yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print one line for each kind of drill: how often it was tried by tests that passed."""
    tried: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        for name, value in getattr(report, "user_properties", ()):
            if name.startswith(_MARK) and report.when == "call":
                tried[name.removeprefix(_MARK)] += int(value)
    for what, times in sorted(tried.items()):
        terminalreporter.write_line(f"Drills: {times} {what}.")
