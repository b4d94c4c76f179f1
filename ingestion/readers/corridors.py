"""Transmission corridors: one pair of provinces a line.

Belongs here: this layout.
Does not belong here: doubts about single lines (data/corrections).
"""

import polars as pl

from ingestion.delivery import Delivered
from ingestion.grid import Grid
from ingestion.header import Wanted, need_header, warnings_of
from ingestion.readers.reading import Reading, table_rows

_WANTED = [
    Wanted("from_region_code", ("from",)),
    Wanted("to_region_code", ("to",)),
    Wanted("capacity_mw", ("p_nom_MW", "capacity_mw")),
    Wanted("year", ("year",)),
    Wanted("is_verified", ("checked", "verified")),
    Wanted("note", ("note", "notes"), required=False),
]


def read(grid: Grid, delivered: Delivered) -> Reading:
    """Records of transmission_corridor: one per row. The unit is part of the header's name
    (p_nom_MW).
    """
    sheet, header = need_header(grid.sheets, _WANTED)[0]
    rows, short = table_rows(sheet, header)
    records = rows.drop("note", strict=False).with_columns(
        pl.lit("MW").alias("capacity_mw__unit"),
        *(
            pl.lit(header.columns[want.name].label).alias(f"{want.name}__label")
            for want in _WANTED
            if want.required
        ),
    )
    return Reading(records, short, warnings_of(sheet, header, _WANTED))
