"""The workbook of a release: tables for people, as XLSX.

Belongs here: drawing sheets, headers, formats. Does not belong here: which rows stand in it
(`sheets`) and the words of the first sheet (`workbook_readme`).

Each sheet has two header rows, the names of the columns and their units, frozen, with filters on
the second and the description of a column as a note on the first. Numbers are numbers of the
spreadsheet (15 digits; all digits stand in Parquet and CSV), dates are dates. Nothing of a clock
goes in: two writes give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from warehouse import files
from warehouse.dbt_artifacts import PublishedColumn
from warehouse.formats import facts as database
from warehouse.formats import workbook_readme
from warehouse.formats.facts import ReleaseFacts
from warehouse.formats.formula_mark import marked, marked_texts
from warehouse.formats.sheets import HEADER_ROWS, Sheet

WORKBOOK = "exports/carbon_factors.xlsx"

LONGEST_TEXT = 32_767
"""Letters that a cell can hold (counted by Excel in UTF-16 units)."""

CUT = " ... [cut, whole in Parquet and CSV 已截断]"

_CREATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""Stands in the file where a clock would: the format asks for a moment."""

_DAY_ZERO = dt.date(1899, 12, 30)
_WIDEST, _NARROWEST, _SAMPLE = 44, 9, 200

Write = Callable[..., Any]


def write_workbook(
    target: Path, sheets: Sequence[Sheet], facts: ReleaseFacts, csv_paths: Mapping[str, str]
) -> None:
    """Write the workbook and force it to disk; the first sheet names `csv_paths` by table.

    One sheet at a time is in memory as values, the finished workbook as compressed bytes. Raises
    `OSError` when the disk fails.
    """
    content = io.BytesIO()
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".workbook-") as scratch:
        book = xlsxwriter.Workbook(
            content,
            {
                "constant_memory": True,
                "tmpdir": scratch,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "default_date_format": "yyyy-mm-dd",
            },
        )
        book.set_properties(
            {
                "title": f"{database.TITLE_EN} {facts.release_id}",
                "author": database.AUTHOR,
                "created": _CREATED,
            }
        )
        workbook_readme.write_readme(book, sheets, facts, csv_paths)
        formats = _Formats(book)
        for sheet in sheets:
            if sheet.rows is not None:
                _write_sheet(book.add_worksheet(sheet.title), sheet, sheet.rows, formats)
        try:
            book.close()
        except FileCreateError as problem:
            cause = problem.args[0] if problem.args else problem
            raise (cause if isinstance(cause, OSError) else OSError(str(problem))) from problem
    files.write_durably(target, content.getvalue())


