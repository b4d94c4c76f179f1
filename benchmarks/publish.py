"""The publication of a table of ten million rows, against writing and hashing its Parquet file.

Belongs here: the candidate, the measurement and its floor. Does not belong here: publishing, and
judging, which is measured with the release of the worked example (`measure`).

Measured is what follows the proof: copying under a hash, the forms, the snapshot, forcing to disk,
reading back with the second engine, renaming. The floor writes the same rows, which are in memory,
with the writer of all released files, and takes the sha256 of the file. Both have a process of
their own and take turns.
"""

import datetime as dt
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.diff import KEY, TABLE, factors
from benchmarks.memory import peak_memory
from benchmarks.timing import Measurement

ROWS = 10_000_000
REPEATS = 2
MONTH = "2023-12"


def measure_publish(rows: int = ROWS) -> list[Measurement]:
    """Measure a first publication of so many rows and its floor."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        _child("make", home, rows)
        runs = [
            (_child("publish", home, turn), _child("floor", home, turn)) for turn in range(REPEATS)
        ]
        ours, floor = (
            min(each, key=lambda run: run["seconds"]) for each in zip(*runs, strict=True)
        )
        return [
            Measurement(
                f"publish of a table of {rows:,} rows (peak {ours['peak'] / 2**30:.1f} GiB)",
                ours["seconds"],
                floor["seconds"],
                f"bare Parquet write and sha256 (peak {floor['peak'] / 2**30:.1f} GiB)",
            )
        ]


def _child(which: str, home: Path, argument: int) -> dict:
    command = [sys.executable, "-m", "benchmarks.publish", which, str(home), str(argument)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict = json.loads(done.stdout)
    return found


def _make(home: Path, rows: int) -> Callable[[], object]:
    """Write the candidate: one Parquet file, and the report of a gate that passed it."""
    import duckdb
    import pyarrow as pa

    from expectations.check_result import CheckResult
    from expectations.thresholds import DEFAULT_THRESHOLDS
    from warehouse import export, files
    from warehouse.candidate import Candidate
    from warehouse.content_hash import content_hash
    from warehouse.dbt_artifacts import PublishedColumn, PublishedModel, sql_type
    from warehouse.gate_report import GateReport, JudgedFile

    with duckdb.connect() as connection:
        table = connection.sql(
            f"select * exclude (suffix) replace (1 as factor_version) from ({factors(rows)}) "
            f"order by {KEY}"
        ).to_arrow_table()
    columns = tuple(
        PublishedColumn(field.name, sql_type(field.type), "kg per kWh", "A figure.", "数")
        for field in table.schema
    )
    model = PublishedModel(
        TABLE, "marts", TABLE, "public", (KEY,), columns, "One row per factor.", "因子", True,
        "每个因子一行", "1.0.0",
    )  # fmt: skip
    table = table.cast(model.arrow_schema())
    candidate = Candidate(home / "candidate")
    candidate.tables.mkdir(parents=True)
    path = candidate.tables / f"{TABLE}.parquet"
    export.write_parquet(table, path)
    with (
        pa.OSFile(str(home / "rows.arrow"), "wb") as sink,
        pa.ipc.new_file(sink, table.schema) as writer,
    ):
        writer.write_table(table)
    file = JudgedFile(
        TABLE, f"tables/{path.name}", files.sha256_of(path), content_hash(table, (KEY,)),
        table.num_rows, path.stat().st_size, (KEY,),
    )  # fmt: skip
    check = CheckResult(
        "raw.any.has_rows", "raw", "any", "passed", "error", f"{rows} rows", rows, "Table any."
    )
    report = GateReport(MONTH, DEFAULT_THRESHOLDS, (file,), (check,), "passed", ())
    candidate.report.write_bytes(report.as_bytes())
    return lambda: None


def _publish(home: Path, turn: int) -> Callable[[], object]:
    from unittest import mock

    import polars  # noqa: F401 - imports are no part of the time
    import xlsxwriter  # noqa: F401

    from warehouse import gate_report, publish
    from warehouse.candidate import Candidate

    candidate = Candidate(home / "candidate")
    report = gate_report.read_report(candidate.report)

    def task() -> None:
        with mock.patch.object(publish, "prove", lambda *_, **__: report):
            publish.publish(
                candidate,
                home / f"releases-{turn}",
                release_month=MONTH,
                parameters={},
                receipts=[],
                code_version="0",
                built_at=dt.datetime(2026, 1, 31, tzinfo=dt.UTC),
            )

    return task


def _floor(home: Path, turn: int) -> Callable[[], object]:
    import pyarrow as pa

    from warehouse import export, files

    with pa.memory_map(str(home / "rows.arrow")) as source:
        table = pa.ipc.open_file(source).read_all()
    path = home / f"bare-{turn}.parquet"

    def task() -> None:
        export.write_parquet(table, path)
        files.sha256_of(path)

    return task


def main() -> int:
    """Run `make`, `publish` or `floor` and print its time and its peak of memory."""
    which, home, argument = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    task = {"make": _make, "publish": _publish, "floor": _floor}[which](home, argument)
    begun = time.perf_counter()
    task()
    seconds = time.perf_counter() - begun
    print(json.dumps({"seconds": seconds, "peak": peak_memory()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
