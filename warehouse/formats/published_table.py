"""What a published table says of itself, read from its Parquet file.

Belongs here: name, key, columns, units and descriptions of a staged table, and the check that names
are plain enough for a file name, a URL and a spreadsheet. Does not belong here: the rows.

The Parquet file is what the gate judged, so the other forms repeat what stands in it, and not what
a dbt manifest says that may have changed since.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.dbt_artifacts import ArtifactError, PublishedColumn, sql_type
from warehouse.formats.errors import FormatError

TABLES = "tables"

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)


@dataclasses.dataclass(frozen=True)
class PublishedTable:
    """One table of a release; `path` is its Parquet file, relative to the release."""

    name: str
    path: str
    rows: int
    primary_key: tuple[str, ...]
    columns: tuple[PublishedColumn, ...]
    access_class: str
    contract_version: str
    description_en: str
    description_zh: str
    name_zh: str


def published_tables(release: Path) -> list[PublishedTable]:
    """Describe every `tables/*.parquet` of a release or staging folder, in order of name.

    Raises `FormatError` naming the file when one is unreadable or its metadata says too little.
    """
    return [read_table(release, path) for path in sorted((release / TABLES).glob("*.parquet"))]


def read_table(release: Path, path: Path) -> PublishedTable:
    """Describe one Parquet file of a release; raises `FormatError` when it does not say enough."""
    try:
        file = pq.ParquetFile(path)
    except (OSError, pa.ArrowException) as problem:
        raise FormatError(f"{path.name} cannot be read as Parquet: {problem}.") from problem
    schema = file.schema_arrow
    key = tuple(part for part in _text(schema.metadata, "primary_key").split(",") if part)
    name = _text(schema.metadata, "table")
    if name != path.stem:
        raise FormatError(
            f"{path.name} says that it holds table {name!r}. Export the candidate again."
        )
    if lost := [part for part in key if part not in schema.names] or (not key and ["(none)"]):
        raise FormatError(f"{path.name}: key column {lost[0]} does not exist. Export it again.")
    if odd := [each for each in (name, *schema.names) if not _PLAIN.fullmatch(each)]:
        raise FormatError(
            f"{path.name}: the name {odd[0]!r} is not plain. Use letters, digits and underscores, "
            "so that it can stand in a file name, a URL and a formula-free header."
        )
    return PublishedTable(
        name,
        path.relative_to(release).as_posix(),
        file.metadata.num_rows,
        key,
        tuple(_column(path, field) for field in schema),
        _text(schema.metadata, "access_class"),
        _text(schema.metadata, "contract_version"),
        _text(schema.metadata, "description_en"),
        _text(schema.metadata, "description_zh"),
        _text(schema.metadata, "name_zh"),
    )


def _column(path: Path, field: pa.Field) -> PublishedColumn:
    try:
        kind = sql_type(field.type)
    except ArtifactError as problem:
        raise FormatError(f"{path.name}, column {field.name}: {problem}") from problem
    return PublishedColumn(
        field.name,
        kind,
        _text(field.metadata, "unit"),
        _text(field.metadata, "description_en"),
        _text(field.metadata, "description_zh"),
    )


def _text(metadata: Mapping[bytes, bytes] | None, name: str) -> str:
    return ((metadata or {}).get(name.encode()) or b"").decode("utf-8", "replace")
