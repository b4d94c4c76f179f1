"""The sources of a release, for the documents that must credit them.

Belongs here: reading the published table `source`. Does not belong here: how a document shows it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from warehouse.formats.published_table import PublishedTable

TABLE = "source"
_COLUMNS = (
    "source_id", "title_en", "title_zh", "publisher_en", "publisher_zh", "licence", "found_at",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Source:
    """One source of the input files, as the table `source` names it."""

    source_id: str
    title_en: str
    title_zh: str
    publisher_en: str
    publisher_zh: str
    licence: str
    found_at: str


def read_sources(release: Path, tables: Sequence[PublishedTable]) -> list[Source]:
    """Return the sources of a release in order of id; none where no table tells them."""
    for table in tables:
        if table.name == TABLE and set(_COLUMNS) <= {column.name for column in table.columns}:
            rows = pl.read_parquet(release / table.path, hive_partitioning=False)
            return [
                Source(**row)
                for row in rows.select(pl.col(_COLUMNS).fill_null(""))
                .sort("source_id")
                .iter_rows(named=True)
            ]
    return []
