"""The way into and out of Great Expectations.

Belongs here: what depends on the library's own names, types and habits. Does not belong here: what
its answers mean (`verdict`).

The library takes seconds to import and posts usage data unless told not to: it is imported inside
the functions and kept silent.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import os
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from expectations.check_result import SAMPLE_ROWS
from expectations.suite_definition import Expectation


def build(check_id: str, expectation: Expectation, frame: pl.DataFrame) -> Any:
    """Make the library's expectation for the columns of a frame. Raises what the library raises."""
    from great_expectations.expectations.registry import get_expectation_impl

    kwargs = dict(expectation.get("kwargs", {}))
    column = kwargs.get("column")
    if column is not None and frame.schema.get(column) == pl.Date:
        kwargs = {
            name: _moment(value) if name in ("min_value", "max_value", "value_set") else value
            for name, value in kwargs.items()
        }
    return get_expectation_impl(expectation["type"])(**kwargs, meta={"check_id": check_id})


def validate(frame: pl.DataFrame, built: Sequence[Any], key: Sequence[str]) -> dict[str, Any]:
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


def exception_message(info: Mapping[str, Any]) -> str | None:
    """Find the message of a raised exception in either of the two shapes that it comes in."""
    if "raised_exception" in info:
        return str(info.get("exception_message")) if info["raised_exception"] else None
    for nested in info.values():
        if isinstance(nested, Mapping) and nested.get("raised_exception"):
            return str(nested.get("exception_message"))
    return None


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


def _moment(value: Any) -> Any:
    """Turn a date, or its ISO text, into the midnight with which pandas compares dates."""
    if isinstance(value, list | tuple):
        return [_moment(each) for each in value]
    if isinstance(value, str):
        return dt.datetime.fromisoformat(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, dt.time())  # pandas dates have no zone
    return value
