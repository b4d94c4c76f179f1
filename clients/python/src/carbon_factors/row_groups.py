"""Rows of a Parquet file by the value of a column, reading as few row groups as may be.

Belongs here: row groups, statistics, and the few Arrow kernels that a look-up needs. Does not
belong here: what the rows mean (`lookup`).

Two things that a look-up has no time for are avoided: importing `pyarrow.compute` builds hundreds
of functions, so kernels are called by name; `pyarrow.scalar` imports pandas wherever that is
installed, so scalars are made from bytes.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from carbon_factors.errors import DocumentError

try:
    from pyarrow._compute import call_function
except ImportError:  # pragma: no cover - a pyarrow that is built otherwise
    from pyarrow.compute import call_function


class RowGroups:
    """A Parquet file in memory, decoded row group by row group, each column once."""

    def __init__(
        self, content: bytes | mmap.mmap, name: str, key_columns: Sequence[str] | None
    ) -> None:
        """Open a file; `key_columns` are decoded first (those that it has), `None` means all.

        Raises `DocumentError` if the bytes are not Parquet.
        """
        self._name = name
        try:
            buffer = pa.py_buffer(content)
            schema = pq.read_schema(pa.BufferReader(buffer))
            texts = [
                field.name
                for field in schema
                if pa.types.is_string(field.type) and field.name != "factor_id"  # all different
            ]
            self._file = pq.ParquetFile(pa.BufferReader(buffer), read_dictionary=texts)
        except pa.ArrowException as problem:
            raise DocumentError(f"{name} cannot be read as Parquet: {problem}.") from None
        self.columns: list[str] = schema.names
        keys = self.columns if key_columns is None else key_columns
        self._key_columns = [column for column in keys if column in self.columns]
        self._rest_columns = [column for column in self.columns if column not in self._key_columns]
        self._keys: dict[int, pa.Table] = {}
        self._rest: dict[int, pa.Table] = {}

    def keys(self, group: int) -> pa.Table:
        """Return the key columns of a row group."""
        if group not in self._keys:
            self._keys[group] = self._read(group, self._key_columns)
        return self._keys[group]

    def row(self, group: int, row: int) -> dict[str, Any]:
        """Return one row with all columns, in their order."""
        if self._rest_columns and group not in self._rest:
            self._rest[group] = self._read(group, self._rest_columns)
        found: dict[str, Any] = self.keys(group).slice(row, 1).to_pylist()[0]
        if self._rest_columns:
            found |= self._rest[group].slice(row, 1).to_pylist()[0]
        return {column: found[column] for column in self.columns}

    def all_rows(self) -> list[dict[str, Any]]:
        """Return all rows of a small table."""
        rows: list[dict[str, Any]] = self._file.read().to_pylist()
        return rows

    def groups_with(self, column: str, value: str) -> list[int]:
        """Return the row groups that can hold a value, by the statistics of the file."""
        place = self.columns.index(column)
        metadata = self._file.metadata
        groups: list[int] = []
        for group in range(metadata.num_row_groups):
            statistics = metadata.row_group(group).column(place).statistics
            if (
                statistics is None
                or not statistics.has_min_max
                or statistics.min <= value <= statistics.max
            ):
                groups.append(group)
        return groups

    def numbered_rows(self, column: str, value: str) -> pa.Table:
        """Return the key columns of the rows with a value, and their places `_group`, `_row`."""
        parts = []
        for group in self.groups_with(column, value):
            keys = self.keys(group)
            rows = call_function("indices_nonzero", [_mask(keys.column(column), value)])
            part = call_function("take", [keys, rows])
            part = part.append_column("_row", pa.chunked_array([rows]))
            parts.append(part.append_column("_group", _constant(group, part.num_rows)))
        return pa.concat_tables(parts) if parts else self.keys(0).slice(0, 0)

    def values(self, column: str) -> list[Any]:
        """Return the distinct values of a key column over the whole file, sorted."""
        groups = range(self._file.metadata.num_row_groups)
        return sorted({value for group in groups for value in distinct(self.keys(group), column)})

    def _read(self, group: int, columns: Sequence[str]) -> pa.Table:
        try:
            return self._file.read_row_group(group, columns=list(columns))
        except pa.ArrowException as problem:
            raise DocumentError(f"{self._name} cannot be read: {problem}.") from None


def equal_rows(table: pa.Table, column: str, value: str | bool) -> pa.Table:
    """Return the rows of a table with one value of a column."""
    return call_function("filter", [table, _mask(table.column(column), value)])


def distinct(table: pa.Table, column: str) -> list[Any]:
    """Return the distinct values of a column, sorted; no value at all counts as one."""
    values = set()
    for chunk in table.column(column).chunks:
        values.update(call_function("unique", [chunk]).to_pylist())
    return sorted(values, key=lambda value: (value is not None, value))


def _mask(column: pa.ChunkedArray, value: str | bool) -> pa.ChunkedArray:
    """Return which rows of a column have a value; words of a dictionary are compared once."""
    masks = []
    for chunk in column.chunks:
        if pa.types.is_dictionary(chunk.type):
            words = chunk.dictionary.to_pylist()
            place = words.index(value) if value in words else -1
            masks.append(call_function("equal", [chunk.indices, _scalar(place)]))
        else:
            masks.append(call_function("equal", [chunk, _scalar(value)]))
    return pa.chunked_array(masks, pa.bool_())


def _scalar(value: str | bool | int) -> pa.Scalar:
    """Return an Arrow scalar: text, truth, or a 32-bit number."""
    if isinstance(value, str):
        text = value.encode("utf-8")
        buffers = [None, pa.py_buffer(struct.pack("=ii", 0, len(text))), pa.py_buffer(text)]
        return pa.Array.from_buffers(pa.string(), 1, buffers)[0]
    if isinstance(value, bool):
        return pa.Array.from_buffers(pa.bool_(), 1, [None, pa.py_buffer(bytes([value]))])[0]
    return pa.Array.from_buffers(pa.int32(), 1, [None, pa.py_buffer(struct.pack("=i", value))])[0]


def _constant(value: int, length: int) -> pa.Array:
    return pa.repeat(_scalar(value), length)
