"""Invariants of consumption: what is generated is what is consumed, wherever it goes.

Belongs here: the consumption mix, its origins, and the factors that follow from them. Does not
belong here: the official structure of supply (`supply`) and claims (`claims`).

Notation: area `a` consumes `c_ap` of what province `p` generated; `g_p`, `Em_p` are generation and
emissions of the province. `sum_a c_ap = g_p` over provinces `a`, and emissions go with the energy.
"""

from __future__ import annotations

import polars as pl

from expectations import coverage
from expectations.check_result import CheckResult
from expectations.invariants.derived import (
    KG_PER_KWH_TO_KG_PER_MWH,
    apart,
    exact_sum,
    factors,
    level_of,
    off,
)
from expectations.invariants.question import PERIOD, Question, Tables, result

CARRIED = ("co2_kg", "ch4_kg", "n2o_kg", "lca_co2e_kg")
"""Emissions that electricity carries from where it was generated, in kg."""

_SERIES = (
    ("consumption_mix", "CO2", None, "co2_kg"),
    ("consumption_mix", "CH4", None, "ch4_kg"),
    ("consumption_mix", "N2O", None, "n2o_kg"),
    ("life_cycle_consumption", "CO2e", "cradle_to_busbar", "lca_co2e_kg"),
)


def consumption_shares_sum_to_one(tables: Tables, question: Question) -> CheckResult:
    """Check that the shares of technologies, and those of origins, add up to 1.

    An origin of a small share is rounded like a large one: 31 origins leave 1.6e-7 at most.
    """
    sums = pl.concat(
        [
            tables[name]
            .group_by("region_code", *PERIOD)
            .agg(
                pl.col("share").cast(pl.Float64).sort().sum().alias("share_sum"),
                pl.len().alias("parts"),
            )
            .with_columns(pl.lit(name).alias("table"))
            for name in ("consumption_mix", "consumption_origin")
        ]
    ).sort("table", "region_code", *PERIOD)
    rounding = pl.col("parts") * 0.5e-8 + float(question.thresholds.share_sum)
    bad = sums.filter(
        ((pl.col("share_sum") - 1).abs() <= rounding).not_() | pl.col("share_sum").is_null()
    )
    return result(
        "consumption_shares_sum_to_one",
        "consumption_mix",
        judged=sums.height,
        bad=bad,
        rule="the shares of technologies, and of origins, of each area and period add up to 1",
        advice="Look for a technology or an origin that is lost or counted twice.",
    )


def consumption_is_that_of_its_origins(tables: Tables, question: Question) -> CheckResult:
    """Check that technologies and origins of an area's consumption add up to the same energy."""
    keys = ["region_code", *PERIOD]
    mix = tables["consumption_mix"].group_by(keys).agg(exact_sum("consumption_mwh"))
    origin = tables["consumption_origin"].group_by(keys).agg(exact_sum("energy_mwh"))
    both = mix.join(origin, on=keys, how="full", coalesce=True).sort(keys)
    bad = both.filter(
        apart("consumption_mwh", "energy_mwh", float(question.thresholds.conservation))
    )
    return result(
        "consumption_is_that_of_its_origins",
        "consumption_origin",
        judged=both.height,
        bad=bad,
        rule="the energy of all technologies is the energy of all origins, area by area",
        advice="Derive both from one solution of the network.",
    )


def generation_is_consumed_with_its_emissions(tables: Tables, question: Question) -> CheckResult:
    """Check that what a province generated is consumed somewhere, with all its emissions.

    `sum_a c_ap = g_p` and `sum_a Em_ap = Em_p` over all consuming provinces, for every origin,
    period and gas: emissions in are emissions out.
    """
    names = ["energy_mwh", *CARRIED]
    consumed = (
        tables["consumption_origin"]
        .filter(level_of("region_code") == "province")
        .group_by(pl.col("origin_region_code").alias("region_code"), *PERIOD)
        .agg(exact_sum(name) for name in names)
    )
    generated = (
        tables["electricity_mix"]
        .filter(level_of("region_code") == "province")
        .rename({"generation_mwh": "energy_mwh"})
        .group_by("region_code", *PERIOD)
        .agg(exact_sum(name) for name in names)
    )
    keys = ["region_code", *PERIOD]
    both = generated.join(consumed, on=keys, how="full", suffix="_consumed", coalesce=True)
    tolerance = float(question.thresholds.conservation)
    bad = both.filter(
        pl.any_horizontal(apart(name, f"{name}_consumed", tolerance) for name in names)
    )
    return result(
        "generation_is_consumed_with_its_emissions",
        "consumption_origin",
        judged=both.height,
        bad=bad,
        rule="what each province generates is consumed in some province, with all its emissions",
        advice="An edge of the network or an origin is missing, or a node was solved twice.",
    )


