"""Finding a table in a sheet: its header row by the names in it, its data rows, its notes, its
units.

Belongs here: everything that depends on names and position only. Headers are found by names, never
by a fixed row, so a header that moved by some rows is still found; units are read where they are
stated, never guessed.
Does not belong here: the meaning of the cells below the header (readers, cast.py).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from ingestion.codes import Unit, find_unit
from ingestion.grid import ROW, WIDTH, Sheet
from ingestion.rules import Problem, refuse
from ingestion.text import key_of, normalise

_UNIT_LINE = re.compile(r"(?:单位|unit)\s*:\s*([^,;。)]+)", re.IGNORECASE)
_BRACKET = re.compile(r"^(?P<label>.*?)\((?P<unit>[^()]*)\)$")
_NOTE = re.compile(
    r"^(注|备注|说明|数据来源|资料来源|来源|note|source)[:0-9.、 ]|^\d+[.、]", re.IGNORECASE
)


@dataclass(frozen=True)
class Wanted:
    """A column a reader looks for: the name it gets, the labels it may have, whether a table is
    none without it.
    """

    name: str
    labels: tuple[str, ...]
    required: bool = True


@dataclass(frozen=True)
class Found:
    """A column that was found: the grid column, the label as it stands there, the unit in its
    brackets.
    """

    column: str
    label: str
    unit: Unit | None = None


@dataclass(frozen=True)
class Header:
    """A header row: where it is, and which column is which."""

    row_number: int
    columns: Mapping[str, Found]
    unknown: tuple[str, ...] = field(default=())


def split_unit(label: str) -> tuple[str, Unit | None]:
    """Label and unit of a header text: '装机容量（万千瓦）' gives ('装机容量', 万千瓦)."""
    text = normalise(label)
    if (match := _BRACKET.match(text)) and (unit := find_unit(match["unit"])):
        return match["label"].strip(), unit
    return text, None


def find_header(sheet: Sheet, wanted: Sequence[Wanted], first_row: int = 1) -> Header | None:
    """The row from `first_row` on that names every required column, and most of the others.

    The first of equal rows; None when there is none.

    FileRefused (header_ambiguous) when two columns of that row claim the same name.
    """
    keys = {key_of(label): want.name for want in wanted for label in want.labels}
    cells = sheet.cells_below_one_another.filter(pl.col(ROW) >= first_row)
    texts = cells["text"].unique().to_list()
    names = {text: _name_of(text, keys) for text in texts}
    matched = cells.with_columns(
        name=pl.col("text").replace_strict(
            list(names), list(names.values()), default=None, return_dtype=pl.String
        )
    )
    required = {want.name for want in wanted if want.required}
    rows = (
        matched.filter(pl.col("name").is_not_null())
        .group_by(ROW)
        .agg(
            pl.col("name").n_unique().alias("named"),
            pl.col("name").filter(pl.col("name").is_in(required)).n_unique().alias("required"),
        )
        .filter(pl.col("required") == len(required))
        .sort("named", ROW, descending=[True, False])
    )
    if rows.is_empty() or not required:
        return None
    row_number = int(rows[ROW][0])
    columns: dict[str, Found] = {}
    unknown: list[str] = []
    for cell in matched.filter(pl.col(ROW) == row_number).iter_rows(named=True):
        label, unit = split_unit(cell["text"])
        name = cell["name"]
        if name is None:
            unknown.append(cell["text"])
        elif name in columns:
            both = f"{columns[name].label}, {label}"
            raise refuse(
                "header_ambiguous",
                sheet=sheet.name,
                row_number=row_number,
                found=both,
                expected=name,
            )
        else:
            columns[name] = Found(cell["column"], label, unit)
    return Header(row_number, columns, tuple(unknown))


def _name_of(text: str, keys: Mapping[str, str]) -> str | None:
    return keys.get(key_of(text)) or keys.get(key_of(split_unit(text)[0]))


def need_header(sheets: Iterable[Sheet], wanted: Sequence[Wanted]) -> list[tuple[Sheet, Header]]:
    """Every sheet that holds such a table with its header; FileRefused (header_not_found) when no
    sheet does.
    """
    sheets = list(sheets)
    found = [(sheet, header) for sheet in sheets if (header := find_header(sheet, wanted))]
    if not found:
        expected = ", ".join(f"'{want.labels[0]}'" for want in wanted if want.required)
        raise refuse("header_not_found", expected=expected, hint=_nearest(sheets, wanted))
    return found


def _nearest(sheets: Iterable[Sheet], wanted: Sequence[Wanted]) -> str:
    keys = {key_of(label): want.name for want in wanted for label in want.labels}
    seen: set[str] = set()
    for sheet in sheets:
        texts = sheet.cells_below_one_another["text"].unique().to_list()
        seen |= {name for text in texts if (name := _name_of(text, keys))}
    absent = [f"'{want.labels[0]}'" for want in wanted if want.required and want.name not in seen]
    return f"Not found: {', '.join(absent)}." if absent else "The names stand in different rows."


def warnings_of(sheet: Sheet, header: Header, wanted: Sequence[Wanted]) -> list[Problem]:
    """Warnings for optional columns that are not there and for columns that nobody asked for."""
    absent = [want.labels[0] for want in wanted if want.name not in header.columns]
    warnings = [
        Problem("column_missing", sheet=sheet.name, expected=f"'{label}'") for label in absent
    ]
    return warnings + [
        Problem("column_unknown", sheet=sheet.name, row_number=header.row_number, found=label)
        for label in header.unknown
    ]


def body(sheet: Sheet, header: Header, last_row: int | None = None) -> pl.DataFrame:
    """The data rows under a header: row_number, width and one column of text as it stood per found
    name.

    Empty rows are left out, and so are notes: rows with one filled cell that begins like a note,
    and every row with one filled cell after the first note. FileRefused: table_empty, or
    file_truncated when the last row breaks off.
    """
    columns = sheet.columns
    filled = pl.sum_horizontal(pl.col(name).str.strip_chars() != "" for name in columns)
    text = pl.concat_str(sheet.text.select(columns), separator="") if columns else pl.lit("")
    rows = (
        sheet.cells.with_columns(_filled=filled, _text=sheet.text.select(text).to_series())
        .filter(pl.col(ROW) > header.row_number, pl.col("_filled") > 0)
        .filter(pl.col(ROW) <= last_row if last_row else pl.lit(value=True))
        .with_columns(_note=(pl.col("_filled") == 1) & pl.col("_text").str.contains(_NOTE_RE))
        .with_columns(_after=pl.col("_note").cum_max())
        .filter(~(pl.col("_note") | ((pl.col("_filled") == 1) & pl.col("_after"))))
    )
    if rows.is_empty():
        raise refuse("table_empty", sheet=sheet.name)
    return rows.select(
        ROW, WIDTH, *(pl.col(found.column).alias(name) for name, found in header.columns.items())
    )


_NOTE_RE = f"(?i){_NOTE.pattern}"


def incomplete_rows(sheet: Sheet, header: Header, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows that have fewer cells than the header needs: row_number, width.

    FileRefused (file_truncated) when it is the last row of the sheet: then the file broke off
    there.
    """
    needed = max(sheet.columns.index(found.column) for found in header.columns.values()) + 1
    short = rows.filter(pl.col(WIDTH) < needed).select(ROW, WIDTH)
    last = sheet.cells[ROW].max()
    if not short.is_empty() and short[ROW].max() == last:
        raise refuse(
            "file_truncated",
            sheet=sheet.name,
            row_number=int(last),  # type: ignore[arg-type]
            found=f"its last row has {short[WIDTH][-1]} of {needed} cells",
        )
    return short


def stated_unit(sheet: Sheet, header: Header, first_row: int = 1) -> str | None:
    """The unit of the line '单位：...' above the header, as it is written; None when no line states
    one.
    """
    above = sheet.cells_below_one_another.filter(
        pl.col(ROW).is_between(first_row, header.row_number)
    )
    for text in above["text"].to_list():
        if match := _UNIT_LINE.search(text):
            words = match[1].split()
            ways = (" ".join(words[:count]) for count in range(len(words), 0, -1))
            return next((way for way in ways if find_unit(way)), match[1].strip())
    return None


def title(sheet: Sheet, header: Header, first_row: int = 1) -> str:
    """All text above the header, in reading order."""
    above = sheet.cells_below_one_another.filter(
        pl.col(ROW).is_between(first_row, header.row_number - 1)
    )
    return " ".join(above["text"].to_list())
