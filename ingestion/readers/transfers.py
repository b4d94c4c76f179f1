"""Reported transfers: sender, receivers and energy of a period from January on.

Belongs here: this layout and the two kinds of figure it mixes.
Does not belong here: netting of return flows (dbt_project).
"""

from datetime import date

import polars as pl

from ingestion.delivery import Delivered
from ingestion.grid import Grid
from ingestion.header import Wanted, need_header, title, warnings_of
from ingestion.readers.reading import Reading, agreed_month, month_end, table_rows, unit_of
from ingestion.text import match_key

_WANTED = [
    Wanted("from_region_code", ("送出地区", "送端")),
    Wanted("to_region_codes", ("受入地区", "受端")),
    Wanted("energy_mwh", ("送电量", "电量")),
    Wanted("kind", ("类别",)),
]
_KINDS = {"跨区送电": "interregional", "各省送出": "province_gross_export"}


def read(grid: Grid, delivered: Delivered) -> Reading:
    """Records of interregional_transfer: one per row, for January to the month of the title."""
    sheet, header = need_header(grid.sheets, _WANTED)[0]
    month = agreed_month(title(sheet, header), delivered, sheet.name)
    unit = unit_of(sheet, header, "energy_mwh", "energy")
    rows, short = table_rows(sheet, header)
    records = rows.with_columns(
        pl.lit(date(month.year, 1, 1)).alias("period_start"),
        pl.lit(month_end(month)).alias("period_end"),
        pl.lit(unit).alias("energy_mwh__unit"),
        pl.lit(value=False).alias("is_net"),
        match_key(pl.col("kind")).replace(_KINDS).alias("kind"),
        pl.lit(None, dtype=pl.String).alias("reported_text"),
        pl.lit(None, dtype=pl.String).alias("reported_unit"),
        *(pl.lit(header.columns[want.name].label).alias(f"{want.name}__label") for want in _WANTED),
    )
    return Reading(records, short, warnings_of(sheet, header, _WANTED))
