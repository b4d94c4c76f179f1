"""Invariants of the generation mix: parts and wholes.

Belongs here: shares, sums over regions and sums over months. Does not belong here: factors.
"""

from __future__ import annotations

import polars as pl

from expectations import coverage
from expectations.check_result import CheckResult
from expectations.invariants.derived import apart, exact_sum, level_of
from expectations.invariants.question import PERIOD, Question, Tables, result


def mix_sums_to_one(tables: Tables, question: Question) -> CheckResult:
    """Check that the shares of each region and period add up to 1.

    A mix that does not is the first sign of a technology counted twice or lost.
    """
    sums = (
        tables["electricity_mix"]
        .group_by("region_code", *PERIOD)
        .agg(pl.col("share").cast(pl.Float64).sort().sum().alias("share_sum"))
    )
    bad = sums.filter(
        ((pl.col("share_sum") - 1).abs() <= float(question.thresholds.share_sum)).not_()
        | pl.col("share_sum").is_null()
    )
    return result(
        "mix_sums_to_one",
        "electricity_mix",
        judged=sums.height,
        bad=bad,
        rule="the shares of each region and period add up to 1",
        advice="Look for a technology that is lost or counted twice.",
    )


def shares_are_of_generation(tables: Tables, question: Question) -> CheckResult:
    """Check that each share is the technology's generation over the region's generation."""
    mix = tables["electricity_mix"].with_columns(
        pl.col("generation_mwh").cast(pl.Float64).alias("generation"),
        pl.col("share").cast(pl.Float64).alias("stated"),
    )
    total = pl.col("generation").sort().sum().over("region_code", *PERIOD)
    made = mix.with_columns((pl.col("generation") / total).alias("made"))
    bad = made.filter(
        ((pl.col("stated") - pl.col("made")).abs() <= float(question.thresholds.share_sum)).not_()
        | pl.col("made").is_null()
        | pl.col("made").is_nan()
        | pl.col("stated").is_null()
    ).select("region_code", *PERIOD, "technology", "stated", "made")
    return result(
        "shares_are_of_generation",
        "electricity_mix",
        judged=made.height,
        bad=bad,
        rule="each share is the technology's part of the region's generation",
        advice="Derive the share from the published generation_mwh.",
    )


def emissions_conserved_from_provinces_to_nation(tables: Tables, question: Question) -> CheckResult:
    """Check that provinces, and grid regions, add up to the nation in energy and emissions.

    Energy and emissions are exact decimals, so the sums must agree to the tolerance that rounding
    to six places leaves; a province counted in two grid regions, or in none, shows here.
    """
    totals = (
        tables["electricity_mix"]
        .with_columns(level_of("region_code").alias("level"))
        .group_by("level", *PERIOD)
        .agg(exact_sum("generation_mwh"), exact_sum("co2_kg"))
    )
    nation = totals.filter(pl.col("level") == "nation").drop("level")
    parts = totals.filter(pl.col("level").is_in(["province", "grid_region"]))
    levels = pl.DataFrame({"level": ["province", "grid_region"]})
    both = (
        nation.join(levels, how="cross")
        .join(parts, on=["level", *PERIOD], how="full", suffix="_of_parts", coalesce=True)
        .sort("level", *PERIOD)
    )
    tolerance = float(question.thresholds.conservation)
    bad = both.filter(
        apart("generation_mwh", "generation_mwh_of_parts", tolerance)
        | apart("co2_kg", "co2_kg_of_parts", tolerance)
    )
    return result(
        "emissions_conserved_from_provinces_to_nation",
        "electricity_mix",
        judged=both.height,
        bad=bad,
        rule="generation and emissions of the provinces, and of the grid regions, add up to the "
        "nation's",
        advice="Look for a province that is missing, or stands in two grid regions.",
    )


def years_are_sums_of_months(tables: Tables, question: Question) -> CheckResult:
    """Check that a year's generation and emissions are those of its twelve months."""
    mix = tables["electricity_mix"]
    cell = ["region_code", "technology"]
    start = [pl.col("period_start").dt.truncate("1y")]
    months = (
        mix.filter(pl.col("resolution") == "month")
        .with_columns(start)
        .group_by(*cell, "period_start")
        .agg(exact_sum("generation_mwh"), exact_sum("co2_kg"), pl.len().alias("months"))
    )
    year = mix.filter(pl.col("resolution") == "year").select(
        *cell, "period_start", "generation_mwh", "co2_kg"
    )
    both = year.join(months, on=[*cell, "period_start"], how="left", suffix="_of_months")
    tolerance = float(question.thresholds.conservation)
    bad = both.filter(
        (pl.col("months") != 12)
        | pl.col("months").is_null()
        | apart("generation_mwh", "generation_mwh_of_months", tolerance)
        | apart("co2_kg", "co2_kg_of_months", tolerance)
    )
    return result(
        "years_are_sums_of_months",
        "electricity_mix",
        judged=both.height,
        bad=bad,
        rule="a year's generation and emissions are the sums of its twelve months",
        advice="Derive the year from the published months.",
        may_be_empty=not coverage.years(question.release_month),
    )


def evidence_shares_sum_to_one(tables: Tables, question: Question) -> CheckResult:
    """Check that what is reported, completed and modelled behind a factor adds up to all of it."""
    names = ["reported_share", "completed_share", "modelled_share"]
    shares = tables["electricity_factor"].with_columns(
        pl.sum_horizontal(
            (pl.col(name).cast(pl.Float64) for name in names), ignore_nulls=False
        ).alias("share_sum")
    )
    bad = shares.filter(
        ((pl.col("share_sum") - 1).abs() <= float(question.thresholds.share_sum)).not_()
        | pl.col("share_sum").is_null()
    ).select("factor_id", *names)
    return result(
        "evidence_shares_sum_to_one",
        "electricity_factor",
        judged=shares.height,
        bad=bad,
        rule="the reported, completed and modelled shares behind a factor add up to 1",
        advice="A tier of evidence is missing from the sum, or counted twice.",
    )
