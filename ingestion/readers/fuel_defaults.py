"""Fuel defaults of guidelines: fuels in rows, each parameter in a pair of columns (value, unit).

Belongs here: this layout. A guideline gives no parameter for some fuels: such cells are no rows.
Does not belong here: choosing between guidelines (dbt_project).
"""

import polars as pl

from ingestion.delivery import Delivered
from ingestion.grid import ROW, Grid
from ingestion.header import Wanted, need_header, warnings_of
from ingestion.numbers import missing_marker
from ingestion.readers.reading import Reading, joined, table_rows
from ingestion.text import normalised

_PARAMETERS = {
    "ncv": ("低位发热量", "低位发热量单位"),
    "carbon_content": ("单位热值含碳量", "含碳量单位"),
    "oxidation_rate": ("碳氧化率", "氧化率单位"),
    "co2_factor": ("二氧化碳排放因子", "排放因子单位"),
    "co2_factor_ipcc_lower95": ("二氧化碳排放因子（IPCC 95%下限）", "下限因子单位"),
}
_WANTED = [
    Wanted("fuel", ("燃料品种", "燃料")),
    *(
        wanted
        for name, (value, unit) in _PARAMETERS.items()
        for wanted in (Wanted(name, (value,), False), Wanted(f"{name}_unit", (unit,), False))
    ),
]


def read(grid: Grid, delivered: Delivered) -> Reading:
    """Records of fuel_default: one per fuel and given parameter. The guideline's key stands in the
    delivery note.
    """
    sheet, header = need_header(grid.sheets, _WANTED)[0]
    rows, short = table_rows(sheet, header)
    names = [
        name for name in _PARAMETERS if name in header.columns and f"{name}_unit" in header.columns
    ]
    records = joined(
        [
            rows.select(
                "sheet",
                ROW,
                "fuel",
                pl.lit(name).alias("quantity"),
                pl.col(name).alias("value"),
                normalised(pl.col(f"{name}_unit")).alias("value__unit"),
                pl.lit(header.columns[name].label).alias("value__label"),
            )
            for name in names
        ]
    )
    given = records.filter(missing_marker(pl.col("value")).is_null())
    return Reading(
        given.with_columns(
            pl.lit(delivered.details.get("guideline", delivered.source_id)).alias("guideline"),
            pl.lit(header.columns["fuel"].label).alias("fuel__label"),
            pl.col("value__unit").alias("unit"),
        ),
        short,
        [p for p in warnings_of(sheet, header, _WANTED) if p.rule_id == "column_unknown"],
    )
