"""Four eyes: a second person's signature on a candidate before it may be published.

Belongs here: making and checking `approval.json` in a candidate. Does not belong here: whether an
approval is asked for and whose keys count (settings), and the proof of the candidate (`proof`).

The signature is over the sha256 of `gate_report.json`, which in turn holds the hashes of every file
that would be published: approved is this candidate and no other. The approval names a day and a
person, so it stays out of the hashed record; the release keeps it in `build_info.json`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from warehouse import canonical_json, files, gate_report
from warehouse.candidate import Candidate
from warehouse.errors import PublishRefused
from warehouse.manifest import HEX
from warehouse.proof import changed_files
from warehouse.signing import SignatureError, SigningKey, TrustedKeys, check_signature

VERSION = 1


class ApprovalError(ValueError):
    """A candidate cannot be approved; the message says why."""


@dataclasses.dataclass(frozen=True)
class ApprovalRule:
    """Whose approval counts: one of `approvers`, who is not the one that signs the release."""

    approvers: TrustedKeys
    signing_key_id: str | None


@dataclasses.dataclass(frozen=True)
class Approval:
    """One person's word for one gate report."""

    gate_report_sha256: str
    approved_by: str
    approved_on: str
    key_id: str
    signature: str

    def signed_bytes(self) -> bytes:
        """Return what the signature is over: the approval without it, as canonical JSON."""
        record = self.as_record()
        del record["signature"]
        return canonical_json.dumps(record)

    def as_record(self) -> dict[str, Any]:
        """Return the approval as plain JSON values."""
        return {"approval_version": VERSION, **dataclasses.asdict(self)}


def approve(
    candidate: Candidate, key: SigningKey, *, approved_by: str, approved_on: dt.date
) -> Approval:
    """Sign a candidate's gate report and write `approval.json` beside it.

    Raises `ApprovalError` when the gate refused the candidate, its report cannot be read, or a file
    is not the one that was judged.
    """
    try:
        report = gate_report.read_report(candidate.report)
    except gate_report.ReportError as problem:
        raise ApprovalError(f"{candidate.folder.name}: {problem}") from problem
    if not report.passed:
        raise ApprovalError(
            f"The gate refused {candidate.folder.name}; what was refused is not approved. "
            f"{report.sentences[0] if report.sentences else ''}".strip()
        )
    if changed := changed_files(candidate, report):
        raise ApprovalError(" ".join(changed))
    name = " ".join(approved_by.split())
    if not name or not name.isprintable():
        raise ApprovalError("Say who approves.")
    unsigned = Approval(
        files.sha256_of(candidate.report), name, approved_on.isoformat(), key.key_id, ""
    )
    approval = dataclasses.replace(unsigned, signature=key.sign(unsigned.signed_bytes()))
    files.replace_durably(candidate.approval, canonical_json.dumps(approval.as_record()))
    return approval


def require_approval(candidate: Candidate, report_sha256: str, rule: ApprovalRule) -> Approval:
    """Return the approval of a candidate whose gate report has this hash.

    Raises `PublishRefused` when there is none, it is about another report, its key is no approver's
    or the one that signs the release, or its signature does not hold.
    """
    if not rule.approvers:
        raise PublishRefused(
            ["An approval is asked for, but no approver is named: set `approvers` to their keys."]
        )
    approval = _read(candidate)
    if approval.gate_report_sha256 != report_sha256:
        raise PublishRefused(
            [
                "approval.json is about another gate report than that of this candidate. The "
                "second person has to look at this one and approve it."
            ]
        )
    if approval.key_id == rule.signing_key_id:
        raise PublishRefused(
            [
                f"The candidate was approved with {approval.key_id}, the key that signs the "
                "release. A second person has to approve it."
            ]
        )
    try:
        check_signature(
            approval.signed_bytes(), approval.key_id, approval.signature, rule.approvers
        )
    except SignatureError as problem:
        raise PublishRefused([f"approval.json does not hold: {problem}."]) from problem
    return approval


def _read(candidate: Candidate) -> Approval:
    if not candidate.approval.is_file() or candidate.approval.is_symlink():
        name = candidate.folder.name
        raise PublishRefused(
            [
                f"Candidate {name} waits for a second person: carbon-warehouse approve {name} "
                f"--key PATH, then carbon-warehouse publish {name}."
            ]
        )
    try:
        content = canonical_json.load(candidate.approval)
        if content.pop("approval_version") != VERSION:
            raise ValueError("its version is not known")
        approval = Approval(**content)
        if not all(isinstance(value, str) for value in content.values()):
            raise ValueError("its fields must be text")
        if not HEX.fullmatch(approval.gate_report_sha256):
            raise ValueError("it names no gate report")
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise PublishRefused([f"approval.json is no approval: {problem}."]) from problem
    return approval
