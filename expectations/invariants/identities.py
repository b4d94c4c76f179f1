"""Invariants of our own national values: the identities of the official definitions (MEE and NBS).

Belongs here: average < residual < fossil, and what their ratios mean. Does not belong here: the
same identities among official values (`official`), and how far theirs lie from ours (opinions).
"""

from __future__ import annotations

import polars as pl

from expectations import coverage
from expectations.check_result import CheckResult
from expectations.invariants.derived import exact_sum, factors
from expectations.invariants.question import PERIOD, Question, Tables, result


def national_values_keep_their_order(tables: Tables, question: Question) -> CheckResult:
    """Check that the nation stands as average < residual < fossil in every month and year.

    Taking claimed non-fossil electricity out of the denominator raises the average; taking all
    of it out gives the fossil factor. Where nothing is claimed, average < fossil.
    """
    both = _national(tables)
    rising = pl.col("average") < pl.col("fossil")
    between = (pl.col("average") < pl.col("residual")) & (pl.col("residual") < pl.col("fossil"))
    holds = pl.when(pl.col("residual").is_null()).then(rising).otherwise(between)
    bad = both.filter(holds.not_() | holds.is_null())
    return result(
        "national_values_keep_their_order",
        "electricity_factor",
        judged=both.height,
        bad=bad.select(*PERIOD, "average", "residual", "fossil"),
        rule="our national values stand as average < residual < fossil",
        advice="A claim of fossil electricity was counted, or kinds of factors are mixed up.",
    )


def national_ratios_are_shares(tables: Tables, question: Question) -> CheckResult:
    """Check that average / fossil is the fossil share, and 1 - average / residual the claimed one.

    Both sides are published: the ratio of factors, and the shares of mix and claims. With factors
    and shares of 8 places near 0.5 a ratio carries 2e-8.
    """
    mix = (
        tables["electricity_mix"]
        .filter(
            (pl.col("region_code") == coverage.NATION)
            & pl.col("technology").is_in(list(coverage.FOSSIL_TECHNOLOGIES))
        )
        .group_by(PERIOD)
        .agg(pl.col("share").cast(pl.Float64).sort().sum().alias("fossil_share"))
    )
    claims = (
        tables["certificate_balance"]
        .filter(pl.col("region_code") == coverage.NATION)
        .group_by(PERIOD)
        .agg(exact_sum("claimed_mwh"), exact_sum("total_mwh"))
        .select(
            *PERIOD,
            (pl.col("claimed_mwh").cast(pl.Float64) / pl.col("total_mwh").cast(pl.Float64)).alias(
                "claimed_share"
            ),
        )
    )
    both = (
        _national(tables)
        .join(mix, on=PERIOD, how="left")
        .join(claims, on=PERIOD, how="left")
        .with_columns(
            (pl.col("average") / pl.col("fossil")).alias("average_over_fossil"),
            (1 - pl.col("average") / pl.col("residual")).alias("one_less_average_over_residual"),
        )
    )
    slack = 2 * float(question.thresholds.factor)
    fossil = (pl.col("average_over_fossil") - pl.col("fossil_share")).abs() <= slack
    claimed = (
        (pl.col("one_less_average_over_residual") - pl.col("claimed_share")).abs() <= slack
    ) | (pl.col("residual").is_null() & pl.col("claimed_share").is_null())
    bad = both.filter(
        fossil.not_() | fossil.is_null() | claimed.not_() | claimed.is_null()
    )  # fmt: skip
    return result(
        "national_ratios_are_shares",
        "electricity_factor",
        judged=both.height,
        bad=bad.drop("average", "fossil", "residual"),
        rule="the nation's average over its fossil factor is its fossil share, and one less its "
        "average over residual its claimed share",
        advice="Factors, mix and claims must come from one balance.",
    )


def _national(tables: Tables) -> pl.DataFrame:
    """Return resolution, period_start, average, fossil and residual (null without claims).

    The residual stands per kWh consumed, as the average does: what storage loses is not taken off.
    """
    factor = tables["electricity_factor"].filter(pl.col("region_code") == coverage.NATION)
    series = {
        "average": ("generation_average", "none"),
        "fossil": ("fossil_power", "none"),
        "residual": ("residual_mix", "network"),
    }
    frames = [
        factors(factor, *series[name]).select(*PERIOD, pl.col("factor").alias(name))
        for name in series
    ]
    average, fossil, residual = frames
    delivered = pl.col("residual_mwh") - pl.col("storage_loss_mwh")
    kept = (
        tables["residual_balance"]
        .filter(pl.col("region_code") == coverage.NATION)
        .select(
            *PERIOD,
            (delivered.cast(pl.Float64) / pl.col("residual_mwh").cast(pl.Float64)).alias("kept"),
        )
    )
    return (
        average.join(fossil, on=PERIOD, how="full", coalesce=True)
        .join(residual, on=PERIOD, how="left")
        .join(kept, on=PERIOD, how="left")
        .with_columns(pl.col("residual") * pl.col("kept"))
        .drop("kept")
        .sort(PERIOD)
    )
