"""The worked example data: complete, exact, and with the defects that the sources really have."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from ingestion.delivery import Delivered, deliveries
from ingestion.raw import read_raw

DATA = Path(__file__).parents[2] / "data"


def energy(example, month: date, region: str, technology: str) -> Decimal | None:
    return (
        example.rows.filter(
            pl.col("period_month") == month,
            pl.col("region_code") == region,
            pl.col("technology") == technology,
        )["energy_ytd_mwh"]
    ).item()


def test_every_file_of_the_example_has_a_note_and_enters_whole(example) -> None:
    # Hints of the receipts of a few invented plants; nothing is refused.
    assert {finding.rule_id for finding in example.summary.findings} == {"carbon_balance_open"}
    assert example.summary.files_new == len(example.receipts) == 169
    assert example.quarantine.is_empty()
    assert all(isinstance(item, Delivered) for item in deliveries(DATA))
    assert sum(r.rows_accepted for r in example.receipts) == example.summary.rows_accepted


def test_there_is_one_bulletin_a_month_with_all_provinces_and_technologies(example) -> None:
    rows = example.rows
    months = rows.group_by("period_month").agg(pl.len(), pl.col("region_code").n_unique())
    assert months.height == 72
    assert set(months["len"]) == {31 * 6}
    assert set(months["region_code"]) == {31}


@pytest.mark.parametrize(
    ("month", "region", "technology", "ten_thousand_kwh"),
    [
        (date(2021, 6, 1), "340000", "thermal", "12900000.00"),
        (date(2021, 6, 1), "340000", "solar", "377969.00"),
        (date(2021, 6, 1), "340000", "total", "12750000.00"),
        (date(2019, 10, 1), "110000", "solar", "4864.00"),
        (date(2022, 11, 1), "220000", "solar", "363205.00"),
        (date(2024, 3, 1), "340000", "solar", "235755.00"),
    ],
)
def test_figures_are_those_of_the_source(example, month, region, technology, ten_thousand_kwh):
    assert energy(example, month, region, technology) == Decimal(ten_thousand_kwh) * 10


def test_zeros_are_missing_and_absent_series_have_a_marker(example) -> None:
    rows = example.rows
    january = rows.filter(
        pl.col("period_month") == date(2021, 1, 1), pl.col("technology") == "thermal"
    )
    assert set(january["missing_marker"]) == {"0"}
    assert january["energy_ytd_mwh"].null_count() == 31
    december_wind = rows.filter(
        pl.col("period_month").dt.month() == 12, pl.col("technology") == "wind"
    )
    assert december_wind["energy_ytd_mwh"].null_count() == december_wind.height
    assert not rows.filter(
        pl.col("energy_ytd_mwh").is_null() & pl.col("missing_marker").is_null()
    ).height


def test_the_vintages_arrive_in_their_encodings(example) -> None:
    found = {
        receipt.period[:4]: receipt.encoding
        for receipt in example.receipts
        if receipt.contract == "electricity_bulletin"
    }
    assert found == {
        "2019": "gb18030",
        "2020": "utf-8-sig",
        "2021": "utf-8-sig",
        "2022": "utf-8",
        "2023": None,
        "2024": None,
    }


def test_falling_year_to_date_values_of_the_source_are_kept(example) -> None:
    february = energy(example, date(2024, 2, 1), "340000", "solar")
    march = energy(example, date(2024, 3, 1), "340000", "solar")
    assert february is not None
    assert march is not None
    assert march < february


def test_official_factors_are_there_for_each_announced_year(example) -> None:
    rows = read_raw(example.home, "official_co2_factor")
    national = rows.filter(
        pl.col("region_code") == "CN", pl.col("factor_kind") == "supply_average"
    ).sort("year")
    assert national["value_kg_per_kwh"].to_list() == [
        Decimal("0.55680000"), Decimal("0.53660000"), Decimal("0.53060000")
    ]  # fmt: skip
    assert rows.filter(pl.col("region_code") == "540000").is_empty(), "none is published for Tibet"


@pytest.mark.parametrize("gwp_set", ["AR4", "AR5", "AR6"])
def test_every_gwp_set_weighs_the_gases_of_combustion_and_of_aluminium(example, gwp_set) -> None:
    gases = set(read_raw(example.home, "gwp").filter(pl.col("gwp_set") == gwp_set)["gas"])
    methane = {"CH4_biogenic_or_combustion", "CH4_fossil_fugitive"} if gwp_set == "AR6" else {"CH4"}
    assert gases == methane | {"N2O", "CF4", "C2F6", "SF6", "NF3", "HFC-134a"}


def test_combustion_gases_are_there_for_every_fuel_that_makes_power(example) -> None:
    rows = read_raw(example.home, "combustion_gas")
    assert set(rows["gas"]) == {"CH4", "N2O"}
    assert rows.group_by("fuel").agg(pl.len())["len"].unique().to_list() == [2]
    coal = rows.filter(pl.col("fuel") == "bituminous_coal", pl.col("gas") == "N2O")
    assert coal.select("kg_per_tj", "lower", "upper").row(0) == (1.5, 0.5, 5.0)
    needed = {"bituminous_coal", "natural_gas", "fuel_oil", "diesel", "solid_biomass"}
    assert needed <= set(rows["fuel"])


def test_national_shares_give_exact_energy(example) -> None:
    rows = read_raw(example.home, "national_generation")
    coal = rows.filter(
        pl.col("year") == 2023, pl.col("technology") == "coal", pl.col("coverage") == "total"
    )
    assert coal["energy_mwh"].item() == Decimal("9456.45") * Decimal("0.6085") * 10**6


def test_capacity_and_hours_are_converted(example) -> None:
    rows = read_raw(example.home, "capacity_utilisation").filter(
        pl.col("region_code") == "110000", pl.col("period_month") == date(2019, 11, 1)
    )
    wind = rows.filter(pl.col("technology") == "wind").row(0, named=True)
    assert (wind["scope"], wind["capacity_mw"]) == ("above_6mw", 180.0)
    assert wind["utilisation_hours_ytd"] == 1582.0
    solar = rows.filter(pl.col("technology") == "solar")
    assert dict(solar.select("scope", "capacity_mw").iter_rows()) == {
        "above_6mw": 80.0,
        "all": 480.0,
    }


def test_inner_mongolia_stands_in_two_grid_regions(example) -> None:
    rows = read_raw(example.home, "grid_region")
    found = dict(rows.select("region_code", "grid_region_code").iter_rows())
    assert found["150000"] == "GRID_NORTH"
    eastern = ("150400", "150500", "150700", "152200")
    assert {found[code] for code in eastern} == {"GRID_NORTHEAST"}


def test_every_correction_meets_the_value_it_expects(example) -> None:
    for row in read_raw(example.home, "correction").iter_rows(named=True):
        table = read_raw(example.home, row["raw_table"])
        key = pl.Series([row["key_json"]]).str.json_decode(
            pl.Struct(
                {"from_region_code": pl.String, "to_region_code": pl.String, "year": pl.Int32}
            )
        )
        matching = table.join(pl.DataFrame(key).unnest(key.name), on=key.struct.fields)
        assert matching[row["column"]].cast(pl.String).to_list() == [row["expect"]]
