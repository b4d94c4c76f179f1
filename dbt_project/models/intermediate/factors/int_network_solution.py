"""What the supply and the consumption of each node carry, one row per level, period and area.

Thin: `dbt_project.methods.network` says how.
"""

from dbt_project.methods.network import network_solution


def model(dbt, session):
    """Solve the network system of every level and period, one factorisation for all properties."""
    dbt.config(materialized="table")
    return network_solution(
        dbt.ref("int_network_node").pl(), dbt.ref("int_network_edge").pl()
    ).to_arrow()
