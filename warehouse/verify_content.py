"""The files of a release against its manifest: which there are, their bytes, what they say.

Belongs here: the set of files, bytes, content hashes, the gate's verdict and the snapshot. Does not
belong here: signature, state and chain (`trust`, `states`, `verify`). Nothing here follows a link.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from warehouse import canonical_json, export, files, gate_report, snapshot
from warehouse.content_hash import ContentHashError, content_hash
from warehouse.manifest import (
    BUILD_INFO,
    GATE_REPORT,
    MANIFEST,
    OUTSIDE_THE_RECORD,
    SNAPSHOT,
    SUMS,
    Manifest,
    sums,
)
from warehouse.problem import Problem
from warehouse.signing import SIGNATURE


def compare_file_set(folder: Path, manifest: Manifest) -> list[Problem]:
    """Name every file that is missing, too many, or no plain file."""
    expected = {file.path for file in manifest.files} | {MANIFEST, SUMS} | OUTSIDE_THE_RECORD
    if manifest.signing_key_id is None:
        expected = expected - {SIGNATURE}
    found = set()
    problems = []
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder).as_posix()
        place = f"{folder.name}/{relative}"
        if path.is_symlink():
            sentence = f"{place} is a link; a release holds plain files only."
            problems.append(Problem(place, "extra", sentence))
        elif path.is_file():
            found.add(relative)
        elif not path.is_dir():
            sentence = f"{place} is no plain file; a release holds nothing else."
            problems.append(Problem(place, "extra", sentence))
    for relative in sorted(found - expected):
        place = f"{folder.name}/{relative}"
        problems.append(Problem(place, "extra", f"{place} does not belong to the release."))
    for relative in sorted(expected - found):
        place = f"{folder.name}/{relative}"
        problems.append(Problem(place, "missing", f"{place} is missing from the release."))
    return problems


def compare_bytes(folder: Path, manifest: Manifest) -> list[Problem]:
    """Compare the bytes of every file of the record, and `SHA256SUMS`, with the manifest."""
    problems = []
    for file in manifest.files:
        path = folder / file.path
        if path.is_symlink() or not path.is_file():
            continue
        place = f"{folder.name}/{file.path}"
        if path.stat().st_size != file.bytes or files.sha256_of(path) != file.sha256:
            sentence = (
                f"{place} was changed after publication: its sha256 is not the manifest's "
                f"{file.sha256[:12]}... Restore it from a copy."
            )
            problems.append(Problem(place, "changed", sentence))
    path = folder / SUMS
    if path.is_file() and not path.is_symlink():
        expected = sums(manifest.files, (folder / MANIFEST).read_bytes())
        if path.read_bytes() != expected:
            place = f"{folder.name}/{SUMS}"
            sentence = f"{place} does not agree with the manifest; one of the two was changed."
            problems.append(Problem(place, "changed", sentence, "manifest"))
    return problems


def compare_content(folder: Path, manifest: Manifest) -> list[Problem]:
    """Compare what untouched files say with the manifest: content hashes and the gate's verdict."""
    problems = []
    for table in manifest.tables:
        place = f"{folder.name}/{table.path}"
        try:
            found = content_hash(export.read_parquet(folder / table.path), table.primary_key)
        except (OSError, pa.ArrowException, ContentHashError) as problem:
            problems.append(Problem(place, "unreadable", f"{place} cannot be read: {problem}."))
            continue
        if found != table.content_hash:
            sentence = f"{place} does not have the content hash that the manifest states."
            problems.append(Problem(place, "changed", sentence))
    place = f"{folder.name}/{GATE_REPORT}"
    try:
        report = gate_report.read_report(folder / GATE_REPORT)
    except gate_report.ReportError as problem:
        return [*problems, Problem(place, "unreadable", f"Release {folder.name}: {problem}")]
    if not report.passed or {f.table: f.content_hash for f in report.files} != (manifest.content()):
        sentence = f"{place} is not a passing report on the tables of this release."
        problems.append(Problem(place, "changed", sentence))
    elif report.waivers != manifest.waivers:
        sentence = f"{place} passed under other waivers than the manifest of {folder.name} states."
        problems.append(Problem(place, "changed", sentence, "manifest"))
    return problems


def compare_snapshot(folder: Path, manifest: Manifest) -> list[Problem]:
    """Compare the snapshot's bytes with the build's note, then its tables with the manifest."""
    path = folder / SNAPSHOT
    place = f"{folder.name}/{SNAPSHOT}"
    if any(each.is_symlink() or not each.is_file() for each in (path, folder / BUILD_INFO)):
        return []
    try:
        noted = canonical_json.load(folder / BUILD_INFO)["snapshot_sha256"]
    except (canonical_json.DocumentError, KeyError, TypeError) as problem:
        info = f"{folder.name}/{BUILD_INFO}"
        return [Problem(info, "unreadable", f"{info} cannot be understood: {problem}.")]
    if files.sha256_of(path) != noted:
        sentence = f"{place} was changed after publication. The Parquet files are the record."
        return [Problem(place, "changed", sentence)]
    try:
        if snapshot.snapshot_tables(path) != sorted(table.name for table in manifest.tables):
            return [Problem(place, "changed", f"{place} holds other tables than the manifest.")]
        keys = {table.name: table.primary_key for table in manifest.tables}
        schemas = {table.name: export.read_schema(folder / table.path) for table in manifest.tables}
        stated = manifest.content()
        different = [
            name
            for name, table in snapshot.read_snapshot(path, schemas)
            if content_hash(table, keys[name]) != stated[name]
        ]
    except (snapshot.SnapshotError, OSError, pa.ArrowException, ContentHashError) as problem:
        return [Problem(place, "unreadable", f"{place}: {problem}")]
    return [
        Problem(place, "changed", f"Table {name} of {place} differs from the manifest.")
        for name in different
    ]
