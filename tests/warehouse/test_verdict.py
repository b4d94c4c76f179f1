"""The one rule of the verdict, held against an independent statement of it on random results."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from expectations.check_result import CheckResult
from expectations.waivers import Waiver, Waivers
from warehouse.verdict import judge_results

IDS = ["invariant.a", "invariant.b", "dbt.c", "published.t.file", "dbt.run.has_tests"]
NEVER_WAIVED = {"published.t.file", "dbt.run.has_tests"}
DAY = dt.date(2026, 1, 31)

results = st.builds(
    CheckResult,
    check_id=st.sampled_from(IDS),
    boundary=st.just("invariant"),
    table=st.just("t"),
    status=st.sampled_from(["passed", "passed", "failed", "error"]),
    severity=st.sampled_from(["error", "warning"]),
    observed=st.just(""),
    judged_rows=st.sampled_from([0, 1, 5]),
    sentence=st.just("Said."),
    may_be_empty=st.booleans(),
)
waivers = st.lists(
    st.builds(
        Waiver,
        st.sampled_from(IDS),
        st.just("r"),
        st.just("o"),
        st.dates(DAY - dt.timedelta(2), DAY + dt.timedelta(2)),
    ),
    unique_by=lambda waiver: waiver.check_id,
)


def lets_pass(check: CheckResult, required: list[str], given: list[Waiver]) -> bool:
    """Say of one result, in other words than the rule's, whether it stands in the way."""
    if check.status == "error":
        return False
    if check.judged_rows == 0 and not check.may_be_empty:
        return False
    if check.status == "passed":
        return True
    if check.severity == "warning" and check.check_id not in required:
        return True
    return any(
        waiver.check_id == check.check_id
        and waiver.expires_on >= DAY
        and check.check_id not in NEVER_WAIVED
        for waiver in given
    )


@given(st.lists(results, max_size=6), st.lists(st.sampled_from(IDS), unique=True), waivers)
def test_passed_is_what_the_rule_says_and_refused_always_says_why(checks, required, given) -> None:
    verdict = judge_results(checks, required, Waivers(tuple(given), DAY))
    ids = [check.check_id for check in checks]
    expected = (
        bool(checks)
        and len(set(ids)) == len(ids)
        and set(required) <= set(ids)
        and all(lets_pass(check, required, given) for check in checks)
    )
    assert verdict.is_passed == expected
    assert bool(verdict.reasons) == (not expected)
    assert not {each.check_id for each in verdict.waived} & NEVER_WAIVED


@given(st.lists(results, max_size=6), st.lists(st.sampled_from(IDS), unique=True), waivers)
def test_a_waiver_never_closes_what_was_open(checks, required, given) -> None:
    without = judge_results(checks, required)
    under = judge_results(checks, required, Waivers(tuple(given), DAY))
    assert under.is_passed or not without.is_passed
    assert set(without.data_failures) | set(without.check_errors) == (
        set(under.data_failures) | set(under.check_errors)
    )


@given(st.lists(results, max_size=6), st.lists(st.sampled_from(IDS), unique=True))
def test_data_failures_and_check_errors_are_told_apart(checks, required) -> None:
    verdict = judge_results(checks, required)
    status = {(check.check_id, check.status) for check in checks}
    assert all((each, "failed") in status for each in verdict.data_failures)
    broken = {check.check_id for check in checks if check.status == "error"}
    assert broken <= set(verdict.check_errors)
