"""Tables in this database's own words: one header row that names the columns as the contract does.

Belongs here: reading such a table for whichever contract the delivery note names.
Does not belong here: layouts of others, and what the columns mean (contracts).
"""

import polars as pl

from ingestion.contract import load_contract
from ingestion.delivery import Delivered
from ingestion.grid import Grid
from ingestion.header import Wanted, need_header, warnings_of
from ingestion.readers.reading import Reading, table_rows

_AS_IT_STANDS = "1"


def read(grid: Grid, delivered: Delivered) -> Reading:
    """Records of the contract in the delivery note: one per row, every own column by its name.

    Units stand in the names of the columns, so numbers are taken as they stand.

    FileRefused (header_not_found) when a column of the contract is not in the header.
    """
    columns = load_contract(delivered.contract).columns
    wanted = [Wanted(column.name, (column.name,)) for column in columns]
    sheet, header = need_header(grid.sheets, wanted)[0]
    rows, short = table_rows(sheet, header)
    units = [
        pl.lit(_AS_IT_STANDS).alias(f"{column.name}__unit")
        for column in columns
        if column.cast == "number"
    ]
    return Reading(rows.with_columns(units), short, warnings_of(sheet, header, wanted))
