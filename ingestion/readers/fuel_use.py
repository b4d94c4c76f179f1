"""Fuel burnt for power: provinces in rows, fuels in columns with their units, one month a file.

Belongs here: this layout. A fuel that a province does not burn is an empty cell and no row.
Does not belong here: emission factors of fuels (dbt_project).
"""

import polars as pl

from ingestion import codes
from ingestion.delivery import Delivered
from ingestion.grid import Grid
from ingestion.header import Wanted, need_header, title, warnings_of
from ingestion.numbers import missing_marker
from ingestion.readers.reading import Reading, agreed_month, long_values, table_rows
from ingestion.rules import refuse

_REGION = Wanted("region_code", ("地区", "省份", "Province"))


def read(grid: Grid, delivered: Delivered) -> Reading:
    """Records of power_fuel_use: one per province and fuel. Amounts are converted to t or 10^4
    Nm3.
    """
    labels = {row["fuel"]: row["labels"].split("|") for row in codes.code_rows("fuels")}
    wanted = [_REGION, *(Wanted(fuel, tuple(names), False) for fuel, names in labels.items())]
    sheet, header = need_header(grid.sheets, wanted)[0]
    month = agreed_month(title(sheet, header), delivered, sheet.name)
    fuels = [name for name in header.columns if name != _REGION.name]
    if not fuels:
        raise refuse("header_not_found", expected="a column for each fuel", hint="None was found.")
    units: dict[str, codes.Unit] = {}
    for fuel in fuels:
        unit = header.columns[fuel].unit
        if unit is None:
            raise refuse("unit_missing", sheet=sheet.name, column=header.columns[fuel].label)
        if unit.quantity not in ("fuel_mass", "fuel_volume"):
            raise refuse("unit_unknown", sheet=sheet.name, found=unit.text, expected="fuel amount")
        units[fuel] = unit
    rows, short = table_rows(sheet, header)
    stated = {fuel: unit.text for fuel, unit in units.items()}
    canonical = {fuel: unit.canonical for fuel, unit in units.items()}
    long = long_values(rows, header, fuels, ["region_code"], "amount", stated)
    records = long.filter(missing_marker(pl.col("amount")).is_null()).with_columns(
        pl.col("name").replace_strict(canonical, return_dtype=pl.String).alias("unit"),
        pl.col("name").alias("fuel"),
        pl.lit(month).alias("period_month"),
        pl.lit(header.columns["region_code"].label).alias("region_code__label"),
    )
    warnings = warnings_of(sheet, header, wanted)
    return Reading(records, short, [w for w in warnings if w.rule_id == "column_unknown"])
