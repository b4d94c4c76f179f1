"""Findings of the readiness gates: none when the database is fit to be solved. Thin: `methods.background_results`."""

from dbt_project.methods.background_results import Database, readiness


def model(dbt, session):
    """Read the system and answer."""
    dbt.config(materialized="table")
    database = Database(
        process=dbt.ref("int_life_cycle_process").pl(),
        exchange=dbt.ref("int_life_cycle_exchange").pl(),
        characterisation=dbt.ref("int_characterisation").pl(),
    )
    return readiness(database).to_arrow()
