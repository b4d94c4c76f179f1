"""Where the parts of one candidate lie.

Belongs here: names of files and folders of a candidate, and nothing else. A candidate is built by
one run, judged by the gate and read by the publisher; analysts never open it.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class Candidate:
    """One candidate release, by its folder."""

    folder: Path

    @property
    def database(self) -> Path:
        """The DuckDB file into which dbt built this candidate alone."""
        return self.folder / "candidate.duckdb"

    @property
    def target(self) -> Path:
        """The folder of dbt's artefacts: `manifest.json` and `run_results.json`."""
        return self.folder / "target"

    @property
    def tables(self) -> Path:
        """The folder of exported Parquet files, one a published table."""
        return self.folder / "tables"

    @property
    def plan(self) -> Path:
        """What the candidate was made from (`candidate_plan`); the gate report holds its hash."""
        return self.folder / "plan.json"

    @property
    def approval(self) -> Path:
        """A second person's signature on the gate report, where one is asked for."""
        return self.folder / "approval.json"

    @property
    def report(self) -> Path:
        """The gate's report on the exported files."""
        return self.folder / "gate_report.json"
