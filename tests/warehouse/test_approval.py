"""Four eyes: nothing is published that a second person has not signed, when that is asked for."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from warehouse import canonical_json, files
from warehouse.approval import ApprovalError, ApprovalRule, approve
from warehouse.candidate import Candidate
from warehouse.errors import PublishRefused
from warehouse.verify import verify_all

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("proof_skipped")]

DAY = dt.date(2026, 2, 1)


@pytest.fixture
def rule(keys) -> ApprovalRule:
    second = keys["second"]
    return ApprovalRule({second.key_id: second.public}, keys["publisher"].key_id)


@pytest.fixture
def refused(candidate, releases, keys, rule, publish_it, drill_count):
    """Publish under the rule, expect a refusal and no release, and return the reasons."""

    def attempt(which: Candidate = candidate, approvals: ApprovalRule = rule) -> str:
        with pytest.raises(PublishRefused) as caught:
            publish_it(which, releases, signing_key=keys["publisher"], approval=approvals)
        assert not list(releases.glob("2*")) if releases.exists() else True
        drill_count("ways around the second person, each refused", 1)
        return "\n".join(caught.value.reasons)

    return attempt


def approved_by(candidate, key):
    return approve(candidate, key, approved_by="B. Second", approved_on=DAY)


def edit(candidate, **changes) -> None:
    content = json.loads(candidate.approval.read_text(encoding="utf-8"))
    candidate.approval.write_bytes(canonical_json.dumps({**content, **changes}))


def test_an_approved_candidate_is_published_and_its_release_keeps_the_approval(
    candidate, releases, keys, rule, publish_it
) -> None:
    approval = approved_by(candidate, keys["second"])
    result = publish_it(candidate, releases, signing_key=keys["publisher"], approval=rule)
    info = json.loads((result.folder / "build_info.json").read_text(encoding="utf-8"))
    assert info["approval"] == approval.as_record()
    assert verify_all(releases, {keys["publisher"].key_id: keys["publisher"].public}) == []


def test_an_approval_is_no_part_of_the_record(
    candidate, releases, keys, rule, publish_it, tmp_path
) -> None:
    plain = publish_it(candidate, releases, signing_key=keys["publisher"])
    approved_by(candidate, keys["second"])
    with_approval = publish_it(
        candidate, tmp_path / "other", signing_key=keys["publisher"], approval=rule
    )
    for name in ("manifest.json", "SHA256SUMS", "signature.json"):
        assert (plain.folder / name).read_bytes() == (with_approval.folder / name).read_bytes()
    files.make_removable(tmp_path / "other")


def test_a_candidate_that_nobody_approved(refused, candidate) -> None:
    assert f"carbon-warehouse approve {candidate.folder.name} --key PATH" in refused()


def test_approved_with_one_s_own_key(refused, candidate, keys) -> None:
    approved_by(candidate, keys["publisher"])
    assert "the key that signs the release" in refused()


def test_approved_with_one_s_own_key_which_is_an_approver_s_too(
    refused, candidate, keys, rule
) -> None:
    own = keys["publisher"]
    approved_by(candidate, own)
    both = ApprovalRule({**rule.approvers, own.key_id: own.public}, own.key_id)
    assert "the key that signs the release" in refused(approvals=both)


def test_approved_with_a_stranger_s_key(refused, candidate, keys) -> None:
    approved_by(candidate, keys["stranger"])
    assert "is not trusted here" in refused()


def test_a_stranger_s_approval_that_names_the_second_person_s_key(refused, candidate, keys) -> None:
    approved_by(candidate, keys["stranger"])
    edit(candidate, key_id=keys["second"].key_id)
    assert "is not that of" in refused()


def test_the_approval_of_another_candidate(refused, candidate, keys, template, tmp_path) -> None:
    import shutil

    other = Candidate(shutil.copytree(template.folder, tmp_path / "other"))
    report = json.loads(other.report.read_text(encoding="utf-8"))
    report["checks"][0]["observed"] = "something else"
    other.report.write_bytes(canonical_json.dumps(report))
    approved_by(other, keys["second"])
    candidate.approval.write_bytes(other.approval.read_bytes())
    assert "is about another gate report" in refused()


def test_a_report_edited_after_the_approval(refused, candidate, keys) -> None:
    approved_by(candidate, keys["second"])
    report = json.loads(candidate.report.read_text(encoding="utf-8"))
    report["checks"][0]["observed"] = "something else"
    candidate.report.write_bytes(canonical_json.dumps(report))
    assert "is about another gate report" in refused()


def test_an_approval_moved_to_the_edited_report(refused, candidate, keys) -> None:
    approved_by(candidate, keys["second"])
    report = json.loads(candidate.report.read_text(encoding="utf-8"))
    report["checks"][0]["observed"] = "something else"
    candidate.report.write_bytes(canonical_json.dumps(report))
    edit(candidate, gate_report_sha256=files.sha256_of(candidate.report))
    assert "is not that of" in refused()


@pytest.mark.parametrize("change", [{"approved_by": "A. Other"}, {"approved_on": "2027-01-01"}])
def test_an_approval_that_was_edited(refused, candidate, keys, change) -> None:
    approved_by(candidate, keys["second"])
    edit(candidate, **change)
    assert "is not that of" in refused()


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"[]", b"{}", b'{"approval_version": 1}', b'{"a": 1, "a": 1}', b"null"],
)
def test_an_approval_that_is_none(refused, candidate, content) -> None:
    candidate.approval.write_bytes(content)
    assert "approval.json is no approval" in refused()


def test_an_approval_by_a_link_to_another_candidate(refused, candidate, keys, tmp_path) -> None:
    approved_by(candidate, keys["second"])
    candidate.approval.rename(tmp_path / "elsewhere.json")
    candidate.approval.symlink_to(tmp_path / "elsewhere.json")
    assert "waits for a second person" in refused()


def test_an_approval_is_asked_for_but_no_approver_named(refused, candidate, keys) -> None:
    approved_by(candidate, keys["second"])
    assert "no approver is named" in refused(approvals=ApprovalRule({}, None))


def test_a_refused_candidate_is_not_approved(candidate, keys) -> None:
    report = json.loads(candidate.report.read_text(encoding="utf-8"))
    report.update(verdict="refused", sentences=["Check a failed."])
    candidate.report.write_bytes(canonical_json.dumps(report))
    with pytest.raises(ApprovalError, match="The gate refused candidate"):
        approved_by(candidate, keys["second"])
    assert not candidate.approval.exists()


def test_a_candidate_whose_files_were_changed_is_not_approved(candidate, keys) -> None:
    (candidate.tables / "gwp.parquet").unlink()
    with pytest.raises(ApprovalError, match=r"gwp\.parquet was judged by the gate and is gone"):
        approved_by(candidate, keys["second"])


def test_a_candidate_without_a_report_is_not_approved(candidate, keys) -> None:
    candidate.report.unlink()
    with pytest.raises(ApprovalError, match=r"gate_report\.json is missing"):
        approved_by(candidate, keys["second"])


def test_somebody_approves(candidate, keys) -> None:
    with pytest.raises(ApprovalError, match="Say who"):
        approve(candidate, keys["second"], approved_by=" ", approved_on=DAY)
