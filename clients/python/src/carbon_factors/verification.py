"""Proves that a release is what was published, or says which files are not.

Belongs here: comparing every file of an opened release with its manifest, its sums and a lock.
Does not belong here: what is checked on opening (`registry`), and repairing anything.
"""

from __future__ import annotations

from carbon_factors import strict_json
from carbon_factors.errors import (
    ChangedFileError,
    DocumentError,
    DowngradeError,
    ExtraFileError,
    LockFileError,
    MissingFileError,
    VerificationError,
    WrongRegistryError,
)
from carbon_factors.lockfile import Lock, tables_of
from carbon_factors.manifest import MANIFEST, OUTSIDE_THE_RECORD, SIGNATURE, SUMS, Manifest
from carbon_factors.registry import Registry, read_small
from carbon_factors.release import Release


def problems_of(release: Release) -> list[VerificationError]:
    """Compare every file of a release with its manifest; an empty list means that all is well.

    Looks at the set of files (where the store can list: not over HTTP, not offline), the bytes of
    each file of the record, and `SHA256SUMS` (not offline: the manifest says the same). Files
    outside the record (`snapshot.duckdb`, `build_info.json`) may be there or not; no hash covers
    them. The link to the release before is compared on opening. Raises `UnreachableError` when the
    store does not answer: then nothing is known.
    """
    manifest = release.manifest
    problems = _compare_file_set(release)
    for entry in manifest.files:
        try:
            release.read(entry.path)
        except VerificationError as problem:
            if not _names(problems, entry.path):
                problems.append(problem)
    problems += _compare_sums(release)
    return problems


def verify(release: Release) -> None:
    """Raise the first problem of a release, the others as its notes."""
    problems = problems_of(release)
    if problems:
        first, *others = problems
        for other in others:
            first.add_note(str(other))
        raise first


def sums_of(manifest: Manifest) -> bytes:
    """Return what `SHA256SUMS` of a release must say: the manifest and every file it lists."""
    hashes = {file.path: file.sha256 for file in manifest.files}
    hashes[MANIFEST] = manifest.sha256
    return "".join(f"{hashes[path]}  {path}\n" for path in sorted(hashes)).encode()


def check_registry_against_lock(registry: Registry, lock: Lock) -> None:
    """Raise unless a registry is the one of the lock and has not gone back behind it.

    `WrongRegistryError`: its first release is another. `DowngradeError`: the pinned release is not
    in it any more, or its newest release is older than the pinned one.
    """
    if registry.root != lock.registry_root:
        raise WrongRegistryError(
            f"{registry.location} is not the registry that the lock file was made for "
            f"({lock.registry}): its first release has the manifest {registry.root[:12]}..., not "
            f"{lock.registry_root[:12]}... Pin anew if the change is meant."
        )
    releases = registry.releases()
    newest = max((info.release_id for info in releases), key=strict_json.release_order)
    if strict_json.release_order(newest) < strict_json.release_order(lock.release_id):
        raise DowngradeError(
            f"The newest release of {registry.location} is {newest}, older than the pinned "
            f"{lock.release_id}: the registry was set back. Ask the publisher."
        )
    if lock.release_id not in {info.release_id for info in releases}:
        raise DowngradeError(
            f"The pinned release {lock.release_id} is not in {registry.location} any more: the "
            "registry was set back. Ask the publisher."
        )


def check_release_against_lock(release: Release, lock: Lock) -> None:
    """Raise `LockFileError` unless the lock says of the tables what the pinned manifest says."""
    if lock.tables != tables_of(release.manifest) or lock.key_id != release.manifest.signing_key_id:
        raise LockFileError(
            f"The lock file was edited: what it says of the tables or the key of release "
            f"{lock.release_id} is not what the pinned manifest says. Restore it, or pin anew."
        )


def _compare_file_set(release: Release) -> list[VerificationError]:
    found = None if release.offline else release.store.files_below(release.folder)
    if found is None:
        return []
    expected = {file.path for file in release.manifest.files} | {MANIFEST, SUMS}
    if release.manifest.signing_key_id is not None:
        expected.add(SIGNATURE)
    place = f"{release.folder}/{{}} at {release.location}"
    extra = sorted(set(found) - expected - OUTSIDE_THE_RECORD)
    missing = sorted(expected - set(found))
    return [
        *(
            ExtraFileError(f"{place.format(path)} does not belong to the release. Remove it.")
            for path in extra
        ),
        *(
            MissingFileError(f"{place.format(path)} is missing. Fetch the release anew.")
            for path in missing
        ),
    ]


def _compare_sums(release: Release) -> list[VerificationError]:
    if release.offline:
        return []
    expected = sums_of(release.manifest)
    path = f"{release.folder}/{SUMS}"
    try:
        content = read_small(release.store, path, len(expected) + 1)
    except MissingFileError as problem:
        return [] if release.store.lists else [problem]
    except ExtraFileError as problem:
        return [problem]
    except DocumentError:
        content = b""
    if content != expected:
        return [
            ChangedFileError(
                f"{path} at {release.location} does not agree with the manifest; one of the two "
                "was changed."
            )
        ]
    return []


def _names(problems: list[VerificationError], path: str) -> bool:
    return any(f"/{path} at " in str(problem) for problem in problems)
