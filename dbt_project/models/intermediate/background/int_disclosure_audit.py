"""What follows from everything published. Thin: `methods.background_audit`. Confidential."""

import os

from dbt_project.methods.background_audit import AuditFrames, audit_published
from dbt_project.methods.disclosure.setting import read_setting

_HEADLINE = "gwp100.ar6.total"


def model(dbt, session):
    """Prove the decision on the figures as they leave."""
    dbt.config(materialized="table")
    contributors = dbt.ref("int_contributor_set").pl()
    quantities = dbt.ref("int_plant_quantity").pl()
    figures = dbt.ref("int_published_figure").pl()
    scores = figures.filter(
        table_name="background_score", column_name="value", row_key=_HEADLINE
    )
    state = dbt.ref("int_dataset_state").pl()
    frames = AuditFrames(
        members=dbt.ref("int_publishable_member").pl(),
        quantities=quantities.filter(quantity="headline"),
        shown=state.join(scores, on="dataset_id").select("process_id", "published"),
        earlier=dbt.ref("int_published_process").pl(),
        contributors=contributors.filter(contributors["is_counted"]).drop("is_counted"),
    )
    return audit_published(frames, read_setting(os.environ).rules).to_arrow()
