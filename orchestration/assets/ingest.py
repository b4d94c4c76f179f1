"""Raw assets: one for each contract of ingestion, all made by one pass over the files.

Belongs here: the multi-asset that calls `ingestion.ingest`. Does not belong here: reading files,
and judging the tables (`orchestration.checks`).
"""

from collections.abc import Iterator

import dagster as dg

from ingestion.contract import all_contracts
from ingestion.ingest import ingest
from ingestion.raw import read_raw
from orchestration.settings import Settings
from orchestration.stages import StageClock

RAW = "raw"


def raw_key(table: str) -> dg.AssetKey:
    """Return the asset key of a raw table; dbt's source of that name has the same key."""
    return dg.AssetKey([RAW, table])


def raw_tables() -> list[str]:
    """Return the names of the raw tables, sorted."""
    return sorted(all_contracts())


def build_raw_assets() -> dg.AssetsDefinition:
    """Return the multi-asset of all raw tables."""

    @dg.multi_asset(
        name="ingest",
        specs=[
            dg.AssetSpec(
                raw_key(table),
                group_name=RAW,
                kinds={"polars", "parquet"},
                description=f"{contract.title_en} / {contract.title_zh}. {contract.grain_en}",
            )
            for table, contract in sorted(all_contracts().items())
        ],
    )
    def ingest_files(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        stages: dg.ResourceParam[StageClock],
    ) -> Iterator[dg.MaterializeResult]:
        with stages.stage("ingest") as report:
            summary = ingest(
                settings.data,
                settings.home,
                progress=lambda what, done, total: report(done, total, what),
                survey_key=settings.survey_secret,
                jobs=settings.survey_jobs,
            )
            counts = {table: read_raw(settings.home, table).height for table in raw_tables()}
        for finding in summary.findings:
            context.log.warning(f"{finding.rule_id}: {finding.sentence}")
        for table in raw_tables():
            yield dg.MaterializeResult(
                asset_key=raw_key(table),
                metadata={
                    "dagster/row_count": counts[table],
                    "files_new": summary.files_new,
                    "files_known": summary.files_known,
                    "rows_quarantined": summary.rows_quarantined,
                },
            )

    return ingest_files
