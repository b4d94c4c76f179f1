"""Scores of all processes for all indicators. Thin: `methods.background_results`."""

from dbt_project.methods.background_results import Database, scores


def model(dbt, session):
    """Read the system and answer."""
    dbt.config(materialized="table")
    dbt.ref("int_life_cycle_solution")  # refuses a database that is not fit
    database = Database(
        process=dbt.ref("int_life_cycle_process").pl(),
        exchange=dbt.ref("int_life_cycle_exchange").pl(),
        characterisation=dbt.ref("int_characterisation").pl(),
    )
    return scores(database).to_arrow()
