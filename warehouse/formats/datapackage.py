"""`datapackage.json`: the release as a Frictionless Data Package.

Belongs here: the descriptor, made from what tables say of themselves and from the files as written.
Does not belong here: the release's own record of itself (`manifest`).

CSV files are tabular resources, so that a reader can check types, keys and bytes. Parquet files and
the workbook are file resources: their bytes are checked, and the Parquet ones carry the same schema
for people. The snapshot is left out: its bytes are no part of the record.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from warehouse import canonical_json
from warehouse.dbt_artifacts import PublishedColumn
from warehouse.formats import facts as database
from warehouse.formats.facts import ReleaseFacts
from warehouse.formats.formula_mark import MARK, NOTE_EN, NOTE_ZH
from warehouse.formats.published_table import PublishedTable
from warehouse.formats.sources import Source
from warehouse.manifest import FileEntry

DATAPACKAGE = "datapackage.json"

_TYPES = {
    "varchar": "string", "date": "date", "boolean": "boolean", "smallint": "integer",
    "integer": "integer", "bigint": "integer", "double": "number", "timestamp": "datetime",
}  # fmt: skip
_PARQUET, _CSV = "application/vnd.apache.parquet", "text/csv"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def datapackage_json(
    tables: Sequence[PublishedTable],
    facts: ReleaseFacts,
    sources: Sequence[Source],
    files: Mapping[str, FileEntry],
    csv_paths: Mapping[str, str],
    workbook_path: str | None = None,
) -> bytes:
    """Return the descriptor as canonical JSON.

    `files` holds size and hash of every file by its path in the release; `csv_paths` the CSV file
    of each table that has one.
    """
    resources = [_parquet(table, files[table.path]) for table in tables] + [
        _csv(table, files[csv_paths[table.name]]) for table in tables if table.name in csv_paths
    ]
    if workbook_path is not None:
        resources.append(_workbook(files[workbook_path]))
    record: dict[str, Any] = {
        "profile": "data-package",
        "name": "provincial-carbon-factors",
        "id": f"provincial-carbon-factors:{facts.release_id}",
        "title": database.TITLE_EN,
        "title_zh": database.TITLE_ZH,
        "description": f"{database.SUMMARY_EN} {facts.channel_en} {database.LICENCE_NOTE_EN}",
        "description_zh": f"{database.SUMMARY_ZH}{facts.channel_zh}{database.LICENCE_NOTE_ZH}",
        "version": facts.release_id,
        "release_month": facts.release_month,
        "channel": facts.channel,
        "code_version": facts.code_version,
        "keywords": list(database.KEYWORDS),
        "contributors": [{"title": database.AUTHOR, "role": "publisher"}],
        "licenses": [
            {
                "name": database.LICENCE,
                "title": database.LICENCE_TITLE,
                "path": database.LICENCE_URL,
            }
        ],
        "sources": [_source(source) for source in sources],
        "resources": resources,
    }
    if facts.as_of:
        record["as_of"] = facts.as_of
    return canonical_json.dumps(record)


def _described(table: PublishedTable, form: str, file: FileEntry) -> dict[str, Any]:
    return {
        "name": f"{table.name}.{form}",
        "path": file.path,
        "title": table.name,
        "title_zh": table.name_zh,
        "description": table.description_en,
        "description_zh": table.description_zh,
        "contract_version": table.contract_version,
        "format": form,
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
        "schema": {
            "fields": [_field(table, column) for column in table.columns],
            "primaryKey": list(table.primary_key),
            "missingValues": [""],
        },
    }


def _parquet(table: PublishedTable, file: FileEntry) -> dict[str, Any]:
    # A reader counts `rows` of tabular resources only, so this one has a name of its own.
    return {
        **_described(table, "parquet", file),
        "type": "file",
        "mediatype": _PARQUET,
        "row_count": table.rows,
    }


def _csv(table: PublishedTable, file: FileEntry) -> dict[str, Any]:
    return {
        **_described(table, "csv", file),
        "type": "table",
        "profile": "tabular-data-resource",
        "mediatype": _CSV,
        "encoding": "utf-8",
        "rows": table.rows,
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "header": True},
        "formula_mark": MARK,
        "formula_mark_note": NOTE_EN,
        "formula_mark_note_zh": NOTE_ZH,
    }


def _workbook(file: FileEntry) -> dict[str, Any]:
    return {
        "name": "carbon_factors.xlsx",
        "path": file.path,
        "title": "Workbook for people; the first sheet says what is in it",
        "title_zh": "供人阅读的工作簿，首页说明其内容",
        "type": "file",
        "format": "xlsx",
        "mediatype": _XLSX,
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
    }


def _field(table: PublishedTable, column: PublishedColumn) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "description": column.description_en,
        "description_zh": column.description_zh,
        "unit": column.unit,
        "sql_type": column.data_type,
        **_typed(column.data_type),
    }
    if column.name in table.primary_key:
        field["constraints"] = {"required": True}
    return field


def _typed(data_type: str) -> dict[str, Any]:
    if found := re.fullmatch(r"decimal\((\d+), (\d+)\)", data_type):
        return {"type": "number", "precision": int(found[1]), "scale": int(found[2])}
    kind = _TYPES[data_type]
    return (
        {"type": kind, "format": "%Y-%m-%dT%H:%M:%S.%f"} if kind == "datetime" else {"type": kind}
    )


def _source(source: Source) -> dict[str, Any]:
    return {
        "title": source.title_en or source.source_id,
        "title_zh": source.title_zh,
        "source_id": source.source_id,
        "publisher": source.publisher_en,
        "publisher_zh": source.publisher_zh,
        "licence": source.licence,
        "found_at": source.found_at,
    }
