"""Turns a proven candidate into a numbered, immutable release - or refuses.

Belongs here: the steps of a publication and their order. Does not belong here: the proof (`proof`),
the form of the documents (`manifest`, `registry`), judging (`gate`).

Order: prove, lock, sweep what a killed publisher left, stage on the same filesystem, force to disk,
read again with a second engine, take the write permission away, rename into place, write the
pointers. A crash at any step leaves no release or a whole one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from expectations.required import REQUIRED_CHECKS_FILE
from expectations.thresholds import DEFAULT_THRESHOLDS, Thresholds
from expectations.waivers import Waiver, Waivers
from warehouse import canonical_json, export, files, registry, states
from warehouse.approval import ApprovalRule, require_approval
from warehouse.candidate import Candidate
from warehouse.errors import PublishBusy, PublishError, PublishRefused
from warehouse.gate_report import GateReport
from warehouse.lock import releases_lock
from warehouse.manifest import MANIFEST, Link, inputs_of
from warehouse.order import OnStep, Order, PublishResult
from warehouse.precedence import (
    new_id,
    of_month,
    refuse_broken_contracts,
    refuse_clock,
    refuse_id,
    refuse_other_plan,
    refuse_versions,
    trusted_manifest,
    unchanged,
)
from warehouse.proof import prove
from warehouse.reconcile import reconcile
from warehouse.registry import IndexEntry
from warehouse.signing import NO_KEYS, SigningKey, TrustedKeys
from warehouse.snapshot import SnapshotError
from warehouse.staging import reread, stage

__all__ = ["PublishBusy", "PublishError", "PublishRefused", "PublishResult", "publish", "sweep"]

STAGING = ".staging-"


def publish(
    candidate: Candidate,
    releases: Path,
    *,
    release_month: str,
    parameters: Mapping[str, Any],
    receipts: Sequence[Mapping[str, Any]],
    code_version: str,
    built_at: dt.datetime,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
    required_file: Path = REQUIRED_CHECKS_FILE,
    waivers: Sequence[Waiver] = (),
    signing_key: SigningKey | None = None,
    trusted: TrustedKeys = NO_KEYS,
    approval: ApprovalRule | None = None,
    release_id: str | None = None,
    on_step: OnStep = lambda step: None,
) -> PublishResult:
    """Publish a candidate as the next release of a month (`YYYY-MM`), or say that nothing changed.

    `parameters` are plain JSON values that, with receipts and code, determine the content;
    `receipts` are mappings with at least `receipt_id`; `built_at` is a moment with its time zone,
    kept outside the hashed record; `waivers` are held against its day (UTC). `signing_key` signs
    the manifest; without one the release is plainly unsigned. `trusted` are the keys by which the
    releases before are verified, beside the signing key. `approval` asks for a second person's
    signature. `release_id` asks for one id: where it exists with this content nothing is done,
    with other content it is refused; without it N is raised as needed. `on_step` is told each step
    as it begins.

    Raises `PublishRefused` with sentences when the candidate may not be published, `PublishBusy`
    when another publisher is at work, `PublishError` when the folder or the disk fails. In all
    three cases no release appears and nothing that was published changes - but when the disk fails
    at the pointers, with the release whole and in place; the message says so, and the next
    publication enters it.
    """
    if built_at.tzinfo is None:
        raise ValueError("built_at needs a time zone")
    refuse_id(release_id, release_month)
    try:
        on_step("prove")
        report = prove(
            candidate,
            release_month=release_month,
            thresholds=thresholds,
            required_file=required_file,
            waivers=Waivers(tuple(waivers), built_at.astimezone(dt.UTC).date()),
        )
        content = report.as_bytes()
        order = Order(
            report,
            content,
            _channel(candidate, report),
            _plain_parameters(parameters),
            inputs_of(receipts),
            code_version,
            built_at.isoformat(timespec="seconds"),
            signing_key,
            {**trusted, **({signing_key.key_id: signing_key.public} if signing_key else {})},
            require_approval(candidate, hashlib.sha256(content).hexdigest(), approval)
            if approval
            else None,
            release_id,
        )
        refuse_other_plan(candidate, order)
        releases.mkdir(parents=True, exist_ok=True)
        with releases_lock(releases):
            on_step("sweep")
            sweep(releases)
            entries = reconcile(releases)
            if same := unchanged(releases, entries, order):
                return same
            refuse_clock(releases, order)
            return _publish_next(candidate, releases, entries, order, on_step)
    except OSError as problem:
        raise PublishError(
            f"Nothing was published: {problem.strerror or problem} "
            f"({problem.filename or releases}). Mend the disk or the folder and publish again."
        ) from problem
    except SnapshotError as problem:
        raise PublishError(
            f"Nothing was published: {problem}. Mend the disk or the folder and publish again."
        ) from problem


def sweep(releases: Path) -> list[str]:
    """Remove what killed publishers left behind; return the names. Call it under the lock."""
    left = sorted(releases.glob(f"{STAGING}*"))
    for folder in left:
        files.make_removable(folder)
        shutil.rmtree(folder)
    for folder in (releases, releases / states.FOLDER):
        for temporary in folder.glob(".*.json.new"):
            temporary.unlink()
    return [folder.name for folder in left]


def _plain_parameters(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Bring parameters to what a reader of the manifest gets back, so that they compare."""
    try:
        return canonical_json.loads(canonical_json.dumps(dict(parameters)))
    except canonical_json.DocumentError as problem:
        raise PublishRefused([f"The parameters of the release are no plain JSON: {problem}"]) from (
            problem
        )


