"""Compares one table of two sides: its schema, its rows by key, every value of every column.

Belongs here: the order of the work on one table and what is concluded from it. Does not belong
here: reading in key order (`blocks`), adding up (`tallies`), comparing releases (`report`).

Whatever could not be compared is named with its reason and counts as different.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pyarrow as pa

from warehouse import files
from warehouse.diff import blocks
from warehouse.diff.blocks import NotInOrder, Pair, Source
from warehouse.diff.errors import NotCompared
from warehouse.diff.kinds import common_type
from warehouse.diff.sides import SideTable
from warehouse.diff.tallies import ColumnTally, Listing

State = Literal["same", "differs", "only_old", "only_new", "not_compared"]
Watch = Callable[[Pair, dict[str, pl.Series]], None]
OnRows = Callable[[int], None]


@dataclasses.dataclass
class TableDiff:
    """What a comparison found out about one table; `as_record` gives it as plain values."""

    name: str
    state: State
    how: Literal["bytes", "rows", "not"] = "not"
    reasons: list[str] = dataclasses.field(default_factory=list)
    key: Sequence[str] = ()
    rows: dict[str, int | None] = dataclasses.field(default_factory=dict)
    schema: dict[str, Any] = dataclasses.field(default_factory=dict)
    columns: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    listed: dict[str, list[Any]] = dataclasses.field(default_factory=dict)

    @property
    def compared_rows(self) -> int:
        """Rows of both sides that were really compared."""
        if self.how == "not":
            return 0
        return (self.rows.get("old") or 0) + (self.rows.get("new") or 0)

    def as_record(self) -> dict[str, Any]:
        """Return the findings as plain JSON values."""
        return dataclasses.asdict(self) | {"key": list(self.key)}


def compare_table(
    old: SideTable,
    new: SideTable,
    *,
    listed: int,
    watch: Watch | None = None,
    restart: Callable[[], None] = lambda: None,
    on_rows: OnRows = lambda rows: None,
) -> TableDiff:
    """Compare one table of two sides by the key of the new one.

    At most `listed` rows of each kind are named. `watch` sees each stretch of matched rows with the
    changed rows of each changed column; `restart` tells it to forget what it saw. `on_rows` is told
    how many rows of both sides are done. Never raises because of what the files hold.
    """
    diff = TableDiff(new.name, "not_compared", key=new.key, rows=_no_rows(), listed=_nothing())
    try:
        schemas = old.schema(), new.schema()
        diff.rows |= {"old": old.rows(), "new": new.rows()}
        diff.schema = schema_changes(old, new, *schemas)
        if _same_bytes(old.path, new.path):
            _say_same(diff, schemas[1])
            return diff
        kinds = _comparable_columns(diff, *schemas)
        _demand_key(old, new, kinds, *schemas)
        try:
            _merge(diff, old.path, new.path, kinds, listed, watch, on_rows)
        except NotInOrder:
            restart()
            with tempfile.TemporaryDirectory(prefix="carbon-diff-") as scratch:
                copies = [
                    blocks.sorted_copy(side.path, new.key, Path(scratch) / f"{which}.parquet")
                    for which, side in (("old", old), ("new", new))
                ]
                _merge(diff, copies[0], copies[1], kinds, listed, watch, on_rows)
    except NotCompared as problem:
        restart()
        diff.state, diff.how, diff.columns, diff.listed = "not_compared", "not", [], _nothing()
        diff.rows |= {"added": None, "removed": None, "changed": None, "same": None}
        diff.reasons = [str(problem)]
        return diff
    for column in diff.columns:
        column.update({"type": str(schemas[1].field(column["name"]).type)})
        column.update({"unit": _unit(schemas[1].field(column["name"]))})
    moved = any(diff.rows[which] for which in ("added", "removed", "changed"))
    diff.state = "differs" if moved or diff.reasons or any(diff.schema.values()) else "same"
    return diff


def only_on_one_side(table: SideTable, state: Literal["only_old", "only_new"]) -> TableDiff:
    """Describe a table that stands on one side alone."""
    diff = TableDiff(table.name, state, key=table.key, rows=_no_rows(), listed=_nothing())
    try:
        diff.rows["old" if state == "only_old" else "new"] = table.rows()
        diff.columns = [
            {"name": field.name, "type": str(field.type), "unit": _unit(field)}
            for field in table.schema()
        ]
    except NotCompared as problem:
        diff.reasons = [str(problem)]
    return diff


def schema_changes(
    old: SideTable, new: SideTable, before: pa.Schema, after: pa.Schema
) -> dict[str, Any]:
    """Return what is different about columns, key and contract; empty values where nothing is."""
    described = [
        {
            field.name: {"name": field.name, "type": str(field.type), "unit": _unit(field)}
            for field in schema
        }
        for schema in (before, after)
    ]
    was, is_ = described
    both = [name for name in is_ if name in was]
    common_order = [name for name in was if name in is_]
    return {
        "added": [is_[name] for name in is_ if name not in was],
        "removed": [was[name] for name in was if name not in is_],
        "retyped": [
            {"name": name, "old": was[name]["type"], "new": is_[name]["type"]}
            for name in both
            if was[name]["type"] != is_[name]["type"]
        ],
        "unit_changed": [
            {"name": name, "old": was[name]["unit"], "new": is_[name]["unit"]}
            for name in both
            if was[name]["unit"] != is_[name]["unit"]
        ],
        "reordered": both if both != common_order else [],
        "key": {"old": list(old.key), "new": list(new.key)} if old.key != new.key else None,
        "contract_version": {"old": old.contract_version, "new": new.contract_version}
        if old.contract_version != new.contract_version
        else None,
    }


def _comparable_columns(
    diff: TableDiff, before: pa.Schema, after: pa.Schema
) -> dict[str, pl.DataType]:
    """Return the columns of both sides with their common type; note those that have none."""
    kinds: dict[str, pl.DataType] = {}
    for field in after:
        if field.name not in before.names:
            continue
        kind = common_type(before.field(field.name).type, field.type)
        if kind is None:
            diff.reasons.append(
                f"Column {field.name} was not compared: {before.field(field.name).type} and "
                f"{field.type} have no common exact type."
            )
        else:
            kinds[field.name] = kind
    return kinds


def _demand_key(
    old: SideTable,
    new: SideTable,
    kinds: dict[str, pl.DataType],
    before: pa.Schema,
    after: pa.Schema,
) -> None:
    if not new.key:
        raise NotCompared(f"Table {new.name} states no primary key, so its rows have no names.")
    for column in new.key:
        for side, schema in ((old, before), (new, after)):
            if column not in schema.names:
                raise NotCompared(
                    f"Key column {column} is not in {side.path.name} of the "
                    f"{'old' if side is old else 'new'} side, so rows cannot be matched."
                )
        if column not in kinds:
            raise NotCompared(
                f"Key column {column} is {before.field(column).type} on the old side and "
                f"{after.field(column).type} on the new one, so rows cannot be matched."
            )


def _merge(
    diff: TableDiff,
    old: Path,
    new: Path,
    kinds: dict[str, pl.DataType],
    limit: int,
    watch: Watch | None,
    on_rows: OnRows,
) -> None:
    """Walk through both tables and fill in rows, columns and listing."""
    key = list(diff.key)
    tallies = [ColumnTally(name, key, kind) for name, kind in kinds.items() if name not in key]
    listing = Listing(key, limit)
    added = removed = changed = same = 0
    sources = (Source(old, kinds, key), Source(new, kinds, key))
    for pair in blocks.pairs(*sources, blocks.block_rows(len(kinds))):
        masks = {tally.name: mask for tally in tallies if (mask := tally.add(pair)) is not None}
        any_changed: pl.Series | None = None
        for mask in masks.values():
            any_changed = mask if any_changed is None else any_changed | mask
        moved = int(any_changed.sum()) if any_changed is not None else 0
        added, removed = added + pair.added.height, removed + pair.removed.height
        changed, same = changed + moved, same + pair.new.height - moved
        listing.add(pair, masks, any_changed)
        if watch is not None:
            watch(pair, masks)
        on_rows(2 * pair.new.height + pair.added.height + pair.removed.height)
    diff.how = "rows"
    diff.rows |= {"added": added, "removed": removed, "changed": changed, "same": same}
    diff.columns = [{"name": tally.name} | tally.as_record() for tally in tallies]
    diff.listed = {
        "added": listing.added, "removed": listing.removed, "changed": listing.changed,
    }  # fmt: skip


def _say_same(diff: TableDiff, schema: pa.Schema) -> None:
    """Fill in the findings of two files of the same bytes."""
    diff.how = "bytes"
    diff.rows |= {"added": 0, "removed": 0, "changed": 0, "same": diff.rows["new"]}
    diff.state = "differs" if any(diff.schema.values()) else "same"


def _same_bytes(old: Path, new: Path) -> bool:
    if old.stat().st_size != new.stat().st_size:
        return False
    return files.sha256_of(old) == files.sha256_of(new)


def _no_rows() -> dict[str, int | None]:
    return dict.fromkeys(("old", "new", "added", "removed", "changed", "same"))


def _nothing() -> dict[str, list[Any]]:
    return {"added": [], "removed": [], "changed": []}


def _unit(field: pa.Field) -> str:
    return ((field.metadata or {}).get(b"unit") or b"").decode("utf-8", "replace")
