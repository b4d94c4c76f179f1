"""Partitions: a release belongs to one month.

Belongs here: the calendar of release months. Does not belong here: which months the data hold.
"""

import dagster as dg

FIRST_MONTH = "2019-01"

RELEASE_MONTHS = dg.MonthlyPartitionsDefinition(
    start_date=FIRST_MONTH, fmt="%Y-%m", timezone="Asia/Shanghai"
)
