"""When things run and in what order: the Dagster graph, its settings and the command line.

Belongs here: assets, checks, jobs, schedules, sensors, the settings of a run, the operator's
commands and what they print. Does not belong here: how a file is read (`ingestion`), how a factor
is derived (`dbt_project`), what must be true of data (`expectations`), how a release is written
and proved (`warehouse`). Nothing imports this package.
"""
