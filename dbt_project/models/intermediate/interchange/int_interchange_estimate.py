"""Net flows between provinces by month, one row per corridor and month, and what stays open.

Thin: `dbt_project.methods.interchange` says how.
"""

from dbt_project.methods.interchange import estimate


def model(dbt, session):
    """Estimate the flows that reconcile balances and reported transfers."""
    dbt.config(materialized="table")
    return estimate(
        dbt.ref("int_interchange_balance").pl(),
        dbt.ref("stg_transmission_corridor").pl(),
        dbt.ref("int_transfer_constraint").pl(),
        dbt.ref("int_transfer_part").pl(),
        consumption_sd=float(dbt.config.get("consumption_sd")),
    ).to_arrow()
