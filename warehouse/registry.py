"""The registry of a releases folder: `index.json`, `latest.json`, and what they are made from.

Belongs here: the order of releases, which one is the latest, and bringing both files in line with
the folders. Does not belong here: the inside of a release (`releases`, `verify`).

The folders and the statements in `states/` are the truth; the two files are pointers made from
them. A publisher that is killed
between renaming a release into place and writing the pointers leaves a whole release, which the
next publisher enters here.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from warehouse import canonical_json, files
from warehouse.manifest import (
    HEX,
    MANIFEST,
    RELEASE_ID,
    Manifest,
    ManifestError,
    read_manifest,
    sort_key,
)

VERSION = 2
INDEX = "index.json"
LATEST = "latest.json"


@dataclasses.dataclass(frozen=True)
class IndexEntry:
    """One release in the registry, in order of publication.

    `state` is published, superseded or withdrawn; `reason` and `replacement` say why and by which
    release, as its statement has it, and are `None` for a published one.
    """

    release_id: str
    release_month: str
    state: str
    channel: str
    manifest_sha256: str
    previous_release: str | None
    reason: str | None = None
    replacement: str | None = None


PUBLISHED = "published"
SUPERSEDED = "superseded"
WITHDRAWN = "withdrawn"
STATES = (PUBLISHED, SUPERSEDED, WITHDRAWN)


class RegistryError(ValueError):
    """The registry cannot be read; the message says what to do."""


def release_folders(releases: Path) -> list[Path]:
    """Return the folders whose name is a release id, in order of id; staging is no release."""
    if not releases.is_dir():
        return []
    return sorted(
        (
            path
            for path in releases.iterdir()
            if RELEASE_ID.fullmatch(path.name) and path.is_dir() and not path.is_symlink()
        ),
        key=lambda path: sort_key(path.name),
    )


def read_index(releases: Path) -> list[IndexEntry]:
    """Read the registry in order of publication; no file means no release.

    A registry of version 1 knew no states but published. Raises `RegistryError` when the file is
    there and cannot be understood.
    """
    path = releases / INDEX
    if not path.exists():
        return []
    try:
        content = canonical_json.load(path)
        if content["index_version"] not in (1, VERSION):
            raise ValueError(f"index version {content['index_version']!r} is not {VERSION}")
        entries = [IndexEntry(**entry) for entry in content["releases"]]
        for entry in entries:
            _refuse_entry(entry)
        if len({entry.release_id for entry in entries}) != len(entries):
            raise ValueError("a release stands in it twice")
        return entries
    except (KeyError, TypeError, ValueError) as problem:
        raise RegistryError(
            f"{INDEX} cannot be understood ({problem}). The next publication makes it anew from "
            "the release folders; verify them first."
        ) from problem


def _refuse_entry(entry: IndexEntry) -> None:
    """Raise `ValueError` for an entry that no publisher wrote, so that no reader follows it."""
    for release_id in (entry.release_id, entry.previous_release, entry.replacement):
        if release_id is not None and not RELEASE_ID.fullmatch(release_id):
            raise ValueError(f"{release_id!r} is not a release id")
    if entry.state not in STATES or not HEX.fullmatch(entry.manifest_sha256):
        raise ValueError(f"the entry of {entry.release_id} has no known state or no manifest hash")


def index_from_folders(releases: Path) -> list[IndexEntry]:
    """Make the registry from the manifests in the release folders, in order of publication.

    States are not known here: every release is told as published (`states.settled`). Follows the
    chain of `previous_release`; a release that hangs on none of the others comes last. Raises
    `RegistryError` naming the folder whose manifest cannot be read.
    """
    manifests: dict[str, Manifest] = {}
    for folder in release_folders(releases):
        try:
            manifest = read_manifest(folder / MANIFEST)
        except ManifestError as problem:
            raise RegistryError(
                f"Release folder {folder.name} has no readable manifest: {problem} "
                "Restore it from a copy, or move the folder away."
            ) from problem
        manifests[folder.name] = manifest
    entries = {
        name: IndexEntry(
            manifest.release_id,
            manifest.release_month,
            PUBLISHED,
            manifest.channel,
            files.sha256_of(releases / name / MANIFEST),
            manifest.previous.release_id if manifest.previous else None,
        )
        for name, manifest in manifests.items()
    }
    followers = {entry.previous_release: entry for entry in entries.values()}
    ordered: list[IndexEntry] = []
    link: str | None = None
    while link in followers and followers[link] not in ordered:
        ordered.append(followers[link])
        link = ordered[-1].release_id
    return ordered + [entry for entry in entries.values() if entry not in ordered]


def write_registry(releases: Path, entries: list[IndexEntry]) -> None:
    """Write `index.json`, then `latest.json`, each replaced in one step.

    Where no release is left to point to, `latest.json` is removed.
    """
    files.replace_durably(
        releases / INDEX,
        canonical_json.dumps(
            {
                "index_version": VERSION,
                "releases": [dataclasses.asdict(entry) for entry in entries],
            }
        ),
    )
    if newest := latest_entry(entries):
        files.replace_durably(releases / LATEST, latest_record(newest))
    elif (releases / LATEST).exists():
        (releases / LATEST).unlink()
        files.sync_folder(releases)


def newest_entry(entries: list[IndexEntry]) -> IndexEntry | None:
    """Return the release of the newest month, and of its highest N, whatever its state."""
    return max(entries, key=lambda entry: sort_key(entry.release_id), default=None)


def latest_entry(entries: list[IndexEntry]) -> IndexEntry | None:
    """Return the release that `latest.json` is to point to.

    The newest published one; the newest superseded one where none is published; never a withdrawn
    one, so `None` where all are withdrawn.
    """
    for state in (PUBLISHED, SUPERSEDED):
        if found := newest_entry([entry for entry in entries if entry.state == state]):
            return found
    return None


def is_pointed(releases: Path, entries: list[IndexEntry]) -> bool:
    """Whether `latest.json` points where it is to point."""
    latest = latest_entry(entries)
    pointer = releases / LATEST
    found = pointer.read_bytes() if pointer.is_file() else None
    return found == (latest_record(latest) if latest else None)


def latest_record(entry: IndexEntry) -> bytes:
    """Return the content of `latest.json` for a release."""
    return canonical_json.dumps(
        {"release_id": entry.release_id, "manifest_sha256": entry.manifest_sha256}
    )


def read_latest(releases: Path) -> dict[str, Any] | None:
    """Read `latest.json`, or `None` where nothing was published yet; raises `RegistryError`."""
    path = releases / LATEST
    if not path.exists():
        return None
    try:
        content = canonical_json.load(path)
        if not RELEASE_ID.fullmatch(content["release_id"]):
            raise ValueError(f"{content['release_id']!r} is not a release id")
        return {
            "release_id": content["release_id"],
            "manifest_sha256": str(content["manifest_sha256"]),
        }
    except (KeyError, TypeError, ValueError) as problem:
        raise RegistryError(f"{LATEST} cannot be understood ({problem}).") from problem
