"""Rating by contribution and share of primary data of each process. Thin: `methods.background_results`."""

from dbt_project.methods.background_results import Database, quality


def model(dbt, session):
    """Read the system and answer."""
    dbt.config(materialized="table")
    database = Database(
        process=dbt.ref("int_life_cycle_process").pl(),
        exchange=dbt.ref("int_life_cycle_exchange").pl(),
        characterisation=dbt.ref("int_characterisation").pl(),
    )
    return quality(database).to_arrow()
