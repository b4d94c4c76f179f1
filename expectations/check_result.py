"""The one record in which every check, of whatever tool, reports.

Belongs here: the record, its vocabulary, and its form as plain data. Does not belong here: any
rule, and the decision what a set of results amounts to (`warehouse.verdict`).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import math
from collections.abc import Mapping
from typing import Any, Literal

Boundary = Literal["raw", "published", "dbt", "invariant"]
Status = Literal["passed", "failed", "error"]
Severity = Literal["error", "warning"]

SAMPLE_ROWS = 10
"""At most so many offending rows travel with a result; `observed` holds the full count."""


@dataclasses.dataclass(frozen=True)
class CheckResult:
    """What one check found.

    `status` tells a data failure (`failed`) from a check that could not be carried out
    (`error`); both block. `judged_rows` counts the rows or groups that the check looked at: a
    check that looked at nothing has proved nothing. `may_be_empty` records that the contract of
    the table allows it to hold no rows, so that zero judged rows is then no failure.
    """

    check_id: str
    boundary: Boundary
    table: str
    status: Status
    severity: Severity
    observed: str
    judged_rows: int
    sentence: str
    sample: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    may_be_empty: bool = False

    def as_record(self) -> dict[str, Any]:
        """Return the result as plain JSON values, keys as the fields are named."""
        record = dataclasses.asdict(self)
        record["sample"] = [plain_row(row) for row in self.sample]
        return record

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> CheckResult:
        """Read back what `as_record` wrote; raises `ValueError` naming the field that is wrong."""
        names = {field.name for field in dataclasses.fields(cls)}
        if set(record) != names:
            odd = sorted(names.symmetric_difference(record))
            raise ValueError(f"A check result lacks or has unknown fields: {', '.join(odd)}.")
        judged = record["judged_rows"]
        if not isinstance(judged, int) or isinstance(judged, bool) or judged < 0:
            raise ValueError(f"Check {record['check_id']}: judged_rows {judged!r} is no count.")
        if record["status"] not in ("passed", "failed", "error"):
            raise ValueError(
                f"Check {record['check_id']}: unknown status {record['status']!r}; "
                "it is passed, failed or error."
            )
        if record["severity"] not in ("error", "warning"):
            raise ValueError(
                f"Check {record['check_id']}: unknown severity {record['severity']!r}; "
                "it is error or warning."
            )
        return cls(**dict(record))


def plain_value(value: object) -> Any:
    """Turn a cell into a JSON value: decimals and dates as text, numbers and text as they are."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if hasattr(value, "item"):  # a numpy scalar
        return plain_value(value.item())
    return str(value)


def plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a row into JSON values, column by column."""
    return {str(column): plain_value(value) for column, value in row.items()}
