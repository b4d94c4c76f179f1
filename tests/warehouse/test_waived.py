"""A failed check passes while somebody answers for it - and that is all a waiver does."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import pytest

from expectations.check_result import CheckResult
from expectations.waivers import Waiver, Waivers
from warehouse import canonical_json, gate_report
from warehouse.errors import PublishRefused
from warehouse.manifest import read_manifest
from warehouse.verdict import judge_results
from warehouse.verify import verify

DAY = dt.date(2026, 1, 31)
WAIVER = Waiver("invariant.mix_sums_to_one", "Rounded at the source", "A. Owner", DAY)


def result(check_id="invariant.a", **changes) -> CheckResult:
    return dataclasses.replace(
        CheckResult(check_id, "invariant", "t", "failed", "error", "1", 5, "It is off."), **changes
    )


def verdict_of(check, *, day=DAY, check_id=None, required=("invariant.a",)):
    waiver = Waiver(check_id or check.check_id, "r", "A. Owner", DAY)
    return judge_results([check], required, Waivers((waiver,), day))


def test_a_waived_failure_passes_and_is_told_apart_from_a_pass() -> None:
    verdict = verdict_of(result())
    assert verdict.is_passed
    assert verdict.data_failures == ("invariant.a",)
    assert [waiver.check_id for waiver in verdict.waived] == ["invariant.a"]


def test_a_passed_check_uses_no_waiver() -> None:
    verdict = verdict_of(result(status="passed"))
    assert (verdict.is_passed, verdict.waived, verdict.data_failures) == (True, (), ())


def test_a_check_error_and_a_data_failure_both_block_and_are_told_apart() -> None:
    checks = [result(), result("invariant.b", status="error", sentence="No such column.")]
    verdict = judge_results(checks, ["invariant.a", "invariant.b"])
    assert not verdict.is_passed
    assert (verdict.data_failures, verdict.check_errors) == (("invariant.a",), ("invariant.b",))
    assert "Check invariant.a failed." in verdict.reasons[0]
    assert "Check invariant.b could not be carried out." in verdict.reasons[1]


@pytest.mark.usefixtures("way_around_the_gate")
@pytest.mark.parametrize(
    ("check", "more", "word"),
    [
        (result(status="error"), {}, "could not be carried out"),
        (result(judged_rows=0), {}, "judged no row"),
        (result(), {"day": DAY + dt.timedelta(1)}, "ended on 2026-01-31; today is 2026-02-01"),
        (result(), {"day": DAY - dt.timedelta(367)}, "more than 366 days"),
        (result(), {"check_id": "invariant.b"}, "Check invariant.a failed"),
        (result("published.gwp.file"), {"required": ()}, "is never waived"),
        (result("dbt.run.has_tests"), {"required": ()}, "is never waived"),
        (result("published.release.only_public_models"), {"required": ()}, "is never waived"),
    ],
)
def test_a_waiver_covers_no_more_than_its_data_failure(check, more, word) -> None:
    verdict = verdict_of(check, **more)
    assert not verdict.is_passed
    assert verdict.waived == ()
    assert word in " ".join(verdict.reasons)


pytestmark = pytest.mark.slow


def test_a_waived_candidate_is_published_and_its_release_says_so(
    waived, releases, publish_it
) -> None:
    candidate, waivers = waived
    result_of = publish_it(candidate, releases, waivers=waivers)
    manifest = read_manifest(result_of.folder / "manifest.json")
    assert manifest.waivers == waivers
    report = gate_report.read_report(result_of.folder / "gate_report.json")
    assert (report.verdict, report.waivers) == ("passed", waivers)
    record = json.loads((result_of.folder / "manifest.json").read_text())["gate"]["waivers"]
    assert record[0] == {
        "check_id": waivers[0].check_id,
        "reason": "Rounded at the source",
        "owner": "A. Owner",
        "expires_on": "2026-01-31",
    }
    assert verify(result_of.folder) == []


@pytest.fixture
def refused(releases, publish_it):
    def attempt(candidate, **changes) -> str:
        with pytest.raises(PublishRefused) as caught:
            publish_it(candidate, releases, **changes)
        assert not releases.exists() or not list(releases.glob("2*"))
        return "\n".join(caught.value.reasons)

    return attempt


@pytest.mark.usefixtures("way_around_the_gate")
def test_a_waiver_that_the_publisher_does_not_hold(waived, refused) -> None:
    candidate, _ = waived
    assert "invariant.mix_sums_to_one failed" in refused(candidate)


@pytest.mark.usefixtures("way_around_the_gate")
def test_a_waiver_that_expired_between_gate_and_publication(waived, refused) -> None:
    candidate, waivers = waived
    tomorrow = dt.datetime(2026, 2, 1, 0, 1, tzinfo=dt.UTC)
    reasons = refused(candidate, waivers=waivers, built_at=tomorrow)
    assert "Its waiver by A. Owner ended on 2026-01-31; today is 2026-02-01" in reasons


@pytest.mark.usefixtures("way_around_the_gate")
def test_a_day_that_another_time_zone_would_save(waived, refused) -> None:
    candidate, waivers = waived
    zone = dt.timezone(dt.timedelta(hours=-12))
    late = dt.datetime(2026, 1, 31, 23, 59, tzinfo=zone)
    assert "today is 2026-02-01" in refused(candidate, waivers=waivers, built_at=late)


@pytest.mark.usefixtures("way_around_the_gate")
def test_a_waiver_written_into_the_report(waived, refused) -> None:
    candidate, _ = waived
    content = json.loads((candidate.folder / "refused.json").read_text(encoding="utf-8"))
    content.update(verdict="passed", sentences=[], waivers=[WAIVER.as_record()])
    candidate.report.write_bytes(canonical_json.dumps(content))
    assert "invariant.mix_sums_to_one failed" in refused(candidate)


@pytest.mark.usefixtures("way_around_the_gate")
def test_a_waiver_edited_in_the_report(waived, refused) -> None:
    candidate, waivers = waived
    content = json.loads(candidate.report.read_text(encoding="utf-8"))
    content["waivers"][0]["owner"] = "Somebody else"
    candidate.report.write_bytes(canonical_json.dumps(content))
    assert "differs in the waivers" in refused(candidate, waivers=waivers)


@pytest.mark.usefixtures("way_around_the_gate")
def test_a_waiver_dropped_from_the_report(waived, refused) -> None:
    candidate, waivers = waived
    content = json.loads(candidate.report.read_text(encoding="utf-8"))
    content["waivers"] = []
    candidate.report.write_bytes(canonical_json.dumps(content))
    assert "differs in the waivers" in refused(candidate, waivers=waivers)


@pytest.mark.usefixtures("way_around_the_gate")
def test_a_clock_set_back_to_before_a_release_that_is_there(
    waived, template, releases, publish_it
) -> None:
    candidate, waivers = waived
    later = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    publish_it(template, releases, built_at=later)
    with pytest.raises(PublishRefused, match="Waivers end by the clock, so set it right"):
        publish_it(candidate, releases, waivers=waivers)
    assert [path.name for path in releases.glob("2*")] == ["2019.03.0"]


def test_a_release_whose_manifest_hides_its_waiver_is_found(waived, releases, publish_it) -> None:
    from tests.warehouse.tampering import rewrite, writable

    candidate, waivers = waived
    folder = publish_it(candidate, releases, waivers=waivers).folder
    writable(releases)
    rewrite(releases, lambda content: content["gate"].update(waivers=[]))
    assert "passed under other waivers" in " ".join(each.sentence for each in verify(folder))
