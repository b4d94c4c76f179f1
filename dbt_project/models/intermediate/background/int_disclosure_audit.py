"""What follows from everything published. Thin: `methods.background_audit`. Confidential."""

import os

import polars as pl

from dbt_project.methods.background_audit import audit_published
from dbt_project.methods.background_disclosure import ELECTRICITY, FLOW, HEADLINE, SHOWN, STAGE
from dbt_project.methods.background_joint_tables import AuditFrames
from dbt_project.methods.disclosure.setting import read_setting

_HEADLINE = "gwp100.ar6.total"


def model(dbt, session):
    """Prove the decision on the figures as they leave."""
    dbt.config(materialized="table")
    contributors = dbt.ref("int_contributor_set").pl()
    figures = dbt.ref("int_published_figure").pl()
    table, key, column = pl.col("table_name"), pl.col("row_key"), pl.col("column_name")
    is_score = (table == "background_score") & (column == "value") & (key == _HEADLINE)
    is_flow = (table == "background_inventory") & (column == "amount")
    # Stages of an open dataset are told by supplier: they follow from its exchanges.
    is_stage = (
        (table == "background_contribution") & (column == "value") & key.str.ends_with("|all")
    )
    is_electricity = (
        (table == "electricity_sensitivity") & (column == "electricity_amount") & (key == _HEADLINE)
    )
    quantity = (
        pl.when(is_score)
        .then(pl.lit(HEADLINE))
        .when(is_flow)
        .then(FLOW + key)
        .when(is_stage)
        .then(STAGE + key.str.strip_suffix("|all"))
        .when(is_electricity)
        .then(pl.lit(ELECTRICITY))
    )
    state = dbt.ref("int_dataset_state").pl()
    shown = state.filter(pl.col("disclosure").is_in(SHOWN))
    frames = AuditFrames(
        members=dbt.ref("int_publishable_member").pl(),
        quantities=dbt.ref("int_plant_quantity").pl(),
        shown=shown.select("process_id", "shows_stages", "shows_electricity", "is_held"),
        figures=shown.filter(~pl.col("is_held"))
        .join(figures.with_columns(quantity=quantity), on="dataset_id")
        .filter(pl.col("quantity").is_not_null())
        .select("process_id", "quantity", "published"),
        earlier=dbt.ref("int_published_process").pl(),
        contributors=contributors.filter(contributors["is_counted"]).drop("is_counted"),
        former=dbt.ref("int_former_quantity").pl(),
    )
    return audit_published(frames, read_setting(os.environ).rules).to_arrow()
