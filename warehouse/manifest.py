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
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from expectations.waivers import Waiver
from warehouse import canonical_json
from warehouse.contract_version import CONTRACT_VERSION, FIRST_CONTRACT_VERSION
from warehouse.gate_report import JudgedFile
from warehouse.signing import KEY_ID, SIGNATURE

if TYPE_CHECKING:
    import pyarrow as pa

VERSION = 2
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
BUILD_INFO = "build_info.json"
GATE_REPORT = "gate_report.json"
SNAPSHOT = "snapshot.duckdb"

OUTSIDE_THE_RECORD = frozenset({BUILD_INFO, SNAPSHOT, SIGNATURE})
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

HEX = re.compile(r"[0-9a-f]{64}")


class ManifestError(ValueError):
    """A manifest is unreadable, ill-formed, or names files where none may be."""


@dataclasses.dataclass(frozen=True)
class FileEntry:
    """One file of the record: its place in the release, its size, the sha256 of its bytes."""

    path: str
    bytes: int
    sha256: str


@dataclasses.dataclass(frozen=True)
class ColumnEntry:
    """One column of a published table. `type` is Arrow's name, as `decimal128(18, 8)`."""

    name: str
    type: str
    unit: str
    description_en: str
    description_zh: str


@dataclasses.dataclass(frozen=True)
class TableEntry:
    """One published table of a release. Manifests of version 1 say nothing of its columns."""

    name: str
    path: str
    rows: int
    content_hash: str
    primary_key: tuple[str, ...]
    contract_version: str = FIRST_CONTRACT_VERSION
    columns: tuple[ColumnEntry, ...] = ()


@dataclasses.dataclass(frozen=True)
class Link:
    """The release before this one, with the sha256 of its manifest."""

    release_id: str
    manifest_sha256: str


@dataclasses.dataclass(frozen=True)
class Manifest:
    """What `manifest.json` says. `waivers` are those under which the gate let the release pass;
    `signing_key_id` names the key of `signature.json`, `None` where the release is unsigned;
    `version` is that of the form, kept so that an older manifest gives its own bytes again.
    """

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
    waivers: tuple[Waiver, ...] = ()
    signing_key_id: str | None = None
    version: int = VERSION

    @property
    def sequence(self) -> int:
        """The N of `YYYY.MM.N`."""
        return int(self.release_id.rsplit(".", 1)[1])

    def content(self) -> dict[str, str]:
        """Return the content hash of each table: what the release says, whatever wrote it."""
        return {table.name: table.content_hash for table in self.tables}

    def as_bytes(self) -> bytes:
        """Return the manifest as canonical JSON."""
        gate: dict[str, Any] = {
            "report": GATE_REPORT,
            "checks": self.checks,
            "warnings": list(self.warnings),
        }
        tables = [dataclasses.asdict(table) for table in self.tables]
        signed: dict[str, Any] = {}
        if self.version == 1:
            for table in tables:
                del table["contract_version"], table["columns"]
        else:
            gate["waivers"] = [waiver.as_record() for waiver in self.waivers]
            signed["signing_key_id"] = self.signing_key_id
        return canonical_json.dumps(
            {
                "manifest_version": self.version,
                "release_id": self.release_id,
                "release_month": self.release_month,
                "channel": self.channel,
                "code_version": self.code_version,
                "parameters": dict(self.parameters),
                "inputs": [dict(receipt) for receipt in self.inputs],
                "tables": tables,
                "files": [dataclasses.asdict(file) for file in self.files],
                "previous_release": dataclasses.asdict(self.previous) if self.previous else None,
                "gate": gate,
                "snapshot": {"path": SNAPSHOT, "holds": "the tables, by their content hashes"},
                **signed,
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


def table_entries(
    judged: Sequence[JudgedFile], schemas: Mapping[str, pa.Schema]
) -> tuple[TableEntry, ...]:
    """Return the tables of a manifest from the files of a gate report, in order of name.

    `schemas` are those of the judged Parquet files, by table: their metadata state the version of
    the contract and, for each column, unit and description in both languages.
    """
    return tuple(
        TableEntry(
            file.table,
            file.path,
            file.rows,
            file.content_hash,
            file.primary_key,
            _stated(schemas[file.table].metadata, "contract_version") or FIRST_CONTRACT_VERSION,
            tuple(
                ColumnEntry(
                    field.name,
                    str(field.type),
                    _stated(field.metadata, "unit"),
                    _stated(field.metadata, "description_en"),
                    _stated(field.metadata, "description_zh"),
                )
                for field in schemas[file.table]
            ),
        )
        for file in sorted(judged, key=lambda file: file.table)
    )


def _stated(metadata: Mapping[bytes, bytes] | None, name: str) -> str:
    return ((metadata or {}).get(name.encode()) or b"").decode("utf-8")


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
    version = content["manifest_version"]
    if version not in (1, VERSION) or isinstance(version, bool):
        raise ValueError(f"manifest version {version!r} is not {VERSION}")
    if not RELEASE_ID.fullmatch(content["release_id"]):
        raise ValueError(f"{content['release_id']!r} is not a release id")
    if not content["release_id"].startswith(content["release_month"].replace("-", ".") + "."):
        raise ValueError(
            f"{content['release_id']} is no release of the month {content['release_month']!r}"
        )
    files = tuple(FileEntry(**file) for file in content["files"])
    for file in files:
        _refuse_path(file.path)
        if not HEX.fullmatch(file.sha256) or not _is_count(file.bytes):
            raise ValueError(f"file {file.path!r} has no sha256 or size")
    tables = tuple(_table(table, version) for table in content["tables"])
    paths = Counter(file.path for file in files)
    if twice := [path for path, times in paths.items() if times > 1]:
        raise ValueError(f"file {twice[0]!r} is listed twice")
    if lost := [table.name for table in tables if table.path not in paths]:
        raise ValueError(f"table {lost[0]!r} has no file")
    previous = Link(**content["previous_release"]) if content["previous_release"] else None
    if previous is not None and not (
        RELEASE_ID.fullmatch(previous.release_id) and HEX.fullmatch(previous.manifest_sha256)
    ):
        raise ValueError(f"{previous.release_id!r} is no release that another could follow")
    key_id = content["signing_key_id"] if version > 1 else None
    if key_id is not None and not KEY_ID.fullmatch(key_id):
        raise ValueError(f"{key_id!r} is no id of a signing key")
    waivers = content["gate"]["waivers"] if version > 1 else []
    return Manifest(
        content["release_id"],
        content["release_month"],
        content["channel"],
        content["code_version"],
        content["parameters"],
        tuple(content["inputs"]),
        tables,
        files,
        previous,
        content["gate"]["checks"],
        tuple(content["gate"]["warnings"]),
        tuple(Waiver.from_record(waiver) for waiver in waivers),
        key_id,
        version,
    )


def _table(record: Mapping[str, Any], version: int) -> TableEntry:
    since_2 = {}
    if version > 1:
        since_2 = {"columns": tuple(ColumnEntry(**column) for column in record["columns"])}
        if not CONTRACT_VERSION.fullmatch(record["contract_version"]):
            raise ValueError(f"{record['contract_version']!r} is no version of a contract")
    table = TableEntry(**{**record, "primary_key": tuple(record["primary_key"]), **since_2})
    if not HEX.fullmatch(table.content_hash) or not _is_count(table.rows):
        raise ValueError(f"table {table.name!r} has no content hash or number of rows")
    return table


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


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
