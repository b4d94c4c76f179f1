"""The gate's report: what was judged, how, and with what result.

Belongs here: the form of the report and its way to and from canonical JSON. Does not belong here:
judging (`gate`) and believing (`proof`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from expectations.check_result import CheckResult
from expectations.thresholds import Thresholds
from expectations.waivers import Waiver
from warehouse import canonical_json

VERSION = 2


class ReportError(ValueError):
    """A gate report is missing, unreadable or not of the form that the gate writes."""


@dataclasses.dataclass(frozen=True)
class JudgedFile:
    """One file of the candidate, as the gate saw it."""

    table: str
    path: str
    sha256: str
    content_hash: str
    rows: int
    bytes: int
    primary_key: tuple[str, ...]

    def as_record(self) -> dict[str, Any]:
        """Return the file as plain JSON values."""
        return {**dataclasses.asdict(self), "primary_key": list(self.primary_key)}


@dataclasses.dataclass(frozen=True)
class GateReport:
    """All that the gate found out about one candidate.

    `verdict` is `passed` or `refused`; `sentences` say why it was refused. `data_failures` are
    checks that the figures broke, `check_errors` checks that proved nothing; `waivers` are those
    that let a data failure pass. `plan_sha256` is the hash of the candidate's plan, if it has one.
    No clock, no path of this machine and no run id: the same candidate, judged while the same
    waivers hold, gives the same report.
    """

    release_month: str
    thresholds: Thresholds
    files: tuple[JudgedFile, ...]
    checks: tuple[CheckResult, ...]
    verdict: str
    sentences: tuple[str, ...]
    data_failures: tuple[str, ...] = ()
    check_errors: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    plan_sha256: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the gate let the candidate through."""
        return self.verdict == "passed"

    def as_bytes(self) -> bytes:
        """Return the report as canonical JSON."""
        return canonical_json.dumps(
            {
                "report_version": VERSION,
                "release_month": self.release_month,
                "thresholds": self.thresholds.as_record(),
                "files": [file.as_record() for file in self.files],
                "checks": [check.as_record() for check in self.checks],
                "verdict": self.verdict,
                "sentences": list(self.sentences),
                "data_failures": list(self.data_failures),
                "check_errors": list(self.check_errors),
                "waivers": [waiver.as_record() for waiver in self.waivers],
                "plan_sha256": self.plan_sha256,
            }
        )


def read_report(path: Path) -> GateReport:
    """Read a gate report; raises `ReportError` with a sentence that says what is wrong with it.

    Reports of version 1, which older releases hold, knew neither waivers nor plans.
    """
    try:
        content = canonical_json.load(path)
        return _from_record(content)
    except canonical_json.DocumentError as problem:
        raise ReportError(f"{problem} Run the gate on this candidate.") from problem
    except (KeyError, TypeError, ValueError) as problem:
        raise ReportError(
            f"{path.name} is not a report of this gate ({problem}). Run the gate again."
        ) from problem


def _from_record(content: Mapping[str, Any]) -> GateReport:
    version = content["report_version"]
    if version not in (1, VERSION):
        raise ValueError(f"report version {version!r} is not {VERSION}")
    since_2: Mapping[str, Any] = content if version == VERSION else _VERSION_1
    return GateReport(
        str(content["release_month"]),
        Thresholds.from_record(content["thresholds"]),
        tuple(
            JudgedFile(**{**file, "primary_key": tuple(file["primary_key"])})
            for file in content["files"]
        ),
        tuple(CheckResult.from_record(check) for check in content["checks"]),
        str(content["verdict"]),
        tuple(content["sentences"]),
        tuple(since_2["data_failures"]),
        tuple(since_2["check_errors"]),
        tuple(Waiver.from_record(record) for record in since_2["waivers"]),
        since_2["plan_sha256"],
    )


_VERSION_1: Mapping[str, Any] = {
    "data_failures": [],
    "check_errors": [],
    "waivers": [],
    "plan_sha256": None,
}
