"""Waivers in the graph: a failure that is waived does not stop a run before the gate has judged it.

Belongs here: lowering the asset checks of waived failures to warnings, and telling whether dbt
ended badly because of them alone. Does not belong here: what a waiver is (`expectations.waivers`)
and the verdict - the gate judges everything again, with the same waivers.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt.errors import DagsterDbtCliRuntimeError

from expectations.check_result import CheckResult
from expectations.waivers import Waivers


def blocking(results: Iterable[CheckResult], waivers: Waivers) -> list[CheckResult]:
    """Return the results that block: of severity `error`, not passed, and not waived.

    A check that could not be carried out is never waived.
    """
    return [
        item
        for item in results
        if item.severity == "error"
        and (item.status == "error" or (item.status == "failed" and not is_waived(item, waivers)))
    ]


def is_waived(result: CheckResult, waivers: Waivers) -> bool:
    """Whether a result is a data failure under a waiver that holds."""
    return result.status == "failed" and waivers.holding(result.check_id) is not None


def with_waivers(events: Iterable[Any], run_results: Path, waivers: Waivers) -> Iterator[Any]:
    """Yield dbt's events, failed checks that are waived as warnings.

    dbt's error at the end is let pass when waived tests alone failed and nothing was left out
    because of them; any other error is raised as it is.
    """
    try:
        for event in events:
            yield _lowered(event, waivers)
    except DagsterDbtCliRuntimeError:
        if not only_waived_failed(run_results, waivers):
            raise


def only_waived_failed(run_results: Path, waivers: Waivers) -> bool:
    """Whether dbt's record of a run holds failed tests, all waived, and nothing else amiss."""
    if not run_results.exists():
        return False
    results = json.loads(run_results.read_text(encoding="utf-8"))["results"]
    amiss = [
        result for result in results if result["status"] not in {"success", "pass", "warn", "no-op"}
    ]
    return bool(amiss) and all(
        result["status"] == "fail"
        and result["unique_id"].startswith("test.")
        and waivers.holding(f"dbt.{result['unique_id'].split('.')[2]}") is not None
        for result in amiss
    )


def _lowered(event: Any, waivers: Waivers) -> Any:
    if (
        isinstance(event, dg.AssetCheckResult)
        and not event.passed
        and waivers.holding(f"dbt.{event.check_name}") is not None
    ):
        return event._replace(severity=dg.AssetCheckSeverity.WARN)
    return event
