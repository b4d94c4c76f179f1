"""`carbon-factors.lock`: the release that a project uses, to the byte.

Belongs here: the form of the lock file, reading and writing it. Does not belong here: making a pin
(`pinning`) and comparing a release with one (`verification`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carbon_factors import strict_json
from carbon_factors.errors import CacheError, DocumentError, LockFileError
from carbon_factors.manifest import Manifest, is_plain_path
from carbon_factors.signatures import PublicKey, public_key_from_text

LOCK_FILE = "carbon-factors.lock"
VERSION = 1


@dataclass(frozen=True, slots=True)
class LockedTable:
    """One table of the pinned release."""

    name: str
    path: str
    sha256: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Lock:
    """What a lock file says.

    `registry` is a URL, or a folder (relative to the lock file's own where it lies below it).
    `registry_root` is the sha256 of the manifest of the registry's first release: it tells
    registries apart, wherever they are copied to. `key` is the publisher's, `None` for a release
    that was pinned by its hashes alone; `key_id` is the key that the manifest names.
    """

    registry: str
    registry_root: str
    release_id: str
    manifest_sha256: str
    tables: tuple[LockedTable, ...]
    key_id: str | None
    key: PublicKey | None


def tables_of(manifest: Manifest) -> tuple[LockedTable, ...]:
    """Return what a lock says of the tables of a manifest."""
    return tuple(
        LockedTable(table.name, table.path, manifest.file(table.path).sha256, table.content_hash)
        for table in manifest.tables
    )


def read_lock(path: str | Path = LOCK_FILE) -> Lock:
    """Read a lock file; raises `LockFileError` if it is missing or cannot be understood."""
    file = Path(path)
    try:
        strict_json.refuse_size(file.stat().st_size, str(file), strict_json.INDEX_LIMIT)
        content = file.read_bytes()
    except OSError as problem:
        raise LockFileError(
            f"There is no lock file {file} ({problem.strerror}). Make one: carbon-factors pin "
            "REGISTRY."
        ) from None
    except DocumentError as problem:
        raise LockFileError(str(problem)) from None
    try:
        return _read(strict_json.loads(content, str(file), strict_json.INDEX_LIMIT), file)
    except DocumentError as problem:
        raise LockFileError(str(problem)) from None
    except ValueError as problem:
        raise LockFileError(f"{file} is not a lock file of carbon-factors: {problem}.") from None


def write_lock(lock: Lock, path: str | Path = LOCK_FILE) -> None:
    """Write a lock file in one step; raises `CacheError` where that is not possible."""
    file = Path(path)
    content = strict_json.dumps(
        {
            "lock_version": VERSION,
            "registry": lock.registry,
            "registry_root": lock.registry_root,
            "release_id": lock.release_id,
            "manifest_sha256": lock.manifest_sha256,
            "tables": [
                {
                    "name": table.name,
                    "path": table.path,
                    "sha256": table.sha256,
                    "content_hash": table.content_hash,
                }
                for table in lock.tables
            ],
            "key_id": lock.key_id,
            "public_key": lock.key.text if lock.key else None,
        }
    )
    write_whole(file, content)


def write_whole(file: Path, content: bytes) -> None:
    """Replace a file in one step; raises `CacheError` where it cannot be written."""
    from tempfile import mkstemp  # here: it costs time that a look-up does not have

    try:
        handle, name = mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            mask = os.umask(0)
            os.umask(mask)
            Path(name).chmod(0o666 & ~mask)
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as problem:
        raise CacheError(f"{file} cannot be written: {problem.strerror}.") from None


def place_of_registry(lock: Lock, path: str | Path) -> str:
    """Return the registry of a lock file as a location that can be opened from anywhere."""
    if "://" in lock.registry or Path(lock.registry).is_absolute():
        return lock.registry
    return (Path(path).absolute().parent / lock.registry).as_posix()


def registry_as_written(location: str, path: str | Path) -> str:
    """Return how a lock file at `path` names a registry: relative only if it lies below."""
    folder = Path(path).absolute().parent
    if "://" not in location and Path(location).is_relative_to(folder):
        return Path(location).relative_to(folder).as_posix()
    return location


def _read(record: Any, file: Path) -> Lock:
    version = strict_json.whole_number(record, "lock_version")
    if version != VERSION:
        raise ValueError(f"version {version} is not known to this client; upgrade carbon-factors")
    key_text = strict_json.optional_text(record, "public_key")
    key = public_key_from_text(key_text, str(file)) if key_text is not None else None
    key_id = strict_json.optional_text(record, "key_id")
    if key is not None and key.key_id != key_id:
        raise ValueError(f"'public_key' is the key {key.key_id}, but 'key_id' says {key_id}")
    tables = []
    for table in strict_json.sequence(record, "tables"):
        path = strict_json.text(table, "path")
        if not is_plain_path(path):
            raise ValueError(f"the path {path!r} may not stand in a lock file")
        tables.append(
            LockedTable(
                strict_json.text(table, "name"),
                path,
                strict_json.sha256(table, "sha256"),
                strict_json.sha256(table, "content_hash"),
            )
        )
    return Lock(
        registry=strict_json.text(record, "registry"),
        registry_root=strict_json.sha256(record, "registry_root"),
        release_id=strict_json.release_id(record, "release_id"),
        manifest_sha256=strict_json.sha256(record, "manifest_sha256"),
        tables=tuple(tables),
        key_id=key_id,
        key=key,
    )
