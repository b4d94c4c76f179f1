"""The release asset: publish the candidate that the gate has passed.

Belongs here: letting only the candidate of this run, as its gate saw it, go to the publisher.
Does not belong here: the proof of the report and the writing of a release (`warehouse`).
"""

import dagster as dg

from orchestration.assets.gate import GATE_CHECK, REPORT, REPORT_HASH, run_candidate
from orchestration.candidates import prune
from orchestration.partitions import MONTH_BY_MONTH, RELEASE_MONTHS
from orchestration.settings import Settings
from orchestration.stages import StageClock
from warehouse.candidate import Candidate

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
        from orchestration.publishing import publish_candidate

        candidate = run_candidate(context, settings)
        require_passing_gate(context, candidate)
        with stages.stage("publish"):
            result = publish_candidate(settings, candidate)
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


def require_passing_gate(context: dg.AssetExecutionContext, candidate: Candidate) -> None:
    """Refuse unless this run's gate check passed on the very report that lies in the candidate.

    The blocking check already keeps this asset from running in the same run; a run of this asset
    alone would pass by it. `warehouse.publish` proves the rest again from the files; what it has to
    believe, the raw boundary's results, cannot be edited between gate and publication.
    Raises `CheckMissing`.
    """
    from warehouse.files import sha256_of

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
    stated = evaluation.metadata.get(REPORT_HASH)
    found = sha256_of(candidate.report) if candidate.report.is_file() else None
    if stated is None or stated.value != found:
        raise CheckMissing(
            "gate_report.json is not the one that the gate of this run wrote, so nothing is "
            "published. Reports are not edited; run the job again."
        )
