"""Which part of a release stands in the workbook.

Belongs here: the choice of tables and rows for people, and the sentence that says what was left to
the other forms. Does not belong here: drawing cells (`workbook`).

A sheet is for reading. A long table is narrowed to whole years and the month of the release; what
is evidence for programs, or stays too long, is named on the first sheet with its files.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from warehouse.formats.facts import ReleaseFacts
from warehouse.formats.published_table import PublishedTable

EXCEL_ROWS = 1_048_576
"""Rows of a sheet that the format allows, header included."""

HEADER_ROWS = 2
WHOLE_ROWS = 10_000
"""A table of up to this many rows stands whole in the workbook."""

SHEET_ROWS = 100_000
"""No sheet is longer: nobody reads it, and writing it takes longer than all the other forms."""

FIRST = (
    "electricity_factor", "official_comparison", "electricity_mix", "consumption_mix",
    "background_dataset", "product", "footprint_comparison",
)  # fmt: skip
"""What people look for comes first; the other tables follow in order of name."""

FOR_PROGRAMS = frozenset({"factor_history", "factor_lineage", "factor_revision"})
"""Evidence that commands follow (`explain`, `history`): half a million rows a release."""


@dataclasses.dataclass(frozen=True)
class Sheet:
    """One table in the workbook: `rows` is what stands there, `None` when it was left out."""

    table: PublishedTable
    title: str
    rows: pl.LazyFrame | None
    height: int
    note_en: str
    note_zh: str


def plan_sheets(
    release: Path, tables: Sequence[PublishedTable], facts: ReleaseFacts, longest: int = SHEET_ROWS
) -> list[Sheet]:
    """Decide for every table whether it stands in the workbook, whole, narrowed or not at all."""
    longest = min(longest, EXCEL_ROWS - HEADER_ROWS)
    names = [table.name for table in tables]
    place = {name: index for index, name in enumerate(FIRST)}
    ordered = sorted(tables, key=lambda table: (place.get(table.name, len(FIRST)), table.name))
    titles = _titles(sorted(names))
    return [_plan(release, table, titles[table.name], facts, longest) for table in ordered]


def _plan(
    release: Path, table: PublishedTable, title: str, facts: ReleaseFacts, longest: int
) -> Sheet:
    rows = pl.scan_parquet(release / table.path, hive_partitioning=False)
    columns = {column.name for column in table.columns}
    if table.name in FOR_PROGRAMS:
        return Sheet(table, title, None, 0, "left out: for programs", "未收入：供程序使用")
    if table.rows <= min(WHOLE_ROWS, longest):
        return Sheet(table, title, rows, table.rows, "all rows", "全部行")
    if {"resolution", "period_start"} <= columns:
        year, month = (int(part) for part in facts.release_month.split("-"))
        narrowed = rows.filter(
            (pl.col("resolution") == "year") | (pl.col("period_start") == dt.date(year, month, 1))
        )
        height = int(narrowed.select(pl.len()).collect().item())
        if height <= longest:
            return Sheet(
                table,
                title,
                narrowed,
                height,
                f"years, and the month {facts.release_month}",
                f"各年度及 {facts.release_month} 月",
            )
    return Sheet(table, title, None, 0, "left out: too long for a sheet", "未收入：行数过多")


def _titles(names: Sequence[str]) -> dict[str, str]:
    """Return a sheet title for each table: at most 31 letters, no two alike in any case."""
    titles: dict[str, str] = {}
    taken = {"readme"}
    for name in names:
        title, number = name[:31], 2
        while title.lower() in taken:
            ending = f"_{number}"
            title, number = name[: 31 - len(ending)] + ending, number + 1
        taken.add(title.lower())
        titles[name] = title
    return titles
