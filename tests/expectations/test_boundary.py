"""The raw boundary: suites come in as data, and nothing handed over is nothing proved."""

from __future__ import annotations

import polars as pl

from expectations.boundary import RawTable, judge_raw, raw_check_ids

NOT_NULL = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "code"}}
FRAME = pl.DataFrame({"code": ["110000", None]})


def test_tables_are_judged_in_order_of_name_whatever_order_they_come_in() -> None:
    tables = [("b", FRAME, [NOT_NULL]), RawTable("a", FRAME.head(1), [NOT_NULL])]
    results = judge_raw(tables)
    assert results == judge_raw(reversed(tables))
    assert [(result.table, result.status) for result in results] == [
        ("a", "passed"),
        ("a", "passed"),
        ("b", "passed"),
        ("b", "failed"),
    ]
    assert {result.boundary for result in results} == {"raw"}


def test_no_table_at_all_is_a_failure() -> None:
    assert [result.status for result in judge_raw([])] == ["failed"]


def test_an_optional_table_may_stay_empty() -> None:
    handed = RawTable("power_fuel_use", FRAME.head(0), [NOT_NULL], may_be_empty=True)
    assert {result.status for result in judge_raw([handed])} == {"passed"}


def test_the_ids_that_will_be_reported_are_known_beforehand() -> None:
    handed = RawTable("a", FRAME, [NOT_NULL, NOT_NULL], schema={"code": pl.String})
    ids = [result.check_id for result in judge_raw([handed])]
    assert ids == raw_check_ids("a", [NOT_NULL, NOT_NULL], with_schema=True)