class _Formats:
    """The cell formats of a workbook, one of each kind."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._by_number: dict[str, Any] = {}
        self.name = book.add_format({"bold": True, "bg_color": "#DCE6EE", "bottom": 1})
        self.unit = book.add_format({"italic": True, "font_color": "#555555", "bottom": 2})

    def of(self, column: PublishedColumn) -> Any:
        shown = _number_format(column.data_type)
        if shown is None:
            return None
        if shown not in self._by_number:
            self._by_number[shown] = self._book.add_format({"num_format": shown})
        return self._by_number[shown]


def _number_format(data_type: str) -> str | None:
    if data_type == "date":
        return "yyyy-mm-dd"
    if data_type == "timestamp":
        return "yyyy-mm-dd hh:mm:ss"
    if data_type in {"smallint", "integer", "bigint"}:
        return "0"
    if found := re.fullmatch(r"decimal\((\d+), (\d+)\)", data_type):
        digits, scale = int(found[1]), int(found[2])
        if digits - scale > 12:
            return "#,##0." + "0" * min(scale, 3) if scale else "#,##0"
        return "0." + "0" * min(scale, 9) if scale else "0"
    return "General" if data_type == "double" else None


def _write_sheet(page: Any, sheet: Sheet, rows: pl.LazyFrame, formats: _Formats) -> None:
    columns = sheet.table.columns
    frame = _spreadsheet_values(rows, columns)
    last = HEADER_ROWS - 1 + max(frame.height, 1)
    page.freeze_panes(HEADER_ROWS, _frozen_columns(sheet))
    page.autofilter(HEADER_ROWS - 1, 0, last, len(columns) - 1)
    shown = [formats.of(column) for column in columns]
    for place, (column, width) in enumerate(zip(columns, _widths(frame, columns), strict=True)):
        page.set_column(place, place, width)
        page.write_comment(0, place, _note(column), {"x_scale": 2.5, "y_scale": 1.5})
    units = marked_texts(column.unit for column in columns)
    for place, column in enumerate(columns):
        page.write_string(0, place, column.name, formats.name)
    for place, unit in enumerate(units):
        page.write_string(1, place, unit, formats.unit) if unit else page.write_blank(
            1, place, None, formats.unit
        )
    writers = [_writer(page, column) for column in columns]
    cells = list(zip(range(len(columns)), writers, shown, strict=True))
    # The library takes one cell at a time: the one loop over rows, and why sheets are short.
    for number, row in enumerate(frame.iter_rows(), HEADER_ROWS):
        for (place, write, look), value in zip(cells, row, strict=True):
            if value is not None:
                write(number, place, value, look)


def _writer(page: Any, column: PublishedColumn) -> Write:
    if column.data_type == "varchar":
        return page.write_string
    return page.write_boolean if column.data_type == "boolean" else page.write_number


def _spreadsheet_values(rows: pl.LazyFrame, columns: Sequence[PublishedColumn]) -> pl.DataFrame:
    """Return rows as a spreadsheet holds them: texts marked and cut, numbers as doubles.

    Dates become days since 1899-12-30. What is no finite number becomes empty.
    """
    return rows.select(_spreadsheet_value(column) for column in columns).collect()


def _spreadsheet_value(column: PublishedColumn) -> pl.Expr:
    value = pl.col(column.name)
    match column.data_type:
        case "varchar":
            text = marked(column.name)
            return (
                pl.when(text.str.len_bytes() > LONGEST_TEXT)
                .then(text.str.head(10_000) + CUT)
                .otherwise(text)
                .alias(column.name)
            )
        case "boolean":
            return value
        case "date":
            return (value - pl.lit(_DAY_ZERO)).dt.total_days().cast(pl.Int32).alias(column.name)
        case "timestamp":
            start = dt.datetime.combine(_DAY_ZERO, dt.time())
            elapsed = (value - pl.lit(start)).dt.total_microseconds()
            return (elapsed / 86_400_000_000).alias(column.name)
        case _:
            number = value.cast(pl.Float64)
            return pl.when(number.is_finite()).then(number).alias(column.name)


def _widths(frame: pl.DataFrame, columns: Sequence[PublishedColumn]) -> list[int]:
    """Return how wide each column is drawn, from its header and its first rows."""
    sample = frame.head(_SAMPLE)
    texts = [column.name for column in columns if column.data_type == "varchar"]
    longest = sample.select(
        # A Chinese letter takes three bytes and the room of two Latin ones.
        ((pl.col(name).str.len_chars() + pl.col(name).str.len_bytes()) // 2).max()
        for name in texts
    )
    return [
        max(
            _NARROWEST,
            min(
                _WIDEST,
                max(
                    len(column.name) + 3,
                    len(column.unit) + 3,
                    (longest[column.name].item() or 0) + 2 if column.name in texts else 14,
                ),
            ),
        )
        for column in columns
    ]


def _frozen_columns(sheet: Sheet) -> int:
    """Return how many columns stay in view: the first, when it is what names the row."""
    return 1 if sheet.table.columns[0].name in sheet.table.primary_key else 0


def _note(column: PublishedColumn) -> str:
    unit = f"\n[{column.unit}]" if column.unit else ""
    return f"{column.name}\n{column.description_en}\n{column.description_zh}{unit}"
