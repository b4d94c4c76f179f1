"""Publishing a candidate as the settings ask: with key, waivers and approval.

Belongs here: handing the values of the settings to `warehouse.publish`, for the asset `release` and
the command `publish` alike, and bringing what was published to the store that the settings name.
Does not belong here: the proof, the writing of a release and the store itself.
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


class NotPushed(RuntimeError):
    """What was published or stated here did not reach the store; nothing is lost."""


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

    Where the settings name a store, the home must hold all releases that the store does, and what
    is published is pushed there. Raises `PlanError` when the candidate has no plan, `NotPushed`
    when only the push failed, and what the publisher raises.
    """
    from warehouse.publish import publish

    plan = read_plan(candidate)
    require_all_of_the_store(settings)
    result = publish(
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
    push_to_the_store(settings, f"{result.release_id} was published in {settings.releases}")
    return result


def require_all_of_the_store(settings: Settings) -> None:
    """Refuse to go on from a home that lacks releases which the store has, if one is set.

    Raises `PublishRefused` with the command that fetches them, `StoreError`.
    """
    if settings.release_root is None:
        return
    from warehouse.remote import refuse_behind
    from warehouse.store import Store

    refuse_behind(settings.releases, Store(settings.release_root))


def push_to_the_store(settings: Settings, done: str) -> None:
    """Bring releases and statements to the store, if one is set; `done` says what has happened.

    Raises `NotPushed`, which says that it has happened, and what is left to do.
    """
    if settings.release_root is None:
        return
    from warehouse.errors import PublishError
    from warehouse.push import push
    from warehouse.store import Store, StoreError

    try:
        push(settings.releases, Store(settings.release_root), trusted=trusted_keys(settings))
    except (PublishError, StoreError) as problem:
        raise NotPushed(
            f"{done}, but did not reach {settings.release_root}: {problem} Nothing is lost. When "
            "that is mended: carbon-warehouse push."
        ) from problem


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
