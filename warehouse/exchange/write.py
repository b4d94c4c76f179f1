"""Writes the exchange formats of a release into its staging folder.

Belongs here: the order of the formats, their places in a release, and the list of what was written.
Does not belong here: any one format.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from warehouse import files
from warehouse.exchange import closure, integer_ids, tables
from warehouse.exchange.brightway import (
    BACKGROUND,
    CHARACTERISATION,
    write_background,
    write_characterisation,
)
from warehouse.exchange.errors import ExchangeError
from warehouse.exchange.ilcd import write_ilcd
from warehouse.exchange.openlca import write_openlca
from warehouse.exchange.system import read_system
from warehouse.formats.facts import ReleaseFacts
from warehouse.manifest import FileEntry

OPENLCA = "exports/openlca/background.zip"
ILCD = "exports/ilcd/background.zip"
BRIGHTWAY = f"exports/brightway/{BACKGROUND}"
BRIGHTWAY_FACTORS = f"exports/brightway/{CHARACTERISATION}"

OnStep = Callable[[str], None]


def write_exchange(
    staging: Path,
    facts: ReleaseFacts,
    previous: Path | None,
    on_step: OnStep = lambda step: None,
) -> list[FileEntry]:
    """Write the background datasets of a release for openLCA, ILCD readers and Brightway.

    `staging` holds the Parquet files under `tables/`; `previous` is the folder of the release
    before, whose integer ids are taken over, or `None` for the first release or one before which
    there were no background datasets. Every file is forced to disk. Returns the files that were
    written, with size and sha256, in order of path; none where the release has no background
    datasets. `on_step` is told each step as it begins.

    Raises `ExchangeError` with a sentence for each dataset that cannot be handed out, `OSError`
    when the disk fails.
    """
    if not tables.has_background(staging):
        return []
    on_step("exchange: read")
    system = read_system(staging, facts)
    ids = integer_ids.numbered(system, _earlier(previous))
    writers: dict[str, Callable[[Path], int]] = {
        OPENLCA: lambda path: write_openlca(system, path),
        ILCD: lambda path: write_ilcd(system, path),
        BRIGHTWAY: lambda path: write_background(system, ids, path),
        BRIGHTWAY_FACTORS: lambda path: write_characterisation(system, ids, path),
    }
    for place, write in sorted(writers.items()):
        on_step(f"exchange: {place}")
        path = staging / place
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path)
        files.sync_folder(path.parent)
    on_step("exchange: closure")
    if open_ends := [
        *closure.of_openlca(staging / OPENLCA),
        *closure.of_ilcd(staging / ILCD),
    ]:
        raise ExchangeError(open_ends)
    return [_entry(staging, place) for place in sorted(writers)]


def _earlier(previous: Path | None) -> pl.DataFrame | None:
    """Return the ids of the release before, `None` where it had no background datasets."""
    if previous is None or not tables.has_background(previous):
        return None
    return integer_ids.of_package(previous / BRIGHTWAY)


def _entry(staging: Path, place: str) -> FileEntry:
    path = staging / place
    return FileEntry(place, path.stat().st_size, files.sha256_of(path))
