"""Percentiles of all scores, from one seeded draw of every exchange behind what is published.

Thin: `methods.background_results`.
"""

from dbt_project.methods.background_results import Database, intervals


def model(dbt, session):
    """Read the system, draw and solve."""
    dbt.config(materialized="table")
    database = Database(
        process=dbt.ref("int_life_cycle_process").pl(),
        exchange=dbt.ref("int_life_cycle_exchange").pl(),
        characterisation=dbt.ref("int_characterisation").pl(),
    )
    published = dbt.ref("int_background_identity").pl()
    return intervals(
        database,
        wanted=published["process_id"],
        draws=int(dbt.config.get("draws")),
        seed=int(dbt.config.get("seed")),
    ).to_arrow()
