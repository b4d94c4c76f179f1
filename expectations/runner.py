"""Runs Great Expectations suites over frames held in memory and reports in plain results.

Belongs here: the way into and out of Great Expectations, and the guards that it lacks. Does not
belong here: any rule about the data (`published`, the ingestion contracts) or what follows from a
failure (`warehouse.gate`).

Guards, each because the library passes vacuously or hides the difference without it:

- an empty list of expectations, and an empty frame, are failures of their own;
- an expectation that raised is an `error`, told apart from data that fail;
- a filter that matches no row is a failure, so filters are applied here (`where`), not inside;
- names and types of columns are compared before the frame is turned into pandas, which changes
  types (nullable integers to floats, dates to timestamps, decimals to objects);
- the number of answers must equal the number of questions.

The library takes seconds to import and posts usage data unless told not to: it is imported inside
the functions and kept silent.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl
import pyarrow as pa

from expectations.check_result import SAMPLE_ROWS, Boundary, CheckResult, Severity, plain_row

__all__ = ["CheckResult", "SuiteDefinitionError", "check_ids", "judge_frame"]

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


def judge_frame(
    name: str,
    frame: pl.DataFrame | pa.Table,
    expectations: Sequence[Expectation],
    *,
    boundary: Boundary = "published",
    schema: Mapping[str, pl.DataType | type[pl.DataType]] | None = None,
    key: Sequence[str] = (),
    may_be_empty: bool = False,
) -> list[CheckResult]:
    """Judge one table by its expectations; one result for each, and for each guard.

    `name` is the table's name; check ids are `<boundary>.<name>.<id of the expectation>`. `schema`
    gives the exact column names and Polars types; without it no type is checked. `key` names the
    columns that identify an offending row in the samples. An empty frame fails unless
    `may_be_empty`; expectations over an empty frame are then reported as passed with zero judged
    rows, because there is nothing that could break them.

    Raises `SuiteDefinitionError` when the suite itself is written wrongly. Never raises because of
    data.
    """
    table = frame if isinstance(frame, pl.DataFrame) else _from_arrow(frame)
    ids = check_ids(name, expectations, boundary=boundary)
    results = [_judge_rows(name, table, boundary, may_be_empty)]
    if schema is not None:
        results.append(_judge_schema(name, table, schema, boundary))
    if not expectations:
        results.append(
            CheckResult(
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
        )
        return results
    questions = list(zip(ids, expectations, strict=True))
    if table.height == 0:
        results.extend(_unjudged(name, questions, boundary, may_be_empty))
        return results

    def by_filter(question: tuple[str, Expectation]) -> str:
        return json.dumps(question[1].get("where") or {}, sort_keys=True, default=str)

    for _, group in itertools.groupby(sorted(questions, key=by_filter), key=by_filter):
        asked = list(group)
        results.extend(_judge_group(name, table, asked, boundary, key))
    order = {check_id: place for place, check_id in enumerate(ids)}
    head = [result for result in results if result.check_id not in order]
    body = [result for result in results if result.check_id in order]
    return head + sorted(body, key=lambda result: order[result.check_id])


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


def _name_from_type(expectation: Expectation) -> str:
    kwargs = expectation.get("kwargs", {})
    short = str(expectation["type"]).removeprefix("expect_").removeprefix("column_")
    column = kwargs.get("column") or "_".join(map(str, kwargs.get("column_list", ())))
    pair = "_".join(str(kwargs[side]) for side in ("column_A", "column_B") if side in kwargs)
    return "_".join(part for part in (str(column or pair), short) if part)


def _from_arrow(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _judge_rows(
    name: str, frame: pl.DataFrame, boundary: Boundary, may_be_empty: bool
) -> CheckResult:
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


def _judge_schema(
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


def _unjudged(
    name: str,
    questions: Iterable[tuple[str, Expectation]],
    boundary: Boundary,
    may_be_empty: bool,
) -> list[CheckResult]:
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
            _SEVERITIES[expectation.get("severity", "error")],
            "0 rows",
            0,
            sentence,
            may_be_empty=may_be_empty,
        )
        for check_id, expectation in questions
    ]


def _judge_group(
    name: str,
    frame: pl.DataFrame,
    questions: Sequence[tuple[str, Expectation]],
    boundary: Boundary,
    key: Sequence[str],
) -> list[CheckResult]:
    """Judge the expectations that share one filter, in one validation run."""
    where: Mapping[str, Any] = questions[0][1].get("where") or {}
    absent = [column for column in where if column not in frame.columns]
    if absent:
        return [
            _error(check_id, expectation, name, boundary, 0, f"column {absent[0]} does not exist")
            for check_id, expectation in questions
        ]
    chosen = frame.filter(*[_condition(column, value) for column, value in where.items()])
    if chosen.height == 0:
        text = ", ".join(f"{column} = {value}" for column, value in where.items())
        return [
            CheckResult(
                check_id,
                boundary,
                name,
                "failed",
                _SEVERITIES[expectation.get("severity", "error")],
                "0 rows",
                0,
                f"Table {name} has no row where {text}, so this rule judged nothing. "
                "Restore those rows, or take the rule away with a reason.",
            )
            for check_id, expectation in questions
        ]
    results = []
    built = []
    for check_id, expectation in questions:
        try:
            built.append((check_id, expectation, _build(check_id, expectation, chosen)))
        except Exception as problem:  # noqa: BLE001 - whatever it is, the check could not be made
            results.append(
                _error(check_id, expectation, name, boundary, chosen.height, _first_line(problem))
            )
    if built:
        answers = _validate(chosen, [made for _, _, made in built], key)
        for check_id, expectation, _ in built:
            answer = answers.get(check_id)
            if answer is None:
                text = "Great Expectations gave no answer to it"
                results.append(_error(check_id, expectation, name, boundary, chosen.height, text))
            else:
                results.append(
                    _result(check_id, expectation, name, boundary, chosen.height, answer)
                )
    return results


def _condition(column: str, value: object) -> pl.Expr:
    values = value if isinstance(value, list | tuple) else [value]
    return pl.col(column).is_in(list(values))


def _build(check_id: str, expectation: Expectation, frame: pl.DataFrame) -> Any:
    from great_expectations.expectations.registry import get_expectation_impl

    kwargs = dict(expectation.get("kwargs", {}))
    column = kwargs.get("column")
    if column is not None and frame.schema.get(column) == pl.Date:
        kwargs = {
            name: _moment(value) if name in ("min_value", "max_value", "value_set") else value
            for name, value in kwargs.items()
        }
    return get_expectation_impl(expectation["type"])(**kwargs, meta={"check_id": check_id})


def _moment(value: Any) -> Any:
    """Turn a date, or its ISO text, into the midnight with which pandas compares dates."""
    if isinstance(value, list | tuple):
        return [_moment(each) for each in value]
    if isinstance(value, str):
        return dt.datetime.fromisoformat(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, dt.time())  # pandas dates have no zone
    return value


def _validate(frame: pl.DataFrame, built: Sequence[Any], key: Sequence[str]) -> dict[str, Any]:
    """Run one suite in the process's ephemeral context; return the answers by check id."""
    import great_expectations as gx

    context, batch = _context()
    place = next(_counter)
    suite = context.suites.add_or_update(
        gx.ExpectationSuite(name=f"suite_{place}", expectations=list(built))
    )
    definition = gx.ValidationDefinition(name=f"validation_{place}", data=batch, suite=suite)
    result_format: dict[str, Any] = {
        "result_format": "SUMMARY",
        "partial_unexpected_count": SAMPLE_ROWS,
    }
    if identity := [column for column in key if column in frame.columns]:
        result_format["unexpected_index_column_names"] = identity
    outcome = definition.run(
        batch_parameters={"dataframe": frame.to_pandas()}, result_format=result_format
    )
    return {answer.expectation_config.meta["check_id"]: answer for answer in outcome.results}


