"""Announcements of official life-cycle factors: one line a technology.

Belongs here: this layout.
Does not belong here: average CO2 factors (official_co2.py).
"""

import polars as pl

from ingestion.delivery import Delivered
from ingestion.grid import Grid
from ingestion.header import Wanted, need_header, title, warnings_of
from ingestion.readers.reading import Reading, agreed_year, table_rows, unit_of

_WANTED = [
    Wanted("technology", ("电力类型", "发电类型")),
    Wanted("value_kg_per_kwh", ("碳足迹因子", "因子")),
]


def read(grid: Grid, delivered: Delivered) -> Reading:
    """Records of official_lca_factor: one per row."""
    sheet, header = need_header(grid.sheets, _WANTED)[0]
    year = agreed_year(title(sheet, header), delivered, sheet.name)
    unit = unit_of(sheet, header, "value_kg_per_kwh", "co2e_intensity")
    rows, short = table_rows(sheet, header)
    records = rows.with_columns(
        pl.lit(year, dtype=pl.Int32).alias("year"),
        pl.lit(unit).alias("value_kg_per_kwh__unit"),
        pl.lit(header.columns["value_kg_per_kwh"].label).alias("value_kg_per_kwh__label"),
        pl.lit(header.columns["technology"].label).alias("technology__label"),
        pl.lit(delivered.details.get("announcement")).alias("announcement"),
        pl.lit(delivered.known_at).alias("announced_on"),
    )
    return Reading(records, short, warnings_of(sheet, header, _WANTED))
