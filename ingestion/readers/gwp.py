"""Global warming potentials: the set in a line of its own, then one gas a line.

Belongs here: this layout.
Does not belong here: which set a factor uses (dbt_project).
"""

import polars as pl

from ingestion.delivery import Delivered
from ingestion.grid import ROW, Grid
from ingestion.header import Wanted, need_header, warnings_of
from ingestion.readers.reading import Reading, table_rows, unit_of
from ingestion.rules import refuse
from ingestion.text import key_of

_WANTED = [Wanted("gas", ("Gas",)), Wanted("value", ("GWP100",))]


def read(grid: Grid, delivered: Delivered) -> Reading:
    """Records of gwp: one per gas."""
    sheet, header = need_header(grid.sheets, _WANTED)[0]
    unit = unit_of(sheet, header, "value", "gwp")
    above = sheet.text.filter(pl.col(ROW) < header.row_number).rows(named=True)
    named = [line["c2"] for line in above if key_of(line["c1"]) == key_of("GWP set")]
    if not named:
        raise refuse("header_not_found", expected="'GWP set'", hint="The set must be named.")
    rows, short = table_rows(sheet, header)
    records = rows.with_columns(
        pl.lit(named[0]).alias("gwp_set"),
        pl.lit(unit).alias("value__unit"),
        pl.lit(header.columns["value"].label).alias("value__label"),
        pl.lit(delivered.title_zh).alias("guideline"),
    )
    return Reading(records, short, warnings_of(sheet, header, _WANTED))
