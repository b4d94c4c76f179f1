"""The workbook as openpyxl, and hence a spreadsheet program, reads it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from tests.warehouse.formats import small_release
from tests.warehouse.formats.test_formula_mark import ANY_TEXT, LIKELY_TEXT, begins_a_formula
from warehouse.formats import PublishedTable, published_tables
from warehouse.formats import sheets as choosing
from warehouse.formats.csv_files import csv_paths_of
from warehouse.formats.formula_mark import unmarked
from warehouse.formats.sheets import plan_sheets
from warehouse.formats.workbook import CUT, WORKBOOK, write_workbook

RED = "FFC00000"


@pytest.fixture(scope="session")
def book(small: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(small / WORKBOOK)


@pytest.fixture
def tables(small: Path) -> list[PublishedTable]:
    return published_tables(small)


def readme_of(book: openpyxl.Workbook) -> dict[str, tuple[object, ...]]:
    """Return the rows of the first sheet by what stands in their first cell."""
    lines = book["readme"].iter_rows(values_only=True)
    return {str(line[0]): line[1:] for line in lines if line[0] is not None}


def write(folder: Path, release: Path, tables: list[PublishedTable], **limits: int) -> Path:
    path = folder / "book.xlsx"
    facts = small_release.FACTS
    chosen = plan_sheets(release, tables, facts, **limits)
    write_workbook(path, chosen, facts, csv_paths_of(tables))
    return path


def test_the_first_sheet_says_what_the_workbook_is_in_both_languages(
    book: openpyxl.Workbook,
) -> None:
    readme = readme_of(book)
    assert book.sheetnames[0] == "readme"
    assert readme["Release 版本"][0] == "2023.12.0"
    assert readme["Channel 渠道"][:2] == (
        "stable - no figure of this release is synthetic.",
        "stable：本版不含合成数据。",
    )
    assert "Apache-2.0" in str(readme["Licence 许可"][0])
    assert "release 2023.12.0" in str(readme["How to cite 引用格式"][0])
    assert "apostrophe" in str(readme["Texts 文本"][0])
    assert "单引号" in str(readme["Texts 文本"][1])
    assert readme["electricity_factor"][:5] == (
        "One row per electricity_factor - a < b.",
        "表：每项一行",
        26,
        26,
        "all rows 全部行",
    )
    assert readme["electricity_factor"][5:7] == (
        "tables/electricity_factor.parquet",
        "exports/csv/electricity_factor.csv",
    )


def test_a_demo_release_says_so_in_red_on_the_first_page(
    small: Path, tables: list[PublishedTable], tmp_path: Path
) -> None:
    facts = small_release.DEMO
    write_workbook(tmp_path / "demo.xlsx", plan_sheets(small, tables, facts), facts, {})
    page = openpyxl.load_workbook(tmp_path / "demo.xlsx")["readme"]
    (line,) = [row for row in page.iter_rows() if row[0].value == "Channel 渠道"]
    assert "synthetic" in line[1].value
    assert "合成数据" in line[2].value
    assert {cell.font.color.rgb for cell in line[1:3]} == {RED}


def test_a_stable_release_has_no_red(book: openpyxl.Workbook) -> None:
    colours = {
        cell.font.color.rgb
        for row in book["readme"].iter_rows()
        for cell in row
        if cell.font.color is not None
    }
    assert RED not in colours


def test_sheets_have_frozen_headers_filters_units_and_notes(book: openpyxl.Workbook) -> None:
    page = book["electricity_factor"]
    names = list(small_release.COLUMNS["electricity_factor"])
    assert [cell.value for cell in page[1]] == names
    assert [cell.value or "" for cell in page[2]] == [
        small_release.UNITS.get(name, "") for name in names
    ]
    assert page.freeze_panes == "B3"
    assert page.auto_filter.ref == "A2:I28"
    note = page.cell(1, names.index("value") + 1).comment.text
    assert note == "value\nThe value <b>|</b>\n列&说明\n[kg per kWh]"


def test_cells_have_the_type_and_format_of_their_column(book: openpyxl.Workbook) -> None:
    page = book["electricity_factor"]
    names = list(small_release.COLUMNS["electricity_factor"])
    first = {name: page.cell(3, place + 1) for place, name in enumerate(names)}
    assert first["factor_id"].value == "f.000"
    assert first["period_start"].value == dt.datetime(2022, 1, 1)
    assert first["period_start"].number_format == "yyyy-mm-dd"
    assert first["value"].value == pytest.approx(1e-12)
    assert first["value"].number_format == "0.000000000"
    assert first["energy_mwh"].number_format == "#,##0.000"
    assert first["includes_td_losses"].value is True
    assert first["row_number"].value == -1
    assert page.cell(3 + 9, names.index("note_zh") + 1).value is None, "a null is an empty cell"
    readings = book["measurement"]
    read_at = dt.datetime(2023, 1, 1, 3, 4, 5, 678)
    assert abs(readings["B3"].value - read_at) < dt.timedelta(milliseconds=1)
    assert [row[0].value for row in readings["C3:C5"]] == [1e-7, 0.1, -2.5]


def test_every_number_reads_back_as_the_nearest_double(book: openpyxl.Workbook) -> None:
    wanted = small_release.rows()["electricity_factor"]
    page = book["electricity_factor"]
    names = list(small_release.COLUMNS["electricity_factor"])
    for column in ("value", "energy_mwh"):
        place = names.index(column) + 1
        found = [page.cell(3 + row, place).value for row in range(wanted.height)]
        assert found == pytest.approx([float(value) for value in wanted[column]], rel=1e-14)


def test_drill_a_text_that_is_a_formula(book: openpyxl.Workbook, small: Path) -> None:
    page = book["electricity_factor"]
    notes = [unescape(cell.value or "") for cell in page["I"][2:]]
    assert notes[0] == "'" + small_release.FORMULA
    assert notes[1:8] == ["'+1", "'-1", "'@SUM(A1)", "'\t=1", "'\r=1", "'＝1", "''quoted"]
    assert {cell.data_type for row in page.iter_rows() for cell in row} <= {"s", "n", "b", "d"}
    with zipfile.ZipFile(small / WORKBOOK) as parts:
        drawn = [name for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(drawn) == len(book.sheetnames)
        assert not [name for name in drawn if b"<f>" in parts.read(name)]
        assert "xl/vbaProject.bin" not in parts.namelist()


@settings(max_examples=15, deadline=None)
@given(st.lists(st.one_of(st.none(), ANY_TEXT, LIKELY_TEXT), min_size=1, max_size=12))
def test_random_texts_never_begin_a_formula_and_come_back(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str | None]
) -> None:
    folder = tmp_path_factory.mktemp("texts")
    rows = small_release.rows()["source"]
    frame = pl.DataFrame({"title_zh": texts}, schema={"title_zh": pl.String}).select(
        pl.int_range(pl.len()).cast(pl.String).alias("source_id"),
        *(
            pl.col(name) if name == "title_zh" else pl.lit(None, kind).alias(name)
            for name, kind in rows.drop("source_id").schema.items()
        ),
    )
    small_release.write_table(folder, "source", frame)
    book = openpyxl.load_workbook(write(folder, folder, published_tables(folder)))
    found = [unescape(cell.value or "") for cell in book["source"]["B"][2:]]
    assert not [text for text in found if begins_a_formula(text)]
    assert [unmarked(text) for text in found] == [text or "" for text in texts]


def test_two_writes_at_different_times_give_the_same_bytes(
    small: Path, tables: list[PublishedTable], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    time.sleep(2.1)  # A zip archive counts time in steps of two seconds.
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        again = write(tmp_path, small, tables)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert again.read_bytes() == (small / WORKBOOK).read_bytes()
    with zipfile.ZipFile(again) as parts:
        assert {part.date_time[0] for part in parts.infolist()} == {1980}


def test_a_long_table_is_narrowed_to_years_and_the_month_of_the_release(
    small: Path, tables: list[PublishedTable], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "WHOLE_ROWS", 20)
    book = openpyxl.load_workbook(write(tmp_path, small, tables))
    periods = {
        (row[3], row[2].date().isoformat())
        for row in book["electricity_factor"].iter_rows(min_row=3, values_only=True)
    }
    assert periods == {("year", "2022-01-01"), ("year", "2023-01-01"), ("month", "2023-12-01")}
    assert readme_of(book)["electricity_factor"][2:5] == (
        3, 26, "years, and the month 2023-12 各年度及 2023-12 月",
    )  # fmt: skip


def test_a_table_too_long_even_so_is_left_to_the_other_forms_and_named(
    small: Path, tables: list[PublishedTable], tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(write(tmp_path, small, tables, longest=2))
    assert book.sheetnames == ["readme", "source"]
    readme = readme_of(book)
    assert readme["electricity_factor"][2:5] == (
        0, 26, "left out: too long for a sheet 未收入：行数过多",
    )  # fmt: skip
    assert readme["factor_history"][4] == "left out: for programs 未收入：供程序使用"


def test_no_sheet_is_planned_beyond_the_rows_that_the_format_allows(
    small: Path, tables: list[PublishedTable], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "EXCEL_ROWS", 28)
    heights = {s.table.name: s.height for s in plan_sheets(small, tables, small_release.FACTS)}
    assert heights["electricity_factor"] == 26
    monkeypatch.setattr(choosing, "EXCEL_ROWS", 27)
    heights = {s.table.name: s.height for s in plan_sheets(small, tables, small_release.FACTS)}
    assert heights["electricity_factor"] == 3


def test_drill_a_text_longer_than_a_cell_holds(tmp_path: Path) -> None:
    rows = small_release.rows()["source"].with_columns(pl.lit("=" + "长" * 40_000).alias("licence"))
    small_release.write_table(tmp_path, "source", rows)
    book = openpyxl.load_workbook(write(tmp_path, tmp_path, published_tables(tmp_path)))
    text = book["source"]["F3"].value
    assert text.startswith("'=长")
    assert text.endswith(CUT)
    assert len(text) < 32_767


def test_long_or_equal_names_become_distinct_titles(
    small: Path, tables: list[PublishedTable]
) -> None:
    names = ["a" * 40, "a" * 41, "A" * 40, "Readme"]
    renamed = [dataclasses.replace(tables[-1], name=name) for name in names]
    titles = [s.title for s in plan_sheets(small, renamed, small_release.FACTS)]
    assert len({title.lower() for title in [*titles, "readme"]}) == 5
    assert max(map(len, titles)) <= 31


def test_drill_disk_full(
    small: Path, tables: list[PublishedTable], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "full.xlsx").symlink_to("/dev/full")
    facts = small_release.FACTS
    with pytest.raises(OSError, match="No space left"):
        write_workbook(tmp_path / "full.xlsx", plan_sheets(small, tables, facts), facts, {})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full.xlsx"]
    assert "Traceback" not in capfd.readouterr().err
