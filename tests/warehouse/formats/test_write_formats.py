"""All forms together: what is written, that it is all, and that it is the same every time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import frictionless
import openpyxl
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.warehouse.formats import small_release
from warehouse import canonical_json, files
from warehouse.formats import FormatError, published_tables, write_formats
from warehouse.snapshot import write_snapshot


def names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_it_returns_every_file_that_it_wrote_with_size_and_hash(tmp_path: Path) -> None:
    tables = small_release.make(tmp_path)
    before = names(tmp_path)
    steps: list[str] = []
    written = write_formats(tmp_path, tables, small_release.FACTS, on_step=steps.append)
    assert [entry.path for entry in written] == sorted(set(names(tmp_path)) - set(before))
    assert [entry.path for entry in written] == [
        "CITATION.cff",
        "data_dictionary.html",
        "data_dictionary.md",
        "datapackage.json",
        "exports/carbon_factors.xlsx",
        *(f"exports/csv/{name}.csv" for name in sorted(small_release.COLUMNS)),
    ]
    for entry in written:
        assert entry.bytes == (tmp_path / entry.path).stat().st_size
        assert entry.sha256 == files.sha256_of(tmp_path / entry.path)
    assert steps == [
        *(f"csv {name}" for name in sorted(small_release.COLUMNS)),
        "workbook",
        "documents",
    ]


SCRIPT = """
import sys
from pathlib import Path
from tests.warehouse.formats import small_release
from warehouse.formats import published_tables, write_formats
folder = Path(sys.argv[1])
write_formats(folder, published_tables(folder), small_release.FACTS)
"""


def test_clock_zone_locale_folder_hash_seed_and_threads_change_no_byte(
    small: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "other name"
    shutil.copytree(small / "tables", elsewhere / "tables")
    root = Path(__file__).parents[3]
    surroundings = {
        **os.environ,
        "PYTHONHASHSEED": "4711",
        "POLARS_MAX_THREADS": "1",
        "TZ": "Asia/Shanghai",
        "LC_ALL": "C",
        "PYTHONPATH": str(root),
    }
    subprocess.run(
        [sys.executable, "-c", SCRIPT, "other name"], cwd=tmp_path, env=surroundings, check=True
    )
    again = names(elsewhere)
    assert again == [name for name in names(small) if name != "registry.txt"]
    differing = [
        name for name in again if (small / name).read_bytes() != (elsewhere / name).read_bytes()
    ]
    assert differing == []


def test_forms_come_from_the_judged_files_alone(small: Path) -> None:
    (factor,) = [t for t in published_tables(small) if t.name == "electricity_factor"]
    assert factor.rows == 26
    assert factor.primary_key == ("factor_id",)
    assert factor.contract_version == "1.2.0"
    assert {column.name: column.data_type for column in factor.columns} == (
        small_release.COLUMNS["electricity_factor"]
    )


def tampered(folder: Path, change) -> None:
    """Write one table whose schema was changed behind the exporter's back."""
    small_release.make(folder)
    path = folder / "tables/source.parquet"
    pq.write_table(change(pq.read_table(path)), path)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda t: t.replace_schema_metadata({}), "says that it holds table ''"),
        (
            lambda t: t.replace_schema_metadata({"table": "source", "primary_key": "id"}),
            "key column id does not exist",
        ),
        (
            lambda t: t.replace_schema_metadata({"table": "source"}),
            r"key column \(none\) does not exist",
        ),
        (
            lambda t: t.append_column("=cmd", pa.nulls(t.num_rows, pa.string())),
            "the name '=cmd' is not plain",
        ),
        (
            lambda t: t.append_column("l", pa.nulls(t.num_rows, pa.list_(pa.int8()))),
            "column l: Arrow type .* has no place",
        ),
    ],
)
def test_drill_a_table_that_does_not_say_what_it_is(tmp_path: Path, change, sentence: str) -> None:
    tampered(tmp_path, change)
    with pytest.raises(FormatError, match=sentence):
        published_tables(tmp_path)


def test_drill_a_file_that_is_no_parquet(tmp_path: Path) -> None:
    small_release.make(tmp_path)
    (tmp_path / "tables/source.parquet").write_bytes(b"PAR1 not really PAR1")
    with pytest.raises(FormatError, match=r"source\.parquet cannot be read as Parquet"):
        published_tables(tmp_path)


def test_drill_a_table_cut_short_between_description_and_writing(tmp_path: Path) -> None:
    tables = small_release.make(tmp_path)
    path = tmp_path / "tables/source.parquet"
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(FormatError, match="cannot be read to be written in another form"):
        write_formats(tmp_path, tables, small_release.FACTS)


def test_a_release_without_the_table_of_sources_has_all_forms(tmp_path: Path) -> None:
    small_release.write_table(tmp_path, "factor_history", small_release.rows()["factor_history"])
    written = write_formats(tmp_path, published_tables(tmp_path), small_release.FACTS)
    assert len(written) == 6


def test_a_table_too_long_for_text_has_no_csv_and_two_forms_say_so(tmp_path: Path) -> None:
    tables = small_release.make(tmp_path)
    written = write_formats(tmp_path, tables, small_release.FACTS, longest_csv=25)
    paths = {entry.path for entry in written}
    assert "exports/csv/electricity_factor.csv" not in paths
    assert "exports/csv/source.csv" in paths
    described = canonical_json.load(tmp_path / "datapackage.json")["resources"]
    assert {each["path"] for each in described if each["format"] == "csv"} == {
        f"exports/csv/{name}.csv" for name in ("factor_history", "measurement", "source")
    }
    assert frictionless.validate(str(tmp_path / "datapackage.json")).valid
    readme = openpyxl.load_workbook(tmp_path / "exports/carbon_factors.xlsx")["readme"]
    told = {row[0]: row[7] for row in readme.iter_rows(values_only=True)}
    assert told["electricity_factor"] == "none, too long 无（行数过多）"
    assert told["source"] == "exports/csv/source.csv"


def test_file_names_are_plain_in_any_address(small: Path) -> None:
    plain = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/")
    assert all(set(name) <= plain for name in names(small))


def test_every_form_of_a_table_has_the_same_rows(small: Path, tmp_path: Path) -> None:
    path = tmp_path / "snapshot.duckdb"
    write_snapshot(path, {name: small / f"tables/{name}.parquet" for name in small_release.COLUMNS})
    with duckdb.connect(str(path), read_only=True) as connection:
        for name in small_release.COLUMNS:
            column = next(iter(small_release.COLUMNS[name]))
            parquet = pl.read_parquet(small / f"tables/{name}.parquet")[column].to_list()
            text = pl.read_csv(small / f"exports/csv/{name}.csv", infer_schema=False)
            assert text[column].to_list() == parquet
            assert connection.sql(f"select {column} from {name}").pl()[column].to_list() == parquet
