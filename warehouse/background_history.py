"""What earlier releases published of background datasets, as the derivation asks for it.

Belongs here: gathering from the releases what versions, held values and disclosure control need.
Does not belong here: versions and decisions themselves (dbt).

Written beside `electricity_factor.parquet` (`factor_versions`), one file each:

    background_dataset, background_grade
                            every release's rows, with `release_id`
    release_input           the receipts behind every release
    background_score, background_inventory, background_contribution
                            the rows of each dataset in the last release that shows it

`release_id` is prefixed by its place in the order of publication, so that text sorts as time:
`00003:2023.12.1`. Withdrawn releases count: what was published once is known.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from warehouse import registry
from warehouse.manifest import MANIFEST, read_manifest

DATASET, GRADE, INPUT = "background_dataset", "background_grade", "release_input"
LAST = ("background_score", "background_inventory", "background_contribution")
_SHOWN = ("open", "aggregated")


@dataclasses.dataclass(frozen=True)
class EarlierRelease:
    """One release: its id, its tables by name, the receipts behind it."""

    release_id: str
    tables: Mapping[str, Path]
    receipts: tuple[str, ...]


def earlier_releases(releases: Path, *, before: str | None = None) -> list[EarlierRelease]:
    """Return the releases in order of publication.

    `before`: those published before this id alone (for building it again).
    Raises `RegistryError` when a release folder cannot be read.
    """
    found = []
    for entry in registry.index_from_folders(releases):
        if entry.release_id == before:
            break
        folder = releases / entry.release_id
        manifest = read_manifest(folder / MANIFEST)
        found.append(
            EarlierRelease(
                entry.release_id,
                {table.name: folder / table.path for table in manifest.tables},
                tuple(sorted(str(receipt["receipt_id"]) for receipt in manifest.inputs)),
            )
        )
    return found


def write_published_background(earlier: Sequence[EarlierRelease], folder: Path) -> int:
    """Write the files of this module into `folder`; return how many datasets were ever shown.

    Tables that no release has are written without rows, so that the derivation always finds them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    named = [
        (f"{place:05d}:{release.release_id}", release)
        for place, release in enumerate(earlier, start=1)
        if DATASET in release.tables
    ]
    datasets = _of_every_release(
        named,
        DATASET,
        {"dataset_id": pl.String, "dataset_version": pl.Int32, "disclosure": pl.String},
    )
    datasets.write_parquet(folder / f"{DATASET}.parquet")
    grades = _of_every_release(named, GRADE, {"product_code": pl.String, "grade": pl.Int32})
    grades.write_parquet(folder / f"{GRADE}.parquet")
    inputs = [(name, receipt) for name, release in named for receipt in release.receipts]
    pl.DataFrame(
        inputs, schema={"release_id": pl.String, "receipt_id": pl.String}, orient="row"
    ).write_parquet(folder / f"{INPUT}.parquet")
    shown = datasets.filter(pl.col("disclosure").is_in(_SHOWN))
    last = shown.group_by("dataset_id").agg(pl.col("release_id").max())
    for table in LAST:
        parts = [
            _read(release.tables[table]).join(
                last.filter(release_id=name), on="dataset_id", how="semi"
            )
            for name, release in named
            if table in release.tables
        ]
        empty = pl.DataFrame(schema={"dataset_id": pl.String})
        pl.concat([empty, *parts], how="diagonal_relaxed").sort(pl.all()).write_parquet(
            folder / f"{table}.parquet"
        )
    return last.height


def _of_every_release(
    named: Sequence[tuple[str, EarlierRelease]],
    table: str,
    columns: Mapping[str, type[pl.DataType]],
) -> pl.DataFrame:
    """Gather the rows of one table; `columns` are there even where no release has it."""
    parts = [
        _read(release.tables[table]).with_columns(release_id=pl.lit(name))
        for name, release in named
        if table in release.tables
    ]
    empty = pl.DataFrame(schema={"release_id": pl.String, **columns})
    return pl.concat([empty, *parts], how="diagonal_relaxed").sort("release_id", *list(columns)[:2])


def _read(file: Path) -> pl.DataFrame:
    return pl.read_parquet(file, hive_partitioning=False)
