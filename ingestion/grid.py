"""The grid: every file as sheets of text cells, whatever its format and encoding.

Belongs here: CSV and XLSX to text cells with their row numbers; finding the encoding; refusing
what is cut off.
Does not belong here: what a cell means (header.py, readers).
"""

import csv
import io
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from pathlib import PurePosixPath

import polars as pl

from ingestion.rules import refuse
from ingestion.text import normalised
from ingestion.workbook_guard import check_workbook

MAX_FILE_BYTES = 50_000_000
FORMATS = (".csv", ".xlsx")
ROW = "row_number"
WIDTH = "width"


@dataclass(frozen=True)
class Sheet:
    """One sheet. `cells` has `row_number` (from 1), `width` (cells written in the row) and one
    text column per column.

    Text columns are named c1, c2, ...; an empty cell is ''. Rows that are empty from end to end
    are kept, so that row numbers stay those of the file.
    """

    name: str | None
    cells: pl.DataFrame

    @property
    def columns(self) -> list[str]:
        """Names of the text columns, from left to right."""
        return [name for name in self.cells.columns if name not in (ROW, WIDTH)]

    @cached_property
    def text(self) -> pl.DataFrame:
        """The cells with every text normalised."""
        return self.cells.with_columns(normalised(pl.col(name)) for name in self.columns)

    @cached_property
    def cells_below_one_another(self) -> pl.DataFrame:
        """The filled cells in reading order: row_number, column, text (normalised)."""
        return (
            self.text.unpivot(self.columns, index=[ROW], variable_name="column", value_name="text")
            .filter(pl.col("text") != "")
            .sort(ROW, pl.col("column").str.slice(1).cast(pl.Int32))
        )


@dataclass(frozen=True)
class Grid:
    """All sheets of a file and the encoding they were in (None for workbooks)."""

    sheets: tuple[Sheet, ...]
    encoding: str | None


def read_grid(content: bytes, file_name: str) -> Grid:
    """The cells of a CSV or XLSX file. FileRefused when the bytes cannot be a whole file of that
    format.
    """
    suffix = PurePosixPath(file_name).suffix.lower()
    if suffix not in FORMATS:
        raise refuse("file_type_unknown", found=suffix or "no suffix", expected=", ".join(FORMATS))
    if not content.strip():
        raise refuse("file_empty")
    if len(content) > MAX_FILE_BYTES:
        raise refuse("file_too_large", found=str(len(content)), expected=str(MAX_FILE_BYTES))
    if suffix == ".xlsx":
        return Grid(_workbook_sheets(content), None)
    text, encoding = decode(content)
    return Grid((_csv_sheet(text),), encoding)


def decode(content: bytes) -> tuple[str, str]:
    """Text and the name of its encoding: UTF-8 (with or without BOM) if it is that, else
    GB18030.
    """
    if content[:4].startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content[:1024]:
        raise refuse("encoding_unknown", found="it looks like UTF-16 or binary data")
    name = "utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "utf-8"
    try:
        return content.decode("utf-8-sig"), name
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and error.start > 0:
            raise refuse("file_truncated", found="its last character is cut") from error
    try:
        return content.decode("gb18030"), "gb18030"
    except UnicodeDecodeError as error:
        if error.reason == "incomplete multibyte sequence" and error.end >= len(content):
            raise refuse("file_truncated", found="its last character is cut") from error
        found = f"byte {error.start + 1} fits neither"
        raise refuse("encoding_unknown", found=found) from error


def _csv_sheet(text: str) -> Sheet:
    head = text[:5000]
    delimiter = max((",", "\t", ";"), key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise refuse("file_truncated", found="a quoted cell is not closed") from error
        raise refuse("file_unreadable", found=f"it is not a table ({error})") from error
    return _sheet(None, list(zip_longest(*rows, fillvalue="")), [len(row) for row in rows])


def _workbook_sheets(content: bytes) -> tuple[Sheet, ...]:
    import fastexcel

    check_workbook(content)
    try:
        workbook = fastexcel.read_excel(content)
        frames = [
            (name, workbook.load_sheet(name, header_row=None, skip_rows=0, dtypes="string"))
            for name in workbook.sheet_names
        ]
    except fastexcel.FastExcelError as error:
        reason = str(error).splitlines()[0]
        raise refuse("file_unreadable", found=f"the workbook is broken ({reason})") from error
    sheets = []
    for name, loaded in frames:
        frame = loaded.to_polars()
        columns = [frame[column].fill_null("").to_list() for column in frame.columns]
        sheets.append(_sheet(name, columns, [len(columns)] * frame.height))
    return tuple(sheets)


def _sheet(name: str | None, columns: list, widths: list[int]) -> Sheet:
    frame = pl.DataFrame(
        {
            ROW: pl.Series(range(1, len(widths) + 1), dtype=pl.Int32),
            WIDTH: pl.Series(widths, dtype=pl.Int32),
            **{
                f"c{number}": pl.Series(column, dtype=pl.String)
                for number, column in enumerate(columns, 1)
            },
        }
    )
    return Sheet(name, frame)
