"""What adds up about a column and its table while blocks go by.

Belongs here: counts, sums and the largest movers of one column, and the rows that are listed by
key, each bounded in size whatever the number of rows. Does not belong here: reading (`blocks`) and
the order of the work (`compare`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl

from warehouse.diff.blocks import Pair
from warehouse.diff.kinds import change, is_number, text

LARGEST = 5
"""Largest movers that are kept of each numeric column."""

_EXACT_ROWS = 2**19


@dataclasses.dataclass
class ColumnTally:
    """Counts of one column that stands on both sides, in one comparable type."""

    name: str
    key: Sequence[str]
    kind: pl.DataType
    changed: int = 0
    nulls_old: int = 0
    nulls_new: int = 0
    risen: int = 0
    fallen: int = 0
    sum_old: Any = 0
    sum_new: Any = 0
    largest: pl.DataFrame | None = None

    def add(self, pair: Pair) -> pl.Series | None:
        """Count a stretch of rows; return which matched rows changed, `None` when none did.

        Null equals null and NaN equals NaN; everything else is compared exactly.
        """
        old, new = pair.old[self.name], pair.new[self.name]
        self.nulls_old += old.null_count() + pair.removed[self.name].null_count()
        self.nulls_new += new.null_count() + pair.added[self.name].null_count()
        if is_number(self.kind):
            for part in (old, pair.removed[self.name]):
                self.sum_old = _added(self.sum_old, part)
            for part in (new, pair.added[self.name]):
                self.sum_new = _added(self.sum_new, part)
        mask = old.ne_missing(new)
        count = int(mask.sum())
        if count == 0:
            return None
        self.changed += count
        if is_number(self.kind):
            self._move(pair, mask)
        return mask

    def _move(self, pair: Pair, mask: pl.Series) -> None:
        moved = pair.new.select(self.key).filter(mask)
        old, new = pair.old[self.name].filter(mask), pair.new[self.name].filter(mask)
        self.risen += int((new > old).sum())
        self.fallen += int((new < old).sum())
        moved = moved.with_columns(
            old.alias("_old"), new.alias("_new"), distance(old, new).alias("_by")
        )
        moved = moved.filter(pl.col("_by").is_not_null())
        if self.largest is not None and self.largest.schema["_by"] != moved.schema["_by"]:
            self.largest, moved = (
                frame.with_columns(pl.col("_by").cast(pl.Float64))
                for frame in (self.largest, moved)
            )
        # Blocks come in key order: of equal movers the first ones stand, so later ones must exceed.
        if self.largest is not None and self.largest.height == LARGEST:
            moved = moved.filter(pl.col("_by") > self.largest["_by"][-1])
        if moved.height > LARGEST:
            least = moved["_by"].top_k(LARGEST).min()
            moved = moved.filter(pl.col("_by") >= least)
        if self.largest is not None:
            moved = pl.concat([self.largest, moved])
        self.largest = moved.sort("_by", descending=True, maintain_order=True).head(LARGEST)

    def as_record(self) -> dict[str, Any]:
        """Return the counts, and for numbers the sums and largest movers, as plain values."""
        record: dict[str, Any] = {
            "changed": self.changed,
            "nulls_old": self.nulls_old,
            "nulls_new": self.nulls_new,
        }
        if not is_number(self.kind):
            return record
        sums = _rounded(self.sum_old), _rounded(self.sum_new)
        absolute, relative = change(*sums)
        movers = [] if self.largest is None else self.largest.to_dicts()
        return record | {
            "risen": self.risen,
            "fallen": self.fallen,
            "sum_old": text(sums[0]),
            "sum_new": text(sums[1]),
            "absolute": absolute,
            "relative": relative,
            "largest": [
                {
                    "key": {name: text(mover[name]) for name in self.key},
                    "old": text(mover["_old"]),
                    "new": text(mover["_new"]),
                    "absolute": change(mover["_old"], mover["_new"])[0],
                    "relative": change(mover["_old"], mover["_new"])[1],
                }
                for mover in movers
            ],
        }


@dataclasses.dataclass
class Listing:
    """The first rows, in key order, that were added, removed or changed."""

    key: Sequence[str]
    limit: int
    added: list[dict[str, str | None]] = dataclasses.field(default_factory=list)
    removed: list[dict[str, str | None]] = dataclasses.field(default_factory=list)
    changed: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    def add(self, pair: Pair, masks: dict[str, pl.Series], any_changed: pl.Series | None) -> None:
        """List rows of a stretch as long as there is room."""
        for listed, rows in ((self.added, pair.added), (self.removed, pair.removed)):
            first = rows.select(self.key).head(self.limit - len(listed))
            listed += [self._key_of(row) for row in first.to_dicts()]
        room = self.limit - len(self.changed)
        if any_changed is None or room <= 0:
            return
        places = any_changed.arg_true().head(room)
        old, new = pair.old[places].to_dicts(), pair.new[places].to_dicts()
        flags = pl.DataFrame({name: mask[places] for name, mask in masks.items()}).to_dicts()
        self.changed += [
            {
                "key": self._key_of(after),
                "columns": [
                    {"column": name, "old": text(before[name]), "new": text(after[name])}
                    for name, is_changed in flag.items()
                    if is_changed
                ],
            }
            for before, after, flag in zip(old, new, flags, strict=True)
        ]

    def _key_of(self, row: dict[str, Any]) -> dict[str, str | None]:
        return {name: text(row[name]) for name in self.key}


def distance(old: pl.Series, new: pl.Series) -> pl.Series:
    """Return how far each value moved, exactly where the type can hold it."""
    if old.dtype.is_float():
        return (new - old).abs().fill_nan(None)
    wide = pl.Int128() if old.dtype.is_integer() else old.dtype
    try:
        return (new.cast(wide) - old.cast(wide)).abs()
    except pl.exceptions.ComputeError:  # the difference has more digits than a decimal
        return (new.cast(pl.Float64) - old.cast(pl.Float64)).abs()


def _added(total: Any, part: pl.Series) -> Any:
    """Add a stretch of numbers to a sum; `None` once the sum has more digits than there are."""
    if total is None or part.is_empty():
        return total
    if part.dtype.is_float():
        return total + _exact_sum(part.filter(part.is_finite()).to_numpy())
    if part.dtype.is_integer():
        return total + int(part.cast(pl.Int128).sum())
    try:
        with localcontext(prec=100):
            return Decimal(total) + Decimal(part.sum() or 0)
    except pl.exceptions.ComputeError:
        return None


def _rounded(total: Any) -> Any:
    """Return a sum as a value: that of floats rounded once, `None` beyond the largest float."""
    if not isinstance(total, Fraction):
        return total
    try:
        return float(total)
    except OverflowError:
        return None


def _exact_sum(values: np.ndarray) -> Fraction:
    """Add up finite floats exactly, so that no order of adding shows in the sum.

    Each float is an integer of 53 bits times a power of two. The integers are added by power, in
    two halves: half a million halves of 27 bits still are an exact float.
    """
    if not len(values):
        return Fraction(0)
    mantissa, power = np.frexp(values)
    whole = np.ldexp(mantissa, 53).astype(np.int64)
    least = int(power.min())
    place = power - least
    high = np.zeros(int(place.max()) + 1, dtype=object)
    low = high.copy()
    for start in range(0, len(values), _EXACT_ROWS):
        part = slice(start, start + _EXACT_ROWS)
        for sums, half in ((high, whole[part] >> 26), (low, whole[part] & (2**26 - 1))):
            added = np.bincount(place[part], weights=half)
            sums[: len(added)] += added.astype(np.int64).astype(object)
    total = sum(
        (int(upper) * 2**26 + int(lower)) << shift
        for shift, (upper, lower) in enumerate(zip(high, low, strict=True))
        if upper or lower
    )
    return Fraction(total) * Fraction(2) ** (least - 53)
