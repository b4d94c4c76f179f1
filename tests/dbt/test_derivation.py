"""The derivation as a function of raw tables and parameters: switches, revisions.

That the same inputs give the same bytes: `test_rebuild`.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import polars as pl
import pytest

from ingestion.contract import load_contract

pytestmark = pytest.mark.slow

BUILD = ("build", "--exclude-resource-type", "unit_test")
#: Values without intervals: sampling takes half the time of a build and moves no value.
VALUES = (
    "build", "--exclude-resource-type", "unit_test", "test",
    "--select", "+int_factor_value", "+electricity_mix",
)  # fmt: skip


def _add(raw: Path, table: str, rows: list[dict], receipt: str, known_at: dt.date) -> None:
    """Lay rows beside a raw table's others, as one more receipt."""
    lineage = {
        "source_id": "test_source",
        "receipt_id": receipt,
        "file_name": "test.csv",
        "sheet": None,
        "known_at": known_at,
    }
    frame = pl.DataFrame(
        [{**row, **lineage, "row_number": number} for number, row in enumerate(rows, start=1)],
        infer_schema_length=None,
    )
    schema = pl.read_parquet(raw / table / "_empty.parquet").schema
    missing = [name for name in schema if name not in frame.columns]
    frame = frame.with_columns(pl.lit(None).alias(name) for name in missing)
    frame.select(schema.names()).cast(dict(schema)).write_parquet(
        raw / table / f"{receipt}.parquet"
    )


FOSSIL_POWER = """
    select value from intermediate.int_factor_value
    where
        factor_kind = 'fossil_power' and gas_scope = 'CO2'
        and area_code = 'CN' and resolution = 'year' and year = 2023
"""


def test_fuel_that_a_province_gives_replaces_its_intensity(dbt, raw) -> None:
    _add(
        raw,
        "power_fuel_use",
        [
            {
                "period_month": dt.date(2023, 12, 1),
                "region_code": "340000",
                "fuel": "bituminous_coal",
                "amount": 10_000_000.0,
                "unit": "t",
            }
        ],
        "rtestfuel0000000",
        dt.date(2024, 2, 1),
    )
    built = dbt(*VALUES, raw=raw)
    assert built.returncode == 0, built.printed
    ((co2,),) = built.rows(
        """
        select cast(sum(co2_kg) as double) from marts.electricity_mix
        where region_code = '340000' and period_start = '2023-12-01' and resolution = 'month'
        """
    )
    # 10 Mt x 19.57 GJ/t x 26.1 kgC/GJ x 0.93 x 44/12
    assert co2 == pytest.approx(1e7 * 19.57 * 26.1 * 0.93 * 44 / 12, rel=1e-9)
    # The nation still meets the official factor: the other provinces carry the difference.
    ((value,),) = built.rows(FOSSIL_POWER)
    assert float(value) == pytest.approx(0.8273, abs=1e-6)


def test_without_the_anchor_intensities_stand_as_they_are(dbt, built) -> None:
    free = dbt(*VALUES, raw=built.home / "raw", parameters={"anchor_to_official_fossil": False})
    assert free.returncode == 0, free.printed
    assert free.rows("select distinct multiplier from intermediate.int_emission_anchor") == [(1,)]
    ((value,),) = free.rows(FOSSIL_POWER)
    assert 0.9 < float(value) < 1.1  # unit heat rates alone lie well above the official 0.8273


def test_a_revised_bulletin_counts_from_the_day_it_was_published(dbt, raw) -> None:
    revised = {
        "period_month": dt.date(2023, 12, 1),
        "region_code": "340000",
        "flow": "generation",
        "technology": "thermal",
        "energy_ytd_mwh": "300000000",
    }
    _add(raw, "electricity_bulletin", [revised], "rtestrevised0000", dt.date(2026, 1, 20))
    query = """
        select energy_ytd_mwh from staging.stg_electricity_bulletin
        where region_code = '340000' and period_month = '2023-12-01' and technology = 'thermal'
    """
    select = ("run", "--select", "+stg_electricity_bulletin")
    before = dbt(*select, raw=raw, parameters={"as_of": "2026-01-19"})
    after = dbt(*select, raw=raw, parameters={"as_of": "2026-01-20"})
    assert float(before.rows(query)[0][0]) != 300_000_000
    assert float(after.rows(query)[0][0]) == 300_000_000


