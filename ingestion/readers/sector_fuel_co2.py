"""Sectoral inventories: provinces in rows, the fuels of the sector in columns.

Belongs here: this layout, and the sum of fuels to fuel groups by the explicit table
codes/sector_fuels.csv.
Does not belong here: splitting power from heat.
"""

import polars as pl

from ingestion import codes
from ingestion.delivery import Delivered
from ingestion.grid import ROW, Grid
from ingestion.header import Wanted, find_header, need_header, stated_unit, title
from ingestion.numbers import is_number, missing_marker, parsed_number
from ingestion.readers.reading import Reading, agreed_year, long_values, table_rows
from ingestion.rules import Problem, refuse
from ingestion.text import key_of

_PROVINCE = Wanted("region_code", ("Province", "地区"))


def read(grid: Grid, delivered: Delivered) -> Reading:
    """Records of sector_fuel_co2: one per province and fuel group. A fuel that is not given adds
    nothing.
    """
    labels = list(dict.fromkeys(row["label"] for row in codes.code_rows("sector_fuels")))
    named: dict[str, str] = {}
    for label in labels:
        named.setdefault(label.replace("_", " "), label)
    wanted = [_PROVINCE, *(Wanted(label, (label,), required=False) for label in named)]
    need_header(grid.sheets, [_PROVINCE])
    sheet = next(sheet for sheet in grid.sheets if find_header(sheet, [_PROVINCE]))
    header = find_header(sheet, wanted)
    assert header is not None
    year = agreed_year(title(sheet, header), delivered, sheet.name)
    unit = stated_unit(sheet, header)
    if unit is None:
        raise refuse("unit_missing", sheet=sheet.name)
    stated = codes.find_unit(unit)
    if stated is None or stated.quantity != "co2_mass":
        raise refuse("unit_unknown", sheet=sheet.name, found=unit, expected="mass of CO2")
    rows, short = table_rows(sheet, header)
    names = [name for name in header.columns if name != "region_code"]
    long = long_values(rows, header, names, ["region_code"], "co2_t")
    given = long.filter(missing_marker(pl.col("co2_t")).is_null())
    groups = {name: codes.sector_fuels().codes[key_of(name)] for name in names}
    given = given.with_columns(fuel_group=pl.col("name").replace_strict(groups))
    bad = given.filter(~is_number(pl.col("co2_t")))
    problems = [
        Problem(
            "number_unreadable",
            sheet=sheet.name,
            row_number=row[ROW],
            column=row["co2_t__label"],
            found=row["co2_t"],
            hint="The fuel group of this province is set aside.",
            hint_zh="该省该燃料组隔离。",
        )
        for row in bad.iter_rows(named=True)
    ]
    whole = given.join(bad.select(ROW, "fuel_group").unique(), on=[ROW, "fuel_group"], how="anti")
    sums = whole.group_by("region_code", "sheet", ROW, "fuel_group", maintain_order=True).agg(
        parsed_number(pl.col("co2_t")).sum().cast(pl.String).alias("co2_t")
    )
    return Reading(
        sums.with_columns(
            pl.lit(year, dtype=pl.Int32).alias("year"),
            pl.lit(unit).alias("co2_t__unit"),
            pl.col("fuel_group").alias("co2_t__label"),
            pl.lit(header.columns["region_code"].label).alias("region_code__label"),
        ),
        short + problems,
        [
            Problem("column_unknown", sheet=sheet.name, row_number=header.row_number, found=label)
            for label in header.unknown
        ],
    )
