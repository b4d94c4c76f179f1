"""Which types compare with which, and how a value is written down.

Belongs here: the common type of two column types, and the text of a value. Does not belong here:
comparing (`compare`) and whether a changed type breaks a contract (`contracts`).

Two types compare when there is a type that holds every value of both exactly. Decimals and floats
have none, nor have a number and its text: such a column counts as different.
"""

from __future__ import annotations

import datetime as dt
import math
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

import polars as pl
import pyarrow as pa

_INTEGER_DIGITS = 20
"""Digits of the largest 64-bit integer."""
_DECIMAL_DIGITS = 38
_RELATIVE_PLACES = Decimal("1e-8")


def common_type(old: pa.DataType, new: pa.DataType) -> pl.DataType | None:
    """Return the Polars type that holds every value of both types exactly, or `None`."""
    old, new = _plain(old), _plain(new)
    pairs: tuple[tuple[Any, pl.DataType], ...] = (
        (_is_text, pl.String()),
        (_is_binary, pl.Binary()),
        (pa.types.is_boolean, pl.Boolean()),
        (pa.types.is_date32, pl.Date()),
        (pa.types.is_floating, pl.Float64()),
    )
    for holds, common in pairs:
        if holds(old) and holds(new):
            return common
    if pa.types.is_timestamp(old) and pa.types.is_timestamp(new) and old.tz == new.tz:
        finest = max((old.unit, new.unit), key=["s", "ms", "us", "ns"].index)
        coarsest = min((old.unit, new.unit), key=["s", "ms", "us", "ns"].index)
        if finest == "ns" and coarsest != "ns":
            return None
        return pl.Datetime("ns" if finest == "ns" else "us", old.tz)
    if pa.types.is_integer(old) and pa.types.is_integer(new):
        return pl.Int128() if pa.uint64() in (old, new) else pl.Int64()
    return _common_decimal(old, new)


def is_number(kind: pl.DataType) -> bool:
    """Whether values of a type are added and subtracted."""
    return kind.is_numeric()


def text(value: object) -> str | None:
    """Write a value exactly: decimals with their places, floats so that they read back the same.

    There is one zero: minus zero equals zero and is written like it.
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return repr(value + 0.0)
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def change(old: object, new: object) -> tuple[str | None, str | None]:
    """Return the absolute change (exact for decimals and integers) and the relative one, 8 places.

    Both are `None` where there is nothing to subtract; the relative one also where `old` is zero.
    Relative is over the magnitude of the old value, so that its sign is that of the change.
    """
    before, after = _exact(old), _exact(new)
    if before is None or after is None:
        return None, None
    with localcontext(prec=100):
        difference = after - before
        absolute = (
            text(float(new) - float(old))  # type: ignore[arg-type]
            if isinstance(old, float) or isinstance(new, float)
            else format(difference, "f")
        )
        if before == 0:
            return absolute, None
        relative = difference / abs(before)
        if abs(relative) >= Decimal("1e60"):
            return absolute, format(relative, ".8e")
        return absolute, format(relative.quantize(_RELATIVE_PLACES, ROUND_HALF_EVEN), "f")


def _exact(value: object) -> Decimal | None:
    if isinstance(value, float):
        return Decimal(value) if math.isfinite(value) else None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    return None


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _is_binary(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)
    )


def _common_decimal(old: pa.DataType, new: pa.DataType) -> pl.DataType | None:
    if old == new and pa.types.is_decimal128(old):
        return pl.Decimal(old.precision, old.scale)
    sizes = [_decimal_size(kind) for kind in (old, new)]
    if sizes[0] is None or sizes[1] is None:
        return None
    scale = max(size[1] for size in sizes if size)
    digits = max(size[0] - size[1] for size in sizes if size)
    if digits + scale > _DECIMAL_DIGITS:
        return None
    return pl.Decimal(_DECIMAL_DIGITS, scale)


def _decimal_size(kind: pa.DataType) -> tuple[int, int] | None:
    if pa.types.is_decimal(kind) and kind.bit_width <= 128:
        return kind.precision, kind.scale
    if pa.types.is_integer(kind):
        return _INTEGER_DIGITS, 0
    return None
