"""Versions of factors: what was published of each before, and whether a candidate continues it.

Belongs here: the newest published row of each factor over all releases, and the proof that a
candidate's `factor_version` continues it. Does not belong here: giving versions (the mart does).

A factor keeps its id for good. Its version rises by one when value or evidence differ from the row
published last, whichever month that release was for; withdrawn releases count as well, for what
was cited once must never be meant by another number.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from warehouse import registry
from warehouse.manifest import MANIFEST, read_manifest

TABLE = "electricity_factor"
NOT_EVIDENCE = frozenset(
    {
        *("factor_id", "factor_version", "region_code", "region_name_zh", "region_name_en"),
        *("resolution", "factor_kind", "technology", "gas_scope", "gwp_set"),
        *("system_boundary", "includes_td_losses", "import_factor_basis"),
    }
)
"""Columns that name a factor or its area. All others are its value and evidence."""

FILE = f"{TABLE}.parquet"
_BEFORE = "_before"


def published_factor_files(releases: Path, *, before: str | None = None) -> list[Path]:
    """Return the factor tables of all releases in order of publication.

    `before`: the releases published before this id alone (for building it again).
    Raises `RegistryError` when a release folder cannot be read.
    """
    files = []
    for entry in registry.index_from_folders(releases):
        if entry.release_id == before:
            break
        manifest = read_manifest(releases / entry.release_id / MANIFEST)
        files += [
            releases / entry.release_id / table.path
            for table in manifest.tables
            if table.name == TABLE
        ]
    return files


def write_published_factors(files: Sequence[Path], folder: Path) -> int:
    """Write each factor's newest published row to `<folder>/electricity_factor.parquet`.

    `files`: factor tables in order of publication. Rows without `factor_version` have version 1.
    Writes a table without rows where there are no files; returns the number of rows.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = newest_rows(files)
    rows.write_parquet(folder / FILE)
    return rows.height


def newest_rows(files: Sequence[Path]) -> pl.DataFrame:
    """Return each factor's row in the last of the files that holds it, in order of factor id."""
    found: list[pl.DataFrame] = [
        pl.DataFrame(schema={"factor_id": pl.String, "factor_version": pl.Int32})
    ]
    known = pl.Series("factor_id", [], dtype=pl.String)
    for file in reversed(files):
        rows = pl.scan_parquet(file, hive_partitioning=False)
        if "factor_version" not in rows.collect_schema():
            # A release from before versions.
            rows = rows.with_columns(pl.lit(1, pl.Int32).alias("factor_version"))
        older = rows.filter(pl.col("factor_id").is_in(known.implode()).not_()).collect()
        found.append(older)
        known = pl.concat([known, older["factor_id"]])
    return pl.concat(found, how="diagonal_relaxed").sort("factor_id")


def versions_that_do_not_follow(candidate: Path, files: Sequence[Path]) -> list[str]:
    """Say which factors of a candidate's table do not continue the versions published so far.

    `files`: the factor tables of all releases in order of publication. A factor that is new has
    version 1; one whose row is unchanged keeps its version; any other has the next one. Returns
    sentences, none when all follow: a candidate that was derived before another release was
    published does not.
    """
    rows = pl.read_parquet(candidate, hive_partitioning=False)
    if "factor_version" not in rows.columns:
        return [f"Table {TABLE} has no column factor_version."]
    published = newest_rows(files)
    evidence = [name for name in rows.columns if name not in NOT_EVIDENCE]
    both = rows.join(published, on="factor_id", how="left", suffix=_BEFORE)
    same = pl.all_horizontal(
        pl.col(name).eq_missing(
            pl.col(name + _BEFORE).cast(rows.schema[name], strict=False)
            if name in published.columns
            else pl.lit(None, rows.schema[name])
        )
        for name in evidence
    )
    before = pl.col("factor_version" + _BEFORE)
    expected = pl.when(before.is_null()).then(1).when(same).then(before).otherwise(before + 1)
    wrong = both.filter(pl.col("factor_version").ne_missing(expected)).sort("factor_id")
    if wrong.is_empty():
        return []
    first = wrong.row(0, named=True)
    last = first["factor_version" + _BEFORE]
    stated = f"version {last} was published last" if last else "it was never published"
    return [
        f"{wrong.height} factors do not continue their published versions, first "
        f"{first['factor_id']}: the candidate says {first['factor_version']}, {stated}. A release "
        "was published since this candidate was derived; derive it again."
    ]
