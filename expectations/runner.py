"""Runs Great Expectations suites over frames held in memory and reports in plain results.

Belongs here: the order in which a table is judged. Does not belong here: any rule about the data
(`published`, the ingestion contracts) or what follows from a failure (`warehouse.gate`).

Guards, each because the library passes vacuously or hides the difference without it:

- an empty list of expectations, and an empty frame, are failures of their own (`guards`);
- an expectation that raised is an `error`, told apart from data that fail (`verdict`);
- a filter that matches no row is a failure, so filters are applied here (`where`), not inside;
- names and types of columns are compared before the frame is turned into pandas, which changes
  types (nullable integers to floats, dates to timestamps, decimals to objects);
- the number of answers must equal the number of questions.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import pyarrow as pa

from expectations import engine, guards
from expectations.check_result import Boundary, CheckResult
from expectations.suite_definition import (
    Expectation,
    SuiteDefinitionError,
    check_ids,
    guard_ids,
)
from expectations.verdict import first_line, not_carried_out, verdict

__all__ = ["CheckResult", "SuiteDefinitionError", "check_ids", "guard_ids", "judge_frame"]

COLUMN_ARGUMENTS = ("column", "column_A", "column_B", "column_list")
"""Arguments by which an expectation names the columns that it is about."""


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
    results = [guards.judge_rows(name, table, boundary, may_be_empty)]
    if schema is not None:
        results.append(guards.judge_schema(name, table, schema, boundary))
    if not expectations:
        results.append(guards.no_expectations(name, boundary))
        return results
    questions = list(zip(ids, expectations, strict=True))
    if table.height == 0:
        results.extend(guards.unjudged(name, questions, boundary, may_be_empty))
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


def _from_arrow(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


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
            not_carried_out(
                check_id, expectation, name, boundary, 0, f"column {absent[0]} does not exist"
            )
            for check_id, expectation in questions
        ]
    chosen = frame.filter(*[_condition(column, value) for column, value in where.items()])
    if chosen.height == 0:
        return guards.unmatched(name, questions, boundary, where)
    results = []
    built = []
    for check_id, expectation in questions:
        try:
            built.append((check_id, expectation, engine.build(check_id, expectation, chosen)))
        except Exception as problem:  # noqa: BLE001 - whatever it is, the check could not be made
            results.append(
                not_carried_out(
                    check_id, expectation, name, boundary, chosen.height, first_line(problem)
                )
            )
    if built:
        asked = _asked_about(chosen, [expectation for _, expectation, _ in built], key)
        answers = engine.validate(asked, [made for _, _, made in built], key)
        for check_id, expectation, _ in built:
            answer = answers.get(check_id)
            if answer is None:
                text = "Great Expectations gave no answer to it"
                results.append(
                    not_carried_out(check_id, expectation, name, boundary, chosen.height, text)
                )
            else:
                results.append(
                    verdict(check_id, expectation, name, boundary, chosen.height, answer)
                )
    return results


def _asked_about(
    frame: pl.DataFrame, expectations: Sequence[Expectation], key: Sequence[str]
) -> pl.DataFrame:
    """Return the columns that the expectations name, with the key; all where one names none.

    The library takes pandas frames: handing over every column for each filter would cost most of
    the time of a gate.
    """
    named: set[str] = set()
    for expectation in expectations:
        kwargs = expectation.get("kwargs", {})
        columns = [kwargs[name] for name in COLUMN_ARGUMENTS if name in kwargs]
        if not columns:
            return frame
        named.update(*([each] if isinstance(each, str) else each for each in columns))
    return frame.select(name for name in frame.columns if name in named or name in key)


def _condition(column: str, value: object) -> pl.Expr:
    values = value if isinstance(value, list | tuple) else [value]
    return pl.col(column).is_in(list(values))
