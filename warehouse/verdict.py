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
from expectations.waivers import NO_WAIVERS, Waiver, Waivers


@dataclasses.dataclass(frozen=True)
class Verdict:
    """Whether a candidate passes, and if not, a sentence for every reason.

    `data_failures` and `check_errors` tell apart, by check id, figures that broke a rule from
    checks that could not be carried out; both block. `waived` holds the waivers that let a data
    failure pass, in the order of the checks.
    """

    is_passed: bool
    reasons: tuple[str, ...]
    data_failures: tuple[str, ...] = ()
    check_errors: tuple[str, ...] = ()
    waived: tuple[Waiver, ...] = ()


def judge_results(
    checks: Sequence[CheckResult], required: Sequence[str], waivers: Waivers = NO_WAIVERS
) -> Verdict:
    """Come to a verdict on the results of all checks.

    Refused when no check ran; a required check did not run, did not pass, or has lost its severity;
    any other check of severity `error` did not pass; any check could not be carried out or judged
    nothing (unless the contract of its table allows it to be empty); or two results bear one id.
    A check that failed on data passes as waived while a waiver of it holds, and only then.
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
    failures: list[str] = []
    errors: list[str] = []
    waived: list[Waiver] = []
    for check in checks:
        blocks = check.check_id in listed or check.severity == "error"
        waiver = waivers.holding(check.check_id)
        if check.status == "error":
            errors.append(check.check_id)
            reasons.append(f"Check {check.check_id} could not be carried out. {check.sentence}")
            continue
        if check.status == "failed" and blocks and waiver is None:
            failures.append(check.check_id)
            said = waivers.objection(check.check_id)
            reasons.append(
                f"Check {check.check_id} failed. {check.sentence}{_rows(check)}"
                f"{f' {said}' if said else ''}"
            )
        elif check.judged_rows == 0 and not check.may_be_empty:
            errors.append(check.check_id)
            reasons.append(f"Check {check.check_id} judged no row, so it proves nothing.")
        elif check.status == "failed" and blocks and waiver is not None:
            failures.append(check.check_id)
            waived.append(waiver)
    return Verdict(not reasons, tuple(reasons), tuple(failures), tuple(errors), tuple(waived))


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
