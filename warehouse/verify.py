"""Proves that a published release is what was published, or says which part is not.

Belongs here: comparing a release with its manifest, its sums, its chain and the registry. Does not
belong here: repairing anything, and judging the figures (`gate`).
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pyarrow as pa

from warehouse import canonical_json, export, files, gate_report, registry, snapshot
from warehouse.content_hash import ContentHashError, content_hash
from warehouse.manifest import (
    BUILD_INFO,
    GATE_REPORT,
    MANIFEST,
    OUTSIDE_THE_RECORD,
    SNAPSHOT,
    SUMS,
    Manifest,
    ManifestError,
    read_manifest,
    sums,
)


@dataclasses.dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a release.

    `kind` is one of missing, extra, changed, unreadable, chain, registry; `path` is relative to the
    releases folder; `sentence` says what was expected and found.
    """

    path: str
    kind: str
    sentence: str


def verify(folder: Path) -> list[Problem]:
    """Compare a release with its manifest; an empty list means that nothing is wrong.

    Looks at the set of files, the bytes of each file of the record, `SHA256SUMS`, the content of
    each table and of the snapshot, the gate's verdict, the link to the release before, and the
    registry's hash of the manifest. Never raises because of what lies in the folder.
    """
    name = folder.name
    if not folder.is_dir() or folder.is_symlink():
        return [Problem(name, "missing", f"There is no release folder {name}.")]
    try:
        manifest = read_manifest(folder / MANIFEST)
    except ManifestError as problem:
        return [Problem(f"{name}/{MANIFEST}", "unreadable", f"Release {name}: {problem}")]
    problems = _compare_identity(folder, manifest)
    problems += _compare_file_set(folder, manifest)
    problems += _compare_bytes(folder, manifest)
    if not problems:
        problems += _compare_content(folder, manifest)
    problems += _compare_snapshot(folder, manifest)
    problems += _compare_link(folder, manifest)
    problems += _compare_registration(folder)
    return problems


def verify_all(releases: Path) -> list[Problem]:
    """Verify every release of a folder, its registry, and the chain from the first to the last."""
    if not releases.is_dir():
        return [Problem(".", "missing", f"There is no releases folder {releases}.")]
    problems = [
        problem for folder in registry.release_folders(releases) for problem in verify(folder)
    ]
    try:
        entries = registry.read_index(releases)
        latest = registry.read_latest(releases)
    except registry.RegistryError as problem:
        return [*problems, Problem(registry.INDEX, "unreadable", str(problem))]
    present = {folder.name for folder in registry.release_folders(releases)}
    listed = [entry.release_id for entry in entries]
    problems += [
        Problem(each, "missing", f"Release {each} stands in {registry.INDEX} but has no folder.")
        for each in listed
        if each not in present
    ]
    problems += [
        Problem(
            each,
            "registry",
            f"Release {each} does not stand in {registry.INDEX}; the next publication enters it.",
        )
        for each in sorted(present.difference(listed))
    ]
    newest = registry.newest_entry(entries)
    expected = (newest.release_id, newest.manifest_sha256) if newest else None
    found = (latest["release_id"], latest["manifest_sha256"]) if latest else None
    if expected != found:
        problems.append(
            Problem(
                registry.LATEST,
                "registry",
                f"{registry.LATEST} points to {found[0] if found else 'nothing'}, but the newest "
                f"registered release is {expected[0] if expected else 'none'}.",
            )
        )
    followed = [entry.previous_release for entry in entries]
    for each in sorted({link for link in followed if followed.count(link) > 1}, key=str):
        text = "two releases claim to be the first" if each is None else f"two follow {each}"
        problems.append(Problem(registry.INDEX, "chain", f"The chain forks: {text}."))
    return problems


def _compare_identity(folder: Path, manifest: Manifest) -> list[Problem]:
    if manifest.release_id == folder.name:
        return []
    return [
        Problem(
            f"{folder.name}/{MANIFEST}",
            "changed",
            f"Folder {folder.name} holds the manifest of release {manifest.release_id}.",
        )
    ]


def _compare_file_set(folder: Path, manifest: Manifest) -> list[Problem]:
    expected = {file.path for file in manifest.files} | {MANIFEST, SUMS} | OUTSIDE_THE_RECORD
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
    for relative in sorted(found - expected):
        place = f"{folder.name}/{relative}"
        problems.append(Problem(place, "extra", f"{place} does not belong to the release."))
    for relative in sorted(expected - found):
        place = f"{folder.name}/{relative}"
        problems.append(Problem(place, "missing", f"{place} is missing from the release."))
    return problems


def _compare_bytes(folder: Path, manifest: Manifest) -> list[Problem]:
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
            problems.append(Problem(place, "changed", sentence))
    return problems


def _compare_content(folder: Path, manifest: Manifest) -> list[Problem]:
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
    return problems


def _compare_snapshot(folder: Path, manifest: Manifest) -> list[Problem]:
    """Compare the snapshot's bytes with the build's note, then its tables with the manifest."""
    path = folder / SNAPSHOT
    place = f"{folder.name}/{SNAPSHOT}"
    if path.is_symlink() or not path.is_file() or not (folder / BUILD_INFO).is_file():
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


def _compare_link(folder: Path, manifest: Manifest) -> list[Problem]:
    if manifest.previous is None:
        return []
    place = f"{folder.name}/{MANIFEST}"
    before = manifest.previous.release_id
    previous = folder.parent / before / MANIFEST
    if not previous.is_file():
        sentence = f"Release {folder.name} follows {before}, which is not there."
        return [Problem(place, "chain", sentence)]
    if files.sha256_of(previous) != manifest.previous.manifest_sha256:
        sentence = (
            f"The chain breaks between {before} and {folder.name}: the manifest of {before} is not "
            "the one that was there when the next release was published."
        )
        return [Problem(place, "chain", sentence)]
    return []


def _compare_registration(folder: Path) -> list[Problem]:
    try:
        entries = {entry.release_id: entry for entry in registry.read_index(folder.parent)}
    except registry.RegistryError:
        return []
    entry = entries.get(folder.name)
    if entry is None or entry.manifest_sha256 == files.sha256_of(folder / MANIFEST):
        return []
    sentence = f"The manifest of {folder.name} is not the one that {registry.INDEX} registered."
    return [Problem(f"{folder.name}/{MANIFEST}", "registry", sentence)]
