"""National mix by shares: a total in one line, then sources of generation and their share of it.

Belongs here: this layout, and the product of total and share, which is exact in decimals.
Does not belong here: closing the shares to 100 % (dbt_project).
"""

import polars as pl

from ingestion.codes import find_unit
from ingestion.delivery import Delivered
from ingestion.grid import ROW, Grid
from ingestion.header import Wanted, need_header, title
from ingestion.numbers import exact, parsed_number
from ingestion.readers.reading import Reading, agreed_year, joined, table_rows, unit_of
from ingestion.rules import refuse
from ingestion.text import key_of, normalise

_WANTED = [Wanted("technology", ("Source of generation", "Source")), Wanted("share", ("Share",))]
_TOTAL = key_of("Total generation")
_COVERAGE = "total"


def read(grid: Grid, delivered: Delivered) -> Reading:
    """Records of national_generation: the total, and one per source of generation."""
    sheet, header = need_header(grid.sheets, _WANTED)[0]
    year = agreed_year(title(sheet, header), delivered, sheet.name)
    share_unit = unit_of(sheet, header, "share", "share")
    lines = sheet.text.filter(pl.col(ROW) < header.row_number).rows(named=True)
    total_line = next((line for line in lines if key_of(line["c1"]) == _TOTAL), None)
    if total_line is None or "c3" not in total_line:
        raise refuse("header_not_found", expected="'Total generation', a number, a unit")
    unit = find_unit(total_line["c3"])
    if unit is None or unit.quantity != "energy":
        raise refuse("unit_unknown", found=total_line["c3"], expected="energy")
    number = pl.select(parsed_number(pl.lit(total_line["c2"]))).item()
    if number is None:
        raise refuse("file_unreadable", found=f"the total '{total_line['c2']}' is not a number")
    rows, short = table_rows(sheet, header)
    mwh = pl.Decimal(38, 6)
    total = exact(number) * exact(unit.factor)
    share = parsed_number(pl.col("share"))
    factor = find_unit(share_unit)
    assert factor is not None
    common = [
        pl.lit(year, dtype=pl.Int32).alias("year"),
        pl.lit("generation").alias("flow"),
        pl.lit(_COVERAGE).alias("coverage"),
        pl.lit("Ember").alias("publisher"),
        pl.lit(unit.text).alias("reported_unit"),
    ]
    parts = rows.with_columns(
        *common,
        (total * share * exact(factor.factor)).cast(mwh).alias("energy_mwh"),
        pl.col("share").alias("reported_text"),
        pl.lit(share_unit).alias("share__unit"),
        pl.lit(header.columns["share"].label).alias("share__label"),
        pl.lit(header.columns["technology"].label).alias("technology__label"),
    )
    whole = pl.DataFrame(
        {
            "sheet": pl.Series([sheet.name], dtype=pl.String),
            ROW: pl.Series([total_line[ROW]], dtype=pl.Int32),
            "technology": ["total"],
            "reported_text": [normalise(total_line["c2"])],
            "share": ["100"],
        }
    ).with_columns(*common, total.cast(mwh).alias("energy_mwh"), pl.lit("%").alias("share__unit"))
    return Reading(joined([whole, parts]), short)
