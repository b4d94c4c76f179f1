"""Invariants of tables that set published values side by side.

Belongs here: that a comparison shows the values that are published elsewhere. Does not belong
here: how far compared values may lie apart (opinions of `data_quality`).
"""

from __future__ import annotations

import polars as pl

from expectations.check_result import CheckResult
from expectations.invariants.derived import factors, off
from expectations.invariants.question import PERIOD, Question, Tables, result


def compared_bases_are_the_published_factors(tables: Tables, question: Question) -> CheckResult:
    """Check that the comparison of import bases shows the published supply averages."""
    shown = tables["basis_comparison"].select(
        "region_code",
        *PERIOD,
        pl.col("generation_basis_value").cast(pl.Float64).alias("generation"),
        pl.col("network_basis_value").cast(pl.Float64).alias("network"),
    )
    published = pl.concat(
        [
            factors(tables["electricity_factor"], "supply_average", basis).with_columns(
                pl.lit(basis).alias("basis")
            )
            for basis in ("generation", "network")
        ]
    )
    both = published.join(
        shown.unpivot(
            ["generation", "network"],
            index=["region_code", *PERIOD],
            variable_name="basis",
            value_name="shown",
        ),
        on=["region_code", *PERIOD, "basis"],
        how="full",
        coalesce=True,
    )
    bad = both.filter(off("factor", "shown", question.thresholds.factor))
    return result(
        "compared_bases_are_the_published_factors",
        "basis_comparison",
        judged=both.height,
        bad=bad.select("region_code", *PERIOD, "basis", "factor", "shown"),
        rule="the comparison of import bases shows the supply averages as published, all of them",
        advice="Derive basis_comparison from electricity_factor of the same build.",
    )
