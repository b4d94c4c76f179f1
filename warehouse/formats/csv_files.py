"""Published tables as CSV.

Belongs here: the one way in which CSV is written. Does not belong here: what is in a table.

UTF-8 with byte order mark (spreadsheet programs need it for Chinese), comma, line feed, quotes only
where needed, dates as 2023-12-31, decimals with all their digits and never in scientific form,
`true` and `false`, nothing for null and `""` for an empty text. Rows stand in the order of the
Parquet file. Texts that could start a formula are marked: `formula_mark`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from warehouse.formats.formula_mark import marked
from warehouse.formats.published_table import PublishedTable

FOLDER = "exports/csv"

LONGEST = 5_000_000
"""A table of more rows is left to Parquet and the snapshot: a text of a gigabyte serves nobody.

The first sheet of the workbook and the data package say which tables have no CSV.
"""


def csv_paths_of(tables: Sequence[PublishedTable], longest: int = LONGEST) -> dict[str, str]:
    """Return where the CSV file of each table stands in a release, without those too long."""
    return {table.name: f"{FOLDER}/{table.name}.csv" for table in tables if table.rows <= longest}


def write_csv(source: Path, target: Path) -> None:
    """Write one Parquet file as CSV, in a stream: memory does not grow with the rows.

    Raises `OSError` when the disk fails.
    """
    table = pl.scan_parquet(source, hive_partitioning=False)
    texts = [name for name, kind in table.collect_schema().items() if kind == pl.String]
    table.with_columns(marked(name) for name in texts).sink_csv(
        target,
        include_bom=True,
        separator=",",
        line_terminator="\n",
        quote_style="necessary",
        float_scientific=False,
        null_value="",
        maintain_order=True,
    )
