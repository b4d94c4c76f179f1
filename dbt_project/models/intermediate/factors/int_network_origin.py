"""Where the power of each node comes from: shares of the nodes that generated it, by month.

Thin: `dbt_project.methods.network` says how.
"""

import polars as pl

from dbt_project.methods.network import network_origins


def model(dbt, session):
    """Trace the power that each node of the consumption network takes back to its generation."""
    dbt.config(materialized="table")
    nodes = dbt.ref("int_network_node").pl().filter(pl.col("level") == "node")
    edges = dbt.ref("int_network_edge").pl().filter(pl.col("level") == "node")
    return network_origins(nodes, edges).to_arrow()
