"""Brings to a folder what a store holds and it lacks, and proves a store from a copy.

Belongs here: fetching releases and statements, verifying them before they count, and putting aside
releases of this folder that never reached the store. Does not belong here: writing to the store
(`push`), the store itself (`store`).

What a store sends is believed only as far as it verifies: names are plain, nothing is fetched that
the manifest does not list, and a release is renamed into place after it has verified whole.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from warehouse import files, registry, states
from warehouse.canonical_json import MAXIMUM_BYTES
from warehouse.errors import PublishError, PublishRefused
from warehouse.lock import releases_lock
from warehouse.manifest import (
    MANIFEST,
    OUTSIDE_THE_RECORD,
    SUMS,
    ManifestError,
    read_manifest,
)
from warehouse.order import OnStep
from warehouse.publish import STAGING, sweep
from warehouse.reconcile import reconcile
from warehouse.registry import INDEX, LATEST, IndexEntry
from warehouse.remote import Remote, fork_sentence, read_remote, split
from warehouse.signing import NO_KEYS, SIGNATURE, SignatureError, TrustedKeys, check_signature
from warehouse.states import Statement
from warehouse.store import Store, StoreError
from warehouse.trust import vouched_for
from warehouse.verify import verify

_PULLED = f"{STAGING}pull"


@dataclasses.dataclass(frozen=True)
class PullResult:
    """What a pull brought, by release: fetched, newly stated, and put aside."""

    fetched: tuple[str, ...]
    stated: tuple[str, ...]
    aside: tuple[Path, ...]


def pull(
    releases: Path,
    store: Store,
    *,
    trusted: TrustedKeys = NO_KEYS,
    set_aside: Path | None = None,
    on_step: OnStep = lambda step: None,
) -> PullResult:
    """Fetch every release and statement that the store has and the folder lacks.

    `set_aside` is a folder on the same file system: releases that were published here and never
    reached the store, because another publisher was first, are moved there; without it such a fork
    is refused. Raises `PublishRefused` for that and for anything that does not verify,
    `StoreError` when the store fails, `PublishError` when the folder does. Releases that were
    there before the failure stay, and a pull can be tried again.
    """
    try:
        releases.mkdir(parents=True, exist_ok=True)
        with releases_lock(releases):
            sweep(releases)
            reconcile(releases)
            remote = read_remote(store)
            entries = reconcile(releases)
            only_here, only_there = split(entries, remote.entries)
            if only_here and only_there and set_aside is None:
                raise PublishRefused([fork_sentence(only_here, only_there, store)])
            aside: tuple[Path, ...] = ()
            if only_here and only_there and set_aside is not None:
                aside = _put_aside(releases, entries, only_here, set_aside)
            shared = {entry.release_id for entry in remote.entries}
            with _pulled_folder(releases) as staging:
                _fetch_all(releases, staging, only_there, store, trusted, on_step)
                stated = _take_statements(releases, remote.statements, shared, trusted)
                _place_all(releases, staging, only_there)
            if only_there or stated:
                _register(releases, remote, [] if aside else only_here)
            return PullResult(tuple(entry.release_id for entry in only_there), stated, aside)
    except OSError as problem:
        raise PublishError(
            f"The releases of {store.url} were not all fetched: {problem.strerror or problem} "
            f"({problem.filename or releases}). Mend the disk or the folder and pull again."
        ) from problem


@contextlib.contextmanager
def mirrored(store: Store) -> Iterator[Path]:
    """Copy all that a store lists to a releases folder that is thrown away afterwards.

    The copy is as it came, to be verified (`verify.verify_all`). Objects that no index names - what
    an interrupted push left - are none of a reader's business and are not copied. Raises
    `StoreError` when the store fails or names objects as no publisher would.
    """
    remote = read_remote(store)
    with tempfile.TemporaryDirectory(prefix="mirrored-") as name:
        folder = Path(name)
        for document, content in ((INDEX, remote.index), (LATEST, remote.latest)):
            if content is not None:
                (folder / document).write_bytes(content)
        places = [*(entry.release_id for entry in remote.entries), states.FOLDER]
        for place in places if remote.entries else []:
            for path in store.sizes_below(place):
                if not _is_plain(path):
                    raise StoreError(f"{store.url}/{place}/{path} is no name of a release's file.")
                store.download(f"{place}/{path}", folder / place / path)
        yield folder


def _is_plain(path: str) -> bool:
    pure = PurePosixPath(path)
    return (
        bool(path)
        and pure.as_posix() == path
        and not pure.is_absolute()
        and ".." not in pure.parts
        and "\\" not in path
        and path.isprintable()
    )


@contextlib.contextmanager
def _pulled_folder(releases: Path) -> Iterator[Path]:
    """Make a releases folder beside the real one, in which what was fetched is verified."""
    staging = releases / _PULLED
    staging.mkdir()
    try:
        yield staging
    finally:
        sweep(releases)


def _fetch_all(
    releases: Path,
    staging: Path,
    wanted: Sequence[IndexEntry],
    store: Store,
    trusted: TrustedKeys,
    on_step: OnStep,
) -> None:
    """Fetch releases and verify them against the chain before them."""
    if not wanted:
        return
    for folder in registry.release_folders(releases):
        (staging / folder.name).mkdir()
        for document in (MANIFEST, SIGNATURE):
            if (folder / document).is_file():
                shutil.copyfile(folder / document, staging / folder.name / document)
    for entry in wanted:
        _fetch(entry, staging / entry.release_id, store, on_step)
    vouched = vouched_for(staging, trusted)
    for entry in wanted:
        on_step(f"verify {entry.release_id}")
        folder = staging / entry.release_id
        if problems := verify(folder, trusted, vouched=vouched):
            raise PublishRefused(
                [
                    f"Release {entry.release_id} of {store.url} does not verify, so it was not "
                    "taken.",
                    *(f"[{problem.link}] {problem.sentence}" for problem in problems[:5]),
                ]
            )


def _place_all(releases: Path, staging: Path, wanted: Sequence[IndexEntry]) -> None:
    """Rename releases into place, in order, after forcing them to disk."""
    for entry in wanted:
        folder = staging / entry.release_id
        files.make_read_only(folder)
        for inside in {folder, *(path for path in folder.rglob("*") if path.is_dir())}:
            files.sync_folder(inside)
        _move(folder, releases / entry.release_id)
    files.sync_folder(releases)


def _fetch(entry: IndexEntry, folder: Path, store: Store, on_step: OnStep) -> None:
    """Fetch one release, after holding what the store lists against its manifest."""
    name = entry.release_id
    on_step(f"{name}/{MANIFEST}")
    found = store.read(f"{name}/{MANIFEST}", MAXIMUM_BYTES)
    if found is None or hashlib.sha256(found[0]).hexdigest() != entry.manifest_sha256:
        raise PublishRefused(
            [
                f"{store.url}/{name}/{MANIFEST} is not the manifest that {INDEX} there names"
                f"{'' if found else ': it is missing'}. Restore it from a copy."
            ]
        )
    folder.mkdir()
    files.write_durably(folder / MANIFEST, found[0])
    try:
        manifest = read_manifest(folder / MANIFEST)
    except ManifestError as problem:
        raise PublishRefused([f"{store.url}/{name}: {problem}"]) from problem
    outside = {*OUTSIDE_THE_RECORD, SUMS}
    if manifest.signing_key_id is None:
        outside -= {SIGNATURE}
    sizes = {file.path: file.bytes for file in manifest.files}
    listed = {path: size for path, size in store.sizes_below(name).items() if path != MANIFEST}
    for path in sorted({*listed} ^ {*sizes, *outside}):
        said = "does not belong to the release" if path in listed else "is missing"
        raise PublishRefused([f"{store.url}/{name}/{path} {said}. Restore it from a copy."])
    for path, size in listed.items():
        if sizes.get(path, size) != size:
            raise PublishRefused(
                [f"{store.url}/{name}/{path} has {size} bytes, not {sizes[path]}. Restore it."]
            )
        on_step(f"{name}/{path}")
        store.download(f"{name}/{path}", folder / path)


def _move(folder: Path, target: Path) -> None:
    """Rename a read-only folder into another folder, for which it must be writable itself."""
    mode = stat.S_IMODE(folder.stat().st_mode)
    folder.chmod(mode | stat.S_IWUSR)
    folder.rename(target)
    target.chmod(mode)


def _take_statements(
    releases: Path,
    statements: Mapping[str, Statement],
    known: set[str],
    trusted: TrustedKeys,
) -> tuple[str, ...]:
    """Write the statements that the store has and the folder lacks, or has in a milder form."""
    ours, taken = states.read_statements(releases), []
    for release_id, statement in statements.items():
        here = ours.get(release_id)
        is_worse = here is not None and (here.state, statement.state) == (
            registry.SUPERSEDED,
            registry.WITHDRAWN,
        )
        if release_id not in known or not (here is None or is_worse):
            continue
        _refuse_forged(statement, trusted)
        folder = releases / states.FOLDER
        folder.mkdir(exist_ok=True)
        files.replace_durably(folder / f"{release_id}.json", statement.as_bytes())
        taken.append(release_id)
    return tuple(taken)


def _refuse_forged(statement: Statement, trusted: TrustedKeys) -> None:
    place = f"{states.FOLDER}/{statement.release_id}.json"
    if statement.key_id is None:
        if trusted:
            raise PublishRefused(
                [f"{place} of the store is not signed, though keys are trusted here. Ask for it."]
            )
        return
    try:
        check_signature(statement.signed_bytes(), statement.key_id, statement.signature, trusted)
    except SignatureError as problem:
        raise PublishRefused([f"{place} of the store is not to be believed: {problem}."]) from (
            problem
        )


def _register(releases: Path, remote: Remote, only_here: Sequence[IndexEntry]) -> None:
    """Write the registry in the order of the store, with what only this folder has after it."""
    found = {entry.release_id: entry for entry in registry.index_from_folders(releases)}
    ordered = [found[entry.release_id] for entry in [*remote.entries, *only_here]]
    registry.write_registry(releases, states.settled(ordered, states.read_statements(releases)))


def _put_aside(
    releases: Path,
    entries: Sequence[IndexEntry],
    only_here: Sequence[IndexEntry],
    aside: Path,
) -> tuple[Path, ...]:
    """Take releases that never reached the store out of the registry, then out of the folder."""
    aside.mkdir(parents=True, exist_ok=True)
    kept = [entry for entry in entries if entry not in only_here]
    registry.write_registry(releases, kept)
    moved = []
    for entry in reversed(only_here):
        target = aside / f"{entry.release_id}-{entry.manifest_sha256[:8]}"
        if target.exists():
            raise StoreError(f"{target} exists already. Move it away and pull again.")
        _move(releases / entry.release_id, target)
        statement = releases / states.FOLDER / f"{entry.release_id}.json"
        if statement.is_file():
            statement.rename(target.with_suffix(".state.json"))
        moved.append(target)
    files.sync_folder(releases)
    return tuple(reversed(moved))
