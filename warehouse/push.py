"""Brings the releases of a folder to a store, so that readers there see whole releases only.

Belongs here: the order in which objects are written. Does not belong here: the store (`store`),
what may follow what (`remote`), and fetching (`pull`).

A reader follows the index. So the files of a release come first and are read back, its manifest
after them, then statements, then the index in one step - only if nobody has written it in the
meantime - and the pointer last. A push that ends early leaves objects that no index names; the next
one clears them away.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from warehouse import files, states
from warehouse.claim import claimed
from warehouse.errors import PublishError, PublishRefused
from warehouse.lock import releases_lock
from warehouse.manifest import MANIFEST
from warehouse.order import OnStep
from warehouse.reconcile import reconcile
from warehouse.registry import INDEX, LATEST, IndexEntry
from warehouse.remote import Remote, read_remote, refuse_behind, split
from warehouse.signing import NO_KEYS, TrustedKeys
from warehouse.store import Store, StoreChanged
from warehouse.trust import vouched_for
from warehouse.verify import verify


@dataclasses.dataclass(frozen=True)
class PushResult:
    """What a push brought: the releases that are new at the store, and whether anything was."""

    releases: tuple[str, ...]
    is_changed: bool


def push(
    releases: Path,
    store: Store,
    *,
    trusted: TrustedKeys = NO_KEYS,
    take_over: bool = False,
    on_step: OnStep = lambda step: None,
) -> PushResult:
    """Bring every release and statement that the store lacks; the store then says what we say.

    Each release is verified before it is uploaded, and every object is read back before it is
    listed. `take_over` ends the claim of a publisher that was killed elsewhere. `on_step` is told
    each object before it is written.

    Raises `PublishRefused` when the store is ahead or the chains fork, `PublishBusy` when another
    publisher is at work, `StoreError` when the store fails, `PublishError` when the folder does. In
    all cases the store lists what it listed before.
    """
    try:
        releases.mkdir(parents=True, exist_ok=True)
        with releases_lock(releases):
            reconcile(releases)
            remote = refuse_behind(releases, store)
            if not _is_behind(releases, remote):
                return PushResult((), is_changed=False)
            _verified(releases, remote, trusted)
            with claimed(store, releases, take_over=take_over) as prove:
                return _push(releases, store, prove, on_step)
    except StoreChanged as problem:
        raise PublishRefused(
            [
                f"{problem} Another publisher was first; nothing of this folder was listed. Run "
                "carbon-warehouse pull, then try again."
            ]
        ) from problem
    except OSError as problem:
        raise PublishError(
            f"Nothing was listed at {store.url}: {problem.strerror or problem} "
            f"({problem.filename or releases}). Mend the disk or the folder and push again."
        ) from problem


def _push(releases: Path, store: Store, prove: Callable[[], None], on_step: OnStep) -> PushResult:
    entries = reconcile(releases)
    remote = refuse_behind(releases, store, read_remote(store))
    only_here, _ = split(entries, remote.entries)
    for entry in only_here:
        _upload(releases / entry.release_id, store, prove, on_step)
    for release_id, statement in states.read_statements(releases).items():
        there = remote.statements.get(release_id)
        if there is None or not there.says_the_same(statement):
            on_step(f"{states.FOLDER}/{release_id}.json")
            store.write(f"{states.FOLDER}/{release_id}.json", statement.as_bytes())
    index = (releases / INDEX).read_bytes()
    if index != remote.index:
        prove()
        on_step(INDEX)
        store.replace(INDEX, index, remote.version)
    on_step(LATEST)
    if (releases / LATEST).is_file():
        store.write(LATEST, (releases / LATEST).read_bytes())
    else:
        store.remove(LATEST)
    return PushResult(tuple(entry.release_id for entry in only_here), is_changed=True)


def _is_behind(releases: Path, remote: Remote) -> bool:
    """Whether the store says anything else than the folder, which is known not to be behind."""
    return (releases / INDEX).is_file() and any(
        found != (place.read_bytes() if place.is_file() else None)
        for found, place in ((remote.index, releases / INDEX), (remote.latest, releases / LATEST))
    )


def _verified(releases: Path, remote: Remote, trusted: TrustedKeys) -> list[IndexEntry]:
    """Return what only the folder has, after proving that it is as it was published."""
    only_here, _ = split(reconcile(releases), remote.entries)
    vouched = vouched_for(releases, trusted)
    problems = [
        problem.sentence
        for entry in only_here
        for problem in verify(releases / entry.release_id, trusted, vouched=vouched)
    ]
    if problems:
        raise PublishRefused(
            ["A release is not as it was published, so nothing is pushed.", *problems[:5]]
        )
    return only_here


def _upload(folder: Path, store: Store, prove: Callable[[], None], on_step: OnStep) -> None:
    """Write the objects of one release, the manifest last, and read all of them back.

    What a killed publisher left is removed first. Then nothing is written over: a publisher that
    was taken over, and does not know it yet, cannot touch what its successor wrote.
    """
    name = folder.name
    sizes = {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file()
    }
    if left := store.sizes_below(name):
        prove()
        for path in sorted(left, key=lambda path: path != MANIFEST):
            on_step(f"remove {name}/{path}")
            store.remove(f"{name}/{path}")
    for path in [*sorted(path for path in sizes if path != MANIFEST), MANIFEST]:
        on_step(f"{name}/{path}")
        store.upload(folder / path, f"{name}/{path}")
    on_step(f"read back {name}")
    found = store.sizes_below(name)
    if found != sizes or any(
        store.sha256_of(f"{name}/{path}") != files.sha256_of(folder / path) for path in sizes
    ):
        raise PublishError(
            f"{store.url}/{name} does not hold what was written there, so it was not listed. "
            "Another program writes there, or the store is at fault; push again."
        )
