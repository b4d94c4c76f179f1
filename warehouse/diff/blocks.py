"""Reads two tables side by side in the order of their key, a block at a time.

Belongs here: reading in blocks, proving the order, cutting both blocks at the same key, matching
their rows. Does not belong here: comparing values (`compare`).

Published tables lie in key order, so two of them are merged in one pass over both, with memory for
a few blocks whatever their size. The order is proven as the rows go by, never believed: a file in
another order is sorted by DuckDB first (on disk when it is large), and a key that stands twice ends
the comparison of its table. Nulls come first, and a null key equals a null key.
"""

from __future__ import annotations

import bisect
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from warehouse.diff.errors import NotCompared
from warehouse.diff.kinds import text
from warehouse.diff.sides import unreadable

ROW_GROUP = 65_536
"""Rows of a row group of a published file; blocks are read in multiples of it."""

_CELLS = 4_000_000
"""Values that a block holds at most: some 70 MB, whatever the number of columns."""


class NotInOrder(Exception):
    """A file is not in the order of its key and has to be sorted before it can be merged."""


@dataclasses.dataclass(frozen=True)
class Pair:
    """A stretch of keys on both sides: the rows that match, in the same order, and those left."""

    old: pl.DataFrame
    new: pl.DataFrame
    removed: pl.DataFrame
    added: pl.DataFrame


@dataclasses.dataclass(frozen=True)
class Source:
    """A Parquet file, the type to read each column as, and its key."""

    path: Path
    columns: Mapping[str, pl.DataType]
    key: Sequence[str]


