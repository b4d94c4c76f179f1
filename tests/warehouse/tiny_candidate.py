"""A candidate of two tables and a few rows, for tests of what comes after the proof.

Belongs here: its files, and a report that fits them. Does not belong here: a candidate that the
gate would pass (`synthetic`): publish this one with the proof put aside (`proof_put_aside`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from expectations.check_result import CheckResult
from expectations.thresholds import DEFAULT_THRESHOLDS
from tests.warehouse.formats import small_release
from warehouse import export, files
from warehouse import publish as publishing
from warehouse.candidate import Candidate
from warehouse.content_hash import content_hash
from warehouse.gate_report import GateReport, JudgedFile

MONTH = "2023-12"
TABLES = ("measurement", "source")


def make_tiny_candidate(folder: Path, reading: float = 0.25) -> Candidate:
    """Write the candidate; `reading` is one of its figures, so that others say something else."""
    rows = small_release.rows()
    rows["measurement"] = rows["measurement"].with_columns(
        reading=pl.when(pl.col("sensor") == "b").then(reading).otherwise(pl.col("reading"))
    )
    for name in TABLES:
        small_release.write_table(folder, name, rows[name])
    candidate = Candidate(folder)
    judged = tuple(_judged(candidate.tables / f"{name}.parquet") for name in TABLES)
    check = CheckResult(
        "raw.any.has_rows", "raw", "any", "passed", "error", "1 rows", 1, "Table any has 1 rows."
    )
    report = GateReport(MONTH, DEFAULT_THRESHOLDS, judged, (check,), "passed", ())
    candidate.report.write_bytes(report.as_bytes())
    return candidate


def _judged(path: Path) -> JudgedFile:
    key = small_release.KEYS[path.stem]
    table = export.read_parquet(path)
    return JudgedFile(
        path.stem,
        f"tables/{path.name}",
        files.sha256_of(path),
        content_hash(table, key),
        table.num_rows,
        path.stat().st_size,
        key,
    )


def publish_tiny(candidate: Candidate, releases: Path, **changes: Any) -> publishing.PublishResult:
    """Publish a tiny candidate; call it where the proof is put aside."""
    import datetime as dt

    asked: dict[str, Any] = {
        "release_month": MONTH,
        "parameters": {},
        "receipts": [],
        "code_version": "0.1.0+abc",
        "built_at": dt.datetime(2026, 1, 31, 8, 0, tzinfo=dt.UTC),
        **changes,
    }
    return publishing.publish(candidate, releases, **asked)
