"""The page of the kinds of factors says what the tables of a release say."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from orchestration.factor_kinds_page import AREAS, factor_kinds_page, shown_years

NAMES = dict(zip(AREAS, ("Anhui", "Shandong", "Sichuan", "Guizhou", "China"), strict=True))
VALUE = pl.Decimal(18, 12)


def factor(area, kind, year, value, *, basis="none", scope="CO2", gwp_set="none", **changes):
    start = dt.date(year, 1, 1)
    return {
        "region_code": area, "region_name_en": NAMES.get(area, area), "region_name_zh": "某地",
        "period_start": start, "resolution": "year", "factor_kind": kind, "technology": "all",
        "gas_scope": scope, "gwp_set": gwp_set, "import_factor_basis": basis,
        "system_boundary": "direct_combustion", "includes_td_losses": False,
        "method_id": f"{kind}.v1", "value": value, "lower_95": value * 0.9,
        "upper_95": value * 1.1, "note_en": None, "note_zh": None, **changes,
    }  # fmt: skip


def frame(rows):
    figures = ("value", "lower_95", "upper_95")
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.col(each).cast(VALUE) for each in figures
    )


@pytest.fixture
def factors():
    rows = [
        factor(area, kind, year, 0.5 + place / 100 + (year - 2020) / 1000, basis=basis)
        for place, area in enumerate(AREAS)
        for year in (2021, 2022, 2023)
        for kind, basis in (("supply_average", "network"), ("consumption_mix", "network"))
    ]
    rows += [
        factor(area, "consumption_mix", 2023, 0.0000125, basis="network", scope="CH4")
        for area in AREAS
    ]
    for boundary, losses, value in (
        ("cradle_to_busbar", False, 0.944),
        ("cradle_to_user", False, 0.9476),
        ("cradle_to_user", True, 0.9935),
    ):
        rows += [
            factor(
                "CN", kind, year, value, scope="CO2e", gwp_set="as_published",
                technology="coal" if kind == "life_cycle_technology" else "all",
                system_boundary=boundary, includes_td_losses=losses, note_en="A proxy",
                note_zh="代用值",
            )
            for kind in ("life_cycle_technology", "life_cycle_residual")
            for year in (2022, 2023)
        ]  # fmt: skip
    rows.append(factor("340000", "supply_average", 2023, 0.9999, resolution="month"))
    rows.append(factor("110000", "supply_average", 2023, 0.8888, basis="network"))
    return frame(rows)


@pytest.fixture
def comparison():
    rows = [
        ("CN", 2023, 0.5306, 0.0230),
        ("340000", 2022, 0.6782, -0.2596),
        ("340000", 2021, 0.6, 0.1),
    ]
    return pl.DataFrame(
        [
            {
                "year": year, "region_code": area, "factor_kind": "supply_average",
                "import_factor_basis": "network", "gas_scope": "CO2",
                "system_boundary": "direct_combustion", "includes_td_losses": False,
                "official_value": Decimal(str(official)),
                "relative_deviation": Decimal(str(deviation)), "is_inside_interval": deviation > 0,
            }
            for area, year, official, deviation in rows
        ],
        schema_overrides={"year": pl.Int32},
    )  # fmt: skip


METHODS = pl.DataFrame(
    {
        "method_id": ["supply_average.v1", "consumption_mix.v1", "unused.v1"],
        "name_en": ["Supply", "Consumption", "Unused"], "name_zh": ["供电", "消费", "无"],
        "equation": ["EF = Em / E", "EF = x | y", "none"], "boundary_en": ["a", "b", "c"],
        "source_en": ["d", "e", "f"],
    }
)  # fmt: skip


@pytest.fixture
def page(factors, comparison):
    return factor_kinds_page(factors, comparison, METHODS, month="2023-12")


def section(page, title):
    return page.split(f"## {title}")[1].split("\n## ")[0]


def cells(page, title, start):
    lines = [line for line in section(page, title).splitlines() if line.startswith(f"| {start}")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_a_row_holds_the_values_of_each_area_and_the_official_one_with_its_difference(page):
    assert cells(page, "2023", "`supply_average`") == [
        [
            "`supply_average`", "network", "0.5030", "0.5130", "0.5230", "0.5330",
            "0.5430 (0.5306, +2.3 %)",
        ]
    ]  # fmt: skip
    assert cells(page, "2022", "`supply_average`")[0][2] == "0.5020 (0.6782, -26.0 %)"


def test_the_areas_are_the_four_provinces_and_the_nation(page):
    header = cells(page, "2023", "Kind")[0]
    assert header[2:] == [f"{name} 某地" for name in NAMES.values()]


def test_an_area_without_a_kind_shows_a_dash(page):
    rows = cells(page, "2023", "`life_cycle_residual`")
    assert [row[1:] for row in rows] == [
        ["busbar", "-", "-", "-", "-", "0.9440"],
        ["user, without losses", "-", "-", "-", "-", "0.9476"],
        ["user", "-", "-", "-", "-", "0.9935"],
    ]


def test_months_and_other_provinces_are_left_out(page):
    assert "0.9999" not in page
    assert "0.8888" not in page


def test_the_years_are_the_newest_with_every_kind_and_the_newest_with_provincial_official_values(
    factors, comparison
):
    yearly = factors.with_columns(pl.col("period_start").dt.year().alias("year"))
    assert shown_years(yearly, comparison) == [2023, 2022]
    national = comparison.filter(pl.col("region_code") == "CN")
    assert shown_years(yearly, national) == [2023]
    early = yearly.filter((pl.col("year") < 2023) | (pl.col("factor_kind") == "supply_average"))
    assert shown_years(early, national) == [2022]


def test_no_year_with_every_kind_is_an_error(factors, comparison):
    yearly = factors.with_columns(pl.col("period_start").dt.year().alias("year"))
    apart = yearly.filter((pl.col("factor_kind") == "supply_average") == (pl.col("year") == 2021))
    with pytest.raises(ValueError, match="every kind"):
        shown_years(apart, comparison)


def test_each_official_value_of_the_shown_years_has_a_row_with_the_interval(page):
    assert cells(page, "Official values", "202") == [
        [
            "2023", "China 某地", "`supply_average`", "network", "0.5306", "0.5430", "+2.3 %",
            "0.4887 to 0.5973", "yes",
        ],
        [
            "2022", "Anhui 某地", "`supply_average`", "network", "0.6782", "0.5020", "-26.0 %",
            "0.4518 to 0.5522", "no",
        ],
    ]  # fmt: skip


def test_technologies_stand_at_each_boundary_and_small_gases_in_grams(page):
    assert cells(page, "Technologies", "coal") == [["coal", "0.9440", "0.9476", "0.9935"]]
    assert cells(page, "Gases", "CH4") == [["CH4, g per kWh", *["0.01250"] * 5]]


def test_methods_that_were_used_are_told_and_no_bar_breaks_the_table(page):
    assert r"| `EF = x \| y` |" in section(page, "What the kinds are")
    assert "Unused" not in page


def test_a_note_names_the_kinds_that_it_is_about(page):
    assert "`life_cycle_residual`, `life_cycle_technology`: A proxy. 代用值。" in page
