"""Grades of products where enough groups are there. Thin: `methods.background_disclosure`."""

import os

from dbt_project.methods.background_disclosure import product_grades
from dbt_project.methods.disclosure.setting import read_setting


def model(dbt, session):
    """Set the boundaries of every product's grades."""
    dbt.config(materialized="table")
    return product_grades(
        dbt.ref("int_publishable_cell").pl(),
        dbt.ref("int_plant_quantity").pl(),
        read_setting(os.environ),
    ).to_arrow()
