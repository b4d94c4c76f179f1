"""Monthly bulletins: provinces in rows, technologies and consumption in columns, year-to-date
values.

Belongs here: the layout of these bulletins in all its vintages - one sheet with everything or one
sheet each for generation and consumption, names short or long, the unit in a line or in the header.
Does not belong here: taking months out of year-to-date values (dbt_project).
"""

import polars as pl

from ingestion.codes import code_rows
from ingestion.delivery import Delivered
from ingestion.grid import Grid
from ingestion.header import Wanted, need_header, stated_unit, title, warnings_of
from ingestion.readers.reading import (
    Reading,
    agreed_month,
    joined,
    long_values,
    table_rows,
    unit_of,
)
from ingestion.rules import Problem, refuse

_TECHNOLOGIES = ("thermal", "hydro", "nuclear", "wind", "solar")
_CONSUMPTION = "consumption"


def _wanted() -> list[Wanted]:
    labels = {row["technology"]: row["labels"].split("|") for row in code_rows("technologies")}
    return [
        Wanted("region_code", ("地区", "省份", "省（区、市）", "省级行政区", "Province")),
        *(Wanted(name, tuple(labels[name]), required=False) for name in _TECHNOLOGIES),
        Wanted(_CONSUMPTION, ("全社会用电量", "用电量", "Consumption"), required=False),
    ]


def read(grid: Grid, delivered: Delivered) -> Reading:
    """Records of electricity_bulletin: one per province and value column of every sheet with a
    table.
    """
    wanted = _wanted()
    tables = need_header(grid.sheets, wanted)
    records: list[pl.DataFrame] = []
    set_aside: list[Problem] = []
    warnings: list[Problem] = []
    seen: set[str] = set()
    for sheet, header in tables:
        names = [name for name in header.columns if name != "region_code"]
        if not names:
            continue
        month = agreed_month(title(sheet, header), delivered, sheet.name)
        stated = stated_unit(sheet, header)
        units = {name: unit_of(sheet, header, name, "energy", stated) for name in names}
        rows, short = table_rows(sheet, header)
        set_aside += short
        long = long_values(rows, header, names, ["region_code"], "energy_ytd_mwh", units)
        records.append(long.with_columns(pl.lit(month).alias("period_month")))
        seen.update(names)
        warnings += [
            problem
            for problem in warnings_of(sheet, header, wanted)
            if problem.rule_id == "column_unknown"
        ]
    if not records:
        expected = "'火电', '水电', '核电', '风电', '太阳能发电', '全社会用电量'"
        raise refuse("header_not_found", expected=expected, hint="No value column was found.")
    warnings += [
        Problem("sheet_ignored", found=sheet.name or "")
        for sheet in grid.sheets
        if sheet.name not in {known.name for known, _ in tables}
    ]
    warnings += [
        Problem("column_missing", expected=f"'{want.labels[0]}'")
        for want in wanted[1:]
        if want.name not in seen
    ]
    is_consumption = pl.col("name") == _CONSUMPTION
    return Reading(
        joined(records)
        .with_columns(
            flow=pl.when(is_consumption).then(pl.lit(_CONSUMPTION)).otherwise(pl.lit("generation")),
            technology=pl.when(is_consumption).then(pl.lit("total")).otherwise(pl.col("name")),
            region_code__label=pl.lit(tables[0][1].columns["region_code"].label),
            reported_text=pl.lit(None, dtype=pl.String),
            reported_unit=pl.lit(None, dtype=pl.String),
            missing_marker=pl.lit(None, dtype=pl.String),
        )
        .drop("name"),
        set_aside,
        warnings,
    )
