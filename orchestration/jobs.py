"""Jobs: which assets run together.

Belongs here: the selections. Does not belong here: assets and calendars.

Both jobs run in one process: a candidate database has one writer, and the whole month takes less
time than starting a process for each step.
"""

import dagster as dg

from orchestration.assets.ingest import RAW

MONTHLY_RELEASE = "monthly_release"
INGEST = "ingest_files"

monthly_release = dg.define_asset_job(
    MONTHLY_RELEASE,
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="Take files in, derive, judge and publish the release of one month.",
)

ingest_job = dg.define_asset_job(
    INGEST,
    selection=dg.AssetSelection.groups(RAW),
    executor_def=dg.in_process_executor,
    description="Take new files in and judge the raw tables.",
)
