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

from expectations.check_result import CheckResult
from expectations.runner import check_ids, guard_ids, judge_frame


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
    return [
        result
        for raw in handed
        for result in judge_frame(
            raw.table,
            raw.frame,
            raw.expectations,
            boundary="raw",
            schema=raw.schema,
            key=raw.key,
            may_be_empty=raw.may_be_empty,
        )
    ]


def raw_check_ids(
    table: str, expectations: Sequence[Mapping[str, Any]], *, with_schema: bool
) -> list[str]:
    """Return the ids of all checks that `judge_raw` makes of one table, for the required list."""
    return [
        *guard_ids(table, boundary="raw", with_schema=with_schema),
        *check_ids(table, expectations, boundary="raw"),
    ]
