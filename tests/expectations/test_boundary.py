"""The raw boundary: suites come in as data, and nothing handed over is nothing proved."""

from __future__ import annotations

import polars as pl

from expectations.boundary import Coverage, RawTable, judge_raw, raw_check_ids

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


COVERAGE = Coverage("month", "code", ["110000", "340000"])
WHOLE = pl.DataFrame({"month": [1, 1, 2, 2], "code": ["110000", "340000"] * 2})


def test_a_table_whose_periods_are_whole_passes() -> None:
    handed = RawTable("a", WHOLE, [NOT_NULL], coverage=COVERAGE)
    coverage = judge_raw([handed])[-1]
    assert (coverage.status, coverage.judged_rows) == ("passed", 4)


def test_a_region_absent_from_one_period_is_a_failure_that_names_both() -> None:
    handed = RawTable("a", WHOLE.head(3), [NOT_NULL], coverage=COVERAGE)
    results = judge_raw([handed])
    assert results[-1].status == "failed"
    assert results[-1].sample == [{"month": 2, "code": "340000"}]
    assert "first: 2, 340000" in results[-1].sentence
    assert [result.check_id for result in results] == raw_check_ids(
        "a", [NOT_NULL], with_schema=False, coverage=COVERAGE
    )


def test_coverage_of_a_table_without_rows_has_judged_nothing() -> None:
    handed = RawTable("a", WHOLE.head(0), [NOT_NULL], coverage=COVERAGE)
    assert judge_raw([handed])[-1].judged_rows == 0
