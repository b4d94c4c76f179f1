"""Compares two releases, and says the result as one document.

Belongs here: which tables are compared, what the whole adds up to, and the form of `diff.json`.
Does not belong here: one table (`compare`), factors (`factors`), and how the document is drawn
(`markdown`, `page`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from warehouse import canonical_json
from warehouse.diff.compare import TableDiff, compare_table, only_on_one_side
from warehouse.diff.errors import DiffError, NotCompared
from warehouse.diff.factors import FACTOR_TABLE, REVISION_TABLE, FactorWatch
from warehouse.diff.sides import Side, SideTable, open_side

VERSION = 1
LISTED = 100
"""Rows of each kind (added, removed, changed) that a document names of each table."""
SCHEMA_FILE = "diff.schema.json"

Result = Literal["first", "same", "differs", "not_compared"]
OnProgress = Callable[[str, int, int], None]
"""Told the table, and how many rows of both sides are done of how many in all."""


@dataclasses.dataclass(frozen=True)
class Diff:
    """What a comparison of two releases found out; `old` is `None` for a first release."""

    old: Side | None
    new: Side
    tables: Sequence[TableDiff]
    factors: Mapping[str, Any] | None

    @property
    def result(self) -> Result:
        """Say `same` only when every table was compared and something was there to compare.

        `not_compared` means that not one row of any table was; a table or column that could not be
        compared beside others that were makes the releases differ.
        """
        if self.old is None:
            return "first"
        if not any(table.compared_rows for table in self.tables):
            return "not_compared"
        return "same" if all(table.state == "same" for table in self.tables) else "differs"

    @property
    def exit_code(self) -> int:
        """0 same, 1 differs, 2 could not compare."""
        return {"same": 0, "first": 1, "differs": 1, "not_compared": 2}[self.result]

    def as_record(self) -> dict[str, Any]:
        """Return the document as plain JSON values, as `diff.schema.json` describes it."""
        states: list[str] = [table.state for table in self.tables]
        return {
            "diff_version": VERSION,
            "result": self.result,
            "old": _named(self.old) if self.old else None,
            "new": _named(self.new),
            "compared": {
                "tables": sum(table.how != "not" for table in self.tables),
                "rows": sum(table.compared_rows for table in self.tables),
                **{
                    state: states.count(state)
                    for state in ("same", "differs", "only_old", "only_new", "not_compared")
                },
            },
            "code_version": _changed(self.old, self.new, "code_version"),
            "parameters": _parameters(self.old, self.new),
            "inputs": _inputs(self.old, self.new),
            "factors": dict(self.factors) if self.factors is not None else None,
            "tables": [table.as_record() for table in self.tables],
        }

    def as_bytes(self) -> bytes:
        """Return the document as canonical JSON: the same releases give the same bytes."""
        return canonical_json.dumps(self.as_record())


def diff_folders(
    old: Path,
    new: Path,
    *,
    only: Sequence[str] = (),
    listed: int = LISTED,
    on_progress: OnProgress = lambda table, done, total: None,
) -> Diff:
    """Compare two releases (or candidates) by their folders, all tables or those of `only`.

    Raises `DiffError` when a side cannot be opened or a table of `only` is on neither.
    """
    return diff_sides(
        open_side(old), open_side(new), only=only, listed=listed, on_progress=on_progress
    )


def diff_sides(
    old: Side | None,
    new: Side,
    *,
    only: Sequence[str] = (),
    listed: int = LISTED,
    on_progress: OnProgress = lambda table, done, total: None,
) -> Diff:
    """Compare two sides; `old` is `None` where there was no release before."""
    before = old.tables if old else {}
    names = sorted({*before, *new.tables})
    if unknown := sorted(set(only).difference(names)):
        raise DiffError(
            f"Neither {old.name if old else 'nothing'} nor {new.name} has a table {unknown[0]!r}; "
            f"tables: {', '.join(names)}."
        )
    tables: list[TableDiff] = []
    factors: Mapping[str, Any] | None = None
    for name in names:
        if only and name not in only:
            continue
        if name not in before:
            tables.append(only_on_one_side(new.tables[name], "only_new"))
        elif name not in new.tables:
            tables.append(only_on_one_side(before[name], "only_old"))
        elif name == FACTOR_TABLE:
            table, factors = _compare_factors(before[name], new, listed, on_progress)
            tables.append(table)
        else:
            tables.append(
                compare_table(
                    before[name],
                    new.tables[name],
                    listed=listed,
                    on_rows=_progress(name, before[name], new.tables[name], on_progress),
                )
            )
    return Diff(old, new, tables, factors)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the document."""
    document: dict[str, Any] = canonical_json.loads(schema_bytes(), name=SCHEMA_FILE)
    return document


def schema_bytes() -> bytes:
    """Return the JSON Schema of the document as it is published."""
    return resources.files("warehouse.diff").joinpath(SCHEMA_FILE).read_bytes()


def _compare_factors(
    old: SideTable, new: Side, listed: int, on_progress: OnProgress
) -> tuple[TableDiff, Mapping[str, Any] | None]:
    """Compare the factors, watching which move; without known causes if revisions are broken."""
    revisions = new.tables.get(REVISION_TABLE)
    watch = FactorWatch(revisions.path if revisions else None)
    try:
        table = compare_table(
            old,
            new.tables[FACTOR_TABLE],
            listed=listed,
            watch=watch.see,
            restart=watch.forget,
            on_rows=_progress(FACTOR_TABLE, old, new.tables[FACTOR_TABLE], on_progress),
        )
        if table.how == "not":
            return table, None
        factors = watch.as_record()
        if watch.problem:
            table.reasons.append(f"Causes are not known: {watch.problem}")
            table.state = "differs"
        return table, factors
    finally:
        watch.close()


def _progress(
    name: str, old: SideTable, new: SideTable, on_progress: OnProgress
) -> Callable[[int], None]:
    done = 0
    try:
        total = old.rows() + new.rows()
    except NotCompared:
        total = 0
    on_progress(name, 0, total)

    def tell(rows: int) -> None:
        nonlocal done
        done += rows
        on_progress(name, done, total)

    return tell


def _named(side: Side) -> dict[str, str | None]:
    return {"release_id": side.name, "manifest_sha256": side.manifest_sha256}


def _changed(old: Side | None, new: Side, what: str) -> dict[str, Any] | None:
    was = getattr(old, what) if old else None
    is_ = getattr(new, what)
    return None if was == is_ else {"old": was, "new": is_}


def _parameters(old: Side | None, new: Side) -> list[dict[str, Any]]:
    was, is_ = (side.parameters or {} if side else {} for side in (old, new))
    if old is not None and (old.parameters is None or new.parameters is None):
        return []
    return [
        {"name": name, "old": was.get(name), "new": is_.get(name)}
        for name in sorted({*was, *is_})
        if was.get(name) != is_.get(name)
    ]


def _inputs(old: Side | None, new: Side) -> dict[str, list[dict[str, Any]]]:
    """Return which input files came and went, by their receipts."""
    known = old is None or (old.inputs is not None and new.inputs is not None)
    was, is_ = (
        {str(receipt["receipt_id"]): receipt for receipt in (side.inputs or ())}
        if side and known
        else {}
        for side in (old, new)
    )
    return {
        which: [
            {
                "receipt_id": receipt_id,
                "source_id": str(there[receipt_id].get("source_id", "")),
                "file_name": str(there[receipt_id].get("file_name", "")),
            }
            for receipt_id in sorted(set(there).difference(other))
        ]
        for which, there, other in (("added", is_, was), ("removed", was, is_))
    }
