"""Versions of factors: what was published of each factor before, and whether a candidate follows it.

Belongs here: the newest published row of each factor over all releases, and the proof that a
candidate's `factor_version` continues it. Does not belong here: giving versions (the mart does).

A factor keeps its id for good. Its version rises by one when value or evidence differ from the row
published last, whichever month that release was for; withdrawn releases count as well, for what
was cited once must never be meant by another number.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

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
    import duckdb

    folder.mkdir(parents=True, exist_ok=True)
    target = folder / FILE
    with duckdb.connect() as database:
        if not files:
            database.execute(
                "copy (select '' as factor_id, 1 as factor_version where false) to "
                f"'{_quoted(target)}' (format parquet)"
            )
            return 0
        database.execute(
            f"copy ({newest_rows(files)} order by factor_id) to '{_quoted(target)}' "
            "(format parquet, compression zstd)"
        )
        found = database.execute(f"select count(*) from '{_quoted(target)}'").fetchone()
    assert found is not None
    return int(found[0])


def newest_rows(files: Sequence[Path]) -> str:
    """Return SQL for each factor's row in the last of the files that holds it."""
    parts = "\nunion all by name\n".join(
        f"select {place} as publication, * from read_parquet('{_quoted(file)}')"
        for place, file in enumerate(files)
    )
    # A release of an earlier format has no version: 1.
    return (
        "select * exclude (publication, factor_version), "
        "coalesce(factor_version, 1)::integer as factor_version "
        f"from (select null::integer as factor_version, -1 as publication where false "
        f"union all by name {parts}) where factor_id is not null "
        "qualify row_number() over (partition by factor_id order by publication desc) = 1"
    )


def versions_that_do_not_follow(candidate: Path, files: Sequence[Path]) -> list[str]:
    """Say which factors of a candidate's table do not continue the versions published so far.

    `files`: the factor tables of all releases in order of publication. A factor that is new has version 1; one whose row is unchanged keeps its version; any other has
    the next one. Returns sentences, none when all follow: a candidate that was derived before
    another release was published does not.
    """
    import duckdb

    with duckdb.connect() as database:
        columns = [
            row[0]
            for row in database.execute(
                f"describe select * from read_parquet('{_quoted(candidate)}')"
            ).fetchall()
        ]
        if "factor_version" not in columns:
            return [f"Table {TABLE} has no column factor_version."]
        if not files:
            published = "select null::varchar as factor_id, 1 as factor_version where false"
            same = "false"
        else:
            published = newest_rows(files)
            known = {row[0] for row in database.execute(f"describe {published}").fetchall()}
            same = " and ".join(
                f'c."{name}" is not distinct from ' + (f'p."{name}"' if name in known else "null")
                for name in columns
                if name not in NOT_EVIDENCE
            )
        rows = database.execute(
            f"""
            select c.factor_id, c.factor_version, p.factor_version
            from read_parquet('{_quoted(candidate)}') as c
            left join ({published}) as p on c.factor_id = p.factor_id
            where c.factor_version is distinct from case
                when p.factor_id is null then 1
                when {same} then p.factor_version
                else p.factor_version + 1
            end
            order by c.factor_id
            """
        ).fetchall()
    if not rows:
        return []
    factor, found, before = rows[0]
    stated = f"version {before} was published last" if before else "it was never published"
    return [
        f"{len(rows)} factors do not continue their published versions, first {factor}: the "
        f"candidate says {found}, {stated}. A release was published since this candidate was "
        "derived; derive it again."
    ]


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
