"""What earlier releases published, laid out for the derivation of the next.

Belongs here: the files of the dbt source `release` - the newest published rows of factors and
background datasets, every background dataset of every release, the receipts behind every release.
Does not belong here: what is concluded from them (the marts, disclosure control), and the proof
that a candidate continues them (`factor_versions`).
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from warehouse import registry
from warehouse.factor_versions import published_factor_files, write_published_factors
from warehouse.manifest import MANIFEST, read_manifest

DATASET = "background_dataset"
RELEASE_INPUT = "release_input"
BY_DATASET = ("background_contribution", "background_inventory", "background_score")
"""Tables of which each dataset's rows as published last are laid out."""


def write_released_before(releases: Path, folder: Path) -> None:
    """Write every table of the source `release` to `<folder>/<table>.parquet`.

    Tables are there without rows where nothing was published. Raises `RegistryError` when a
    release folder cannot be read.
    """
    write_published_factors(published_factor_files(releases), folder)
    inputs = [pl.DataFrame(schema={"release_id": pl.String, "receipt_id": pl.String})]
    files: dict[str, list[tuple[str, Path]]] = {name: [] for name in (DATASET, *BY_DATASET)}
    for entry in registry.index_from_folders(releases):
        manifest = read_manifest(releases / entry.release_id / MANIFEST)
        receipts = [str(each["receipt_id"]) for each in manifest.inputs]
        inputs.append(
            pl.DataFrame(
                {"release_id": [entry.release_id] * len(receipts), "receipt_id": receipts},
                schema=inputs[0].schema,
            )
        )
        for table in manifest.tables:
            if table.name in files:
                path = releases / entry.release_id / table.path
                files[table.name].append((entry.release_id, path))
    _write(pl.concat(inputs).sort("release_id", "receipt_id"), folder, RELEASE_INPUT)
    datasets = [
        _read(path).with_columns(pl.lit(release_id).alias("release_id"))
        for release_id, path in files[DATASET]
    ]
    empty = pl.DataFrame(schema={"release_id": pl.String, "dataset_id": pl.String})
    every = pl.concat([empty, *datasets], how="diagonal_relaxed")
    _write(every.sort("release_id", "dataset_id"), folder, DATASET)
    for name in BY_DATASET:
        _write(newest_of_each_dataset([path for _, path in files[name]]), folder, name)


def newest_of_each_dataset(files: list[Path]) -> pl.DataFrame:
    """Return each dataset's rows in the last of the files (in order of publication) that holds it.

    Rows are in order of all columns.
    """
    found = [pl.DataFrame(schema={"dataset_id": pl.String})]
    known = pl.DataFrame(schema={"dataset_id": pl.String})
    for file in reversed(files):
        rows = _read(file).join(known, on="dataset_id", how="anti")
        found.append(rows)
        known = pl.concat([known, rows.select("dataset_id").unique()])
    rows = pl.concat(found, how="diagonal_relaxed")
    return rows.sort(rows.columns)


def _read(file: Path) -> pl.DataFrame:
    return pl.read_parquet(file, hive_partitioning=False)


def _write(rows: pl.DataFrame, folder: Path, name: str) -> None:
    rows.write_parquet(folder / f"{name}.parquet")
