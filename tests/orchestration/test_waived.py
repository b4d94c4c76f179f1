"""A waived failure does not stop the graph before the gate; everything else still does."""

import datetime as dt
import json

import dagster as dg
import pytest
from dagster_dbt.errors import DagsterDbtCliRuntimeError

from expectations.check_result import CheckResult
from expectations.waivers import Waiver, Waivers
from orchestration.checks import as_asset_check
from orchestration.waived import only_waived_failed, with_waivers

DAY = dt.date(2026, 1, 31)
WAIVERS = Waivers(
    tuple(Waiver(each, "r", "o", DAY) for each in ("raw.t.rule", "dbt.sums_to_one")), DAY
)
EXPIRED = Waivers(WAIVERS.entries, DAY + dt.timedelta(1))
KEY = dg.AssetKey(["raw", "t"])


def raw(status, check_id="raw.t.rule"):
    return CheckResult(check_id, "raw", "t", status, "error", "1", 5, "It is off.")


@pytest.mark.parametrize(
    ("results", "waivers", "passes", "waived"),
    [
        ([raw("failed")], WAIVERS, True, ["raw.t.rule"]),
        ([raw("failed")], EXPIRED, False, []),
        ([raw("error")], WAIVERS, False, []),
        ([raw("failed", "raw.t.other")], WAIVERS, False, []),
        ([raw("failed"), raw("failed", "raw.t.other")], WAIVERS, False, ["raw.t.rule"]),
        ([], WAIVERS, False, []),
    ],
)
def test_only_a_waived_data_failure_passes_the_raw_boundary(results, waivers, passes, waived):
    check = as_asset_check(KEY, "boundary", results, waivers)
    assert check.passed == passes
    assert check.metadata["waived"].value == waived


def recorded(folder, *results):
    path = folder / "run_results.json"
    path.write_text(
        json.dumps({"results": [{"unique_id": each, "status": how} for each, how in results]})
    )
    return path


FINE = ("model.p.m", "success")
WAIVED = ("test.p.sums_to_one.abc123", "fail")


@pytest.mark.parametrize(
    ("results", "alone"),
    [
        ([FINE, WAIVED], True),
        ([FINE, WAIVED, ("test.p.unique.ab", "fail")], False),
        ([FINE, ("test.p.sums_to_one.abc123", "error")], False),
        ([WAIVED, ("model.p.m", "skipped")], False),
        ([WAIVED, ("model.p.m", "error")], False),
        ([FINE], False),
    ],
)
def test_dbt_ended_badly_because_of_waived_tests_alone(tmp_path, results, alone):
    assert only_waived_failed(recorded(tmp_path, *results), WAIVERS) == alone
    assert not only_waived_failed(recorded(tmp_path, *results), EXPIRED)


def test_without_a_record_nothing_is_let_pass(tmp_path):
    assert not only_waived_failed(tmp_path / "none.json", WAIVERS)


def events(*names):
    for name in names:
        yield dg.AssetCheckResult(passed=False, asset_key=KEY, check_name=name)
    raise DagsterDbtCliRuntimeError(description="dbt ended with 1")


def test_a_waived_dbt_test_warns_and_lets_the_run_go_on_to_the_gate(tmp_path):
    told = list(with_waivers(events("sums_to_one"), recorded(tmp_path, FINE, WAIVED), WAIVERS))
    assert [(each.passed, each.severity.value) for each in told] == [(False, "WARN")]


def test_a_dbt_test_that_is_not_waived_stops_the_run(tmp_path):
    record = recorded(tmp_path, WAIVED, ("test.p.unique.ab", "fail"))
    told = []
    with pytest.raises(DagsterDbtCliRuntimeError):
        told.extend(with_waivers(events("sums_to_one", "unique"), record, WAIVERS))
    with pytest.raises(DagsterDbtCliRuntimeError):
        told.extend(with_waivers(events("unique"), record, WAIVERS))
    assert told[-1].severity.value == "ERROR"
