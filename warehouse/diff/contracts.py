"""The rule that a published contract is not broken in silence.

Belongs here: which change of a table's columns, types, units or key asks for which rise of its
`contract_version`, and the tables that may go. Does not belong here: values (`compare`), and what
a gate or a publication does with the sentences.

A contract version is semver. What a reader of the old table could not bear - a column that is gone
or renamed, another type, unit or key - needs a higher major number; a new column needs a higher
minor number. A table may go only when its removal is declared, with a higher major number.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from warehouse.contract_version import CONTRACT_VERSION, FIRST_CONTRACT_VERSION
from warehouse.diff.errors import DiffError, NotCompared
from warehouse.diff.sides import open_side

RETIRED_FILE = Path(__file__).with_name("retired_tables.yml")

_LONGEST_VERSION = 30
_SPELLINGS = {
    "varchar": "string", "text": "string", "large_string": "string", "string_view": "string",
    "utf8": "string", "boolean": "bool", "integer": "int32", "int": "int32", "bigint": "int64",
    "smallint": "int16", "double": "float64", "float": "float32", "real": "float32",
    "date": "date32[day]", "date32": "date32[day]", "timestamp": "timestamp[us]",
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class _Column:
    name: str
    type: str
    unit: str


@dataclasses.dataclass(frozen=True)
class _Contract:
    table: str
    version: tuple[int, int, int] | None
    stated: str
    key: tuple[str, ...]
    columns: Mapping[str, _Column]


def contract_changes(
    old_tables: Sequence[Mapping[str, Any]],
    new_tables: Sequence[Mapping[str, Any]],
    *,
    retired: Mapping[str, str] | None = None,
) -> list[str]:
    """Return one sentence for each change of a contract that its version does not admit.

    Both are `tables` entries of manifests: `name`, `primary_key`, `contract_version` and `columns`
    (`name`, `type`, `unit`); see `described_tables` for manifests without columns. `retired` maps
    tables that may go to their last contract version (default: those of `retired_tables.yml`).
    An empty list means that every contract is kept. Raises `DiffError` for entries that are none.
    """
    before, after = _contracts(old_tables), _contracts(new_tables)
    declared = read_retired() if retired is None else retired
    sentences = []
    for name in sorted({*before, *after}):
        if name not in after:
            sentences += _of_removal(before[name], declared.get(name))
            continue
        if after[name].version is None:
            sentences.append(
                f"Table {name} has contract_version {after[name].stated!r}, which is no version. "
                "Write three numbers with dots, as 1.0.0, in meta.contract_version of its YAML."
            )
        elif name in before:
            sentences += _of_change(before[name], after[name])
    return sentences


def described_tables(folder: Path) -> list[dict[str, Any]]:
    """Return the tables of a release or candidate as manifest entries, from its Parquet files.

    What the files say of columns, types and units holds for releases whose manifest says nothing of
    them. Raises `DiffError` when the folder or a file cannot be read.
    """
    entries = []
    for name, table in sorted(open_side(folder).tables.items()):
        try:
            schema = table.schema()
        except NotCompared as problem:
            raise DiffError(
                f"The contract of table {name} in {folder.name} is not known: {problem}"
            ) from problem
        entries.append(
            {
                "name": name,
                "primary_key": list(table.key),
                "contract_version": table.contract_version,
                "columns": [
                    {
                        "name": field.name,
                        "type": str(field.type),
                        "unit": ((field.metadata or {}).get(b"unit") or b"").decode(),
                    }
                    for field in schema
                ],
            }
        )
    return entries


def read_retired(path: Path = RETIRED_FILE) -> dict[str, str]:
    """Read which tables may go, as table and contract version; raises `DiffError`.

    Each entry of the file names `table`, `contract_version` (of a higher major number than the
    last that was published) and `reason`.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
        for entry in entries:
            if not str(entry["reason"]).strip():
                raise ValueError(f"{entry['table']} has no reason")
        return {str(entry["table"]): str(entry["contract_version"]) for entry in entries}
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as problem:
        raise DiffError(f"{path.name} cannot be understood: {problem}.") from problem


