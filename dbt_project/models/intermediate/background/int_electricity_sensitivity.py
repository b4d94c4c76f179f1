"""How each score answers to each supply of electricity. Thin: `methods.background_results`."""

from dbt_project.methods.background_results import Database, sensitivities


def model(dbt, session):
    """Read the system and answer."""
    dbt.config(materialized="table")
    database = Database(
        process=dbt.ref("int_life_cycle_process").pl(),
        exchange=dbt.ref("int_life_cycle_exchange").pl(),
        characterisation=dbt.ref("int_characterisation").pl(),
    )
    return sensitivities(database).to_arrow()
