"""The snapshot opens in DuckDB 1.2 and later, and its columns say what they are."""

from __future__ import annotations

import struct
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.formats import small_release
from warehouse.snapshot import write_snapshot

NEWEST_OF_DUCKDB_1_2 = 65
"""Storage version that DuckDB 1.2 writes and the newest that it reads (tried with 1.2.2)."""


@pytest.fixture
def snapshot(small: Path, tmp_path: Path) -> Path:
    path = tmp_path / "snapshot.duckdb"
    write_snapshot(path, {name: small / f"tables/{name}.parquet" for name in small_release.COLUMNS})
    return path


def storage_version(path: Path) -> int:
    """Read the storage version from the file's header: checksum, `DUCK`, version, all fixed."""
    _, magic, version = struct.unpack("<Q4sQ", path.read_bytes()[:20])
    assert magic == b"DUCK"
    return int(version)


def test_the_header_names_a_storage_version_that_duckdb_1_2_reads(snapshot: Path) -> None:
    assert storage_version(snapshot) <= NEWEST_OF_DUCKDB_1_2


def test_the_header_tells_versions_apart(tmp_path: Path) -> None:
    path = tmp_path / "newest.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as newest (storage_version 'latest')")
        connection.execute("create table newest.t as select 1 as a")
        connection.execute("detach newest")
    assert storage_version(path) > NEWEST_OF_DUCKDB_1_2


def test_tables_and_columns_carry_both_languages_and_the_unit(snapshot: Path) -> None:
    with duckdb.connect(str(snapshot), read_only=True) as connection:
        columns = dict(
            connection.execute(
                "select column_name, comment from duckdb_columns() "
                "where table_name = 'electricity_factor'"
            ).fetchall()
        )
        tables = dict(
            connection.execute("select table_name, comment from duckdb_tables()").fetchall()
        )
    assert columns["value"] == "The value <b>|</b> 列&说明 [kg per kWh]"
    assert columns["factor_id"] == "The factor_id <b>|</b> 列&说明"
    assert tables["source"] == "One row per source - a < b. 每项一行"


def test_values_survive_with_their_types(snapshot: Path) -> None:
    wanted = small_release.rows()["electricity_factor"].select(
        list(small_release.COLUMNS["electricity_factor"])
    )
    with duckdb.connect(str(snapshot), read_only=True) as connection:
        found = connection.sql("from electricity_factor").pl()
    assert found.cast(wanted.schema).equals(wanted)
