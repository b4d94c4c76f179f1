"""Published tables as CSV.

Belongs here: the one way in which CSV is written. Does not belong here: what is in a table.

UTF-8 with byte order mark (spreadsheet programs need it for Chinese), comma, line feed, quotes only
where needed, dates as 2023-12-31, decimals with all their digits and never in scientific form,
`true` and `false`, nothing for null and `""` for an empty text. Rows stand in the order of the
Parquet file. Texts that could start a formula are marked: `formula_mark`.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from warehouse.formats.formula_mark import marked

FOLDER = "exports/csv"


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
