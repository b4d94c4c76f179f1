"""How a suite is written, and what its checks are called.

Belongs here: the keys of an expectation and the ids that follow from them. Does not belong here:
judging by them (`runner`), and any rule about the data (`published`, the ingestion contracts).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from expectations.check_result import Boundary, Severity

Expectation = Mapping[str, Any]
"""`type` and `kwargs` as Great Expectations names them; optionally `id` (last part of the check's
id), `where` (column to value or list of values: the rows it is about), `severity` (`error` or
`warning`), `reason` (why the bound is what it is)."""

_KNOWN_KEYS = frozenset({"type", "kwargs", "id", "where", "severity", "reason", "meta", "notes"})
_SEVERITIES: dict[str, Severity] = {
    "error": "error",
    "critical": "error",
    "warning": "warning",
    "info": "warning",
}


class SuiteDefinitionError(ValueError):
    """A suite is written wrongly: an unknown key, two checks of one id, an unknown severity."""


def check_ids(
    name: str, expectations: Sequence[Expectation], *, boundary: Boundary = "published"
) -> list[str]:
    """Return the check id of each expectation, in order.

    An expectation without an `id` is named after its type and column; a second one of the same
    name gets `_2`. Two equal explicit ids, an unknown key or severity raise `SuiteDefinitionError`.
    """
    seen: dict[str, int] = {}
    ids = []
    for expectation in expectations:
        where = f"Suite of {boundary} table {name}"
        if odd := sorted(set(expectation) - _KNOWN_KEYS):
            raise SuiteDefinitionError(f"{where}: unknown key {odd[0]!r} in {dict(expectation)}.")
        if "type" not in expectation:
            raise SuiteDefinitionError(f"{where}: an expectation has no type: {expectation}.")
        if expectation.get("severity", "error") not in _SEVERITIES:
            raise SuiteDefinitionError(
                f"{where}: severity {expectation['severity']!r} is neither error nor warning."
            )
        given = expectation.get("id")
        base = str(given) if given else _name_from_type(expectation)
        seen[base] = seen.get(base, 0) + 1
        if seen[base] > 1 and given:
            raise SuiteDefinitionError(f"{where}: two expectations have the id {base!r}.")
        ids.append(f"{boundary}.{name}.{base}" + (f"_{seen[base]}" if seen[base] > 1 else ""))
    return ids


def guard_ids(name: str, *, boundary: Boundary, with_schema: bool) -> list[str]:
    """Return the ids of the guards that `judge_frame` adds to a suite of its own accord."""
    return [f"{boundary}.{name}.has_rows"] + ([f"{boundary}.{name}.schema"] if with_schema else [])


def severity_of(expectation: Expectation) -> Severity:
    """Return what follows from breaking an expectation: `error` unless it says otherwise."""
    return _SEVERITIES[expectation.get("severity", "error")]


def _name_from_type(expectation: Expectation) -> str:
    kwargs = expectation.get("kwargs", {})
    short = str(expectation["type"]).removeprefix("expect_").removeprefix("column_")
    column = kwargs.get("column") or "_".join(map(str, kwargs.get("column_list", ())))
    pair = "_".join(str(kwargs[side]) for side in ("column_A", "column_B") if side in kwargs)
    return "_".join(part for part in (str(column or pair), short) if part)
