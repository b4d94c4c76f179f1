"""Vintage assets: since when each value stood, and why it moved, replayed from what was known.

Belongs here: calling `dbt_project.vintages` for a run and leaving its tables where dbt's source
`vintage` finds them. Does not belong here: the replay, and the published tables (dbt's marts).
"""

from collections.abc import Iterator

import dagster as dg

from orchestration.assets.ingest import raw_key, raw_tables
from orchestration.candidates import VINTAGES, candidate_folder
from orchestration.partitions import MONTH_BY_MONTH, RELEASE_MONTHS
from orchestration.plan import plan_from_home
from orchestration.settings import Settings
from orchestration.stages import StageClock
from orchestration.vintages import vintage_store

VINTAGE = "vintage"
TABLES = {
    "history": "Each value of each factor, since when it stood and until when.",
    "revision": "By how much each value moved, and the parts by cause.",
}

#: Processes that share the replay: as many as dbt has threads.
WORKERS = 2


def build_vintage_assets() -> dg.AssetsDefinition:
    """Return the multi-asset of the replayed tables; dbt's sources of that name have their keys."""

    @dg.multi_asset(
        name="replay",
        specs=[
            dg.AssetSpec(
                dg.AssetKey([VINTAGE, table]),
                deps=[raw_key(name) for name in raw_tables()],
                group_name="vintages",
                kinds={"duckdb", "parquet"},
                description=description,
            )
            for table, description in TABLES.items()
        ],
        partitions_def=RELEASE_MONTHS,
        backfill_policy=MONTH_BY_MONTH,
    )
    def replay(
        context: dg.AssetExecutionContext,
        settings: dg.ResourceParam[Settings],
        stages: dg.ResourceParam[StageClock],
    ) -> Iterator[dg.MaterializeResult]:
        from dbt_project.vintages import history

        plan = plan_from_home(settings, context.partition_key)
        folder = candidate_folder(settings.candidates, plan.month, context.run.run_id)
        with stages.stage("vintages") as report:
            store = vintage_store(settings, plan.parameters)
            tables = dict(
                zip(
                    TABLES,
                    history.build(
                        store,
                        plan.as_of,
                        step=int(plan.parameters["vintage_step"]),
                        workers=WORKERS,
                        progress=report,
                    ),
                    strict=True,
                )
            )
            history.write(folder / VINTAGES, tables)
        for table, frame in tables.items():
            yield dg.MaterializeResult(
                asset_key=dg.AssetKey([VINTAGE, table]),
                metadata={"dagster/row_count": frame.height},
            )

    return replay
