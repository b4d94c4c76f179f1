"""Turns a proven candidate into a numbered, immutable release - or refuses.

Belongs here: the steps of a publication and their order. Does not belong here: the proof (`proof`),
the form of the documents (`manifest`, `registry`), judging (`gate`).

Order: prove, lock, sweep what a killed publisher left, stage on the same filesystem, force to disk,
read again with a second engine, take the write permission away, rename into place, write the
pointers. A crash at any step leaves no release or a whole one.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import platform
import shutil
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pyarrow as pa

from expectations.required import REQUIRED_CHECKS_FILE
from expectations.thresholds import DEFAULT_THRESHOLDS, Thresholds
from warehouse import canonical_json, export, files, registry, snapshot
from warehouse.candidate import Candidate
from warehouse.content_hash import content_hash
from warehouse.errors import PublishBusy, PublishError, PublishRefused
from warehouse.gate_report import GateReport
from warehouse.lock import releases_lock
from warehouse.manifest import (
    BUILD_INFO,
    GATE_REPORT,
    MANIFEST,
    SNAPSHOT,
    SUMS,
    FileEntry,
    Link,
    Manifest,
    ManifestError,
    inputs_of,
    read_manifest,
    release_id_of,
    sums,
    table_entries,
)
from warehouse.proof import prove
from warehouse.registry import IndexEntry
from warehouse.verdict import warnings_in
from warehouse.verify import verify

__all__ = ["PublishBusy", "PublishError", "PublishRefused", "PublishResult", "publish", "sweep"]

STAGING = ".staging-"

OnStep = Callable[[str], None]


@dataclasses.dataclass(frozen=True)
class PublishResult:
    """How a publication ended.

    `published`: `folder` is the new release. `unchanged`: nothing new was written, `folder` is the
    release that already says the same, and `reason` says so.
    """

    status: Literal["published", "unchanged"]
    release_id: str
    folder: Path
    reason: str


@dataclasses.dataclass(frozen=True)
class _Order:
    """What is to be published, after the proof."""

    report: GateReport
    report_bytes: bytes
    channel: str
    parameters: Mapping[str, Any]
    inputs: tuple[dict[str, Any], ...]
    code_version: str
    built_at: str


def publish(
    candidate: Candidate,
    releases: Path,
    *,
    release_month: str,
    parameters: Mapping[str, Any],
    receipts: Sequence[Mapping[str, Any]],
    code_version: str,
    built_at: dt.datetime,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
    required_file: Path = REQUIRED_CHECKS_FILE,
    on_step: OnStep = lambda step: None,
) -> PublishResult:
    """Publish a candidate as the next release of a month (`YYYY-MM`), or say that nothing changed.

    `parameters` are plain JSON values that, with receipts and code, determine the content;
    `receipts` are mappings with at least `receipt_id`; `built_at` is a moment, kept
    outside the hashed record. `on_step` is told each step as it begins.

    Raises `PublishRefused` with sentences when the candidate may not be published, `PublishBusy`
    when another publisher is at work, `PublishError` when the folder or the disk fails. In all
    three cases no release appears and nothing that was published changes.
    """
    on_step("prove")
    report = prove(
        candidate,
        release_month=release_month,
        thresholds=thresholds,
        required_file=required_file,
    )
    order = _Order(
        report,
        report.as_bytes(),
        _channel(candidate, report),
        _plain_parameters(parameters),
        inputs_of(receipts),
        code_version,
        built_at.isoformat(timespec="seconds"),
    )
    try:
        releases.mkdir(parents=True, exist_ok=True)
        with releases_lock(releases):
            on_step("sweep")
            sweep(releases)
            entries = _reconciled(releases)
            if same := _unchanged(releases, entries, order):
                return same
            return _publish_next(candidate, releases, entries, order, on_step)
    except OSError as problem:
        raise PublishError(
            f"Nothing was published: {problem.strerror or problem} "
            f"({problem.filename or releases}). Mend the disk or the folder and publish again."
        ) from problem


def sweep(releases: Path) -> list[str]:
    """Remove what killed publishers left behind; return the names. Call it under the lock."""
    left = sorted(releases.glob(f"{STAGING}*"))
    for folder in left:
        files.make_removable(folder)
        shutil.rmtree(folder)
    for temporary in releases.glob(".*.json.new"):
        temporary.unlink()
    return [folder.name for folder in left]


def _plain_parameters(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Bring parameters to what a reader of the manifest gets back, so that they compare."""
    try:
        return canonical_json.loads(canonical_json.dumps(dict(parameters)))
    except canonical_json.DocumentError as problem:
        raise PublishRefused([f"The parameters of the release are no plain JSON: {problem}"]) from (
            problem
        )


def _channel(candidate: Candidate, report: GateReport) -> str:
    """Return `demo` if any published row is synthetic, `stable` otherwise."""
    for file in report.files:
        path = candidate.folder / file.path
        if "quality_tier" in export.read_schema(path).names:
            tiers = pl.scan_parquet(path, hive_partitioning=False).select("quality_tier")
            if tiers.filter(pl.col("quality_tier") == "synthetic").head(1).collect().height:
                return "demo"
    return "stable"