def _channel(candidate: Candidate, report: GateReport) -> str:
    """Return `demo` if any published row is synthetic, `stable` otherwise."""
    for file in report.files:
        path = candidate.folder / file.path
        if "quality_tier" in export.read_schema(path).names:
            tiers = pl.scan_parquet(path, hive_partitioning=False).select("quality_tier")
            if tiers.filter(pl.col("quality_tier") == "synthetic").head(1).collect().height:
                return "demo"
    return "stable"


def _publish_next(
    candidate: Candidate,
    releases: Path,
    entries: list[IndexEntry],
    order: Order,
    on_step: OnStep,
) -> PublishResult:
    month = order.report.release_month
    release_id = new_id(entries, order)
    target = releases / release_id
    if target.exists() or target.is_symlink():
        raise PublishRefused(
            [f"{release_id} already exists in {releases} and is no release. Move it away."]
        )
    previous = None
    if entries:
        if entries[-1].release_month != month or order.release_id is not None:
            trusted_manifest(releases / entries[-1].release_id, order.trusted)
        previous = Link(entries[-1].release_id, entries[-1].manifest_sha256)
        refuse_broken_contracts(candidate, releases / previous.release_id)
    refuse_versions(candidate, releases)
    staging = releases / f"{STAGING}{release_id}"
    try:
        manifest = stage(candidate, staging, release_id, previous, order, on_step)
        on_step("reread")
        reread(staging, manifest)
        on_step("seal")
        files.make_read_only(staging)
        files.sync_folder(staging / "tables")
        files.sync_folder(staging)
        on_step("rename")
        staging.rename(target)
    except (Exception, KeyboardInterrupt):
        if staging.exists():
            sweep(releases)
        raise
    try:
        files.sync_folder(releases)
        on_step("index")
        entry = IndexEntry(
            release_id,
            month,
            registry.PUBLISHED,
            order.channel,
            files.sha256_of(target / MANIFEST),
            previous.release_id if previous else None,
        )
        registry.write_registry(releases, [*entries, entry])
    except OSError as problem:
        raise PublishError(
            f"Release {release_id} is whole and in place, but {registry.INDEX} and "
            f"{registry.LATEST} could not be written: {problem.strerror or problem}. Mend the disk "
            "or the folder and publish again; that enters it."
        ) from problem
    on_step("done")
    is_first = not of_month(entries, month)
    kind = "first release of" if is_first else "content or parameters differ from the last of"
    return PublishResult("published", release_id, target, f"Published: {kind} {month}.")
