"""The two sides of a comparison: a release, a candidate, or any folder of published tables.

Belongs here: finding the tables of a folder with their keys and contract versions, without
believing what the folder says about places outside it. Does not belong here: comparing (`compare`)
and proving that files are untouched (`warehouse.verify`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse import canonical_json, files
from warehouse.contract_version import FIRST_CONTRACT_VERSION
from warehouse.diff.errors import DiffError, NotCompared
from warehouse.manifest import MANIFEST

_TABLES = "tables"


@dataclasses.dataclass(frozen=True)
class SideTable:
    """One table of a side: its file, its key, the version of its contract."""

    name: str
    path: Path
    key: tuple[str, ...]
    contract_version: str = FIRST_CONTRACT_VERSION

    def schema(self) -> pa.Schema:
        """Read the schema of the file; raises `NotCompared` when it cannot be read."""
        if not self.path.is_file():
            raise NotCompared(f"File {self.path.name} is missing.")
        try:
            schema = pq.read_schema(self.path)
        except (OSError, ValueError, pa.ArrowException) as problem:
            raise NotCompared(unreadable(self.path, problem)) from problem
        if twice := [name for name in schema.names if schema.names.count(name) > 1]:
            raise NotCompared(f"File {self.path.name} has two columns of the name {twice[0]}.")
        return schema

    def rows(self) -> int:
        """Return the number of rows that the file states; raises `NotCompared`."""
        try:
            return int(pq.read_metadata(self.path).num_rows)
        except (OSError, ValueError, pa.ArrowException) as problem:
            raise NotCompared(unreadable(self.path, problem)) from problem


@dataclasses.dataclass(frozen=True)
class Side:
    """What stands on one side; everything but the tables may be unknown (`None`)."""

    name: str
    tables: Mapping[str, SideTable]
    manifest_sha256: str | None = None
    code_version: str | None = None
    parameters: Mapping[str, Any] | None = None
    inputs: Sequence[Mapping[str, Any]] | None = None


def unreadable(path: Path, problem: BaseException) -> str:
    """Return the sentence for a file that cannot be read as Parquet."""
    first = (str(problem).splitlines() or [type(problem).__name__])[0]
    return f"File {path.name} cannot be read as Parquet: {first.replace(str(path), path.name)}"


def open_side(folder: Path) -> Side:
    """Open a release by its manifest, or a candidate or other folder by its `tables/*.parquet`.

    Raises `DiffError` when there is no such folder, its manifest cannot be understood, or it names
    a place outside the folder. A table whose file is missing or broken is found when it is read.
    """
    if not folder.is_dir():
        raise DiffError(f"There is no release or candidate in {folder}.")
    if (folder / MANIFEST).exists():
        return _from_manifest(folder)
    found = sorted((folder / _TABLES).glob("*.parquet"))
    if not found:
        raise DiffError(
            f"{folder} holds neither a {MANIFEST} nor {_TABLES}/*.parquet. "
            "Name a release, a candidate, or a folder with such tables."
        )
    for path in found:
        _refuse_leaving(folder, path)
    return Side(folder.name, {path.stem: _from_file(path) for path in found})


def side_of(
    name: str,
    folder: Path,
    tables: Sequence[Mapping[str, Any]],
    *,
    code_version: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    inputs: Sequence[Mapping[str, Any]] | None = None,
) -> Side:
    """Make the side of a release that has no manifest yet, from the `tables` entries of one.

    Each entry has `name`, `path` (relative to the folder), `primary_key`, and may have
    `contract_version`. Raises `DiffError` for an entry that is not one.
    """
    try:
        return Side(
            name,
            {entry["name"]: _from_entry(folder, entry) for entry in tables},
            code_version=code_version,
            parameters=parameters,
            inputs=inputs,
        )
    except (KeyError, TypeError, AttributeError) as problem:
        raise DiffError(f"{name} names a table in a way that is not one: {problem}.") from problem


def _from_manifest(folder: Path) -> Side:
    path = folder / MANIFEST
    try:
        content = canonical_json.load(path)
        side = side_of(
            str(content["release_id"]),
            folder,
            content["tables"],
            code_version=str(content["code_version"]),
            parameters=dict(content["parameters"]),
            inputs=[dict(receipt) for receipt in content["inputs"]],
        )
    except canonical_json.DocumentError as problem:
        raise DiffError(f"Release {folder.name} cannot be read: {problem}") from problem
    except (KeyError, TypeError, ValueError) as problem:
        if isinstance(problem, DiffError):
            raise
        raise DiffError(
            f"Release {folder.name} cannot be read: {MANIFEST} is no manifest of a release "
            f"({problem!r})."
        ) from problem
    return dataclasses.replace(side, manifest_sha256=files.sha256_of(path))


def _from_entry(folder: Path, entry: Mapping[str, Any]) -> SideTable:
    pure = PurePosixPath(entry["path"])
    if pure.is_absolute() or ".." in pure.parts or "\\" in entry["path"]:
        raise DiffError(
            f"{folder.name}: table {entry['name']} has the path {entry['path']!r}, which leaves "
            "the release. Do not use this release; restore it from a copy."
        )
    path = folder / pure
    _refuse_leaving(folder, path)
    return SideTable(
        str(entry["name"]),
        path,
        tuple(str(column) for column in entry["primary_key"]),
        str(entry.get("contract_version") or FIRST_CONTRACT_VERSION),
    )


def _from_file(path: Path) -> SideTable:
    """Take a table's key and contract version from the metadata of its own file."""
    table = SideTable(path.stem, path, ())
    try:
        metadata = table.schema().metadata or {}
    except NotCompared:
        return table
    key = metadata.get(b"primary_key", b"").decode("utf-8", "replace")
    version = metadata.get(b"contract_version", b"").decode("utf-8", "replace")
    return dataclasses.replace(
        table,
        key=tuple(filter(None, key.split(","))),
        contract_version=version or FIRST_CONTRACT_VERSION,
    )


def _refuse_leaving(folder: Path, path: Path) -> None:
    if not path.resolve().is_relative_to(folder.resolve()):
        raise DiffError(
            f"{path.name} of {folder.name} is a link to a place outside it. "
            "Do not use this release; restore it from a copy."
        )