def _contracts(tables: Sequence[Mapping[str, Any]]) -> dict[str, _Contract]:
    try:
        return {
            str(table["name"]): _Contract(
                str(table["name"]),
                _version(table.get("contract_version") or FIRST_CONTRACT_VERSION),
                str(table.get("contract_version") or FIRST_CONTRACT_VERSION),
                tuple(table["primary_key"]),
                {
                    column["name"]: _Column(
                        str(column["name"]), _spelled(column["type"]), str(column["unit"] or "")
                    )
                    for column in table["columns"]
                },
            )
            for table in tables
        }
    except (KeyError, TypeError) as problem:
        raise DiffError(
            f"A table's entry does not say name, primary_key and columns: {problem}."
        ) from problem


def _version(text: object) -> tuple[int, int, int] | None:
    version = str(text)
    if len(version) > _LONGEST_VERSION or not CONTRACT_VERSION.fullmatch(version):
        return None
    major, minor, patch = (int(number) for number in version.split("."))
    return major, minor, patch


def _spelled(kind: object) -> str:
    """Bring the spellings of SQL and Arrow to one, so that they compare."""
    text = re.sub(r"\s+", "", str(kind).lower())
    if decimal := re.fullmatch(r"(?:decimal(?:128)?|numeric)\((\d+),(\d+)\)", text):
        return f"decimal({decimal[1]}, {decimal[2]})"
    return _SPELLINGS.get(text, text)


def _of_removal(was: _Contract, declared: str | None) -> list[str]:
    how = (
        "Publish it again, or declare it in retired_tables.yml with the reason and a "
        f"contract_version of {_next_major(was)} or more."
    )
    if declared is None:
        return [f"Table {was.table} is gone, which breaks its contract ({was.stated}). {how}"]
    version = _version(declared)
    if version is None or (was.version is not None and version[0] <= was.version[0]):
        return [
            f"Table {was.table} is gone and declared retired with version {declared}, which is not "
            f"above {was.stated}. {how}"
        ]
    return []


def _of_change(was: _Contract, is_: _Contract) -> list[str]:
    assert is_.version is not None
    before = was.version or (0, 0, 0)
    if is_.version < before:
        return [
            f"Table {is_.table} has contract_version {is_.stated}, below the published "
            f"{was.stated}. Raise meta.contract_version in its YAML above that."
        ]
    sentences = []
    if is_.version[0] <= before[0]:
        must = (
            f"This breaks the published contract {was.stated}: take it back, or set "
            f"meta.contract_version of {is_.table} to {_next_major(was)}."
        )
        sentences += [f"{breach} {must}" for breach in _breaches(was, is_)]
    added = [name for name in is_.columns if name not in was.columns]
    if added and is_.version[:2] <= before[:2] and not sentences:
        sentences.append(
            f"Table {is_.table} has new columns: {', '.join(added)}. Set meta.contract_version of "
            f"{is_.table} to {before[0]}.{before[1] + 1}.0 (published: {was.stated})."
        )
    return sentences


def _breaches(was: _Contract, is_: _Contract) -> list[str]:
    breaches = []
    added = [column for name, column in is_.columns.items() if name not in was.columns]
    for name, column in was.columns.items():
        now = is_.columns.get(name)
        if now is None:
            alike = [
                each.name for each in added if (each.type, each.unit) == (column.type, column.unit)
            ]
            renamed = f" (renamed to {alike[0]}?)" if len(alike) == 1 else ""
            breaches.append(f"Table {is_.table}: column {name} is gone{renamed}.")
            continue
        if now.type != column.type:
            breaches.append(
                f"Table {is_.table}: column {name} is {now.type} and was {column.type}."
            )
        if now.unit != column.unit:
            breaches.append(
                f"Table {is_.table}: column {name} has the unit {now.unit or 'none'!r} and had "
                f"{column.unit or 'none'!r}."
            )
    if is_.key != was.key:
        breaches.append(
            f"Table {is_.table}: the key is {', '.join(is_.key)} and was {', '.join(was.key)}."
        )
    return breaches


def _next_major(contract: _Contract) -> str:
    return f"{(contract.version or (0, 0, 0))[0] + 1}.0.0"
