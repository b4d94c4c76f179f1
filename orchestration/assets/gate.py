"""The gate: from the candidate database to tables and a verdict on exactly those files.

Belongs here: the assets `candidate_tables` and `gate_report` and the blocking check on the latter.
Does not belong here: the export and the judgement (`warehouse`).
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

import dagster as dg

from ingestion.receipts import Receipt, read_receipts
from orchestration.assets.transform import published_keys
from orchestration.candidates import candidate_folder
from orchestration.checks import judge_raw, read_raw_checks
from orchestration.partitions import MONTH_BY_MONTH, RELEASE_MONTHS
from orchestration.plan import known_receipts, plan_from_home
from orchestration.settings import Settings
from orchestration.stages import StageClock
from warehouse.candidate import Candidate

TABLES = dg.AssetKey("candidate_tables")
REPORT = dg.AssetKey("gate_report")
GATE_CHECK = "gate_passed"
REPORT_HASH = "report_sha256"


def receipt_record(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt as plain JSON values, without what is a fact of this machine's clock."""
    record = dataclasses.asdict(receipt)
    for local in ("received_at", "findings"):
        record.pop(local)
    return {**record, "known_at": receipt.known_at.isoformat()}


def run_candidate(context: dg.AssetExecutionContext, settings: Settings) -> Candidate:
    """Return the candidate of the running run."""
    return Candidate(
        candidate_folder(settings.candidates, context.partition_key, context.run.run_id)
    )


def build_gate_assets(manifest: Mapping[str, Any]) -> list[dg.AssetsDefinition]:
    """Return the export and the gate, downstream of the models that the manifest publishes."""

    @dg.asset(
        key=TABLES,
        deps=published_keys(manifest),
        partitions_def=RELEASE_MONTHS,
        backfill_policy=MONTH_BY_MONTH,
        group_name="release",
        kinds={"parquet"},
        description="The published tables of the candidate as Parquet, written by one writer.",
    )
    def candidate_tables(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        stages: dg.ResourceParam[StageClock],
    ) -> dg.MaterializeResult:
        from warehouse.export import export_tables

        with stages.stage("export"):
            tables = export_tables(run_candidate(context, settings))
        return dg.MaterializeResult(
            metadata={table.table: dg.MetadataValue.int(table.rows) for table in tables}
        )

    @dg.asset(
        key=REPORT,
        deps=[TABLES],
        partitions_def=RELEASE_MONTHS,
        backfill_policy=MONTH_BY_MONTH,
        group_name="release",
        kinds={"json"},
        description="Every check's verdict on the candidate's files, with the files' hashes.",
        check_specs=[
            dg.AssetCheckSpec(
                GATE_CHECK,
                asset=REPORT,
                blocking=True,
                description="All required checks judged something and passed.",
            )
        ],
    )
    def gate_report(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        stages: dg.ResourceParam[StageClock],
    ) -> dg.MaterializeResult:
        from expectations.thresholds import Thresholds
        from orchestration.trust import waivers_today
        from warehouse.candidate_plan import write_plan
        from warehouse.files import sha256_of
        from warehouse.gate import judge

        candidate = run_candidate(context, settings)
        plan = plan_from_home(settings, context.partition_key)
        receipts = known_receipts(read_receipts(settings.home), plan.as_of)
        with stages.stage("gate"):
            write_plan(
                candidate,
                release_month=plan.month,
                parameters=plan.parameters,
                receipts=[receipt_record(receipt) for receipt in receipts],
            )
            raw_checks = read_raw_checks(candidate.folder) or judge_raw(settings.home)
            report = judge(
                candidate,
                release_month=plan.month,
                thresholds=Thresholds(),
                raw_checks=raw_checks,
                waivers=waivers_today(),
            )
        return dg.MaterializeResult(
            metadata={"checks": len(report.checks), "report": str(candidate.report)},
            check_results=[
                dg.AssetCheckResult(
                    check_name=GATE_CHECK,
                    passed=report.passed,
                    severity=dg.AssetCheckSeverity.ERROR,
                    description="\n".join(report.sentences) or None,
                    metadata={REPORT_HASH: sha256_of(candidate.report)},
                )
            ],
        )

    return [candidate_tables, gate_report]
