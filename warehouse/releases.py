"""Reads published releases: which there are, and the tables of one.

Belongs here: what a reader inside the project needs. Does not belong here: proving that a release
is untouched (`verify`) and making one (`publish`).
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import polars as pl

from warehouse import registry, states
from warehouse.manifest import MANIFEST, Manifest, ManifestError, read_manifest
from warehouse.registry import IndexEntry


class ReleaseError(LookupError):
    """There is no such release or table, or it cannot be read; the message says which there are."""


@dataclasses.dataclass(frozen=True)
class Release:
    """One published release: its folder and what its manifest says."""

    folder: Path
    manifest: Manifest

    @property
    def release_id(self) -> str:
        """The id of the release, as `2023.12.0`."""
        return self.manifest.release_id

    @property
    def tables(self) -> list[str]:
        """The names of the published tables, in order."""
        return [table.name for table in self.manifest.tables]

    def path(self, table: str) -> Path:
        """Return where a table's Parquet file lies; raises `ReleaseError` for an unknown table."""
        for entry in self.manifest.tables:
            if entry.name == table:
                return self.folder / entry.path
        raise ReleaseError(
            f"Release {self.release_id} has no table {table!r}; it has {', '.join(self.tables)}."
        )

    def table(self, name: str) -> pl.DataFrame:
        """Return a table as a Polars frame, rows in key order."""
        return pl.read_parquet(self.path(name), hive_partitioning=False)


def list_releases(releases: Path) -> list[IndexEntry]:
    """Return the registered releases in order of publication; an empty list where there are none.

    Raises `ReleaseError` when the registry cannot be understood.
    """
    try:
        return registry.read_index(releases)
    except registry.RegistryError as problem:
        raise ReleaseError(str(problem)) from problem


def read_release(folder: Path) -> Release:
    """Open one release by its folder; raises `ReleaseError` when there is none."""
    if not folder.is_dir():
        raise ReleaseError(f"There is no release in {folder}.")
    try:
        return Release(folder, read_manifest(folder / MANIFEST))
    except ManifestError as problem:
        raise ReleaseError(f"Release {folder.name} cannot be read: {problem}") from problem


def latest_release(releases: Path) -> Release | None:
    """Open the latest release, or return `None` where there is none that may be used.

    Never a withdrawn one, not even while a withdrawal has been stated and not yet registered.
    """
    try:
        pointer = registry.read_latest(releases)
        if pointer is None:
            return None
        statements = states.read_statements(releases)
        found = statements.get(pointer["release_id"])
        if found is None or found.state != registry.WITHDRAWN:
            return read_release(releases / pointer["release_id"])
        entries = states.with_states(registry.read_index(releases), statements)
    except (registry.RegistryError, states.StateError) as problem:
        raise ReleaseError(str(problem)) from problem
    newest = registry.latest_entry(entries)
    return read_release(releases / newest.release_id) if newest else None


def newest_of_month(releases: Path, release_month: str) -> Release | None:
    """Open the release of a month (`YYYY-MM`) with the highest N, or return `None`."""
    prefix = release_month.replace("-", ".") + "."
    folders = [path for path in registry.release_folders(releases) if path.name.startswith(prefix)]
    return read_release(folders[-1]) if folders else None
