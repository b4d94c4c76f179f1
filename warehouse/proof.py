"""Proves that a gate report is true of the candidate that is about to be published.

Belongs here: every comparison between report, candidate and required checks. Does not belong here:
writing anything. The publisher calls this itself, whoever called the publisher; a run that skipped
the gate, judged another candidate, or had its report edited ends here.
"""

from __future__ import annotations

from pathlib import Path

from expectations.required import REQUIRED_CHECKS_FILE, RequiredChecksError, required_for
from expectations.runner import SuiteDefinitionError
from expectations.thresholds import Thresholds
from expectations.waivers import NO_WAIVERS, Waivers
from warehouse import files, gate, gate_report
from warehouse.candidate import Candidate
from warehouse.errors import PublishRefused
from warehouse.gate_report import GateReport
from warehouse.verdict import judge_results


def prove(
    candidate: Candidate,
    *,
    release_month: str,
    thresholds: Thresholds,
    required_file: Path = REQUIRED_CHECKS_FILE,
    waivers: Waivers = NO_WAIVERS,
) -> GateReport:
    """Return the candidate's gate report after proving it, or raise `PublishRefused`.

    In this order: the report is there and readable; it is about this month and these tolerances;
    the files of the candidate are, byte for byte, those that it judged; its checks hold every
    required one and amount to a pass while the publisher's waivers hold; and judging the candidate
    once more gives the same report. Only the results of the raw boundary are taken from the report,
    because raw tables are not part of a candidate.
    """
    try:
        report = gate_report.read_report(candidate.report)
        required = required_for(release_month, required_file)
    except (gate_report.ReportError, RequiredChecksError, ValueError) as problem:
        raise PublishRefused([str(problem)]) from problem
    if report.release_month != release_month:
        raise PublishRefused(
            [
                f"The gate judged this candidate for {report.release_month}, "
                f"not for {release_month}. Run the gate for the month that is to be published."
            ]
        )
    if report.thresholds != thresholds:
        raise PublishRefused(
            [
                "The gate judged by other tolerances than the publisher holds: "
                f"{report.thresholds.as_record()} instead of {thresholds.as_record()}."
            ]
        )
    if changed := changed_files(candidate, report):
        raise PublishRefused(changed)
    verdict = judge_results(report.checks, required, waivers)
    if not verdict.is_passed:
        raise PublishRefused(list(verdict.reasons))
    return _judged_again(candidate, report, required_file, waivers)


def changed_files(candidate: Candidate, report: GateReport) -> list[str]:
    """Say where the files of a candidate are not those that its report judged."""
    found = {
        f"{candidate.tables.name}/{path.name}": path
        for path in (candidate.tables.iterdir() if candidate.tables.is_dir() else ())
    }
    judged = {file.path: file for file in report.files}
    sentences = [
        f"File {name} was judged by the gate and is gone."
        for name in sorted(set(judged) - {*found})
    ] + [f"File {name} was never judged by the gate." for name in sorted(set(found) - {*judged})]
    for name in sorted(set(found) & set(judged)):
        if found[name].is_symlink() or not found[name].is_file():
            sentences.append(f"{name} is not a plain file.")
        elif files.sha256_of(found[name]) != judged[name].sha256:
            sentences.append(
                f"File {name} was changed after the gate judged it: its sha256 is not the one in "
                "gate_report.json. Export and judge the candidate again."
            )
    if not judged:
        sentences.append("The gate report names no file, so it is about nothing.")
    return sentences


def _judged_again(
    candidate: Candidate, report: GateReport, required_file: Path, waivers: Waivers
) -> GateReport:
    raw = [check for check in report.checks if check.boundary == "raw"]
    try:
        again = gate.evaluate(
            candidate,
            release_month=report.release_month,
            thresholds=report.thresholds,
            raw_checks=raw,
            required_file=required_file,
            waivers=waivers,
        )
    except (gate.GateError, RequiredChecksError, SuiteDefinitionError) as problem:
        raise PublishRefused([str(problem)]) from problem
    if not again.passed:
        raise PublishRefused(list(again.sentences))
    if again.as_bytes() == candidate.report.read_bytes():
        return again
    stated = {check.check_id: check for check in report.checks}
    found = {check.check_id: check for check in again.checks}
    different = sorted(
        check_id for check_id in {*stated, *found} if stated.get(check_id) != found.get(check_id)
    )
    subject = (
        f"check {different[0]}"
        if different
        else "the candidate's plan"
        if again.plan_sha256 != report.plan_sha256
        else "the waivers"
        if again.waivers != report.waivers
        else "the verdict or the list of files"
    )
    raise PublishRefused(
        [
            "gate_report.json is not what the gate says of this candidate: it differs in "
            f"{subject}{f' and {len(different) - 1} more' if len(different) > 1 else ''}. "
            "Reports are not edited; run the gate again."
        ]
    )
