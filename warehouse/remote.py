"""What a store holds of releases, and how that fits what a releases folder holds.

Belongs here: reading a store's index and statements with suspicion, and saying which side is behind
the other. Does not belong here: moving anything (`push`, `pull`), the store itself (`store`).

A chain of releases has one order of publication. Two folders fit if one chain begins with the
other; if both go on differently, two publishers were at work and only one may win.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from warehouse import registry, states
from warehouse.canonical_json import MAXIMUM_BYTES
from warehouse.errors import PublishRefused
from warehouse.manifest import RELEASE_ID
from warehouse.registry import INDEX, LATEST, SUPERSEDED, WITHDRAWN, IndexEntry
from warehouse.states import Statement
from warehouse.store import Store, StoreError

_SMALL = 64 * 1024


@dataclasses.dataclass(frozen=True)
class Remote:
    """What a store holds: its index with the version that was read, pointer and statements."""

    entries: list[IndexEntry]
    index: bytes | None
    version: str | None
    latest: bytes | None
    statements: Mapping[str, Statement]


def read_remote(store: Store) -> Remote:
    """Read index, pointer and statements of a store; an empty folder holds no release.

    Raises `StoreError` when the store cannot be read, or when its documents cannot be understood.
    """
    index = store.read(INDEX, MAXIMUM_BYTES)
    latest = store.read(LATEST, _SMALL)
    with tempfile.TemporaryDirectory(prefix="remote-") as name:
        folder = Path(name)
        (folder / states.FOLDER).mkdir()
        for path in store.sizes_below(states.FOLDER) if index else ():
            if path.endswith(".json") and RELEASE_ID.fullmatch(path.removesuffix(".json")):
                found = store.read(f"{states.FOLDER}/{path}", _SMALL)
                (folder / states.FOLDER / path).write_bytes(found[0] if found else b"")
        if index:
            (folder / INDEX).write_bytes(index[0])
        try:
            entries = registry.read_index(folder)
            statements = states.read_statements(folder)
            states.settled(entries, statements)
        except (registry.RegistryError, states.StateError) as problem:
            raise StoreError(
                f"What lies at {store.url} cannot be trusted: {problem} Verify a copy of the "
                "releases, and restore the store from it."
            ) from problem
    return Remote(
        entries,
        index[0] if index else None,
        index[1] if index else None,
        latest[0] if latest else None,
        statements,
    )


def split(
    local: Sequence[IndexEntry], remote: Sequence[IndexEntry]
) -> tuple[list[IndexEntry], list[IndexEntry]]:
    """Return the releases that only the folder has, and those that only the store has."""
    here = [(entry.release_id, entry.manifest_sha256) for entry in local]
    there = [(entry.release_id, entry.manifest_sha256) for entry in remote]
    shared = next(
        (place for place, pair in enumerate(zip(here, there, strict=False)) if pair[0] != pair[1]),
        min(len(here), len(there)),
    )
    return list(local[shared:]), list(remote[shared:])


def refuse_behind(releases: Path, store: Store, remote: Remote | None = None) -> Remote:
    """Refuse to go on from a folder that does not hold all that the store does; return the store's.

    Raises `PublishRefused` with the command that helps: the next release would fork the chain.
    """
    remote = remote or read_remote(store)
    try:
        only_here, only_there = split(registry.read_index(releases), remote.entries)
        statements = states.read_statements(releases)
    except (registry.RegistryError, states.StateError) as problem:
        raise PublishRefused([str(problem)]) from problem
    if only_here and only_there:
        raise PublishRefused([fork_sentence(only_here, only_there, store)])
    if only_there:
        raise PublishRefused(
            [
                f"{store.url} holds {_named(only_there)}, which {releases} does not. Run "
                "carbon-warehouse pull, then try again: the next release must follow that one."
            ]
        )
    refuse_unheard(statements, remote.statements, store)
    return remote


def fork_sentence(
    only_here: Sequence[IndexEntry], only_there: Sequence[IndexEntry], store: Store
) -> str:
    """Say that two publishers went on from the same release, and what to do."""
    return (
        f"The chain forks: {only_there[0].release_id} at {store.url} "
        f"({only_there[0].manifest_sha256[:12]}...) and {only_here[0].release_id} here "
        f"({only_here[0].manifest_sha256[:12]}...) follow the same release. Another publisher was "
        f"first. Run carbon-warehouse pull --set-aside, which puts {_named(only_here)} of this "
        "folder aside, then publish again."
    )


def refuse_unheard(
    local: Mapping[str, Statement], remote: Mapping[str, Statement], store: Store
) -> None:
    """Refuse to go on while the store holds a statement that the folder lacks or contradicts."""
    for release_id, there in remote.items():
        here = local.get(release_id)
        if here is None or (here.state, there.state) == (SUPERSEDED, WITHDRAWN):
            raise PublishRefused(
                [
                    f"At {store.url}, release {release_id} is {there.state} ({there.reason}); that "
                    "is not known here. Run carbon-warehouse pull, then try again."
                ]
            )
        if not here.says_the_same(there) and here.state == there.state:
            raise PublishRefused(
                [
                    f"Release {release_id} is {here.state} here ({here.reason}) and at "
                    f"{store.url} ({there.reason}), for other reasons. A statement is not changed "
                    f"afterwards: remove {states.FOLDER}/{release_id}.json here and pull."
                ]
            )


def _named(entries: Sequence[IndexEntry]) -> str:
    ids = [entry.release_id for entry in entries]
    more = f" and {len(ids) - 3} more" if len(ids) > 3 else ""
    return f"release{'s' * (len(ids) > 1)} {', '.join(ids[:3])}{more}"
