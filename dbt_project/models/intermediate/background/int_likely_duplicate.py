"""Pairs of submissions that are likely one plant. Thin: `disclosure.duplicates`. Confidential.

Of the submissions that count, before the derivation: from what was answered alone. Codes decide,
and region with output and electricity. Names cannot: no table of the derivation holds them (they
are compared when surveys are taken in), so `same_name` is not among the reasons.
"""

import polars as pl

from dbt_project.methods.contributor_sets import NOW
from dbt_project.methods.disclosure.duplicates import likely_duplicates


def model(dbt, session):
    """Compare the submissions of each product and year."""
    dbt.config(materialized="table")
    output = dbt.ref("stg_survey_product").pl().filter(pl.col("role") == "main")
    electricity = dbt.ref("stg_survey_electricity").pl()
    by_submission = electricity.group_by("submission_id").agg(value=pl.col("energy_mwh").sum())
    contributors = dbt.ref("int_contributor_set").pl().filter("is_counted", release_id=NOW)
    plants = (
        dbt.ref("stg_survey_submission")
        .pl()
        .join(contributors, on="submission_id", how="semi")
        .join(output.select("submission_id", weight="output_amount"), on="submission_id")
        .join(by_submission, on="submission_id")
        .select(
            "submission_id",
            "plant_code",
            "region_code",
            "product_code",
            pl.col("weight", "value").cast(pl.Float64),
            period=pl.col("year").cast(pl.String),
        )
        .filter(pl.col("weight") > 0)
    )
    return likely_duplicates(plants).to_arrow()