def test_a_correction_is_applied_and_one_that_no_longer_fits_stops_the_build(dbt, raw) -> None:
    corridor = "from_region_code = '420000' and to_region_code = '440000'"
    query = f"select capacity_mw from staging.stg_transmission_corridor where {corridor}"
    select = (
        "build", "--indirect-selection", "empty",
        "--select", "+stg_transmission_corridor", "corrections_meet_their_expectation",
    )  # fmt: skip
    fits = dbt(*select, raw=raw)
    assert fits.returncode == 0, fits.printed
    assert fits.rows(query) == [(3000.0,)]

    _add(
        raw,
        "correction",
        [
            {
                "raw_table": "transmission_corridor",
                "key_json": json.dumps(
                    {"from_region_code": "340000", "to_region_code": "320000", "year": 2020}
                ),
                "column": "capacity_mw",
                "expect": "9999",
                "value": "12000",
                "reason": "mended in the source since",
                "reporter": "a test",
                "corrected_on": dt.date(2026, 1, 15),
            }
        ],
        "rtestcorrection0",
        dt.date(2026, 1, 15),
    )
    stale = dbt(*select, raw=raw)
    assert stale.returncode != 0
    assert "corrections_meet_their_expectation" in stale.printed


def test_a_year_to_date_value_that_falls_is_set_aside_and_no_month_is_negative(dbt, built) -> None:
    from duckdb import connect

    with connect(built.candidate / "candidate.duckdb", read_only=True) as connection:
        fallen = connection.execute(
            """
            select region_code, detail from marts.data_quality
            where metric = 'year_to_date_fell' order by all
            """
        ).fetchall()
        negative = connection.execute(
            "select count(*) from intermediate.int_monthly_statistic where energy_mwh < 0"
        ).fetchone()
    assert ("530000", "generation.hydro") in fallen  # Yunnan, November 2021 below October
    assert negative == (0,)


def test_before_a_year_of_statistics_is_complete_the_build_is_refused(dbt, built) -> None:
    early = dbt(*BUILD, raw=built.home / "raw", parameters={"as_of": "2020-03-31"})
    assert early.returncode != 0
    assert "inputs_of_the_method_are_known" in early.printed


def test_parameters_published_later_stand_in_and_are_named(dbt, built) -> None:
    parameters = {"as_of": "2023-08-15", "release_month": "2023-08"}
    early = dbt(*BUILD, raw=built.home / "raw", parameters=parameters)
    assert early.returncode == 0, early.printed
    assert early.rows(
        """
        select detail, period_end from marts.data_quality
        where metric = 'used_before_published' and detail like 'official_co2_factor.fossil%'
        """
    ) == [("official_co2_factor.fossil_power", dt.date(2024, 4, 12))]
    # The bulletin of June is the newest; a later factor of the same kind is not looked at.
    assert early.rows(
        """
        select resolution, period_start, maturity from marts.electricity_factor
        where factor_id in (
            'electricity.generation_average.none.co2.340000.2021',
            'electricity.generation_average.none.co2.340000.2023-06',
            'electricity.generation_average.none.co2.340000.2023-08'
        ) order by all
        """
    ) == [
        ("month", dt.date(2023, 6, 1), "provisional"),
        ("month", dt.date(2023, 8, 1), "nowcast"),
        ("year", dt.date(2021, 1, 1), "provisional"),
    ]
    assert early.rows("select distinct official_year from intermediate.int_emission_anchor") == [
        (2021,)
    ]


def test_raw_tables_have_the_columns_that_staging_reads(raw) -> None:
    for folder in sorted(raw.iterdir()):
        stands = pl.read_parquet(folder / "_empty.parquet").schema
        assert dict(stands) == dict(load_contract(folder.name).polars_schema()), folder.name
