"""Writes the published tables of a candidate as Parquet, the record of a release.

Belongs here: the one writer of released Parquet, its settings, and reading a candidate's tables in
the order and types of their contracts. Does not belong here: judging what was written (`gate`).

One writer with fixed settings, explicit schema and rows in key order gives the same bytes for the
same data, on one thread or many.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse import dbt_artifacts, files
from warehouse.candidate import Candidate
from warehouse.content_hash import content_hash
from warehouse.dbt_artifacts import PublishedModel

ROW_GROUP_ROWS = 65_536


class ExportError(RuntimeError):
    """A published table cannot be read from the candidate or does not keep its contract."""


@dataclasses.dataclass(frozen=True)
class ExportedTable:
    """One Parquet file of a candidate."""

    table: str
    path: Path
    rows: int
    sha256: str
    content_hash: str
    primary_key: tuple[str, ...]


def export_tables(candidate: Candidate) -> list[ExportedTable]:
    """Write every published, public model of the candidate to `tables/<model>.parquet`.

    Files of an earlier export in that folder are removed first. Models that are marked published
    but not public are left out; the gate refuses them by name. Raises `ExportError` when a table
    is missing or does not fit its contract, `ArtifactError` when dbt's manifest says too little.
    """
    models = [
        model
        for model in dbt_artifacts.published_models(dbt_artifacts.load_manifest(candidate.target))
        if model.is_public
    ]
    if not models:
        raise ExportError(
            "No dbt model is marked meta.published: true with meta.access_class: public, "
            "so there is nothing to export."
        )
    candidate.tables.mkdir(parents=True, exist_ok=True)
    for stale in candidate.tables.iterdir():
        stale.unlink()
    exported = []
    with open_database(candidate.database) as connection:
        for model in models:
            table = read_model(connection, model)
            path = candidate.tables / f"{model.name}.parquet"
            write_parquet(table, path)
            exported.append(
                ExportedTable(
                    model.name,
                    path,
                    table.num_rows,
                    files.sha256_of(path),
                    content_hash(table, model.primary_key),
                    model.primary_key,
                )
            )
    return exported


def open_database(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a candidate database for reading; raises `ExportError` if it is missing or locked."""
    if not path.is_file():
        raise ExportError(f"Candidate database {path.name} is missing; build the candidate first.")
    try:
        return duckdb.connect(
            str(path), read_only=True, config={"autoinstall_known_extensions": "false"}
        )
    except duckdb.Error as problem:
        raise ExportError(
            f"Candidate database {path.name} cannot be opened: {problem}"
        ) from problem


def read_model(connection: duckdb.DuckDBPyConnection, model: PublishedModel) -> pa.Table:
    """Read one published table in key order, with the types and metadata of its contract.

    Raises `ExportError` when a column is missing or has another type than the contract says.
    """
    columns = ", ".join(_quoted(column.name) for column in model.columns)
    order = ", ".join(f"{_quoted(column)} asc nulls first" for column in model.primary_key)
    relation = f"{_quoted(model.schema)}.{_quoted(model.alias)}"
    try:
        found = connection.sql(
            f"select {columns} from {relation} order by {order}"  # noqa: S608 - quoted names
        ).to_arrow_table()
    except duckdb.Error as problem:
        raise ExportError(
            f"Published table {model.name} cannot be read from the candidate: "
            f"{str(problem).splitlines()[0]}"
        ) from problem
    schema = model.arrow_schema()
    retyped = [
        f"{wanted.name} is {is_.type}, not {wanted.type}"
        for is_, wanted in zip(found.schema, schema, strict=True)
        if is_.type != wanted.type
    ]
    if retyped:
        raise ExportError(
            f"Published table {model.name} does not keep its contract: {'; '.join(retyped)}."
        )
    return found.cast(schema)


def write_parquet(table: pa.Table, path: Path) -> None:
    """Write a table with the settings of every released file; the rows stay in their order."""
    pq.write_table(
        table.combine_chunks(),
        path,
        row_group_size=ROW_GROUP_ROWS,
        compression="zstd",
        compression_level=9,
        data_page_version="1.0",
        write_statistics=True,
        use_dictionary=True,
        store_schema=True,
    )


def read_parquet(path: Path) -> pa.Table:
    """Read a Parquet file whole, without looking at the name of its folder for partitions."""
    return pq.ParquetFile(path).read()


def read_schema(path: Path) -> pa.Schema:
    """Read the schema of a Parquet file with its metadata."""
    return pq.read_schema(path)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
