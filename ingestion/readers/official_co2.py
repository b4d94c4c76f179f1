"""Announcements of official CO2 factors: several small tables below one another or one a sheet,
each with a caption.

Belongs here: this layout; the caption says which kind of factor a table holds.
Does not belong here: comparison with our own factors (dbt_project) and known wrong values
(official_values.py).
"""

from dataclasses import replace

import polars as pl

from ingestion.codes import find_unit
from ingestion.delivery import Delivered
from ingestion.grid import ROW, Grid, Sheet
from ingestion.header import Header, Wanted, find_header, need_header, stated_unit, title
from ingestion.readers.reading import Reading, agreed_year, joined, table_rows
from ingestion.rules import Problem, refuse

_WANTED = [
    Wanted("region_code", ("地区", "范围")),
    Wanted("value_kg_per_kwh", ("因子", "排放因子")),
]
_CAPTION = r"^表\s*\d"
_QUANTITY = "co2_intensity"
_CO2E = "co2e_intensity"


def read(grid: Grid, delivered: Delivered) -> Reading:
    """Records of official_co2_factor: one per row of each table."""
    need_header(grid.sheets, _WANTED)
    records: list[pl.DataFrame] = []
    set_aside: list[Problem] = []
    for sheet in grid.sheets:
        for part, header, first in _tables(sheet):
            caption = title(part, header, first)
            unit = _unit(part, header, first)
            rows, short = table_rows(part, header)
            set_aside += short
            year = agreed_year(caption, delivered, sheet.name)
            records.append(
                rows.with_columns(
                    pl.lit(year, dtype=pl.Int32).alias("year"),
                    pl.lit(_kind(caption)).alias("factor_kind"),
                    pl.lit(unit).alias("value_kg_per_kwh__unit"),
                    pl.lit(header.columns["value_kg_per_kwh"].label).alias(
                        "value_kg_per_kwh__label"
                    ),
                    pl.lit(header.columns["region_code"].label).alias("region_code__label"),
                    pl.lit(delivered.details.get("announcement")).alias("announcement"),
                    pl.lit(delivered.known_at).alias("announced_on"),
                )
            )
    return Reading(joined(records), set_aside)


def _tables(sheet: Sheet) -> list[tuple[Sheet, Header, int]]:
    """The tables of a sheet: the sheet cut off before the next caption, its header, the row of its
    caption.
    """
    columns = sheet.columns
    captions = (
        sheet.text.filter(
            pl.any_horizontal(pl.col(name).str.contains(_CAPTION) for name in columns)
        )[ROW].to_list()
        if columns
        else []
    )
    starts = captions or [1]
    last = int(sheet.cells[ROW].max() or 0)  # type: ignore[arg-type]
    ends = [*(start - 1 for start in starts[1:]), last]
    found = []
    for start, end in zip(starts, ends, strict=True):
        part = replace(sheet, cells=sheet.cells.filter(pl.col(ROW) <= end))
        if header := find_header(part, _WANTED, first_row=start):
            found.append((part, header, start))
    return found


def _unit(sheet: Sheet, header: Header, first: int) -> str:
    own = header.columns["value_kg_per_kwh"].unit
    text = own.text if own else stated_unit(sheet, header, first)
    if text is None:
        raise refuse("unit_missing", sheet=sheet.name, row_number=header.row_number)
    unit = find_unit(text)
    if unit is not None and unit.quantity == _CO2E:
        raise refuse(
            "co2e_in_co2_table", sheet=sheet.name, row_number=header.row_number,
            found=text, expected="kgCO2/kWh",
        )  # fmt: skip
    if unit is None or unit.quantity != _QUANTITY:
        raise refuse("unit_unknown", sheet=sheet.name, found=text, expected="CO2 per kWh")
    return text


def _kind(caption: str) -> str:
    if "不包括" in caption or "不含" in caption:
        return "residual_mix"
    if "化石能源电力" in caption:
        return "fossil_power"
    return "supply_average"
