"""What readers share: the result of a reading, rows of a table, wide tables made long, periods in
titles.

Belongs here: steps that two or more layouts need.
Does not belong here: anything that knows one source.
"""

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from ingestion.codes import find_unit
from ingestion.delivery import Delivered
from ingestion.grid import ROW, WIDTH, Sheet
from ingestion.header import Header, body, incomplete_rows, stated_unit
from ingestion.rules import Problem, refuse
from ingestion.text import normalise

_MONTHS = re.compile(r"(\d{4})\s*年\s*(?:1\s*月?\s*[-—~至]+\s*)?(\d{1,2})\s*月")


@dataclass(frozen=True)
class Reading:
    """Records for the contract, as text; rows that were set aside before; warnings.

    `records` has `sheet`, `row_number` and columns named as in the contract (see cast.py).
    """

    records: pl.DataFrame
    set_aside: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def table_rows(
    sheet: Sheet, header: Header, last_row: int | None = None
) -> tuple[pl.DataFrame, list[Problem]]:
    """Data rows with a `sheet` column, and one problem for each row that has too few cells."""
    rows = body(sheet, header, last_row)
    short = incomplete_rows(sheet, header, rows)
    needed = max(sheet.columns.index(found.column) for found in header.columns.values()) + 1
    problems = [
        Problem(
            "row_incomplete",
            sheet=sheet.name,
            row_number=row[ROW],
            found=str(row[WIDTH]),
            expected=str(needed),
        )
        for row in short.iter_rows(named=True)
    ]
    whole = rows.filter(~pl.col(ROW).is_in(short[ROW].to_list())).drop(WIDTH)
    return whole.with_columns(pl.lit(sheet.name, dtype=pl.String).alias("sheet")), problems


def long_values(
    rows: pl.DataFrame,
    header: Header,
    names: Sequence[str],
    keep: Sequence[str],
    value: str,
    units: Mapping[str, str | None] | None = None,
) -> pl.DataFrame:
    """One record per row and value column.

    Columns: `keep`, sheet, row_number, `name` (which of `names`), `value` (text), `value__label`
    and, when `units` are given, `value__unit`.
    """
    labels = {name: header.columns[name].label for name in names}
    long = rows.unpivot(
        list(names), index=[*keep, "sheet", ROW], variable_name="name", value_name=value
    ).with_columns(_mapped("name", labels).alias(f"{value}__label"))
    if units is not None:
        long = long.with_columns(_mapped("name", units).alias(f"{value}__unit"))
    return long


def _mapped(column: str, values: Mapping[str, str | None]) -> pl.Expr:
    return pl.col(column).replace_strict(
        list(values), list(values.values()), default=None, return_dtype=pl.String
    )


def unit_of(
    sheet: Sheet, header: Header, name: str, quantity: str, stated: str | None = None
) -> str:
    """The unit of a value column: the one in its header, else the unit line of the sheet.

    FileRefused: unit_missing when neither states one, unit_unknown when it is no unit of
    `quantity`.
    """
    own = header.columns[name].unit
    text = own.text if own else (stated or stated_unit(sheet, header))
    if text is None:
        raise refuse("unit_missing", sheet=sheet.name)
    unit = find_unit(text)
    if unit is None or unit.quantity != quantity:
        raise refuse("unit_unknown", sheet=sheet.name, found=text, expected=quantity)
    return text


def month_in(text: str) -> date | None:
    """First day of the month with which a title's period ends: '2019年1-3月' gives 2019-03-01; None
    without one.
    """
    match = _MONTHS.search(normalise(text))
    if not match or not 1 <= int(match[2]) <= 12:
        return None
    return date(int(match[1]), int(match[2]), 1)


def month_end(first: date) -> date:
    """Last day of the month that begins on `first`."""
    return date(first.year, first.month, calendar.monthrange(first.year, first.month)[1])


def agreed_month(text: str, delivered: Delivered, sheet: str | None) -> date:
    """The month of the title; FileRefused when it cannot be read or the delivery note says
    another.
    """
    month = month_in(text)
    if month is None:
        raise refuse("period_unreadable", sheet=sheet, found=text[:60])
    if month_end(month) != delivered.period.end:
        raise refuse(
            "period_mismatch",
            sheet=sheet,
            found=f"{month:%Y-%m}",
            expected=delivered.period.text,
        )
    return month


def agreed_year(text: str, delivered: Delivered, sheet: str | None) -> int:
    """The year of the title, or of the note where the title has none; FileRefused when they
    differ.
    """
    match = re.search(r"(?<!\d)((?:19|20)\d{2})(?!\d)", normalise(text))
    year = delivered.period.start.year
    if match and int(match[1]) != year:
        raise refuse("period_mismatch", sheet=sheet, found=match[1], expected=delivered.period.text)
    return year


def joined(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Frames below one another, columns matched by name."""
    return pl.concat(frames, how="diagonal") if len(frames) > 1 else frames[0]
