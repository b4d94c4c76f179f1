"""Factors of what runs through each node of the network, one row per level, period and area.

Thin: `dbt_project.methods.network` says how.
"""

from dbt_project.methods.network import network_factors


def model(dbt, session):
    """Solve the network system of every level and period."""
    dbt.config(materialized="table")
    return network_factors(
        dbt.ref("int_network_node").pl(), dbt.ref("int_network_edge").pl()
    ).to_arrow()
