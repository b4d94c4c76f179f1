"""Invariants of official values, which are transcribed and so can be swapped.

Belongs here: identities of the official definitions. Does not belong here: how far our values lie
from them, which is a warning and not a gate (`official_comparison`).
"""

from __future__ import annotations

import polars as pl

from expectations import coverage
from expectations.check_result import CheckResult
from expectations.invariants.question import Question, Tables, result


def official_values_keep_their_order(tables: Tables, question: Question) -> CheckResult:
    """Check that official national values stand as average < residual < fossil in each year.

    An identity of the official definitions: taking market-traded non-fossil electricity out of
    the denominator raises the average, and taking all of it out gives the fossil factor. Swapped
    or mistaken transcriptions break it.
    """
    kinds = ["supply_average", "residual_mix", "fossil_power"]
    official = (
        tables["official_comparison"]
        .filter((pl.col("region_code") == coverage.NATION) & pl.col("factor_kind").is_in(kinds))
        .group_by("year", "factor_kind")
        .agg(
            pl.col("official_value").cast(pl.Float64).min().alias("least"),
            pl.col("official_value").cast(pl.Float64).max().alias("greatest"),
        )
    )
    ranked = official.with_columns(
        pl.col("factor_kind")
        .replace_strict(kinds, list(range(len(kinds))), return_dtype=pl.Int32)
        .alias("rank")
    ).sort("year", "rank")
    pairs = ranked.with_columns(
        pl.col("factor_kind").shift(1).over("year").alias("should_be_below"),
        pl.col("greatest").shift(1).over("year").alias("value_below"),
    ).filter(pl.col("should_be_below").is_not_null())
    bad = pairs.filter((pl.col("value_below") < pl.col("least")).not_())
    return result(
        "official_values_keep_their_order",
        "official_comparison",
        judged=pairs.height,
        bad=bad.select("year", "should_be_below", "value_below", "factor_kind", "least"),
        rule="official national values stand as average < residual < fossil",
        advice="Check the transcription of the announcement; two values may be swapped.",
        may_be_empty=question.release_month < "2021-12",
    )