_counter = itertools.count()


@functools.cache
def _context() -> tuple[Any, Any]:
    """Return this process's one ephemeral context and its whole-frame batch definition."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # else each run waits on the network
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    return context, asset.add_batch_definition_whole_dataframe("whole")


def _result(
    check_id: str,
    expectation: Expectation,
    name: str,
    boundary: Boundary,
    rows: int,
    answer: Any,
) -> CheckResult:
    raised = _exception_message(answer.exception_info)
    if raised is not None:
        return _error(check_id, expectation, name, boundary, rows, raised)
    found = answer.result
    judged = int(found.get("element_count", rows))
    severity = _SEVERITIES[expectation.get("severity", "error")]
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


def _exception_message(info: Mapping[str, Any]) -> str | None:
    """Find the message of a raised exception in either of the two shapes that it comes in."""
    if "raised_exception" in info:
        return str(info.get("exception_message")) if info["raised_exception"] else None
    for nested in info.values():
        if isinstance(nested, Mapping) and nested.get("raised_exception"):
            return str(nested.get("exception_message"))
    return None


def _error(
    check_id: str,
    expectation: Expectation,
    name: str,
    boundary: Boundary,
    rows: int,
    problem: str,
) -> CheckResult:
    return CheckResult(
        check_id,
        boundary,
        name,
        "error",
        _SEVERITIES[expectation.get("severity", "error")],
        "not carried out",
        rows,
        f"Check {check_id} could not be carried out on table {name}: "
        f"{problem.strip().rstrip('.')}. Mend the check or the column that it names; "
        "the data were not judged by it.",
    )


def _first_line(problem: Exception) -> str:
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
