"""Answers of Great Expectations as plain results, in sentences.

Belongs here: what an answer means - passed, failed, not carried out - and how it is told. Does not
belong here: asking (`engine`), and what follows from a failure (`warehouse.gate`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from expectations.check_result import SAMPLE_ROWS, Boundary, CheckResult, plain_row
from expectations.engine import exception_message
from expectations.suite_definition import Expectation, severity_of


def verdict(
    check_id: str,
    expectation: Expectation,
    name: str,
    boundary: Boundary,
    rows: int,
    answer: Any,
) -> CheckResult:
    """Turn one answer into a result: an exception is an `error`, zero judged rows a failure."""
    raised = exception_message(answer.exception_info)
    if raised is not None:
        return not_carried_out(check_id, expectation, name, boundary, rows, raised)
    found = answer.result
    judged = int(found.get("element_count", rows))
    severity = severity_of(expectation)
    if judged == 0:
        return CheckResult(
            check_id, boundary, name, "failed", severity, "0 rows", 0,
            f"Table {name}: the condition of {check_id} matches no row, so it judged nothing.",
        )  # fmt: skip
    rule = _rule_text(expectation)
    if answer.success:
        return CheckResult(
            check_id, boundary, name, "passed", severity, _observed(found, judged), judged,
            f"Table {name}: {rule} holds for {judged} rows.",
        )  # fmt: skip
    reason = f" The bound stands because {expectation['reason']}" if "reason" in expectation else ""
    sample = [
        plain_row(row)
        for row in found.get("partial_unexpected_index_list", [])[:SAMPLE_ROWS]
        if isinstance(row, Mapping)
    ]
    return CheckResult(
        check_id,
        boundary,
        name,
        "failed",
        severity,
        _observed(found, judged),
        judged,
        f"Table {name}: {rule} does not hold; {_finding(found, judged)}.{reason}",
        sample,
    )


def not_carried_out(
    check_id: str,
    expectation: Expectation,
    name: str,
    boundary: Boundary,
    rows: int,
    problem: str,
) -> CheckResult:
    """Say that a check could not be made, told apart from data that fail it."""
    return CheckResult(
        check_id,
        boundary,
        name,
        "error",
        severity_of(expectation),
        "not carried out",
        rows,
        f"Check {check_id} could not be carried out on table {name}: "
        f"{problem.strip().rstrip('.')}. Mend the check or the column that it names; "
        "the data were not judged by it.",
    )


def first_line(problem: Exception) -> str:
    """Return the kind of an exception and the first lines of what it says."""
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    return f"{type(problem).__name__}: {'; '.join(lines[:3])}"


def _rule_text(expectation: Expectation) -> str:
    """Say a rule in words near enough to the expectation's own name to be found again."""
    kwargs = expectation.get("kwargs", {})
    words = str(expectation["type"]).removeprefix("expect_").replace("_", " ")
    column = kwargs.get("column")
    subject = words.replace("column", f"column {column}", 1) if column else words
    bounds = ", ".join(
        f"{name} {_short(value)}"
        for name, value in kwargs.items()
        if name not in ("column", "column_list", "column_set")
    )
    where = expectation.get("where") or {}
    condition = ", ".join(f"{column} = {_short(value)}" for column, value in where.items())
    return (
        f"rule '{subject}'"
        + (f" ({bounds})" if bounds else "")
        + (f" where {condition}" if condition else "")
    )


def _short(value: object) -> str:
    if isinstance(value, list | tuple) and len(value) > 6:
        return f"{value[0]} ... {value[-1]} ({len(value)} values)"
    return str(value)


def _observed(found: Mapping[str, Any], judged: int) -> str:
    if "unexpected_count" in found and "element_count" in found:
        return f"{found['unexpected_count']} of {judged} rows break the rule"
    return _short(found.get("observed_value", ""))


def _finding(found: Mapping[str, Any], judged: int) -> str:
    """Say what was found instead of what was expected, with a few values."""
    parts = []
    if "element_count" in found:
        parts.append(f"{found.get('unexpected_count')} of {judged} rows break it")
    if missing := found.get("partial_missing_list"):
        parts.append(f"missing {_values(missing)}")
    if unexpected := found.get("partial_unexpected_list"):
        parts.append(f"for example {_values(unexpected)}")
    mismatched = (found.get("details") or {}).get("mismatched") or {}
    parts.extend(f"{word} {_values(values)}" for word, values in sorted(mismatched.items()))
    if not parts and "observed_value" in found:
        parts.append(f"found {_short(found['observed_value'])}")
    return "; ".join(parts) or "no detail was given"


def _values(values: Sequence[Any]) -> str:
    distinct = list(dict.fromkeys(str(value) for value in values))
    return ", ".join(distinct[:5]) + (" ..." if len(distinct) > 5 else "")
