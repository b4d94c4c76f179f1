"""A hash of what a table says, whatever wrote the file.

Belongs here: the definition of the content hash. Does not belong here: hashes of file bytes
(`files`) and what is concluded from either.

A Parquet file's bytes change with the version of the library that wrote it; its content hash does
not. Two tables have equal hashes exactly when they have the same columns (name, type, unit) in the
same order and the same set of rows. Definition, version 1 - the sha256 over, in this order:

1. the canonical JSON of `{"version": 1, "key": [...], "rows": n, "columns": [[name, type, unit]]}`;
2. for each column, with rows sorted ascending by the key columns and then by all others (text by
   code point, nulls first): one byte per row, 1 where there is a value; then the values, nulls as
   zero or empty: integers, dates (days) and timestamps (microseconds) little-endian in their
   width, decimals as their unscaled 16-byte little-endian integer, doubles as IEEE 754 with one
   zero and one NaN, booleans as one byte; text as all byte lengths (8 bytes each), then all UTF-8.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from warehouse import canonical_json

VERSION = 1


class ContentHashError(TypeError):
    """A table has a column type for which the content hash is not defined, or lacks its key."""


def content_hash(table: pa.Table, key: Sequence[str]) -> str:
    """Return the content hash of a table as 64 hexadecimal digits.

    `key` names the columns of the primary key. Units are read from the field metadata `unit`.
    Raises `ContentHashError` for a missing key column or a nested type.
    """
    if missing := [column for column in key if column not in table.column_names]:
        raise ContentHashError(f"The table has no key column {missing[0]!r}.")
    plain = pa.table(
        [_plain(table.column(field.name), field.name) for field in table.schema],
        names=table.column_names,
    )
    header = {
        "version": VERSION,
        "key": list(key),
        "rows": plain.num_rows,
        "columns": [
            [field.name, str(plain.schema.field(field.name).type), _unit(field)]
            for field in table.schema
        ],
    }
    digest = hashlib.sha256(canonical_json.dumps(header))
    ordered = _sorted(plain, key)
    for name in ordered.column_names:
        _update(digest, ordered.column(name))
    return digest.hexdigest()


def _unit(field: pa.Field) -> str:
    return ((field.metadata or {}).get(b"unit") or b"").decode("utf-8")


def _plain(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Bring a column to the one type by which its kind is hashed."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.large_string())
    if pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us", tz=kind.tz))
    if (
        pa.types.is_boolean(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_date32(kind)
        or pa.types.is_decimal128(kind)
    ):
        return column
    if pa.types.is_float64(kind):
        return column
    raise ContentHashError(f"Column {name} has type {kind}, which no published table may have.")


def _sorted(table: pa.Table, key: Sequence[str]) -> pa.Table:
    """Sort by the key, then by all other columns, so that the order never depends on the input."""
    if table.num_rows < 2:
        return table
    rest = [name for name in table.column_names if name not in key]
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    if key and _ascends(frame.select(list(key))):
        return table
    place = frame.with_row_index("_row").select(
        pl.col("_row").sort_by([*key, *rest], nulls_last=False)
        if (not key or frame.select(pl.struct(list(key)).n_unique()).item() < frame.height)
        else pl.col("_row").sort_by(list(key), nulls_last=False)
    )
    return table.take(place["_row"].to_arrow())


def _ascends(keys: pl.DataFrame) -> bool:
    """Say whether each row's key comes after the one before: such a table is in order as it is."""
    after = pl.lit(value=False)
    for name in reversed(keys.columns):
        here, before = pl.col(name), pl.col(name).shift(1)
        after = (here > before) | ((here == before) & after)
    # A null in a key, or a number that is none, compares as unknown: then it is sorted as ever.
    return bool(keys.lazy().select(after.slice(1).fill_null(value=False).all()).collect().item())


def _update(digest: hashlib._Hash, column: pa.ChunkedArray) -> None:
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], column.type)
    digest.update(_bytes(np.asarray(array.is_valid()).astype("<u1")))
    kind = array.type
    if pa.types.is_large_string(kind):
        filled = pc.fill_null(array, "")
        digest.update(_bytes(pc.binary_length(filled).to_numpy(zero_copy_only=False), "<i8"))
        offsets = np.frombuffer(filled.buffers()[1], dtype="<i8")
        first, last = offsets[filled.offset], offsets[filled.offset + len(filled)]
        if last > first:
            digest.update(memoryview(filled.buffers()[2])[first:last])
    elif pa.types.is_decimal128(kind):
        filled = pc.fill_null(array, pa.scalar(Decimal(0), kind))
        if len(filled):
            start = filled.offset * 16
            digest.update(memoryview(filled.buffers()[1])[start : start + len(filled) * 16])
    elif pa.types.is_float64(kind):
        values = pc.fill_null(array, 0.0).to_numpy(zero_copy_only=False) + 0.0
        digest.update(_bytes(np.where(np.isnan(values), np.nan, values), "<f8"))
    elif pa.types.is_boolean(kind):
        digest.update(_bytes(pc.fill_null(array, False).to_numpy(zero_copy_only=False), "<u1"))
    else:
        width = kind.bit_width // 8
        whole = array.view(pa.int32()) if pa.types.is_date32(kind) else array
        whole = whole.view(pa.int64()) if pa.types.is_timestamp(kind) else whole
        sign = "u" if pa.types.is_unsigned_integer(kind) else "i"
        filled = pc.fill_null(whole, 0)
        digest.update(_bytes(filled.to_numpy(zero_copy_only=False), f"<{sign}{width}"))


def _bytes(values: np.ndarray, dtype: str | None = None) -> memoryview:
    return np.ascontiguousarray(values, dtype=dtype).data.cast("B")
