"""Grades of products where enough groups are there. Thin: `methods.background_grades`."""

import os

import polars as pl

from dbt_project.methods.background_joint_tables import AuditFrames
from dbt_project.methods.background_disclosure import SHOWN
from dbt_project.methods.background_grades import product_grades
from dbt_project.methods.disclosure.setting import read_setting


def model(dbt, session):
    """Set the boundaries of every product's grades, beside all cells that are published."""
    dbt.config(materialized="table")
    state = dbt.ref("int_dataset_state").pl()
    contributors = dbt.ref("int_contributor_set").pl()
    published = AuditFrames(
        members=dbt.ref("int_publishable_member").pl(),
        quantities=dbt.ref("int_plant_quantity").pl(),
        shown=state.filter(pl.col("disclosure").is_in(SHOWN) & ~pl.col("is_held")).select(
            "process_id", "shows_stages", "shows_electricity", "is_held"
        ),
        # Not rounded yet: the rounded mean stands for each.
        figures=pl.DataFrame(
            schema={"process_id": pl.String, "quantity": pl.String, "published": pl.Float64}
        ),
        earlier=dbt.ref("int_published_process").pl(),
        contributors=contributors.filter(contributors["is_counted"]).drop("is_counted"),
        former=dbt.ref("int_former_quantity").pl(),
    )
    return product_grades(
        dbt.ref("int_publishable_cell").pl(),
        published,
        dbt.ref("stg_published_grade").pl(),
        read_setting(os.environ),
    ).to_arrow()
