"""Judges raw tables where they enter the warehouse.

Belongs here: the form in which a raw table is handed over to be judged. Does not belong here: the
rules themselves - they come from the ingestion contracts, passed in as data, so that this package
knows nothing of ingestion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl
import pyarrow as pa

from expectations.check_result import SAMPLE_ROWS, CheckResult, plain_row
from expectations.runner import check_ids, guard_ids, judge_frame


class Coverage(NamedTuple):
    """What every period of a raw table must hold: each value of `expected` in `column`.

    `by` is the column of the period. A row may say that the value is missing; that there is no row
    at all means that the delivery was not whole.
    """

    by: str
    column: str
    expected: Sequence[str]

    @property
    def check(self) -> str:
        """The last part of the check's id."""
        return f"every_{self.by}_has_every_{self.column}"


class RawTable(NamedTuple):
    """One raw table with what its contract says of it.

    `expectations` as `expectations.runner` describes them; `schema` the exact columns and Polars
    types; `key` the columns that identify a row; `may_be_empty` for a table that no source has to
    fill. The first three alone make a valid table to judge.
    """

    table: str
    frame: pl.DataFrame | pa.Table
    expectations: Sequence[Mapping[str, Any]]
    schema: Mapping[str, pl.DataType | type[pl.DataType]] | None = None
    key: Sequence[str] = ()
    may_be_empty: bool = False
    coverage: Coverage | None = None


def judge_raw(tables: Iterable[RawTable | tuple[Any, ...]]) -> list[CheckResult]:
    """Judge every raw table by its contract; results in order of table name.

    Takes `RawTable`s or plain tuples of the same order. No table at all is a failure: a boundary
    that nothing crossed has kept nothing out.
    """
    handed = sorted((RawTable(*table) for table in tables), key=lambda table: table.table)
    if not handed:
        return [
            CheckResult(
                "raw.boundary.has_tables",
                "raw",
                "boundary",
                "failed",
                "error",
                "0 tables",
                0,
                "No raw table was handed to the boundary. Ingest the deliveries first.",
            )
        ]
    return [result for raw in handed for result in _judge_table(raw)]


def _judge_table(raw: RawTable) -> list[CheckResult]:
    results = judge_frame(
        raw.table,
        raw.frame,
        raw.expectations,
        boundary="raw",
        schema=raw.schema,
        key=raw.key,
        may_be_empty=raw.may_be_empty,
    )
    if raw.coverage is not None:
        results.append(_judge_coverage(raw, raw.coverage))
    return results


def _judge_coverage(raw: RawTable, coverage: Coverage) -> CheckResult:
    """Find the periods of a table that lack a value which every period must have."""
    by, column, expected = coverage
    frame = pl.DataFrame(raw.frame)
    periods = frame.select(pl.col(by).drop_nulls().unique())
    wanted = periods.join(pl.DataFrame({column: sorted(expected)}), how="cross")
    absent = wanted.join(frame.select(by, column).unique(), on=[by, column], how="anti").sort(
        by, column
    )
    sample = [plain_row(row) for row in absent.head(SAMPLE_ROWS).iter_rows(named=True)]
    named = "; ".join(", ".join(map(str, row.values())) for row in sample)
    return CheckResult(
        f"raw.{raw.table}.{coverage.check}",
        "raw",
        raw.table,
        "failed" if absent.height else "passed",
        "error",
        f"{absent.height} of {wanted.height} are absent",
        wanted.height,
        f"Table {raw.table}: {absent.height} of {wanted.height} pairs of {by} and {column} have no "
        f"row, first: {named}. Ask for the files of those periods again, whole."
        if absent.height
        else f"Table {raw.table}: every {by} has all {len(expected)} values of {column}.",
        sample,
        may_be_empty=raw.may_be_empty,
    )


def raw_check_ids(
    table: str,
    expectations: Sequence[Mapping[str, Any]],
    *,
    with_schema: bool,
    coverage: Coverage | None = None,
) -> list[str]:
    """Return the ids of all checks that `judge_raw` makes of one table, for the required list."""
    return [
        *guard_ids(table, boundary="raw", with_schema=with_schema),
        *check_ids(table, expectations, boundary="raw"),
        *([f"raw.{table}.{coverage.check}"] if coverage else []),
    ]
