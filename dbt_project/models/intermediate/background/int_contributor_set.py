"""Which submissions count now and counted in earlier releases. Thin: `methods.contributor_sets`.

Confidential.
"""

import os

from dbt_project.methods.contributor_sets import contributor_sets
from dbt_project.methods.disclosure.setting import read_setting


def model(dbt, session):
    """Freeze contributors where the figures of who came, left or revised would follow."""
    dbt.config(materialized="table")
    published = dbt.ref("stg_published_dataset").pl()
    return contributor_sets(
        plants=dbt.ref("int_contributor_candidate").pl(),
        arrivals=dbt.ref("stg_survey_arrival").pl(),
        published=published.filter(published["disclosure"].is_in(["open", "aggregated"])),
        receipts=dbt.ref("stg_release_input").pl(),
        grid_region=dbt.ref("stg_grid_region").pl(),
        rules=read_setting(os.environ).rules,
    ).to_arrow()
