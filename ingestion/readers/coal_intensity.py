"""Coal units by province and year: a plain table with English headers.

Belongs here: this layout.
Does not belong here: weighting units into a province (done by the source's compiler, see
data/README.md).
"""

import polars as pl

from ingestion.delivery import Delivered
from ingestion.grid import Grid
from ingestion.header import Wanted, need_header, warnings_of
from ingestion.readers.reading import Reading, table_rows, unit_of

_WANTED = [
    Wanted("region_code", ("Province",)),
    Wanted("year", ("Year",)),
    Wanted("coal_capacity_mw", ("Operating capacity", "Capacity")),
    Wanted("co2_kg_per_kwh", ("CO2 intensity",)),
    Wanted("unit_count", ("Units", "Unit count")),
]


def read(grid: Grid, delivered: Delivered) -> Reading:
    """Records of coal_unit_intensity: one per row."""
    sheet, header = need_header(grid.sheets, _WANTED)[0]
    rows, short = table_rows(sheet, header)
    records = rows.with_columns(
        pl.lit(unit_of(sheet, header, "coal_capacity_mw", "power")).alias("coal_capacity_mw__unit"),
        pl.lit(unit_of(sheet, header, "co2_kg_per_kwh", "co2_intensity")).alias(
            "co2_kg_per_kwh__unit"
        ),
        *(
            pl.lit(header.columns[name].label).alias(f"{name}__label")
            for name in ("region_code", "year", "coal_capacity_mw", "co2_kg_per_kwh", "unit_count")
        ),
    )
    return Reading(records, short, warnings_of(sheet, header, _WANTED))
