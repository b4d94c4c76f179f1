"""Net flows between provinces by month, one row per corridor and month, and what stays open.

Thin: `dbt_project.methods.interchange` says how.
"""

from dbt_project.methods.interchange import estimate


def model(dbt, session):
    """Estimate the flows that close every province's balance."""
    dbt.config(materialized="table")
    return estimate(
        dbt.ref("int_interchange_balance").pl(),
        dbt.ref("stg_transmission_corridor").pl(),
        dbt.ref("int_interchange_target").pl(),
        dbt.ref("stg_grid_region").pl(),
        transfer_weight=float(dbt.config.get("transfer_weight")),
    ).to_arrow()
