"""Partitions: a release belongs to one month.

Belongs here: the calendar of release months, and that each is run by itself. Does not belong here:
which months the data hold.
"""

import dagster as dg

FIRST_MONTH = "2019-01"

RELEASE_MONTHS = dg.MonthlyPartitionsDefinition(
    start_date=FIRST_MONTH, fmt="%Y-%m", timezone="Asia/Shanghai"
)

#: A backfill makes one run for each month: a run has one candidate.
MONTH_BY_MONTH = dg.BackfillPolicy.multi_run(max_partitions_per_run=1)
