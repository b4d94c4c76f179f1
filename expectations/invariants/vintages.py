"""Invariants of vintages: the history ends in what the release publishes, and revisions lead there.

Belongs here: agreement of `factor_history`, `factor_revision` and `electricity_factor`. Does not
belong here: that the parts of a revision add up (dbt test), and vocabularies (published suites).
"""

from __future__ import annotations

import polars as pl

from expectations.check_result import CheckResult
from expectations.invariants.question import Question, Tables, result


def history_ends_in_the_release(tables: Tables, question: Question) -> CheckResult:
    """Check that the value that stands in the history is the one that the release publishes.

    The history is replayed in memory from compiled models, the release is built by dbt: the same
    derivation on two ways, equal in value and maturity to the last digit.
    """
    history = tables["factor_history"]
    standing = history.filter(pl.col("superseded_on").is_null()).select(
        "factor_id", pl.col("value").alias("standing_value"), pl.col("maturity").alias("standing")
    )
    kinds = history["factor_kind"].unique().to_list()
    published = tables["electricity_factor"].filter(
        pl.col("factor_kind").is_in(kinds)
        & (
            (pl.col("gas_scope") == "CO2")
            | (
                pl.col("factor_kind").str.starts_with("life_cycle")
                & (pl.col("system_boundary") == "cradle_to_user")
                & pl.col("includes_td_losses")
            )
        )
    )
    both = published.select("factor_id", "value", "maturity").join(
        standing, on="factor_id", how="full", coalesce=True
    )
    bad = both.filter(
        pl.col("value").ne_missing(pl.col("standing_value"))
        | pl.col("maturity").ne_missing(pl.col("standing"))
    ).sort("factor_id")
    return result(
        "history_ends_in_the_release",
        "factor_history",
        judged=both.height,
        bad=bad,
        rule="the value that stands now in factor_history is the published one, with its maturity",
        advice="Remove the folder of vintages and run again; if it stays, the replay has left the "
        "derivation.",
    )


def stretches_of_history_follow_each_other(tables: Tables, question: Question) -> CheckResult:
    """Check that on no day two values of one factor stand."""
    ordered = (
        tables["factor_history"]
        .select("factor_id", "known_on", "superseded_on")
        .sort("factor_id", "known_on")
        .with_columns(pl.col("known_on").shift(-1).over("factor_id").alias("next_known_on"))
    )
    bad = ordered.filter(
        pl.col("next_known_on").is_not_null()
        & (pl.col("superseded_on").is_null() | (pl.col("superseded_on") > pl.col("next_known_on")))
    )
    return result(
        "stretches_of_history_follow_each_other",
        "factor_history",
        judged=ordered.height,
        bad=bad,
        rule="a value stands until the day from which another of the same factor does",
        advice="Two stretches overlap: history was assembled from vintages out of order.",
    )


def revisions_lead_from_value_to_value(tables: Tables, question: Question) -> CheckResult:
    """Check that each revision starts and ends at values that stood in the history."""
    history = tables["factor_history"].select("factor_id", "known_on", "superseded_on", "value")
    revisions = tables["factor_revision"].select(
        "factor_id", "known_on", pl.col("value").alias("after"), "previous_value"
    )
    met = revisions.join(
        history.select("factor_id", "known_on", "value"), on=["factor_id", "known_on"], how="left"
    ).join(
        history.select(
            "factor_id",
            pl.col("superseded_on").alias("known_on"),
            pl.col("value").alias("before"),
        ).drop_nulls("known_on"),
        on=["factor_id", "known_on"],
        how="left",
    )
    bad = met.filter(
        pl.col("after").ne_missing(pl.col("value"))
        | pl.col("previous_value").ne_missing(pl.col("before"))
    ).sort("factor_id", "known_on")
    return result(
        "revisions_lead_from_value_to_value",
        "factor_revision",
        judged=met.height,
        bad=bad,
        rule="a revision leads from the value that stood until its day to the one from then on",
        advice="Compare factor_revision with factor_history for the sample.",
        may_be_empty=question.release_month < "2020-07",
    )
