"""Releases that are manifests and nothing else, for tests of what is stated of releases.

Belongs here: a releases folder with as many as are asked for, chained and registered. Does not
belong here: releases that verify (`synthetic`).
"""

from __future__ import annotations

from pathlib import Path

from warehouse import files, registry
from warehouse.manifest import MANIFEST, Link, Manifest


def make_registry(releases: Path, *release_ids: str) -> Path:
    """Write releases without a table, each following the one before, and register them."""
    previous = None
    for release_id in release_ids:
        year, month, _ = release_id.split(".")
        manifest = Manifest(
            release_id, f"{year}-{month}", "stable", "0", {}, (), (), (), previous, 1, ()
        )
        (releases / release_id).mkdir(parents=True)
        (releases / release_id / MANIFEST).write_bytes(manifest.as_bytes())
        previous = Link(release_id, files.sha256_of(releases / release_id / MANIFEST))
    registry.write_registry(releases, registry.index_from_folders(releases))
    return releases
