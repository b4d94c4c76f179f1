"""What a set of check results amounts to: may this candidate be published or not.

Belongs here: the one rule by which gate and publisher come to their verdict. Does not belong here:
any check, and any file. The publisher applies the rule again, so an edited verdict is worth
nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from expectations.check_result import CheckResult
from expectations.required import missing_checks


@dataclasses.dataclass(frozen=True)
class Verdict:
    """Whether a candidate passes, and if not, a sentence for every reason."""

    is_passed: bool
    reasons: tuple[str, ...]


def judge_results(checks: Sequence[CheckResult], required: Sequence[str]) -> Verdict:
    """Come to a verdict on the results of all checks.

    Refused when no check ran; a required check did not run, did not pass, or has lost its severity;
    any other check of severity `error` did not pass; any check could not be carried out or judged
    nothing (unless the contract of its table allows it to be empty); or two results bear one id.
    """
    reasons: list[str] = []
    if not checks:
        reasons.append("No check ran at all; a gate that judged nothing lets nothing through.")
    ids = [check.check_id for check in checks]
    reasons += [
        f"Check {check_id} is required but did not run. If it was renamed, change "
        "required_checks.yml in the same commit."
        for check_id in missing_checks(ids, required)
    ]
    reasons += [
        f"Check {each} reported twice." for each in sorted({i for i in ids if ids.count(i) > 1})
    ]
    listed = set(required)
    for check in checks:
        is_required = check.check_id in listed
        if check.status == "error":
            reasons.append(f"Check {check.check_id} could not be carried out. {check.sentence}")
        elif check.status == "failed" and (is_required or check.severity == "error"):
            reasons.append(f"Check {check.check_id} failed. {check.sentence}{_rows(check)}")
        elif check.judged_rows == 0 and not check.may_be_empty:
            reasons.append(f"Check {check.check_id} judged no row, so it proves nothing.")
    return Verdict(not reasons, tuple(reasons))


def warnings_in(checks: Sequence[CheckResult]) -> list[str]:
    """Return the sentences of failed checks that only warn."""
    return [
        f"Check {check.check_id}: {check.sentence}"
        for check in checks
        if check.status == "failed" and check.severity == "warning"
    ]


def _rows(check: CheckResult) -> str:
    if not check.sample:
        return ""
    rows = "; ".join(
        ", ".join(f"{column}={value}" for column, value in row.items()) for row in check.sample[:3]
    )
    return f" Rows: {rows}{' ...' if len(check.sample) > 3 else ''}."
