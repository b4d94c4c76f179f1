"""The map of provinces to grid regions.

Belongs here: this layout. The code is read, the name beside it is for people.
Does not belong here: the split of Inner Mongolia (dbt_project).
"""

import polars as pl

from ingestion.delivery import Delivered
from ingestion.grid import Grid
from ingestion.header import Wanted, need_header
from ingestion.readers.reading import Reading, table_rows

_WANTED = [
    Wanted("name", ("省级行政区", "地区")),
    Wanted("region_code", ("代码", "行政区代码")),
    Wanted("grid_region_code", ("所属区域电网", "区域电网")),
]


def read(grid: Grid, delivered: Delivered) -> Reading:
    """Records of grid_region: one per row."""
    sheet, header = need_header(grid.sheets, _WANTED)[0]
    rows, short = table_rows(sheet, header)
    records = rows.drop("name").with_columns(
        pl.lit(header.columns[name].label).alias(f"{name}__label")
        for name in ("region_code", "grid_region_code")
    )
    return Reading(records, short)
