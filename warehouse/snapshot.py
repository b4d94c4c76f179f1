"""The DuckDB file of a release: a convenience beside the Parquet files, which are the record.

Belongs here: writing the snapshot in a storage version that old clients open, and reading any table
of a release with DuckDB as the second engine. Does not belong here: what the tables are.

DuckDB files are never the same bytes twice, so a snapshot is described by the content hashes of
its tables, not by a hash of its bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

STORAGE_VERSION = "v1.2.0"
"""Files of this version open in DuckDB 1.2 and later; the default of newer versions may not."""

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


class SnapshotError(RuntimeError):
    """A snapshot cannot be written or read."""


def write_snapshot(path: Path, tables: Mapping[str, Path]) -> None:
    """Write one DuckDB file with a table for each Parquet file, rows in the file's order.

    Tables and columns carry their description in both languages as comments, columns also their
    unit in brackets. The file must not exist yet. Raises `SnapshotError` when it cannot be written,
    as when the disk is full.
    """
    try:
        _write_snapshot(path, tables)
    except duckdb.Error as problem:
        raise SnapshotError(f"{path.name} cannot be written: {problem}") from problem


def _write_snapshot(path: Path, tables: Mapping[str, Path]) -> None:
    with duckdb.connect(":memory:", config=_CONFIG) as connection:
        connection.execute("set preserve_insertion_order = true")
        connection.execute(
            f"attach {_text(str(path))} as snapshot (storage_version '{STORAGE_VERSION}')"
        )
        for name, source in sorted(tables.items()):
            relation = f"snapshot.main.{_name(name)}"
            connection.execute(
                f"create table {relation} as from read_parquet({_text(str(source))}, "
                "hive_partitioning = false)"
            )
            schema = pq.read_schema(source)
            if told := _described(schema.metadata):
                connection.execute(f"comment on table {relation} is {_text(told)}")
            for field in schema:
                unit = _metadata(field.metadata, "unit")
                comment = " ".join([_described(field.metadata), f"[{unit}]" if unit else ""])
                if comment := comment.strip():
                    connection.execute(
                        f"comment on column {relation}.{_name(field.name)} is {_text(comment)}"
                    )
        connection.execute("detach snapshot")


def read_snapshot(path: Path, schemas: Mapping[str, pa.Schema]) -> Iterator[tuple[str, pa.Table]]:
    """Read tables of a snapshot one by one, each in the types and metadata of its schema.

    Raises `SnapshotError` when the file cannot be opened or a table does not fit its schema.
    """
    try:
        with duckdb.connect(str(path), read_only=True, config=_CONFIG) as connection:
            for name, schema in schemas.items():
                relation = connection.sql(f"select * from {_name(name)}")  # noqa: S608 - quoted
                yield name, _fitting(relation, schema)
    except (duckdb.Error, pa.ArrowException, ValueError) as problem:
        raise SnapshotError(f"{path.name} cannot be read: {problem}") from problem


def read_parquet_with_duckdb(paths: Mapping[str, Path]) -> Iterator[tuple[str, pa.Table]]:
    """Read Parquet files one by one with DuckDB, each in the types and metadata that it states.

    The second engine of a publication: what one library wrote, another must read alike. Raises
    `SnapshotError` when it cannot.
    """
    try:
        with duckdb.connect(":memory:", config=_CONFIG) as connection:
            for name, path in paths.items():
                source = f"read_parquet({_text(str(path))}, hive_partitioning = false)"
                relation = connection.sql(f"select * from {source}")  # noqa: S608 - quoted
                yield name, _fitting(relation, pq.read_schema(path))
    except (duckdb.Error, pa.ArrowException, ValueError) as problem:
        raise SnapshotError(f"DuckDB cannot read a Parquet file: {problem}") from problem


def differing_tables(path: Path, tables: Mapping[str, Path]) -> list[str]:
    """Name the tables of a snapshot whose columns or rows are not those of their Parquet files.

    Both are read by DuckDB: types and names must agree, and so must the number of rows and two
    digests of them, the sum and the exclusive or of a 64-bit hash of each row. That finds what a
    disk or a library does wrong; against a forger stand the hashes of the record. Raises
    `SnapshotError` when either cannot be read.
    """
    try:
        with duckdb.connect(":memory:", config=_CONFIG) as connection:
            connection.execute(f"attach {_text(str(path))} as snapshot (read_only)")
            return [
                name
                for name, source in sorted(tables.items())
                if _said(connection, f"snapshot.main.{_name(name)}")
                != _said(
                    connection, f"read_parquet({_text(str(source))}, hive_partitioning = false)"
                )
            ]
    except duckdb.Error as problem:
        raise SnapshotError(f"{path.name} cannot be read back: {problem}") from problem


def _said(connection: duckdb.DuckDBPyConnection, source: str) -> list[tuple[object, ...]]:
    """Return the columns of a source and the digests of its rows."""
    columns = connection.execute(f"describe from {source}").fetchall()
    row = ", ".join(_name(name) for name, *_ in columns)
    digests = f"select hash({row}) as digest from {source}"  # noqa: S608 - quoted names
    query = f"select count(*), sum(digest), bit_xor(digest) from ({digests})"  # noqa: S608 - quoted
    return [*((name, kind) for name, kind, *_ in columns), *connection.execute(query).fetchall()]


def snapshot_tables(path: Path) -> list[str]:
    """Return the names of the tables and views in a snapshot, sorted."""
    try:
        with duckdb.connect(str(path), read_only=True, config=_CONFIG) as connection:
            query = "select table_name from information_schema.tables order by all"
            return [row[0] for row in connection.execute(query).fetchall()]
    except duckdb.Error as problem:
        raise SnapshotError(f"{path.name} cannot be opened: {problem}") from problem


def _fitting(relation: duckdb.DuckDBPyRelation, schema: pa.Schema) -> pa.Table:
    return relation.to_arrow_table().cast(schema)


def _described(metadata: Mapping[bytes, bytes] | None) -> str:
    """Return the description of a table or column in both languages."""
    told = (_metadata(metadata, f"description_{language}") for language in ("en", "zh"))
    return " ".join(text for text in told if text)


def _metadata(metadata: Mapping[bytes, bytes] | None, name: str) -> str:
    return ((metadata or {}).get(name.encode()) or b"").decode("utf-8")


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
