"""What exists already decides: no new release, another N, or none at all.

Belongs here: comparing what is to be published with the releases that are there. Does not belong
here: mending the registry (`reconcile`) and writing (`staging`, `publish`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from warehouse import canonical_json, factor_versions, registry
from warehouse.candidate import Candidate
from warehouse.candidate_plan import PlanError, read_plan
from warehouse.diff import DiffError, contract_changes, described_tables
from warehouse.errors import PublishRefused
from warehouse.manifest import (
    BUILD_INFO,
    MANIFEST,
    RELEASE_ID,
    Manifest,
    ManifestError,
    read_manifest,
    release_id_of,
    sort_key,
)
from warehouse.order import Order, PublishResult
from warehouse.registry import IndexEntry
from warehouse.signing import TrustedKeys
from warehouse.verify import verify


def unchanged(releases: Path, entries: list[IndexEntry], order: Order) -> PublishResult | None:
    """Say so if the asked release, or else the newest of the month, already holds this content."""
    alike = of_month(entries, order.report.release_month)
    named = [entry for entry in alike if entry.release_id == order.release_id]
    existing = named[0] if named else registry.newest_entry(alike)
    if existing is None or (order.release_id is not None and not named):
        return None
    folder = releases / existing.release_id
    manifest = trusted_manifest(folder, order.trusted)
    content = {file.table: file.content_hash for file in order.report.files}
    different = [
        name for name in sorted({*content, *manifest.content()})
        if content.get(name) != manifest.content().get(name)
    ]  # fmt: skip
    if dict(manifest.parameters) != dict(order.parameters):
        different.append("the parameters")
    if different and order.release_id is None:
        return None
    if different:
        raise PublishRefused(
            [
                f"Release {existing.release_id} exists and says something else: "
                f"{', '.join(different[:5])}{' ...' if len(different) > 5 else ''}. A release is "
                f"never written over; raise N and publish {_next_id(entries, order)}."
            ]
        )
    if existing.state == registry.WITHDRAWN and order.release_id is None:
        raise PublishRefused(
            [
                f"This is what release {existing.release_id} says, and that was withdrawn: "
                f"{existing.reason}. Mend the cause; or publish it all the same under the id "
                f"{_next_id(entries, order)}, named explicitly."
            ]
        )
    return PublishResult(
        "unchanged",
        existing.release_id,
        folder,
        f"No new release: the content of all {len(content)} tables and the parameters are those of "
        f"release {existing.release_id}"
        f"{'' if existing.state == registry.PUBLISHED else f', which is {existing.state}'}.",
    )


def _next_id(entries: Sequence[IndexEntry], order: Order) -> str:
    month = order.report.release_month
    taken = [sort_key(entry.release_id)[2] for entry in of_month(entries, month)]
    return release_id_of(month, max(taken, default=-1) + 1)


def new_id(entries: Sequence[IndexEntry], order: Order) -> str:
    """Return the id of the new release: the next one, or the one asked for if it is not lower."""
    following = _next_id(entries, order)
    if order.release_id is None:
        return following
    if sort_key(order.release_id) < sort_key(following):
        raise PublishRefused(
            [
                f"{order.release_id} is lower than ids of this month that are taken. Raise N and "
                f"publish {following}."
            ]
        )
    return order.release_id


def refuse_id(release_id: str | None, release_month: str) -> None:
    """Refuse an id that is none, or that is of another month; `None` asks for no id."""
    if release_id is None:
        return
    prefix = release_month.replace("-", ".") + "."
    if not RELEASE_ID.fullmatch(release_id) or not release_id.startswith(prefix):
        raise PublishRefused(
            [f"{release_id!r} is no id of a release of {release_month}; write {prefix}N."]
        )


def refuse_clock(releases: Path, order: Order) -> None:
    """Refuse to hold waivers against a clock that is behind a release which was built already."""
    if not order.report.waivers:
        return
    for folder in registry.release_folders(releases):
        try:
            built = canonical_json.load(folder / BUILD_INFO)["built_at"]
            is_later = dt.datetime.fromisoformat(built) > dt.datetime.fromisoformat(order.built_at)
        except (KeyError, TypeError, ValueError):
            continue
        if is_later:
            raise PublishRefused(
                [
                    f"The clock says {order.built_at}, but release {folder.name} was built at "
                    f"{built}. Waivers end by the clock, so set it right before you publish."
                ]
            )


def refuse_other_plan(candidate: Candidate, order: Order) -> None:
    """Refuse parameters or receipts other than those that the gate saw beside the candidate."""
    if order.report.plan_sha256 is None:
        return
    try:
        plan = read_plan(candidate)
    except PlanError as problem:
        raise PublishRefused([str(problem)]) from problem
    stated = (plan.release_month, dict(plan.parameters), [dict(each) for each in plan.inputs])
    asked = [canonical_json.loads(canonical_json.dumps(each)) for each in order.inputs]
    if stated != (order.report.release_month, dict(order.parameters), asked):
        raise PublishRefused(
            [
                "The candidate was made from other parameters or receipts than it is to be "
                "published with. Make the candidate again."
            ]
        )


def refuse_versions(candidate: Candidate, releases: Path) -> None:
    """Refuse factors whose versions do not continue those that were published."""
    table = candidate.tables / factor_versions.FILE
    if table.is_file():
        files = factor_versions.published_factor_files(releases)
        if sentences := factor_versions.versions_that_do_not_follow(table, files):
            raise PublishRefused(sentences)


def refuse_broken_contracts(candidate: Candidate, previous: Path) -> None:
    """Refuse a change of a published contract that its version does not admit."""
    try:
        sentences = contract_changes(described_tables(previous), described_tables(candidate.folder))
    except DiffError as problem:
        raise PublishRefused([str(problem)]) from problem
    if sentences:
        raise PublishRefused(sentences)


def trusted_manifest(folder: Path, trusted: TrustedKeys) -> Manifest:
    """Return the manifest of a release that still verifies; refuse to build upon another."""
    if problems := verify(folder, trusted, vouched={folder.name}):
        raise PublishRefused(
            [
                f"Release {folder.name} is not as it was published, so nothing is published after "
                "it. Restore it from a copy.",
                *(problem.sentence for problem in problems[:5]),
            ]
        )
    try:
        return read_manifest(folder / MANIFEST)
    except ManifestError as problem:
        raise PublishRefused([str(problem)]) from problem


def of_month(entries: Sequence[IndexEntry], release_month: str) -> list[IndexEntry]:
    """Return the releases of a month, in order of publication."""
    return [entry for entry in entries if entry.release_month == release_month]
