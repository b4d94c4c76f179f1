"""The suites of the published tables: one reviewed YAML per table, and what reads it.

Belongs here: shape, ranges and vocabularies of single published tables. Does not belong here: keys
and relations (dbt tests), rules between tables (`expectations.invariants`), and the running of a
suite (`expectations.runner`).

A suite names its table, its key, its exact columns and its expectations. `{$PARAMETER: name}`
stands for a value that depends on the month of the release; `when: name` takes an expectation only
if that parameter is true; every bound on a value carries a `reason`.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import yaml

from expectations import coverage
from expectations.check_result import CheckResult
from expectations.runner import SuiteDefinitionError, check_ids, guard_ids, judge_frame

__all__ = [
    "PublishedSuite",
    "check_ids_of",
    "judge_published",
    "load_suite",
    "parameters_for",
    "published_tables",
]

_FOLDER = Path(__file__).parent
_SUITE_KEYS = frozenset({"table", "key", "columns", "expectations", "empty_before"})


@dataclasses.dataclass(frozen=True)
class PublishedSuite:
    """The suite of one published table, with its parameters still open.

    `empty_before` is the release month (`YYYY-MM`) before which the table may hold no rows.
    """

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    expectations: tuple[Mapping[str, Any], ...]
    empty_before: str | None

    def may_be_empty(self, release_month: str) -> bool:
        """Say whether a release of this month may hold the table without rows."""
        return self.empty_before is not None and release_month < self.empty_before

    def resolved(self, release_month: str) -> list[dict[str, Any]]:
        """Return the expectations of a release month: column set first, parameters filled in."""
        parameters = parameters_for(release_month)
        exact: dict[str, Any] = {
            "id": "columns",
            "type": "expect_table_columns_to_match_set",
            "kwargs": {"column_set": sorted(self.columns), "exact_match": True},
        }
        chosen = [
            {name: value for name, value in expectation.items() if name != "when"}
            for expectation in self.expectations
            if "when" not in expectation or _parameter(self.table, expectation["when"], parameters)
        ]
        return [exact] + [_filled(self.table, each, parameters) for each in chosen]


def published_tables() -> list[str]:
    """Return the names of the tables that have a suite, in order."""
    return sorted(path.stem for path in _FOLDER.glob("*.yml"))


@functools.cache
def load_suite(table: str) -> PublishedSuite:
    """Read the suite of a table; raises `SuiteDefinitionError` when it is missing or ill-formed."""
    path = _FOLDER / f"{table}.yml"
    if not path.is_file():
        raise SuiteDefinitionError(
            f"Published table {table} has no suite; write expectations/published/{table}.yml."
        )
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    if odd := sorted(set(raw) - _SUITE_KEYS):
        raise SuiteDefinitionError(f"{path.name}: unknown key {odd[0]!r}.")
    if raw.get("table") != table:
        raise SuiteDefinitionError(f"{path.name}: it names table {raw.get('table')!r}.")
    expectations = raw.get("expectations") or []
    if not expectations:
        raise SuiteDefinitionError(f"{path.name}: a suite without expectations judges nothing.")
    for expectation in expectations:
        bounded = {"min_value", "max_value"} & set(expectation.get("kwargs", {}))
        if "id" not in expectation:
            raise SuiteDefinitionError(f"{path.name}: an expectation has no id: {expectation}.")
        on_values = "between" in expectation["type"] and "lengths" not in expectation["type"]
        if bounded and on_values and not expectation.get("reason"):
            raise SuiteDefinitionError(
                f"{path.name}: bound {expectation['id']!r} gives no reason for its size."
            )
    return PublishedSuite(
        table,
        tuple(raw["key"]),
        tuple(raw["columns"]),
        tuple(expectations),
        raw.get("empty_before"),
    )


def parameters_for(release_month: str) -> dict[str, Any]:
    """Return what a suite may name as `$PARAMETER`, for a release month written `YYYY-MM`."""
    complete_years = coverage.years(release_month)
    return {
        "regions": list(coverage.REGIONS),
        "provinces": list(coverage.PROVINCES),
        "grid_regions": list(coverage.GRID_REGIONS),
        "sub_grids": list(coverage.SUB_GRIDS),
        "areas": list(coverage.AREAS),
        "technologies": list(coverage.TECHNOLOGIES),
        "month_starts": [month.isoformat() for month in coverage.months(release_month)],
        "year_starts": [year.isoformat() for year in complete_years],
        "has_complete_year": bool(complete_years),
        "release_year": coverage.parse_release_month(release_month).year,
    }


def judge_published(
    tables: Mapping[str, pl.DataFrame | pa.Table],
    *,
    release_month: str,
    schemas: Mapping[str, Mapping[str, pl.DataType]] | None = None,
) -> list[CheckResult]:
    """Judge the published tables by their suites; results in order of table name.

    Every table that has a suite must be there, and every table there must have a suite: both
    faults are results of the check `published.<table>.is_there`. `schemas` gives the exact columns
    and Polars types by table (from dbt's contracts); without it types are not judged.
    """
    results: list[CheckResult] = []
    for table in sorted({*published_tables(), *tables}):
        presence = _presence(table, table in tables, table in published_tables())
        results.append(presence)
        if presence.status == "passed":
            suite = load_suite(table)
            results += judge_frame(
                table,
                tables[table],
                suite.resolved(release_month),
                boundary="published",
                schema=schemas.get(table) if schemas is not None else None,
                key=suite.key,
                may_be_empty=suite.may_be_empty(release_month),
            )
    return results


def check_ids_of(table: str, release_month: str, *, with_schema: bool = True) -> list[str]:
    """Return the ids of all checks that `judge_published` makes of one table."""
    return [
        f"published.{table}.is_there",
        *guard_ids(table, boundary="published", with_schema=with_schema),
        *check_ids(table, load_suite(table).resolved(release_month), boundary="published"),
    ]


def _presence(table: str, is_there: bool, has_suite: bool) -> CheckResult:
    if is_there and has_suite:
        sentence = f"Table {table} is there and has a suite."
    elif is_there:
        sentence = (
            f"Table {table} is to be published but has no suite; "
            f"write expectations/published/{table}.yml."
        )
    else:
        sentence = (
            f"Table {table} is missing from the candidate. "
            "Mark its model as published and public, and build it."
        )
    passed = is_there and has_suite
    return CheckResult(
        f"published.{table}.is_there",
        "published",
        table,
        "passed" if passed else "failed",
        "error",
        "there" if is_there else "missing",
        1,
        sentence,
    )


def _parameter(table: str, name: str, parameters: Mapping[str, Any]) -> Any:
    if name not in parameters:
        raise SuiteDefinitionError(f"{table}.yml: there is no parameter {name!r}.")
    return parameters[name]


def _filled(table: str, node: Any, parameters: Mapping[str, Any]) -> Any:
    if isinstance(node, Mapping):
        if set(node) == {"$PARAMETER"}:
            return _parameter(table, node["$PARAMETER"], parameters)
        return {name: _filled(table, value, parameters) for name, value in node.items()}
    if isinstance(node, Sequence) and not isinstance(node, str):
        return [_filled(table, value, parameters) for value in node]
    return node
