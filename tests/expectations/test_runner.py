"""The runner tells failures from errors and never lets an empty judgement pass."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pytest

from expectations.check_result import CheckResult
from expectations.runner import SuiteDefinitionError, check_ids, judge_frame

FRAME = pl.DataFrame(
    {
        "code": ["110000", "340000", "540000"],
        "day": [dt.date(2021, 1, 1), dt.date(2021, 2, 1), None],
        "value": [Decimal("0.5"), Decimal("0.6"), Decimal("-0.1")],
        "count": pl.Series([1, None, 3], dtype=pl.Int32),
    },
    schema_overrides={"value": pl.Decimal(18, 8)},
)


def between(column, low=None, high=None, **more):
    kwargs = {"column": column, "min_value": low, "max_value": high}
    kwargs = {name: value for name, value in kwargs.items() if value is not None}
    return {"type": "expect_column_values_to_be_between", "kwargs": kwargs, **more}


def by_id(results):
    return {result.check_id: result for result in results}


def test_each_expectation_has_one_result_and_a_guard_of_its_rows() -> None:
    results = judge_frame("factor", FRAME, [between("value", 0, 1), between("value", -1)])
    assert [result.check_id for result in results] == [
        "published.factor.has_rows",
        "published.factor.value_values_to_be_between",
        "published.factor.value_values_to_be_between_2",
    ]
    assert [result.status for result in results] == ["passed", "failed", "passed"]


def test_a_failure_says_how_many_rows_and_which() -> None:
    result = judge_frame(
        "factor",
        FRAME,
        [between("value", 0, 1, id="value_range", reason="no factor is negative.")],
        key=["code"],
    )[1]
    assert result.status == "failed"
    assert result.judged_rows == 3
    assert result.sample == [{"code": "540000", "value": "-0.10000000"}]
    assert "1 of 3 rows break it" in result.sentence
    assert "The bound stands because no factor is negative." in result.sentence


def test_a_missing_column_is_an_error_and_not_a_data_failure() -> None:
    results = by_id(
        judge_frame("factor", FRAME, [between("nothing", 0, id="a"), between("value", 0, id="b")])
    )
    assert results["published.factor.a"].status == "error"
    assert results["published.factor.b"].status == "failed"
    assert "could not be carried out" in results["published.factor.a"].sentence


@pytest.mark.parametrize(
    "expectation",
    [
        {"type": "expect_column_values_to_be_lucky", "kwargs": {"column": "value"}},
        {"type": "expect_column_values_to_be_between", "kwargs": {"colum": "value"}},
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "value"}},
        {
            "type": "expect_column_values_to_be_between",
            "kwargs": {"column": "code", "min_value": 3},
        },
    ],
)
def test_an_expectation_that_cannot_be_carried_out_is_an_error(expectation) -> None:
    result = judge_frame("factor", FRAME, [{**expectation, "id": "it"}])[1]
    assert result.status == "error"
    assert "Traceback" not in result.sentence


def test_no_expectations_at_all_is_a_failure() -> None:
    results = by_id(judge_frame("factor", FRAME, []))
    assert results["published.factor.has_expectations"].status == "failed"


def test_an_empty_frame_is_a_failure_of_every_rule() -> None:
    results = judge_frame("factor", FRAME.head(0), [between("value", 0)])
    assert [result.status for result in results] == ["failed", "failed"]
    assert all(result.judged_rows == 0 for result in results)


def test_a_table_that_may_be_empty_passes_empty_and_says_so() -> None:
    results = judge_frame("fuel", FRAME.head(0), [between("value", 0)], may_be_empty=True)
    assert [result.status for result in results] == ["passed", "passed"]
    assert all(result.may_be_empty for result in results)


def test_a_filter_that_matches_nothing_is_a_failure() -> None:
    result = judge_frame("factor", FRAME, [between("value", -1, where={"code": "999999"})])[1]
    assert result.status == "failed"
    assert "no row where code = 999999" in result.sentence


def test_a_filter_limits_the_rows_that_are_judged() -> None:
    rule = between("value", 0, where={"code": ["110000", "340000"]})
    result = judge_frame("factor", FRAME, [rule])[1]
    assert (result.status, result.judged_rows) == ("passed", 2)


def test_a_filter_on_a_missing_column_is_an_error() -> None:
    assert judge_frame("factor", FRAME, [between("value", 0, where={"x": 1})])[1].status == "error"


def test_dates_compare_with_bounds_given_as_text_or_date() -> None:
    rules = [
        between("day", "2021-01-01", "2021-12-31", id="text"),
        between("day", dt.date(2021, 1, 15), id="date"),
        {
            "type": "expect_column_distinct_values_to_equal_set",
            "kwargs": {"column": "day", "value_set": ["2021-01-01", "2021-02-01"]},
            "id": "set",
        },
    ]
    statuses = [result.status for result in judge_frame("factor", FRAME, rules)]
    assert statuses == ["passed", "passed", "failed", "passed"]


def test_types_are_compared_before_pandas_changes_them() -> None:
    schema = {"code": pl.String, "day": pl.Date, "value": pl.Decimal(18, 8), "count": pl.Int32}
    assert judge_frame("f", FRAME, [between("value", -1)], schema=schema)[1].status == "passed"
    wrong = judge_frame(
        "f", FRAME, [between("value", -1)], schema={**schema, "count": pl.Int64, "more": pl.Date}
    )[1]
    assert wrong.status == "failed"
    assert "missing: more" in wrong.sentence
    assert "count is Int32, not Int64" in wrong.sentence


def test_an_arrow_table_is_judged_like_a_frame() -> None:
    table = pa.table({"value": [1, 2, 3]})
    assert judge_frame("f", table, [between("value", 2)])[1].observed == (
        "1 of 3 rows break the rule"
    )


def test_a_warning_keeps_its_severity() -> None:
    result = judge_frame("factor", FRAME, [between("value", 0, severity="warning")])[1]
    assert (result.status, result.severity) == ("failed", "warning")


@pytest.mark.parametrize(
    ("expectations", "word"),
    [
        ([{"kwargs": {}}], "has no type"),
        ([{"type": "expect_x", "severty": "error"}], "unknown key 'severty'"),
        ([{"type": "expect_x", "severity": "mild"}], "neither error nor warning"),
        ([{"type": "expect_x", "id": "a"}, {"type": "expect_y", "id": "a"}], "have the id 'a'"),
    ],
)
def test_a_suite_written_wrongly_is_refused(expectations, word) -> None:
    with pytest.raises(SuiteDefinitionError, match=word):
        check_ids("factor", expectations)


def test_two_suites_of_one_name_do_not_mix() -> None:
    first = judge_frame("factor", FRAME, [between("value", 0, id="a")])
    second = judge_frame("factor", FRAME.head(2), [between("value", 0, id="a")])
    assert [first[1].status, second[1].status] == ["failed", "passed"]


def test_a_result_survives_json() -> None:
    for result in judge_frame("factor", FRAME, [between("value", 0)], key=["code", "day"]):
        record = json.loads(json.dumps(result.as_record()))
        assert CheckResult.from_record(record) == result


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"status": "fine"}, "unknown status"),
        ({"severity": "none"}, "unknown severity"),
        ({"judged_rows": -1}, "no count"),
        ({"judged_rows": True}, "no count"),
        ({"more": 1}, "unknown fields: more"),
    ],
)
def test_a_record_that_no_check_wrote_is_refused(change, word) -> None:
    record = CheckResult("a.b.c", "raw", "b", "passed", "error", "", 1, "").as_record()
    with pytest.raises(ValueError, match=word):
        CheckResult.from_record({**record, **change})


def test_importing_the_packages_imports_no_heavy_library() -> None:
    code = (
        "import sys, expectations.runner, expectations.boundary, expectations.published, "
        "expectations.invariants, expectations.required, warehouse.gate, warehouse.publish, "
        "warehouse.verify; "
        "print([m for m in ('great_expectations', 'pandas', 'dagster', 'dbt', 'ingestion', "
        "'orchestration') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
