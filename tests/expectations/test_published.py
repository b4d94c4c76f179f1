"""The suites of published tables: well-formed, parametrised by month, and biting."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
import yaml

from expectations import coverage, published
from expectations.published import judge_published, load_suite, published_tables
from expectations.runner import SuiteDefinitionError
from tests.expectations.defects_of_suites import DEFECTS, DEFECTS_OF_FACTORS
from tests.warehouse import synthetic

TABLES = synthetic.make_tables(synthetic.OFFICIAL_MONTH)


def test_every_published_table_has_a_suite() -> None:
    assert published_tables() == sorted(synthetic.COLUMNS)


@pytest.mark.parametrize("table", published_tables())
def test_a_suite_names_its_key_among_its_columns(table: str) -> None:
    suite = load_suite(table)
    assert set(suite.key) <= set(suite.columns)
    assert len(set(suite.columns)) == len(suite.columns)


@pytest.mark.parametrize("month", ["2019-01", "2021-12", "2024-03"])
@pytest.mark.parametrize("table", published_tables())
def test_a_suite_resolves_for_any_month(table: str, month: str) -> None:
    resolved = load_suite(table).resolved(month)
    assert resolved[0]["id"] == "columns"
    assert "$PARAMETER" not in str(resolved)
    assert all("when" not in expectation for expectation in resolved)


def test_a_bound_without_a_reason_is_refused(tmp_path, monkeypatch) -> None:
    suite = {
        "table": "bare",
        "key": ["a"],
        "columns": ["a"],
        "expectations": [
            {
                "id": "range",
                "type": "expect_column_values_to_be_between",
                "kwargs": {"column": "a", "max_value": 1},
            }
        ],
    }
    (tmp_path / "bare.yml").write_text(yaml.safe_dump(suite))
    monkeypatch.setattr(published, "_FOLDER", tmp_path)
    with pytest.raises(SuiteDefinitionError, match="gives no reason"):
        load_suite.__wrapped__("bare")


def test_an_unknown_table_has_no_suite() -> None:
    with pytest.raises(SuiteDefinitionError, match=r"write expectations/published/steel\.yml"):
        load_suite("steel")


def test_a_good_release_passes_and_a_missing_table_is_named() -> None:
    results = judge_published(TABLES, release_month=synthetic.OFFICIAL_MONTH)
    assert [result.check_id for result in results if result.status != "passed"] == []
    without = {name: frame for name, frame in TABLES.items() if name in ("gwp", "source")}
    failed = [r for r in judge_published(without, release_month="2021-12") if r.status != "passed"]
    assert {result.table for result in failed} == set(TABLES) - set(without)


def test_a_table_without_a_suite_is_refused() -> None:
    few = {"steel": TABLES["gwp"]}
    results = judge_published(few, release_month="2021-12")
    steel = next(result for result in results if result.table == "steel")
    assert (steel.check_id, steel.status) == ("published.steel.is_there", "failed")


def test_there_is_a_defect_for_every_suite() -> None:
    assert {table for table, _, _ in DEFECTS + DEFECTS_OF_FACTORS} == set(published_tables())


@pytest.mark.parametrize(
    ("table", "change", "check"),
    DEFECTS + DEFECTS_OF_FACTORS,
    ids=[f"{table}-{check}" for table, _, check in DEFECTS + DEFECTS_OF_FACTORS],
)
def test_a_suite_bites(table, change, check) -> None:
    from expectations.runner import judge_frame

    suite = load_suite(table)
    rule = [each for each in suite.resolved("2021-12") if each["id"] == check]
    frame = TABLES[table]
    if table == "electricity_factor":
        frame = frame.filter(pl.col("region_code").is_in(["CN", "340000"]))
    result = judge_frame(table, frame.with_columns(change), rule, key=suite.key)[1]
    assert result.check_id == f"published.{table}.{check}"
    assert result.status == "failed", result


def test_the_comparison_may_be_empty_only_before_the_first_official_year() -> None:
    suite = load_suite("official_comparison")
    assert suite.may_be_empty("2021-11")
    assert not suite.may_be_empty("2021-12")


def test_the_calendar_of_a_release() -> None:
    assert coverage.months("2020-01")[-2:] == [dt.date(2019, 12, 1), dt.date(2020, 1, 1)]
    assert len(coverage.months("2023-12")) == 60
    assert coverage.years("2023-12")[-1] == dt.date(2023, 1, 1)
    assert coverage.years("2024-03")[-1] == dt.date(2023, 1, 1)
    assert coverage.years("2019-11") == []
    assert coverage.period_end(dt.date(2020, 2, 1), "month") == dt.date(2020, 2, 29)
    assert coverage.period_end(dt.date(2020, 1, 1), "year") == dt.date(2020, 12, 31)
    assert len(set(coverage.PROVINCES)) == 31
    assert len(set(coverage.REGIONS)) == 39


@pytest.mark.parametrize(
    "month", ["2023", "2023-13", "23-01", "2023-1", "2018-12", "", "２０２３-12"]
)
def test_a_month_that_is_none_is_a_sentence(month) -> None:
    with pytest.raises(ValueError, match="month"):
        coverage.parse_release_month(month)
