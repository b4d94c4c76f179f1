"""Publishing without proving, for tests of what comes after the proof.

Belongs here: the stand-in for `publish.prove`, and the one way to put it there. Does not belong
here: candidates (`synthetic`, `tiny_candidate`).
"""

from __future__ import annotations

from typing import Any

import pytest

from warehouse import gate_report
from warehouse import publish as publishing
from warehouse.candidate import Candidate
from warehouse.gate_report import GateReport


def believed(candidate: Candidate, **_: Any) -> GateReport:
    """Read the report instead of proving it."""
    return gate_report.read_report(candidate.report)


def believe_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put reading the report in the place of proving it."""
    monkeypatch.setattr(publishing, "prove", believed)
