"""The residual mix of each node and month.

Thin: `dbt_project.methods.residual` says how.
"""

from dbt_project.methods.residual import residual_frame


def model(dbt, session):
    """Take claimed energy out and share what is left over between the nodes."""
    dbt.config(materialized="table")
    return residual_frame(dbt.ref("int_residual_node").pl()).to_arrow()
