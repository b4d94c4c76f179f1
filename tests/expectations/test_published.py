"""The suites of published tables: well-formed, parametrised by month, and biting."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
import yaml

from expectations import coverage, published
from expectations.published import judge_published, load_suite, published_tables
from expectations.runner import SuiteDefinitionError
from tests.warehouse import synthetic

TABLES = synthetic.make_tables()


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
    results = judge_published(TABLES, release_month=synthetic.RELEASE_MONTH)
    assert [result.check_id for result in results if result.status != "passed"] == []
    without = {name: frame for name, frame in TABLES.items() if name in ("gwp", "source")}
    failed = [r for r in judge_published(without, release_month="2021-12") if r.status != "passed"]
    assert {result.table for result in failed} == set(TABLES) - set(without)


def test_a_table_without_a_suite_is_refused() -> None:
    few = {"steel": TABLES["gwp"]}
    results = judge_published(few, release_month="2021-12")
    steel = next(result for result in results if result.table == "steel")
    assert (steel.check_id, steel.status) == ("published.steel.is_there", "failed")


@pytest.mark.parametrize(
    ("table", "change", "check"),
    [
        ("gwp", pl.lit(1).alias("more"), "columns"),
        ("gwp", pl.lit("kg").alias("unit"), "unit_is_kg_per_kg"),
        ("source", pl.lit(0).alias("files"), "every_source_has_files"),
        ("source", pl.lit("confidential").alias("access_class"), "every_source_is_public"),
        ("region", pl.lit("Anhui").alias("name_zh"), "chinese_name_is_chinese"),
        ("official_comparison", pl.lit(620.5).alias("official_value"), "official_value_plausible"),
        ("official_comparison", pl.lit(2031).alias("year"), "years_of_the_official_series"),
        ("data_quality", pl.lit("odd").alias("status"), "status_in_vocabulary"),
        ("consumption_mix", pl.lit("tidal").alias("technology"), "technologies_are_all_there"),
        (
            "consumption_origin",
            pl.lit("CN").alias("origin_region_code"),
            "origins_are_the_provinces",
        ),
        ("consumption_origin", pl.lit(0.0).alias("energy_mwh"), "every_row_has_energy"),
        (
            "certificate_balance",
            pl.lit(1.0).alias("claimed_mwh"),
            "fossil_and_nuclear_are_not_claimed",
        ),
        (
            "basis_comparison",
            pl.lit(0.6).alias("network_less_generation_share"),
            "bases_differ_by_less_than_half",
        ),
    ],
)
def test_a_suite_bites(table, change, check) -> None:
    from expectations.runner import judge_frame

    suite = load_suite(table)
    results = judge_frame(
        table, TABLES[table].with_columns(change), suite.resolved("2021-12"), key=suite.key
    )
    failed = {result.check_id for result in results if result.status == "failed"}
    assert f"published.{table}.{check}" in failed


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (pl.col("value") * 1000, "average_value_not_above_coal"),
        (pl.col("value") * 1000, "trace_gases_are_traces"),
        (pl.col("value") * 1000, "life_cycle_value_plausible"),
        (pl.lit("kgCO2e/kWh").alias("unit"), "unit_of_co2"),
        (pl.lit("kgCO2/kWh").alias("unit"), "unit_of_co2e"),
        (pl.lit("AR6").alias("gwp_set"), "single_gases_have_no_gwp_set"),
        (pl.lit("as_published").alias("gwp_set"), "combustion_co2e_names_its_gwp_set"),
        (pl.lit("AR6").alias("gwp_set"), "life_cycle_co2e_stays_as_published"),
        (pl.lit("CO2").alias("gas_scope"), "life_cycle_kinds_are_co2e"),
        (pl.lit("CO2").alias("gas_scope"), "direct_kinds_have_every_gas"),
        (pl.lit(True).alias("includes_td_losses"), "losses_come_after_the_busbar"),
        (pl.lit("coal").alias("technology"), "mixes_are_of_all_technologies"),
        (pl.lit("operating_margin").alias("factor_kind"), "factor_kind_in_vocabulary"),
        (pl.col("value").alias("upper_95") * 0.5, "value_not_above_its_interval"),
        (pl.lit(0.5).alias("dqr"), "dqr_between_1_and_5"),
        (pl.lit(dt.date(2018, 1, 1)).alias("known_at"), "not_known_before_its_period"),
        (pl.lit("").alias("source_ids"), "sources_are_named"),
        (pl.lit("network").alias("import_factor_basis"), "both_import_bases_are_there"),
    ],
)
def test_the_suite_of_factors_bites(change, check) -> None:
    from expectations.runner import judge_frame

    suite = load_suite("electricity_factor")
    rule = [each for each in suite.resolved("2021-12") if each["id"] == check]
    few = TABLES["electricity_factor"].filter(pl.col("region_code").is_in(["CN", "340000"]))
    frame = few.with_columns(change)
    result = judge_frame("electricity_factor", frame, rule, key=suite.key)[1]
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
