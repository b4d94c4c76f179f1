"""What follows from everything published. Thin: `methods.background_audit`. Confidential."""

import os

import polars as pl

from dbt_project.methods.background_audit import AuditFrames, audit_published
from dbt_project.methods.background_disclosure import FLOW, HEADLINE
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
    state = dbt.ref("int_dataset_state").pl()
    is_new = pl.col("disclosure").is_in(["open", "aggregated"]) & ~pl.col("is_held")
    shown = state.filter(is_new).select("dataset_id", "process_id")
    frames = AuditFrames(
        members=dbt.ref("int_publishable_member").pl(),
        quantities=dbt.ref("int_plant_quantity").pl(),
        shown=shown.select("process_id"),
        figures=shown.join(figures.filter(is_score | is_flow), on="dataset_id").select(
            "process_id",
            "published",
            quantity=pl.when(is_score).then(pl.lit(HEADLINE)).otherwise(FLOW + key),
        ),
        earlier=dbt.ref("int_published_process").pl(),
        contributors=contributors.filter(contributors["is_counted"]).drop("is_counted"),
    )
    return audit_published(frames, read_setting(os.environ).rules).to_arrow()
