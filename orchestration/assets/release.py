"""The release asset: publish the candidate that the gate has passed.

Belongs here: handing the candidate, its parameters and its receipts to `warehouse.publish`.
Does not belong here: the proof of the report and the writing of a release (`warehouse`).
"""

import dataclasses
import datetime as dt
from typing import Any

import dagster as dg

from ingestion.receipts import Receipt, read_receipts
from orchestration.assets.gate import GATE_CHECK, REPORT, run_candidate
from orchestration.candidates import prune
from orchestration.code_version import code_version
from orchestration.partitions import MONTH_BY_MONTH, RELEASE_MONTHS
from orchestration.plan import known_receipts, plan_from_home
from orchestration.settings import Settings
from orchestration.stages import StageClock

RELEASE = dg.AssetKey("release")


class CheckMissing(RuntimeError):
    """The gate's check has no passing record for the newest report."""


def build_release_asset() -> dg.AssetsDefinition:
    """Return the asset `release`, downstream of the gate's report."""

    @dg.asset(
        key=RELEASE,
        deps=[REPORT],
        partitions_def=RELEASE_MONTHS,
        backfill_policy=MONTH_BY_MONTH,
        group_name="release",
        kinds={"parquet", "duckdb"},
        description="The published, numbered, immutable release of the month.",
    )
    def release(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        stages: dg.ResourceParam[StageClock],
    ) -> dg.MaterializeResult:
        from warehouse.publish import publish

        require_passing_gate(context)
        plan = plan_from_home(settings, context.partition_key)
        receipts = known_receipts(read_receipts(settings.home), plan.as_of)
        with stages.stage("publish"):
            result = publish(
                run_candidate(context, settings),
                settings.releases,
                release_month=plan.month,
                parameters=plan.parameters,
                receipts=[receipt_record(receipt) for receipt in receipts],
                code_version=code_version(),
                built_at=dt.datetime.now(dt.UTC),
            )
        prune(settings.candidates, settings.keep_candidates)
        return dg.MaterializeResult(
            metadata={
                "status": result.status,
                "release_id": result.release_id,
                "folder": dg.MetadataValue.path(str(result.folder)),
                "reason": result.reason,
            }
        )

    return release


def receipt_record(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt as plain JSON values, without what is a fact of this machine's clock."""
    record = dataclasses.asdict(receipt)
    for local in ("received_at", "findings"):
        record.pop(local)
    return {**record, "known_at": receipt.known_at.isoformat()}


def require_passing_gate(context: dg.AssetExecutionContext) -> None:
    """Refuse unless this run's gate check passed on the newest report.

    The blocking check already keeps this asset from running in the same run; a run of this asset
    alone would pass by it. `warehouse.publish` proves the same again from the files.
    Raises `CheckMissing`.
    """
    key = dg.AssetCheckKey(REPORT, GATE_CHECK)
    record = context.instance.get_latest_asset_check_evaluation_record(key)
    evaluation = record.evaluation if record else None
    if (
        record is None
        or evaluation is None
        or not evaluation.passed
        or record.run_id != context.run.run_id
    ):
        raise CheckMissing(
            f"The check '{GATE_CHECK}' has not passed in this run, so nothing is published. "
            "Run the whole job `monthly_release`, not the asset `release` alone."
        )