def block_rows(columns: int) -> int:
    """Return how many rows a block of a table has."""
    return max(1, _CELLS // (max(columns, 1) * ROW_GROUP)) * ROW_GROUP


def pairs(old: Source, new: Source, rows: int) -> Iterator[Pair]:
    """Yield both tables in matched stretches of about `rows` rows, from the least key on.

    Both sources have the same key. Raises `NotInOrder` when a file is not sorted by its key,
    `NotCompared` when a key stands twice or a file cannot be read.
    """
    left, right = _Reader(old, rows), _Reader(new, rows)
    while True:
        before, after = left.fill(), right.fill()
        if before.is_empty() and after.is_empty():
            return
        if not _same_keys(before, after, old.key):
            limits = [
                _rank(reader.held.row(-1, named=True), old.key)
                for reader in (left, right)
                if not reader.at_end
            ]
            if limits:
                limit = min(limits)
                before = before.head(_up_to(before, old.key, limit))
                after = after.head(_up_to(after, old.key, limit))
        left.drop(before.height)
        right.drop(after.height)
        yield _matched(before, after, old.key)


class _Reader:
    """One side: the rows that were read and not yet consumed."""

    def __init__(self, source: Source, rows: int) -> None:
        self._source = source
        self._rows = rows
        self._next = 0
        try:
            scan = pl.scan_parquet(source.path, hive_partitioning=False, glob=False)
            self._height = int(scan.select(pl.len()).collect().item())
            self._scan = scan.select(
                pl.col(name).cast(kind) for name, kind in source.columns.items()
            )
            self.held = self._scan.head(0).collect()
            self._last = self.held.select(source.key)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as problem:
            raise NotCompared(unreadable(source.path, problem)) from problem

    @property
    def at_end(self) -> bool:
        """Whether the whole file was read (rows of it may still be held)."""
        return self._next >= self._height

    def fill(self) -> pl.DataFrame:
        """Read on until a block is held or the file ends; return what is held."""
        while self.held.height < self._rows and not self.at_end:
            try:
                block = self._scan.slice(self._next, self._rows).collect(engine="streaming")
            except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as problem:
                raise NotCompared(unreadable(self._source.path, problem)) from problem
            if block.height != min(self._rows, self._height - self._next):
                raise NotCompared(
                    f"File {self._source.path.name} has {self._next + block.height} rows, "
                    f"not the {self._height} that it states."
                )
            self._next += block.height
            keys = pl.concat([self._last, block.select(self._source.key)])
            self._check_order(keys)
            self._last = keys.tail(1)
            self.held = block if self.held.is_empty() else pl.concat([self.held, block])
        return self.held

    def drop(self, rows: int) -> None:
        """Let go of the first rows that are held."""
        self.held = self.held.slice(rows)

    def _check_order(self, keys: pl.DataFrame) -> None:
        first, second = keys.slice(0, keys.height - 1), keys.slice(1)
        less = pl.repeat(False, first.height, eager=True)
        equal = ~less
        for name in self._source.key:
            one, two = _comparable(first[name]), _comparable(second[name])
            smaller = (one < two).fill_null(one.is_null() & two.is_not_null())
            less = less | (equal & smaller)
            if less.all():
                return
            equal = equal & one.eq_missing(two)
        if equal.any():
            row = first.row(equal.arg_true()[0], named=True)
            raise NotCompared(
                f"Key {spoken(row)} stands more than once in {self._source.path.name}, so its "
                "rows cannot be told apart."
            )
        raise NotInOrder(self._source.path.name)


def spoken(key: Mapping[str, object]) -> str:
    """Return a key as people read it: `region_code 110000, period_start 2023-01-01`."""
    return ", ".join(f"{name} {text(value) or 'null'}" for name, value in key.items())


def sorted_copy(path: Path, key: Sequence[str], target: Path) -> Path:
    """Write the rows of a Parquet file in key order to another, with bounded memory.

    Raises `NotCompared` when DuckDB cannot read the file or write the copy.
    """
    import duckdb

    order = ", ".join(f"{_quoted(column)} asc nulls first" for column in key)
    try:
        with duckdb.connect(
            ":memory:",
            config={
                "memory_limit": "2GB",
                "temp_directory": str(target.parent / "sorting"),
                "autoinstall_known_extensions": "false",
            },
        ) as connection:
            connection.execute(
                f"copy (select * from read_parquet(?, hive_partitioning = false) order by {order}) "  # noqa: S608 - quoted names
                f"to '{str(target).replace(chr(39), chr(39) * 2)}' "
                f"(format parquet, row_group_size {ROW_GROUP}, compression zstd)",
                [str(path)],
            )
    except duckdb.Error as problem:
        raise NotCompared(unreadable(path, problem)) from problem
    return target


def _same_keys(old: pl.DataFrame, new: pl.DataFrame, key: Sequence[str]) -> bool:
    return old.height == new.height and all(
        bool(old[name].eq_missing(new[name]).all()) for name in key
    )


def _matched(old: pl.DataFrame, new: pl.DataFrame, key: Sequence[str]) -> Pair:
    if _same_keys(old, new, key):
        return Pair(old, new, old.head(0), new.head(0))
    both = (
        old.select(key)
        .with_row_index("_old")
        .join(new.select(key).with_row_index("_new"), on=list(key), how="inner", nulls_equal=True)
        .select("_old", "_new")
    )
    # Both sides are in key order, so what matches stands in the same order on both.
    was, is_ = _mask(both["_old"], old.height), _mask(both["_new"], new.height)
    return Pair(old.filter(was), new.filter(is_), old.filter(~was), new.filter(~is_))


def _mask(places: pl.Series, height: int) -> pl.Series:
    mask = np.zeros(height, dtype=bool)
    mask[places.to_numpy()] = True
    return pl.Series(mask)


def _up_to(frame: pl.DataFrame, key: Sequence[str], limit: tuple) -> int:
    """Return how many of the first rows have a key that is not beyond the limit."""
    keys = frame.select(key)
    return bisect.bisect_right(
        range(keys.height), limit, key=lambda row: _rank(keys.row(row, named=True), key)
    )


def _rank(row: Mapping[str, object], key: Sequence[str]) -> tuple:
    """Return what keys are ordered by: nulls first, NaN last, text by code point."""
    return tuple(
        (0, 0) if row[name] is None else (2, 0) if row[name] != row[name] else (1, row[name])
        for name in key
    )


def _comparable(column: pl.Series) -> pl.Series:
    return column.cast(pl.UInt8) if column.dtype == pl.Boolean else column


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
