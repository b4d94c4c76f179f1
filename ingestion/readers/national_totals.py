"""National totals: one figure a line with its coverage and the body that published it.

Belongs here: this layout.
Does not belong here: choosing between publishers that disagree (dbt_project).
"""

import polars as pl

from ingestion.delivery import Delivered
from ingestion.grid import Grid
from ingestion.header import Wanted, need_header, title, warnings_of
from ingestion.readers.reading import Reading, agreed_year, table_rows, unit_of
from ingestion.text import match_key

_WANTED = [
    Wanted("technology", ("指标",)),
    Wanted("coverage", ("口径",)),
    Wanted("energy_mwh", ("数值",)),
    Wanted("publisher", ("发布机构",)),
]
_COVERAGES = {"规模以上": "above_scale", "全口径": "full"}
_CONSUMPTION = "全社会用电量"


def read(grid: Grid, delivered: Delivered) -> Reading:
    """Records of national_generation: one per row."""
    sheet, header = need_header(grid.sheets, _WANTED)[0]
    year = agreed_year(title(sheet, header), delivered, sheet.name)
    unit = unit_of(sheet, header, "energy_mwh", "energy")
    rows, short = table_rows(sheet, header)
    is_consumption = match_key(pl.col("technology")) == _CONSUMPTION
    records = rows.with_columns(
        year=pl.lit(year, dtype=pl.Int32),
        flow=pl.when(is_consumption).then(pl.lit("consumption")).otherwise(pl.lit("generation")),
        technology=pl.when(is_consumption).then(pl.lit("total")).otherwise(pl.col("technology")),
        coverage=match_key(pl.col("coverage")).replace(_COVERAGES),
        energy_mwh__unit=pl.lit(unit),
        reported_text=pl.col("energy_mwh"),
        reported_unit=pl.lit(unit),
        **{
            f"{name}__label": pl.lit(header.columns[name].label)
            for name in ("technology", "coverage", "energy_mwh")
        },
    )
    return Reading(records, short, warnings_of(sheet, header, _WANTED))