def areas_consume_what_their_provinces_do(tables: Tables, question: Question) -> CheckResult:
    """Check that provinces add up to the nation, and its grids to Inner Mongolia, by origin."""
    names = ["energy_mwh", *CARRIED]
    origin = tables["consumption_origin"].with_columns(level_of("region_code").alias("level"))
    keys = ["origin_region_code", *PERIOD]
    wholes = {
        coverage.NATION: pl.col("level") == "province",
        "150000": pl.col("level") == "sub_grid",
    }
    both = pl.concat(
        [
            origin.filter(pl.col("region_code") == code)
            .group_by(keys)
            .agg(exact_sum(name) for name in names)
            .join(
                origin.filter(parts).group_by(keys).agg(exact_sum(name) for name in names),
                on=keys,
                how="full",
                suffix="_of_parts",
                coalesce=True,
            )
            .with_columns(pl.lit(code).alias("region_code"))
            for code, parts in wholes.items()
        ]
    )
    tolerance = float(question.thresholds.conservation)
    bad = both.filter(
        pl.any_horizontal(apart(name, f"{name}_of_parts", tolerance) for name in names)
    )
    return result(
        "areas_consume_what_their_provinces_do",
        "consumption_origin",
        judged=both.height,
        bad=bad,
        rule="by origin, the provinces' consumption is the nation's, and its two grids' is Inner "
        "Mongolia's",
        advice="Look for a province that is missing from the nation, or stands in it twice.",
    )


def consumption_factor_agrees_with_origins(tables: Tables, question: Question) -> CheckResult:
    """Check that each consumption factor is the emissions of its origins over what they deliver.

    `EF_a = sum_p Em_ap / sum_p (c_ap - l_ap)`, l lost in storage.
    """
    keys = ["region_code", *PERIOD]
    sums = (
        tables["consumption_origin"]
        .group_by(keys)
        .agg(exact_sum(name) for name in ("energy_mwh", "storage_loss_mwh", *CARRIED))
        .with_columns(_delivered())
    )
    made = pl.concat(
        [
            factors(
                tables["electricity_factor"],
                kind,
                "network",
                gas_scope=scope,
                system_boundary=boundary,
            )
            .join(
                sums.select(
                    *keys,
                    (
                        pl.col(column).cast(pl.Float64)
                        / pl.col("delivered_mwh")
                        / KG_PER_KWH_TO_KG_PER_MWH
                    ).alias("made"),
                ),
                on=keys,
                how="full",
                coalesce=True,
            )
            .with_columns(pl.lit(kind).alias("factor_kind"), pl.lit(scope).alias("gas_scope"))
            for kind, scope, boundary, column in _SERIES
        ]
    ).sort("factor_kind", "gas_scope", *keys)
    bad = made.filter(off("factor", "made", question.thresholds.factor))
    return result(
        "consumption_factor_agrees_with_origins",
        "electricity_factor",
        judged=made.height,
        bad=bad.select("factor_kind", "gas_scope", *keys, "factor", "made"),
        rule="a consumption factor is the emissions of its origins over the energy they deliver",
        advice="Factor and origins must come from one solution; rebuild the one that is stale.",
    )


def _delivered() -> pl.Expr:
    """What users get of consumed energy: all but what storage loses."""
    return (
        (pl.col("energy_mwh") - pl.col("storage_loss_mwh")).cast(pl.Float64).alias("delivered_mwh")
    )


def consumption_factor_within_range_of_origins(tables: Tables, question: Question) -> CheckResult:
    """Check the maximum principle: no consumption factor outside what its origins emit.

    In a month a factor, per kWh consumed rather than delivered, lies between the least and greatest
    generation factor of its origins; in a year between the least and greatest of its own months. A
    solution outside has a negative weight, from a flow of the wrong sign or a system near singular.
    """
    keys = ["region_code", *PERIOD]
    origin = tables["consumption_origin"]
    kept = (
        origin.group_by(keys)
        .agg(exact_sum("energy_mwh"), exact_sum("storage_loss_mwh"))
        .with_columns(_delivered())
        .select(*keys, (pl.col("delivered_mwh") / pl.col("energy_mwh")).alias("kept"))
    )
    consumption = (
        factors(tables["electricity_factor"], "consumption_mix", "network")
        .join(kept, on=keys, how="left")
        .with_columns(pl.col("factor") * pl.col("kept"))
    )
    own = factors(tables["electricity_factor"], "generation_average", "none").rename(
        {"region_code": "origin_region_code"}
    )
    months = (
        origin.filter((pl.col("resolution") == "month") & (pl.col("energy_mwh") > 0))
        .select(*keys, "origin_region_code")
        .join(own, on=["origin_region_code", *PERIOD], how="left")
        .group_by(keys)
        .agg(
            pl.col("factor").min().alias("least"),
            pl.col("factor").max().alias("greatest"),
            pl.col("factor").is_null().any().alias("lacks_origin"),
        )
    )
    years = (
        consumption.filter(pl.col("resolution") == "month")
        .with_columns(pl.col("period_start").dt.truncate("1y"), pl.lit("year").alias("resolution"))
        .group_by(keys)
        .agg(pl.col("factor").min().alias("least"), pl.col("factor").max().alias("greatest"))
        .with_columns(pl.lit(False).alias("lacks_origin"))
    )
    ranges = consumption.join(pl.concat([months, years]), on=keys, how="left")
    slack = float(question.thresholds.factor)
    bad = ranges.filter(
        (
            (pl.col("factor") >= pl.col("least") - slack)
            & (pl.col("factor") <= pl.col("greatest") + slack)
        ).not_()
        | pl.any_horizontal(pl.col("factor", "least", "greatest").is_null())
        | pl.col("lacks_origin")
    )
    return result(
        "consumption_factor_within_range_of_origins",
        "electricity_factor",
        judged=ranges.height,
        bad=bad,
        rule="a consumption factor lies between the least and greatest generation factor of its "
        "origins",
        advice="Look for a negative flow, or a node through which almost nothing runs.",
    )
