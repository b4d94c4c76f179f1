"""Schedules: when a release is due.

Belongs here: the calendar. Does not belong here: jobs.
"""

import dagster as dg

from orchestration.jobs import monthly_release

# Monthly bulletins appear about the 20th of the following month.
release_schedule = dg.build_schedule_from_partitioned_job(
    monthly_release, name="monthly_release_on_the_25th", day_of_month=25, hour_of_day=6
)
