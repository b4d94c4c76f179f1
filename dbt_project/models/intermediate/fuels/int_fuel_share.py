"""Shares of fuels in thermal generation, one row per province, complete year and fuel.

Thin: `dbt_project.methods.biproportional` says how.
"""

from dbt_project.methods.biproportional import fuel_shares


def model(dbt, session):
    """Fit the fuel seed of each year to the provincial and national totals."""
    dbt.config(materialized="table")
    return fuel_shares(dbt.ref("int_fuel_seed").pl()).to_arrow()
