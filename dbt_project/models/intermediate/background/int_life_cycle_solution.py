"""How well each indicator is solved; refuses a database that is not fit, with the finding.

Thin: `methods.background_results`."""

from dbt_project.methods.background_results import Database, solution


def model(dbt, session):
    """Read the system and answer."""
    dbt.config(materialized="table")
    dbt.ref("int_readiness")  # the findings stand before anything is refused
    database = Database(
        process=dbt.ref("int_life_cycle_process").pl(),
        exchange=dbt.ref("int_life_cycle_exchange").pl(),
        characterisation=dbt.ref("int_characterisation").pl(),
    )
    return solution(database).to_arrow()
