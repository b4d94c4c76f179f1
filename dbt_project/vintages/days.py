"""On which days something became known, and what was known on each.

Belongs here: reading the dates of the raw tables, the days of the vintages, and the hash that names
what a vintage rests on. Does not belong here: replaying it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from dbt_project.vintages.derivation import UNREAD, RawTable
from dbt_project.vintages.replay import AsOf

_SCHEMA = {
    "raw_table": pl.String,
    "layer": pl.String,
    "file": pl.String,
    "content": pl.String,
    "published_group": pl.String,
    "known_at": pl.Date,
}


class Knowledge:
    """What the raw tables hold, and since when.

    Args:
        tables: the raw tables of a derivation.
        raw: their folder.
    """

    def __init__(self, tables: Iterable[RawTable], raw: Path) -> None:
        found = [
            _dates(table, path)
            for table in tables
            if table.name not in UNREAD
            for path in _files(raw / table.name)
        ]
        items = pl.concat([pl.DataFrame(schema=_SCHEMA), *found])
        first = pl.col("known_at").min().over("raw_table", "published_group")
        #: One row per file, day and group; `visible_from` is null where a first publication of a
        #: parameter stands in for the time before it (macro `as_known`).
        self.items = items.with_columns(
            pl.when((pl.col("layer") == "parameters") & (pl.col("known_at") == first))
            .then(None)
            .otherwise(pl.col("known_at"))
            .alias("visible_from")
        ).sort(*_SCHEMA)

    def digest(self, days: AsOf) -> str:
        """Hash what is known: the files, and of each what is looked at."""
        until = (
            pl.when(pl.col("layer") == "statistics")
            .then(pl.lit(days.statistics))
            .when(pl.col("layer") == "parameters")
            .then(pl.lit(days.parameters))
            .otherwise(pl.lit(days.corrections))
        )
        known = self.items.filter(
            pl.col("visible_from").is_null() | (pl.col("visible_from") <= until)
        )
        text = known.select("raw_table", "content", "published_group", "known_at").write_csv()
        return hashlib.sha256(text.encode()).hexdigest()

    def days(self, until: dt.date) -> list[dt.date]:
        """Return the days up to a day on which something new became known, in order."""
        named = self.items["visible_from"].drop_nulls().unique().sort().to_list()
        days, before = [], ""
        for day in [day for day in named if day <= until]:
            digest = self.digest(AsOf.day(day))
            if digest != before:
                days.append(day)
            before = digest
        return days

    def hindsight(self, day: dt.date) -> list[str]:
        """Return the receipts that are looked at although they were published after a day."""
        later = self.items.filter(
            pl.col("visible_from").is_null() & (pl.col("known_at") > pl.lit(day))
        )
        return sorted({Path(file).stem for file in later["file"]})


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))


def _dates(table: RawTable, path: Path) -> pl.DataFrame:
    group = (
        pl.concat_str(
            [pl.col(name).cast(pl.String) for name in table.first_known_by], separator="."
        )
        if table.first_known_by
        else pl.lit(None, dtype=pl.String)
    )
    content = hashlib.sha256(path.read_bytes()).hexdigest()
    return (
        pl.read_parquet(path, columns=["known_at", *table.first_known_by])
        .select(
            pl.lit(table.name).alias("raw_table"),
            pl.lit(table.layer).alias("layer"),
            pl.lit(path.name).alias("file"),
            pl.lit(content).alias("content"),
            group.alias("published_group"),
            "known_at",
        )
        .unique()
    )
