"""Every cell that may be published, with what it is made of. Thin: `methods.background_cells`."""

from dbt_project.methods.background_cells import cell_members


def model(dbt, session):
    """Build the hierarchy over the cells of the questionnaires."""
    dbt.config(materialized="table")
    return cell_members(
        dbt.ref("int_cell").pl(),
        dbt.ref("stg_grid_region").pl(),
        dbt.ref("int_market_share").pl(),
    ).to_arrow()
