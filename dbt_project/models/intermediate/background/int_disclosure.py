"""Which process is published and in which form. Thin: `methods.background_decision`.

Confidential: `n_groups` and `reason` tell of contributors.
"""

import os

from dbt_project.methods.background_decision import proven_decisions
from dbt_project.methods.background_disclosure import DisclosureFrames
from dbt_project.methods.disclosure.setting import read_setting


def model(dbt, session):
    """Judge what each process would tell of its contributors."""
    dbt.config(materialized="table")
    contributors = dbt.ref("int_contributor_set").pl()
    frames = DisclosureFrames(
        cells=dbt.ref("int_publishable_cell").pl(),
        members=dbt.ref("int_publishable_member").pl(),
        grid_region=dbt.ref("stg_grid_region").pl(),
        quantities=dbt.ref("int_plant_quantity").pl(),
        flows=dbt.ref("int_open_flow").pl(),
        published=dbt.ref("int_published_process").pl(),
        contributors=contributors.filter(contributors["is_counted"]).drop("is_counted"),
        former=dbt.ref("int_former_quantity").pl(),
        lost=dbt.ref("int_lost_contributor").pl(),
    )
    return proven_decisions(frames, read_setting(os.environ).rules).to_arrow()
