"""CSV as the csv module of Python, and hence any reader, finds it."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import re
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.warehouse.formats import small_release
from tests.warehouse.formats.test_formula_mark import ANY_TEXT, LIKELY_TEXT, begins_a_formula
from warehouse.formats.csv_files import write_csv
from warehouse.formats.formula_mark import unmarked


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def factor(small: Path) -> Path:
    return small / "exports/csv/electricity_factor.csv"


def test_it_begins_with_a_byte_order_mark_and_lines_end_with_a_line_feed(factor: Path) -> None:
    content = factor.read_bytes()
    assert content.startswith(codecs.BOM_UTF8)
    assert content.count(codecs.BOM_UTF8) == 1
    header, _, _ = content.partition(b"\n")
    assert (
        header == codecs.BOM_UTF8 + ",".join(small_release.COLUMNS["electricity_factor"]).encode()
    )
    assert content.endswith(b"\n")
    assert b"\r\n" not in content


def test_every_value_reads_back_as_it_was(factor: Path) -> None:
    wanted = small_release.rows()["electricity_factor"]
    found = read(factor)
    assert len(found) == wanted.height
    for line, row in zip(found, wanted.iter_rows(named=True), strict=True):
        assert line["factor_id"] == row["factor_id"]
        assert dt.date.fromisoformat(line["period_start"]) == row["period_start"]
        assert Decimal(line["value"]) == row["value"]
        assert Decimal(line["energy_mwh"]) == row["energy_mwh"]
        assert line["includes_td_losses"] == str(row["includes_td_losses"]).lower()
        assert int(line["row_number"]) == row["row_number"]
        assert unmarked(line["note_zh"]) == (row["note_zh"] or "")


def test_numbers_are_plain_and_keep_all_their_digits(small: Path) -> None:
    for line in read(small / "exports/csv/electricity_factor.csv"):
        assert re.fullmatch(r"-?\d+\.\d{12}", line["value"])
        assert re.fullmatch(r"-?\d+\.\d{6}", line["energy_mwh"])
    readings = [line["reading"] for line in read(small / "exports/csv/measurement.csv")]
    assert readings == ["0.0000001", "0.1", "-2.5"]


def test_a_null_and_an_empty_text_are_told_apart(small: Path) -> None:
    lines = (small / "exports/csv/electricity_factor.csv").read_text("utf-8-sig")
    assert re.search(r'^f\.008,.*,7,""$', lines, re.MULTILINE)
    assert re.search(r"^f\.009,.*,8,$", lines, re.MULTILINE)


def test_drill_a_text_that_is_a_formula(factor: Path) -> None:
    notes = [line["note_zh"] for line in read(factor)]
    assert notes[0] == "'" + small_release.FORMULA
    assert notes[1:8] == ["'+1", "'-1", "'@SUM(A1)", "'\t=1", "'\r=1", "'＝1", "''quoted"]
    assert not [note for note in notes if begins_a_formula(note)]
    assert read(factor)[0]["energy_mwh"].startswith("-"), "numbers are never marked"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.none(), ANY_TEXT, LIKELY_TEXT), min_size=1, max_size=8))
def test_random_texts_never_begin_a_formula_and_come_back(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str | None]
) -> None:
    folder = tmp_path_factory.mktemp("texts")
    frame = pl.DataFrame(
        {"n": range(len(texts)), "text": texts}, schema_overrides={"text": pl.String}
    )
    frame.write_parquet(folder / "t.parquet")
    write_csv(folder / "t.parquet", folder / "t.csv")
    found = [line["text"] for line in read(folder / "t.csv")]
    assert not [text for text in found if begins_a_formula(text)]
    assert [unmarked(text) for text in found] == [text or "" for text in texts]


def test_drill_disk_full(small: Path, tmp_path: Path) -> None:
    (tmp_path / "full.csv").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        write_csv(small / "tables/electricity_factor.parquet", tmp_path / "full.csv")
