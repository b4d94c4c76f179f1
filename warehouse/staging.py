"""Writes a release into its staging folder, file by file, and reads it back.

Belongs here: every file that a release holds, each forced to disk, and reading the tables again
with a second engine. Does not belong here: when a staged folder becomes a release (`publish`).
"""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import pyarrow as pa

from warehouse import canonical_json, exchange, export, files, formats, snapshot
from warehouse.candidate import Candidate
from warehouse.content_hash import content_hash
from warehouse.diff import DIFF_FILES, DiffError, write_diff
from warehouse.errors import PublishRefused
from warehouse.manifest import (
    BUILD_INFO,
    GATE_REPORT,
    MANIFEST,
    SNAPSHOT,
    SUMS,
    FileEntry,
    Link,
    Manifest,
    TableEntry,
    sums,
    table_entries,
)
from warehouse.order import OnStep, Order
from warehouse.signing import SIGNATURE, signature_record
from warehouse.verdict import warnings_in

REGISTRY_TXT = "registry.txt"


def stage(
    candidate: Candidate,
    staging: Path,
    release_id: str,
    previous: Link | None,
    order: Order,
    on_step: OnStep,
) -> Manifest:
    """Write every file of the release into the staging folder, each forced to disk."""
    on_step("stage")
    (staging / "tables").mkdir(parents=True)
    copied = []
    for file in order.report.files:
        on_step(f"copy {file.table}")
        found = files.copy_durably(candidate.folder / file.path, staging / file.path)
        if found != file.sha256:
            raise PublishRefused(
                [f"File {file.path} was changed while it was being published. Judge it again."]
            )
        copied.append(FileEntry(file.path, file.bytes, file.sha256))
    on_step("report")
    files.write_durably(staging / GATE_REPORT, order.report_bytes)
    copied.append(_entry(staging, GATE_REPORT))
    tables = table_entries(
        order.report.files,
        {file.table: export.read_schema(staging / file.path) for file in order.report.files},
    )
    copied += _write_forms(staging, release_id, previous, order, on_step)
    copied += _write_diff(staging, release_id, previous, tables, order, on_step)
    on_step("registry")
    files.write_durably(staging / REGISTRY_TXT, formats.registry_txt(copied))
    copied.append(_entry(staging, REGISTRY_TXT))
    on_step("snapshot")
    path = staging / SNAPSHOT
    snapshot.write_snapshot(path, {file.table: staging / file.path for file in order.report.files})
    files.sync_file(path)
    on_step("manifest")
    manifest = Manifest(
        release_id,
        order.report.release_month,
        order.channel,
        order.code_version,
        order.parameters,
        order.inputs,
        tables,
        tuple(sorted(copied, key=lambda file: file.path)),
        previous,
        len(order.report.checks),
        tuple(warnings_in(order.report.checks)),
        order.report.waivers,
        order.signing_key.key_id if order.signing_key else None,
    )
    content = manifest.as_bytes()
    files.write_durably(staging / MANIFEST, content)
    files.write_durably(staging / SUMS, sums(manifest.files, content))
    if order.signing_key:
        record = signature_record(content, order.signing_key)
        files.write_durably(staging / SIGNATURE, canonical_json.dumps(record))
    files.write_durably(
        staging / BUILD_INFO,
        canonical_json.dumps(
            {
                "release_id": release_id,
                "built_at": order.built_at,
                "snapshot_sha256": files.sha256_of(path),
                "approval": order.approval.as_record() if order.approval else None,
                "python": platform.python_version(),
                "versions": {
                    name: metadata.version(name) for name in ("duckdb", "polars", "pyarrow")
                },
            }
        ),
    )
    return manifest


def _entry(staging: Path, name: str) -> FileEntry:
    path = staging / name
    return FileEntry(name, path.stat().st_size, files.sha256_of(path))


def _write_forms(
    staging: Path, release_id: str, previous: Link | None, order: Order, on_step: OnStep
) -> list[FileEntry]:
    """Write the forms in which the tables are handed out beside Parquet."""
    as_of = order.parameters.get("as_of")
    facts = formats.ReleaseFacts(
        release_id,
        order.report.release_month,
        order.channel,
        order.code_version,
        str(as_of) if as_of is not None else None,
    )
    before = staging.parent / previous.release_id if previous else None
    try:
        tables = formats.published_tables(staging)
        written = formats.write_formats(staging, tables, facts, on_step)
        return written + exchange.write_exchange(staging, facts, before, on_step)
    except formats.FormatError as problem:
        raise PublishRefused([str(problem)]) from problem


def _write_diff(
    staging: Path,
    release_id: str,
    previous: Link | None,
    tables: Sequence[TableEntry],
    order: Order,
    on_step: OnStep,
) -> list[FileEntry]:
    """Write what is different from the release before, and the changelog."""
    on_step("diff")
    try:
        write_diff(
            staging.parent / previous.release_id if previous else None,
            staging,
            release_id=release_id,
            release_month=order.report.release_month,
            channel=order.channel,
            tables=[dataclasses.asdict(table) for table in tables],
            code_version=order.code_version,
            parameters=order.parameters,
            inputs=order.inputs,
            on_progress=lambda table, done, total: on_step(f"diff {table}"),
        )
    except DiffError as problem:
        raise PublishRefused([str(problem)]) from problem
    return [_entry(staging, name) for name in DIFF_FILES]


def reread(staging: Path, manifest: Manifest) -> None:
    """Read every table back with DuckDB, from Parquet and from the snapshot, and compare.

    The Parquet files, which are the record, by their content hash; the snapshot with the Parquet
    files.
    """
    tables = {table.name: table for table in manifest.tables}
    paths = {name: staging / table.path for name, table in tables.items()}
    try:
        different = [
            name
            for name, reading in snapshot.read_parquet_with_duckdb(paths)
            if content_hash(reading, tables[name].primary_key) != tables[name].content_hash
        ] or snapshot.differing_tables(staging / SNAPSHOT, paths)
    except (snapshot.SnapshotError, pa.ArrowException) as problem:
        raise PublishRefused([f"A staged file cannot be read back: {problem}"]) from problem
    if different:
        raise PublishRefused(
            [
                f"DuckDB reads other content of table {different[0]} than the gate judged. "
                "Nothing was published; the disk or a library is at fault."
            ]
        )
