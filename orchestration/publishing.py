"""Publishing a candidate as the settings ask: with key, waivers and approval.

Belongs here: handing the values of the settings to `warehouse.publish`, for the asset `release` and
the command `publish` alike. Does not belong here: the proof and the writing of a release.
"""

import datetime as dt
from typing import TYPE_CHECKING

from orchestration.code_version import code_version
from orchestration.settings import Settings
from orchestration.trust import approval_rule, listed_waivers, signing_key, trusted_keys
from warehouse.candidate import Candidate
from warehouse.candidate_plan import read_plan

if TYPE_CHECKING:
    from warehouse.publish import PublishResult


class RawChanged(RuntimeError):
    """The raw boundary is no longer what the candidate's report says of it."""


def publish_candidate(
    settings: Settings,
    candidate: Candidate,
    *,
    release_id: str | None = None,
    built_at: dt.datetime | None = None,
    is_signed: bool = True,
) -> "PublishResult":
    """Publish a candidate from its own plan; see `warehouse.publish.publish`.

    `built_at` is now, unless a release is built again; then it is not signed again either.

    Raises `PlanError` when the candidate has no plan, and what the publisher raises.
    """
    from warehouse.publish import publish

    plan = read_plan(candidate)
    return publish(
        candidate,
        settings.releases,
        release_month=plan.release_month,
        parameters=plan.parameters,
        receipts=plan.inputs,
        code_version=code_version(),
        built_at=built_at or dt.datetime.now(dt.UTC),
        waivers=listed_waivers(),
        signing_key=signing_key(settings) if is_signed else None,
        trusted=trusted_keys(settings),
        approval=approval_rule(settings),
        release_id=release_id,
    )


def require_same_raw_boundary(settings: Settings, candidate: Candidate) -> None:
    """Judge the raw tables again and refuse unless the candidate's report says the same of them.

    Raw tables are no part of a candidate, so this is what a report cannot prove of itself once the
    run that made it is over. Raises `RawChanged`; `ReportError` when the report cannot be read.
    """
    from orchestration.checks import judge_raw
    from warehouse.gate_report import read_report

    stated = {
        check.check_id: check.as_record()
        for check in read_report(candidate.report).checks
        if check.boundary == "raw"
    }
    found = {check.check_id: check.as_record() for check in judge_raw(settings.home)}
    different = sorted(each for each in {*stated, *found} if stated.get(each) != found.get(each))
    if different:
        raise RawChanged(
            f"The raw tables under {settings.home} are no longer those that candidate "
            f"{candidate.folder.name} was judged with: check {different[0]} differs"
            f"{f' and {len(different) - 1} more' if len(different) > 1 else ''}. "
            "Make the candidate again: carbon-warehouse release."
        )
