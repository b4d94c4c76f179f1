"""A release is never written over: the same under its id is a no-op, anything else raises N."""

from __future__ import annotations

import datetime as dt

import pytest

from warehouse.candidate_plan import PlanError, read_plan, write_plan
from warehouse.errors import PublishError, PublishRefused
from warehouse.releases import list_releases
from warehouse.verify import verify_all

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("proof_skipped")]


def bytes_of(releases):
    return {path: path.read_bytes() for path in releases.rglob("*") if path.is_file()}


def test_the_same_content_under_its_id_is_left_as_it_is(template, published, publish_it) -> None:
    before = bytes_of(published)
    result = publish_it(template, published, release_id="2019.03.0")
    assert (result.status, result.release_id) == ("unchanged", "2019.03.0")
    assert {**bytes_of(published), published / ".lock": b""} == {**before, published / ".lock": b""}


def test_other_content_under_a_taken_id_says_to_raise_n(template, published, publish_it) -> None:
    before = bytes_of(published)
    with pytest.raises(PublishRefused, match=r"the parameters.*raise N and publish 2019\.03\.1"):
        publish_it(template, published, parameters={"try": 1}, release_id="2019.03.0")
    assert {**bytes_of(published), published / ".lock": b""} == {**before, published / ".lock": b""}


def test_an_older_id_with_its_own_content_is_a_no_op_too(template, published, publish_it) -> None:
    publish_it(template, published, parameters={"try": 1})
    assert publish_it(template, published, release_id="2019.03.0").status == "unchanged"
    result = publish_it(template, published)
    assert (result.status, result.release_id) == ("published", "2019.03.2"), (
        "without an id the newest of the month counts"
    )


def test_the_next_id_may_be_named(template, published, publish_it) -> None:
    result = publish_it(template, published, release_id="2019.03.1")
    assert (result.status, result.release_id) == ("published", "2019.03.1")
    assert verify_all(published) == []


def test_an_id_may_leave_a_gap_but_never_go_back(template, published, publish_it) -> None:
    publish_it(template, published, parameters={"try": 1}, release_id="2019.03.7")
    with pytest.raises(PublishRefused, match=r"is lower.*publish 2019\.03\.8"):
        publish_it(template, published, parameters={"try": 2}, release_id="2019.03.3")
    assert [each.release_id for each in list_releases(published)] == ["2019.03.0", "2019.03.7"]


@pytest.mark.parametrize("release_id", ["2019.11.0", "2019.03", "latest", "../2019.03.0", ""])
def test_an_id_of_another_month_or_of_none_is_refused(
    template, releases, publish_it, release_id
) -> None:
    with pytest.raises(PublishRefused, match="is no id of a release of 2019-03"):
        publish_it(template, releases, release_id=release_id)


def test_nothing_is_published_under_a_new_id_after_a_changed_release(
    template, published, publish_it
) -> None:
    with (published / "2019.03.0" / "tables" / "gwp.parquet").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(PublishRefused, match="is not as it was published"):
        publish_it(template, published, release_id="2019.03.1")


def test_a_moment_without_a_time_zone_is_no_moment(template, releases, publish_it) -> None:
    with pytest.raises(ValueError, match="time zone"):
        publish_it(template, releases, built_at=dt.datetime(2026, 1, 1))


def with_plan(candidate, **changes) -> None:
    """Write a plan and make the report fit it, as the gate does."""
    import dataclasses

    from tests.warehouse.conftest import RECEIPTS
    from warehouse import files, gate_report

    plan = {
        "release_month": "2019-03",
        "parameters": {"as_of": "2026-01-31", "import_basis": "network"},
        "receipts": RECEIPTS,
        **changes,
    }
    write_plan(candidate, **plan)
    report = dataclasses.replace(
        gate_report.read_report(candidate.report), plan_sha256=files.sha256_of(candidate.plan)
    )
    candidate.report.write_bytes(report.as_bytes())


def test_a_candidate_is_published_with_what_it_was_made_from(
    candidate, releases, publish_it
) -> None:
    with_plan(candidate)
    assert publish_it(candidate, releases).status == "published"


@pytest.mark.parametrize(
    "changes",
    [{"parameters": {"as_of": "2026-02-28"}}, {"receipts": []}, {"release_month": "2019-02"}],
)
def test_a_candidate_is_not_published_with_what_it_was_not_made_from(
    candidate, releases, publish_it, changes
) -> None:
    with_plan(candidate, **changes)
    with pytest.raises(PublishRefused, match="made from other parameters or receipts"):
        publish_it(candidate, releases)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"plan_version": 2}'])
def test_a_plan_that_is_none_is_a_sentence(candidate, content) -> None:
    candidate.plan.write_bytes(content)
    with pytest.raises(PlanError, match="Make the candidate again"):
        read_plan(candidate)


def test_a_read_only_disk_is_a_sentence(template, releases, publish_it, monkeypatch) -> None:
    from pathlib import Path

    def read_only(self, *_, **__):
        raise OSError(30, "Read-only file system", str(self))

    monkeypatch.setattr(Path, "mkdir", read_only)
    with pytest.raises(PublishError, match="Read-only file system"):
        publish_it(template, releases)
