"""The tables of a release, to be asked in SQL.

Belongs here: opening them. Does not belong here: any question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from warehouse.candidate import Candidate
from warehouse.releases import ReleaseError, read_release

NEEDED = (
    "calculation_method",
    "certificate_balance",
    "consumption_origin",
    "electricity_factor",
    "electricity_mix",
    "factor_lineage",
    "gwp",
    "input_file",
    "interchange",
    "region",
    "residual_balance",
)
"""The published tables that an explanation rests on."""


class ReleaseTables:
    """A connection that sees each needed table of a release as a view."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def frame(self, query: str, parameters: Sequence[object] = ()) -> pl.DataFrame:
        """Answer a query as a Polars frame."""
        return self._connection.execute(query, list(parameters)).pl()

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """Answer a query as one dictionary a row."""
        return self.frame(query, parameters).to_dicts()

    def keep(self, name: str, query: str, parameters: Sequence[object]) -> None:
        """Keep the rows of a query (ours) under a name for the queries after it."""
        self._connection.execute(
            f"create or replace temp table {name} as " + query, list(parameters)
        )

    def select_factors(self, condition: str, parameters: Sequence[object] = ()) -> None:
        """Make `selected` the factors for which `condition` (SQL, ours) holds."""
        self._connection.execute(
            "create or replace temp table selected as select * from electricity_factor where "  # noqa: S608
            + condition,
            list(parameters),
        )


@contextmanager
def open_tables(release: Path | Mapping[str, Path]) -> Iterator[ReleaseTables]:
    """Open the tables of a release or candidate by its folder, or Parquet files by table name.

    Raises `ReleaseError` when the folder is neither or lacks a table.
    """
    if isinstance(release, Path):
        release = _tables_of(release)
    with duckdb.connect(":memory:", config={"threads": 2}) as connection:
        for name in NEEDED:
            connection.read_parquet(str(release[name])).create_view(name)
        yield ReleaseTables(connection)


def _tables_of(folder: Path) -> dict[str, Path]:
    """Return the needed files of a candidate (it holds a database) or else of a release."""
    candidate = Candidate(folder)
    if not candidate.database.exists():
        opened = read_release(folder)
        return {name: opened.path(name) for name in NEEDED}
    files = {name: candidate.tables / f"{name}.parquet" for name in NEEDED}
    missing = [name for name, file in files.items() if not file.is_file()]
    if missing:
        raise ReleaseError(f"Candidate {folder.name} has no table {', '.join(missing)}.")
    return files
