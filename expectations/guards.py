"""The guards that Great Expectations lacks: what would pass vacuously fails by a check of its own.

Belongs here: verdicts on a table or filter without rows, on a suite without rules, and on columns
and types before the frame is turned into pandas, which changes types. Does not belong here: the
rules of a suite (`runner`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from expectations.check_result import Boundary, CheckResult
from expectations.suite_definition import Expectation, severity_of


def judge_rows(
    name: str, frame: pl.DataFrame, boundary: Boundary, may_be_empty: bool
) -> CheckResult:
    """Fail an empty table, unless its contract allows it."""
    enough = frame.height > 0 or may_be_empty
    if frame.height:
        sentence = f"Table {name} has {frame.height} rows."
    elif may_be_empty:
        sentence = f"Table {name} is empty, which its contract allows."
    else:
        sentence = (
            f"Table {name} is empty. A table without rows passes every other rule and proves "
            "nothing: find the step that lost its rows."
        )
    return CheckResult(
        f"{boundary}.{name}.has_rows",
        boundary,
        name,
        "passed" if enough else "failed",
        "error",
        f"{frame.height} rows",
        frame.height,
        sentence,
        may_be_empty=may_be_empty,
    )


def judge_schema(
    name: str,
    frame: pl.DataFrame,
    schema: Mapping[str, pl.DataType | type[pl.DataType]],
    boundary: Boundary,
) -> CheckResult:
    """Compare names and types of columns, in any order; judges columns, not rows."""
    found = dict(frame.schema)
    missing = [column for column in schema if column not in found]
    extra = [column for column in found if column not in schema]
    retyped = [
        f"{column} is {found[column]}, not {wanted}"
        for column, wanted in schema.items()
        if column in found and found[column] != wanted
    ]
    faults = (
        ([f"missing: {', '.join(missing)}"] if missing else [])
        + ([f"unknown: {', '.join(extra)}"] if extra else [])
        + retyped
    )
    sentence = (
        f"Table {name} has other columns than its contract: {'; '.join(faults)}. "
        "Change the table, or the contract with a new contract version."
        if faults
        else f"Table {name} has the {len(schema)} columns of its contract, with their types."
    )
    return CheckResult(
        f"{boundary}.{name}.schema",
        boundary,
        name,
        "failed" if faults else "passed",
        "error",
        f"{len(found)} columns, {len(missing) + len(extra) + len(retyped)} of them wrong",
        len(schema),
        sentence,
    )


def no_expectations(name: str, boundary: Boundary) -> CheckResult:
    """Refuse a suite that asks nothing."""
    return CheckResult(
        f"{boundary}.{name}.has_expectations",
        boundary,
        name,
        "failed",
        "error",
        "0 expectations",
        0,
        f"Table {name} has no expectations, so nothing was judged. "
        "Write its suite before it passes this boundary.",
    )


def unjudged(
    name: str,
    questions: Iterable[tuple[str, Expectation]],
    boundary: Boundary,
    may_be_empty: bool,
) -> list[CheckResult]:
    """Report expectations over an empty table: passed only where it may be empty."""
    sentence = (
        f"Table {name} is empty, which its contract allows; nothing was there to judge."
        if may_be_empty
        else f"Table {name} is empty, so this rule judged nothing."
    )
    return [
        CheckResult(
            check_id,
            boundary,
            name,
            "passed" if may_be_empty else "failed",
            severity_of(expectation),
            "0 rows",
            0,
            sentence,
            may_be_empty=may_be_empty,
        )
        for check_id, expectation in questions
    ]


def unmatched(
    name: str,
    questions: Iterable[tuple[str, Expectation]],
    boundary: Boundary,
    where: Mapping[str, Any],
) -> list[CheckResult]:
    """Fail expectations whose filter matches no row: they would judge nothing."""
    text = ", ".join(f"{column} = {value}" for column, value in where.items())
    return [
        CheckResult(
            check_id,
            boundary,
            name,
            "failed",
            severity_of(expectation),
            "0 rows",
            0,
            f"Table {name} has no row where {text}, so this rule judged nothing. "
            "Restore those rows, or take the rule away with a reason.",
        )
        for check_id, expectation in questions
    ]
