"""Brings the registry in line with the release folders and with what was stated of them.

Belongs here: what the next publisher mends after one that was killed, and what it refuses to mend.
Does not belong here: the form of the registry (`registry`) and of statements (`states`).
"""

from __future__ import annotations

from pathlib import Path

from warehouse import registry, states
from warehouse.errors import PublishRefused
from warehouse.registry import IndexEntry


def reconcile(releases: Path) -> list[IndexEntry]:
    """Return the registry after entering what a killed publisher left unregistered.

    Raises `PublishRefused` when a registered release is gone or has another manifest, when a
    statement is gone or about another manifest, or when either cannot be read. Call it under the
    lock.
    """
    try:
        from_folders = registry.index_from_folders(releases)
        statements = states.read_statements(releases)
        try:
            registered = registry.read_index(releases)
        except registry.RegistryError:
            registered = []
        known = {entry.release_id: entry for entry in registered}
        _refuse_lost(registered, {entry.release_id: entry for entry in from_folders})
        entries = states.settled(
            registered + [each for each in from_folders if each.release_id not in known], statements
        )
    except (registry.RegistryError, states.StateError) as problem:
        raise PublishRefused([str(problem)]) from problem
    if entries and (entries != registered or not registry.is_pointed(releases, entries)):
        registry.write_registry(releases, entries)
    return entries


def _refuse_lost(registered: list[IndexEntry], found: dict[str, IndexEntry]) -> None:
    for entry in registered:
        if entry.release_id not in found:
            raise PublishRefused(
                [
                    f"Release {entry.release_id} is registered but its folder is gone. "
                    "Restore it from a copy."
                ]
            )
        if found[entry.release_id].manifest_sha256 != entry.manifest_sha256:
            raise PublishRefused(
                [
                    f"Release {entry.release_id} was changed after publication: its manifest is "
                    "not the registered one. Restore it from a copy before you publish."
                ]
            )
