"""What `manifest.json` of a release says, read with suspicion.

Belongs here: the form of the manifest, versions 1 and 2, and which paths it may name. Does not
belong here: fetching it (`stores`), comparing files with it (`verification`).
"""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass
from typing import Any

from carbon_factors import strict_json
from carbon_factors.errors import DocumentError

MANIFEST = "manifest.json"
SIGNATURE = "signature.json"
SUMS = "SHA256SUMS"
OUTSIDE_THE_RECORD = frozenset({"build_info.json", "snapshot.duckdb"})
"""Files that a release may hold and whose bytes no hash covers: never read by this client."""

MOST_FILES = 10_000
_VERSIONS = (1, 2)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of the record: its place in the release, its size, the sha256 of its bytes."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a published table. Version 1 of the manifest does not name columns."""

    name: str
    type: str
    unit: str | None
    description_en: str
    description_zh: str


@dataclass(frozen=True, slots=True)
class TableEntry:
    """One published table. `contract_version` is `None` in version 1 of the manifest."""

    name: str
    path: str
    rows: int
    content_hash: str
    primary_key: tuple[str, ...]
    contract_version: str | None
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says; `sha256` is the hash of its bytes, by which everything else names it.

    `signing_key_id` is `None` for an unsigned release. `as_of` is the last day whose knowledge
    went into the release (`YYYY-MM-DD`), where the manifest says so. `previous_release` and the
    hash of its manifest are the link of the chain.
    """

    sha256: str
    manifest_version: int
    release_id: str
    release_month: str
    channel: str
    code_version: str
    as_of: str | None
    tables: tuple[TableEntry, ...]
    files: tuple[FileEntry, ...]
    previous_release: str | None
    previous_manifest_sha256: str | None
    signing_key_id: str | None

    def table(self, name: str) -> TableEntry | None:
        """Return a table by name, or `None`."""
        return next((table for table in self.tables if table.name == name), None)

    def file(self, path: str) -> FileEntry:
        """Return the file with a path; raises `KeyError`, which no path of a table can cause."""
        return next(file for file in self.files if file.path == path)


def read_manifest(content: bytes, name: str = MANIFEST) -> Manifest:
    """Read the bytes of a manifest; raises `DocumentError` with a sentence that says what is wrong.

    Refuses paths that leave the release, so that no reader follows one.
    """
    record = strict_json.loads(content, name, strict_json.MANIFEST_LIMIT)
    try:
        return _read(record, hashlib.sha256(content).hexdigest())
    except ValueError as problem:
        raise DocumentError(f"{name} is not a manifest of a release: {problem}.") from None


def is_plain_path(path: str) -> bool:
    r"""Whether a path stays inside its folder on every system.

    >>> is_plain_path("tables/region.parquet")
    True
    >>> [is_plain_path(path) for path in ("../a", "/a", "a\\b", "a/../b", "C:/a", "a//b", "a/")]
    [False, False, False, False, False, False, False]
    """
    return (
        0 < len(path) <= 400
        and not any(letter in '\\:*?"<>|' or ord(letter) < 32 for letter in path)
        and all(part not in {"", ".", ".."} and part[-1] not in ". " for part in path.split("/"))
    )


def _read(record: Any, sha256: str) -> Manifest:
    version = strict_json.whole_number(record, "manifest_version")
    if version not in _VERSIONS:
        raise ValueError(
            f"version {version} of the manifest is not known to this client; upgrade carbon-factors"
        )
    files = tuple(_read_file(file) for file in strict_json.sequence(record, "files"))
    tables = tuple(_read_table(table, version) for table in strict_json.sequence(record, "tables"))
    if len(files) > MOST_FILES:
        raise ValueError(f"{len(files)} files are more than the {MOST_FILES} that are allowed")
    # Two names that differ in case only are one file on some disks.
    _refuse_twice([file.path.casefold() for file in files], "file")
    _refuse_twice([table.name for table in tables], "table")
    paths = {file.path for file in files}
    if lost := [table.name for table in tables if table.path not in paths]:
        raise ValueError(f"the table {lost[0]!r} has no file")
    parameters = record.get("parameters")
    previous = record.get("previous_release")
    return Manifest(
        sha256=sha256,
        manifest_version=version,
        release_id=strict_json.release_id(record, "release_id"),
        release_month=strict_json.text(record, "release_month"),
        channel=strict_json.text(record, "channel"),
        code_version=strict_json.text(record, "code_version"),
        as_of=strict_json.optional_text(parameters, "as_of"),
        tables=tables,
        files=files,
        previous_release=strict_json.release_id(previous, "release_id") if previous else None,
        previous_manifest_sha256=strict_json.sha256(previous, "manifest_sha256")
        if previous
        else None,
        signing_key_id=strict_json.optional_text(record, "signing_key_id"),
    )


def _read_file(record: Any) -> FileEntry:
    path = strict_json.text(record, "path")
    if not is_plain_path(path) or path in {MANIFEST, SIGNATURE, SUMS, *OUTSIDE_THE_RECORD}:
        raise ValueError(f"the path {path!r} may not stand in a manifest")
    return FileEntry(
        path, strict_json.whole_number(record, "bytes"), strict_json.sha256(record, "sha256")
    )


def _read_table(record: Any, version: int) -> TableEntry:
    columns = strict_json.sequence(record, "columns") if version > 1 else []
    return TableEntry(
        name=strict_json.text(record, "name"),
        path=strict_json.text(record, "path"),
        rows=strict_json.whole_number(record, "rows"),
        content_hash=strict_json.sha256(record, "content_hash"),
        primary_key=tuple(str(name) for name in strict_json.sequence(record, "primary_key")),
        contract_version=strict_json.optional_text(record, "contract_version"),
        columns=tuple(
            Column(
                strict_json.text(column, "name"),
                strict_json.text(column, "type"),
                strict_json.optional_text(column, "unit"),
                strict_json.optional_text(column, "description_en") or "",
                strict_json.optional_text(column, "description_zh") or "",
            )
            for column in columns
        ),
    )


def _refuse_twice(names: list[str], what: str) -> None:
    ordered = sorted(names)
    for name, following in itertools.pairwise(ordered):
        if name == following:
            raise ValueError(f"the {what} {name!r} is listed twice")
