"""Invariants between factors, mix and interchange.

Belongs here: making published factors again from the other published tables. Does not belong here:
the balance of energy itself (`flows`).
"""

from __future__ import annotations

import polars as pl

from expectations.check_result import CheckResult
from expectations.invariants.derived import (
    KG_PER_KWH_TO_KG_PER_MWH,
    apart,
    factors,
    generation,
    mixed_range,
    off,
    province_supply,
)
from expectations.invariants.question import PERIOD, Question, Tables, result


def generation_factor_agrees_with_mix(tables: Tables, question: Question) -> CheckResult:
    """Check that the generation factor is the mix's emissions over the mix's generation."""
    made = generation(tables["electricity_mix"]).with_columns(
        (pl.col("co2") / pl.col("generation") / KG_PER_KWH_TO_KG_PER_MWH).alias("made")
    )
    stated = factors(tables["electricity_factor"], "generation_average", "none")
    both = stated.join(made, on=["region_code", *PERIOD], how="left")
    bad = both.filter(off("factor", "made", question.thresholds.factor))
    return result(
        "generation_factor_agrees_with_mix",
        "electricity_factor",
        judged=both.height,
        bad=bad.select("region_code", *PERIOD, "factor", "made"),
        rule="the generation factor is emissions over generation of the published mix",
        advice="Both must come from one inventory; rebuild the one that is stale.",
    )


def supply_factor_agrees_with_interchange(tables: Tables, question: Question) -> CheckResult:
    """Check that each province's factor of supply can be made again from published tables.

    `f_p = (Em_p + sum_n x_n I_np) / (E_p + sum_n I_np)`, for both bases of `x`.
    """
    made = pl.concat([province_supply(tables, basis) for basis in ("generation", "network")])
    bad = made.filter(off("factor", "made", question.thresholds.factor))
    return result(
        "supply_factor_agrees_with_interchange",
        "electricity_factor",
        judged=made.height,
        bad=bad.select("basis", "region_code", *PERIOD, "factor", "made"),
        rule="a province's supply factor is that of its generation and imports as published",
        advice="Rebuild factor and interchange from one balance.",
    )


def emissions_conserved_through_interchange(tables: Tables, question: Question) -> CheckResult:
    """Check that what is delivered carries what was emitted, on the network basis.

    Each province passes on supply at its own factor, so the emissions of final deliveries,
    `sum_p f_p (E_p + I_.p - I_p.)`, are the emissions of generation, `sum_p Em_p`. Holds for the
    network basis alone: with generation-based import factors transit is not conserved.
    """
    supply = province_supply(tables, "network").with_columns(
        (pl.col("factor") * (pl.col("generation") + pl.col("imports") - pl.col("exports")))
        .mul(KG_PER_KWH_TO_KG_PER_MWH)
        .alias("delivered")
    )
    sums = (
        supply.sort("region_code")
        .group_by(*PERIOD, maintain_order=True)
        .agg(
            pl.col("delivered").sort().sum().alias("delivered_co2_kg"),
            pl.col("co2").sort().sum().alias("emitted_co2_kg"),
            pl.col("delivered").is_null().any().alias("has_gap"),
        )
        .sort(PERIOD)
    )
    bad = sums.filter(
        pl.col("has_gap")
        | apart("emitted_co2_kg", "delivered_co2_kg", float(question.thresholds.conservation))
    )
    return result(
        "emissions_conserved_through_interchange",
        "electricity_factor",
        judged=sums.height,
        bad=bad,
        rule="on the network basis, deliveries carry exactly the emissions of generation",
        advice="A flow, a factor or a province is missing from one side of the balance.",
    )


def factor_within_range_of_what_it_mixes(tables: Tables, question: Question) -> CheckResult:
    """Check that a supply factor lies between the least and greatest factor that it mixes.

    A province mixes its own generation and, for each inflow, the exporter's factor; a weighted
    mean outside its parts means a negative weight or a factor from elsewhere.
    """
    ranges = pl.concat([mixed_range(tables, basis) for basis in ("generation", "network")])
    slack = float(question.thresholds.factor)
    bad = ranges.filter(
        (
            (pl.col("factor") >= pl.col("least") - slack)
            & (pl.col("factor") <= pl.col("greatest") + slack)
        ).not_()
        | pl.any_horizontal(pl.col("factor", "least", "greatest").is_null())
    )
    return result(
        "factor_within_range_of_what_it_mixes",
        "electricity_factor",
        judged=ranges.height,
        bad=bad,
        rule="a province's supply factor lies within the factors that it mixes",
        advice="Look for a negative flow, or an exporter's factor of another period or basis.",
    )
