"""The manifest of a release: what is in it, from what it was made, and what came before it.

Belongs here: the form of `manifest.json` and `SHA256SUMS`, made from explicit values and read with
suspicion. Does not belong here: writing files in place (`publish`), comparing them (`verify`).

The manifest holds nothing of a clock and nothing of this machine: the same candidate published
after the same release gives the same bytes. Such facts stand in `build_info.json`, outside the
hashed record, beside the hash of the snapshot, whose bytes are never the same twice.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from warehouse import canonical_json
from warehouse.gate_report import JudgedFile

VERSION = 1
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
BUILD_INFO = "build_info.json"
GATE_REPORT = "gate_report.json"
SNAPSHOT = "snapshot.duckdb"

OUTSIDE_THE_RECORD = frozenset({BUILD_INFO, SNAPSHOT})
"""Files of a release whose bytes are not part of the hashed record."""

RELEASE_ID = re.compile(r"[0-9]{4}\.(?:0[1-9]|1[0-2])\.(?:0|[1-9][0-9]{0,5})")

_RECEIPT_FIELDS = (
    "receipt_id",
    "source_id",
    "file_name",
    "sha256",
    "bytes",
    "contract",
    "period",
    "known_at",
    "known_at_basis",
    "rows_read",
    "rows_accepted",
    "rows_quarantined",
)
"""What a manifest says of each receipt. Not `received_at`, a fact of a clock, nor `submitter`."""

_HEX = re.compile(r"[0-9a-f]{64}")


class ManifestError(ValueError):
    """A manifest is unreadable, ill-formed, or names files where none may be."""


@dataclasses.dataclass(frozen=True)
class FileEntry:
    """One file of the record: its place in the release, its size, the sha256 of its bytes."""

    path: str
    bytes: int
    sha256: str


@dataclasses.dataclass(frozen=True)
class TableEntry:
    """One published table of a release."""

    name: str
    path: str
    rows: int
    content_hash: str
    primary_key: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Link:
    """The release before this one, with the sha256 of its manifest."""

    release_id: str
    manifest_sha256: str


@dataclasses.dataclass(frozen=True)
class Manifest:
    """What `manifest.json` says."""

    release_id: str
    release_month: str
    channel: str
    code_version: str
    parameters: Mapping[str, Any]
    inputs: tuple[Mapping[str, Any], ...]
    tables: tuple[TableEntry, ...]
    files: tuple[FileEntry, ...]
    previous: Link | None
    checks: int
    warnings: tuple[str, ...]

    @property
    def sequence(self) -> int:
        """The N of `YYYY.MM.N`."""
        return int(self.release_id.rsplit(".", 1)[1])

    def content(self) -> dict[str, str]:
        """Return the content hash of each table: what the release says, whatever wrote it."""
        return {table.name: table.content_hash for table in self.tables}

    def as_bytes(self) -> bytes:
        """Return the manifest as canonical JSON."""
        return canonical_json.dumps(
            {
                "manifest_version": VERSION,
                "release_id": self.release_id,
                "release_month": self.release_month,
                "channel": self.channel,
                "code_version": self.code_version,
                "parameters": dict(self.parameters),
                "inputs": [dict(receipt) for receipt in self.inputs],
                "tables": [
                    {**dataclasses.asdict(table), "primary_key": list(table.primary_key)}
                    for table in self.tables
                ],
                "files": [dataclasses.asdict(file) for file in self.files],
                "previous_release": dataclasses.asdict(self.previous) if self.previous else None,
                "gate": {
                    "report": GATE_REPORT,
                    "checks": self.checks,
                    "warnings": list(self.warnings),
                },
                "snapshot": {"path": SNAPSHOT, "holds": "the tables, by their content hashes"},
            }
        )

    @property
    def sha256(self) -> str:
        """The sha256 of the manifest's bytes, by which the next release names it."""
        return hashlib.sha256(self.as_bytes()).hexdigest()


def release_id_of(release_month: str, sequence: int) -> str:
    """Return the id of a release: `2023-12` and 0 give `2023.12.0`."""
    return f"{release_month.replace('-', '.')}.{sequence}"


def sort_key(release_id: str) -> tuple[int, int, int]:
    """Return what release ids are ordered by: year, month, N as numbers."""
    year, month, sequence = (int(part) for part in release_id.split("."))
    return year, month, sequence


def inputs_of(receipts: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Return the part of each receipt that belongs to the record, in order of receipt id."""
    return tuple(
        {field: receipt[field] for field in _RECEIPT_FIELDS if field in receipt}
        for receipt in sorted(receipts, key=lambda receipt: str(receipt["receipt_id"]))
    )


def table_entries(judged: Sequence[JudgedFile]) -> tuple[TableEntry, ...]:
    """Return the tables of a manifest from the files of a gate report, in order of name."""
    return tuple(
        TableEntry(file.table, file.path, file.rows, file.content_hash, file.primary_key)
        for file in sorted(judged, key=lambda file: file.table)
    )


def sums(files: Sequence[FileEntry], manifest_bytes: bytes) -> bytes:
    """Return `SHA256SUMS` over the record: the manifest and every file that it lists."""
    hashes = {file.path: file.sha256 for file in files}
    hashes[MANIFEST] = hashlib.sha256(manifest_bytes).hexdigest()
    return "".join(f"{hashes[path]}  {path}\n" for path in sorted(hashes)).encode()


def read_manifest(path: Path) -> Manifest:
    """Read `manifest.json`; raises `ManifestError` with a sentence that says what is wrong.

    Refuses paths that leave the release, so that no reader follows one.
    """
    try:
        return _from_record(canonical_json.load(path))
    except canonical_json.DocumentError as problem:
        raise ManifestError(str(problem)) from problem
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise ManifestError(f"{path.name} is not a manifest of a release: {problem}.") from problem


def _from_record(content: Mapping[str, Any]) -> Manifest:
    if content["manifest_version"] != VERSION:
        raise ValueError(f"manifest version {content['manifest_version']!r} is not {VERSION}")
    if not RELEASE_ID.fullmatch(content["release_id"]):
        raise ValueError(f"{content['release_id']!r} is not a release id")
    files = tuple(FileEntry(**file) for file in content["files"])
    for file in files:
        _refuse_path(file.path)
        if not _HEX.fullmatch(file.sha256) or not isinstance(file.bytes, int):
            raise ValueError(f"file {file.path!r} has no sha256 or size")
    tables = tuple(
        TableEntry(**{**table, "primary_key": tuple(table["primary_key"])})
        for table in content["tables"]
    )
    paths = [file.path for file in files]
    if twice := [path for path in paths if paths.count(path) > 1]:
        raise ValueError(f"file {twice[0]!r} is listed twice")
    if lost := [table.name for table in tables if table.path not in paths]:
        raise ValueError(f"table {lost[0]!r} has no file")
    previous = content["previous_release"]
    return Manifest(
        content["release_id"],
        content["release_month"],
        content["channel"],
        content["code_version"],
        content["parameters"],
        tuple(content["inputs"]),
        tables,
        files,
        Link(**previous) if previous is not None else None,
        content["gate"]["checks"],
        tuple(content["gate"]["warnings"]),
    )


def _refuse_path(path: str) -> None:
    pure = PurePosixPath(path)
    if (
        not path
        or pure.is_absolute()
        or pure.as_posix() != path
        or ".." in pure.parts
        or "\\" in path
        or any(ord(letter) < 32 for letter in path)
        or path in {MANIFEST, SUMS, *OUTSIDE_THE_RECORD}
    ):
        raise ValueError(f"path {path!r} may not stand in a manifest")
