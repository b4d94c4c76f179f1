"""Published cells whose contributors of then cannot all be computed. Thin: `contributor_sets`.

Confidential.
"""

from dbt_project.methods.contributor_sets import lost_contributors


def model(dbt, session):
    """List earlier releases' cells of which nobody can say what a difference tells."""
    dbt.config(materialized="table")
    return lost_contributors(
        plants=dbt.ref("int_contributor_candidate").pl(),
        sets=dbt.ref("int_contributor_set").pl(),
        published=dbt.ref("int_published_process").pl().rename({"process_id": "dataset_id"}),
        derived=dbt.ref("int_submission_quantity")
        .pl()
        .select("submission_id", "product_code")
        .unique(),
        grid_region=dbt.ref("stg_grid_region").pl(),
    ).rename({"dataset_id": "process_id"}).to_arrow()
