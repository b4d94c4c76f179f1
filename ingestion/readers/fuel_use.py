"""Fuel burnt for power: provinces in rows, fuels in columns with their units, one month a file.

Belongs here: this layout. A fuel that a province does not burn is an empty cell and no row.
Does not belong here: emission factors of fuels (dbt_project).
"""

import polars as pl

from ingestion import codes
from ingestion.delivery import Delivered
from ingestion.grid import Grid
from ingestion.header import Wanted, need_header, title, warnings_of
from ingestion.numbers import exact, missing_marker, parsed_number
from ingestion.readers.reading import Reading, agreed_month, long_values, table_rows
from ingestion.rules import Problem, refuse

_REGION = Wanted("region_code", ("地区", "省份", "Province"))


def read(grid: Grid, delivered: Delivered) -> Reading:
    """Records of power_fuel_use: one per province and fuel. Amounts are converted to t or 10^4 Nm3."""
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
    canonical = {fuel: unit.canonical for fuel, unit in units.items()}
    long = long_values(rows, header, fuels, ["region_code"], "amount", canonical)
    records = long.filter(missing_marker(pl.col("amount")).is_null()).rename({"name": "fuel"})
    factor = pl.col("fuel").replace_strict({fuel: str(unit.factor) for fuel, unit in units.items()})
    product = pl.concat_list(  # one unit per column: convert here, the contract keeps t or 1e4Nm3
        parsed_number(pl.col("amount")) * factor.cast(pl.Decimal(38, 12))
    ).list.first()
    unchanged = factor.cast(pl.Decimal(38, 12)) == exact("1")
    amount = (
        pl.when(unchanged | product.is_null())
        .then(pl.col("amount"))
        .otherwise(product.cast(pl.String))
    )
    unknown = [
        problem
        for problem in warnings_of(sheet, header, wanted)
        if problem.rule_id == "column_unknown"
    ]
    return Reading(
        records.with_columns(
            amount.alias("amount"),
            pl.col("amount__unit").alias("unit"),
            pl.lit(month).alias("period_month"),
            pl.lit(header.columns["region_code"].label).alias("region_code__label"),
        ),
        short,
        unknown + [Problem(p.rule_id, sheet=p.sheet, found=p.found) for p in ()],
    )