def _reconciled(releases: Path) -> list[IndexEntry]:
    """Return the registry after entering releases that a killed publisher left unregistered."""
    try:
        from_folders = registry.index_from_folders(releases)
        try:
            registered = registry.read_index(releases)
        except registry.RegistryError:
            registered = []
    except registry.RegistryError as problem:
        raise PublishRefused([str(problem)]) from problem
    known = {entry.release_id: entry for entry in registered}
    for entry in from_folders:
        stated = known.get(entry.release_id)
        if stated is not None and stated.manifest_sha256 != entry.manifest_sha256:
            raise PublishRefused(
                [
                    f"Release {entry.release_id} was changed after publication: its manifest is "
                    "not the registered one. Restore it from a copy before you publish."
                ]
            )
    lost = sorted(set(known) - {entry.release_id for entry in from_folders})
    if lost:
        raise PublishRefused(
            [f"Release {lost[0]} is registered but its folder is gone. Restore it from a copy."]
        )
    entries = registered + [each for each in from_folders if each.release_id not in known]
    newest = registry.newest_entry(entries)
    pointer = releases / registry.LATEST
    expected = registry.latest_record(newest) if newest else None
    is_stale = expected is not None and (not pointer.is_file() or pointer.read_bytes() != expected)
    if len(entries) != len(registered) or is_stale:
        registry.write_registry(releases, entries)
    return entries


def _of_month(entries: Sequence[IndexEntry], release_month: str) -> list[IndexEntry]:
    return [entry for entry in entries if entry.release_month == release_month]


def _unchanged(releases: Path, entries: list[IndexEntry], order: _Order) -> PublishResult | None:
    """Say so if the newest release of the month already holds this content and parameters."""
    newest = registry.newest_entry(_of_month(entries, order.report.release_month))
    if newest is None:
        return None
    folder = releases / newest.release_id
    manifest = _trusted(folder)
    content = {file.table: file.content_hash for file in order.report.files}
    if manifest.content() != content or dict(manifest.parameters) != dict(order.parameters):
        return None
    return PublishResult(
        "unchanged",
        newest.release_id,
        folder,
        f"No new release: the content of all {len(content)} tables and the parameters are those of "
        f"release {newest.release_id}.",
    )


def _trusted(folder: Path) -> Manifest:
    """Return the manifest of a release that still verifies; refuse to build upon another."""
    if problems := verify(folder):
        raise PublishRefused(
            [
                f"Release {folder.name} is not as it was published, so nothing is published after "
                "it. Restore it from a copy.",
                *(problem.sentence for problem in problems[:5]),
            ]
        )
    try:
        return read_manifest(folder / MANIFEST)
    except ManifestError as problem:
        raise PublishRefused([str(problem)]) from problem


def _publish_next(
    candidate: Candidate,
    releases: Path,
    entries: list[IndexEntry],
    order: _Order,
    on_step: OnStep,
) -> PublishResult:
    month = order.report.release_month
    taken = [int(entry.release_id.rsplit(".", 1)[1]) for entry in _of_month(entries, month)]
    release_id = release_id_of(month, max(taken, default=-1) + 1)
    target = releases / release_id
    if target.exists() or target.is_symlink():
        raise PublishRefused(
            [f"{release_id} already exists in {releases} and is no release. Move it away."]
        )
    previous = None
    if entries:
        if entries[-1].release_month != month:
            _trusted(releases / entries[-1].release_id)
        previous = Link(entries[-1].release_id, entries[-1].manifest_sha256)
    staging = releases / f"{STAGING}{release_id}"
    try:
        manifest = _stage(candidate, staging, release_id, previous, order, on_step)
        on_step("reread")
        _reread(staging, manifest)
        on_step("seal")
        files.make_read_only(staging)
        files.sync_folder(staging / "tables")
        files.sync_folder(staging)
        on_step("rename")
        staging.rename(target)
        files.sync_folder(releases)
    except (Exception, KeyboardInterrupt):
        if staging.exists():
            sweep(releases)
        raise
    on_step("index")
    entry = IndexEntry(
        release_id,
        month,
        "published",
        order.channel,
        files.sha256_of(target / MANIFEST),
        previous.release_id if previous else None,
    )
    registry.write_registry(releases, [*entries, entry])
    on_step("done")
    kind = "first release of" if not taken else "content or parameters differ from the last of"
    return PublishResult("published", release_id, target, f"Published: {kind} {month}.")


def _stage(
    candidate: Candidate,
    staging: Path,
    release_id: str,
    previous: Link | None,
    order: _Order,
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
    copied.append(
        FileEntry(GATE_REPORT, len(order.report_bytes), files.sha256_of(staging / GATE_REPORT))
    )
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
        table_entries(order.report.files),
        tuple(sorted(copied, key=lambda file: file.path)),
        previous,
        len(order.report.checks),
        tuple(warnings_in(order.report.checks)),
    )
    content = manifest.as_bytes()
    files.write_durably(staging / MANIFEST, content)
    files.write_durably(staging / SUMS, sums(manifest.files, content))
    files.write_durably(
        staging / BUILD_INFO,
        canonical_json.dumps(
            {
                "release_id": release_id,
                "built_at": order.built_at,
                "snapshot_sha256": files.sha256_of(path),
                "python": platform.python_version(),
                "versions": {
                    name: metadata.version(name) for name in ("duckdb", "polars", "pyarrow")
                },
            }
        ),
    )
    return manifest


def _reread(staging: Path, manifest: Manifest) -> None:
    """Read every table back with DuckDB, from Parquet and from the snapshot, and compare."""
    tables = {table.name: table for table in manifest.tables}
    paths = {name: staging / table.path for name, table in tables.items()}
    schemas = {name: export.read_schema(path) for name, path in paths.items()}
    try:
        readings = itertools.chain(
            snapshot.read_parquet_with_duckdb(paths),
            snapshot.read_snapshot(staging / SNAPSHOT, schemas),
        )
        for name, reading in readings:
            if content_hash(reading, tables[name].primary_key) != tables[name].content_hash:
                raise PublishRefused(
                    [
                        f"DuckDB reads other content of table {name} than the gate judged. "
                        "Nothing was published; the disk or a library is at fault."
                    ]
                )
    except (snapshot.SnapshotError, pa.ArrowException) as problem:
        raise PublishRefused([f"A staged file cannot be read back: {problem}"]) from problem
