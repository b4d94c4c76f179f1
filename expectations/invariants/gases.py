"""Invariants of gases, GWP sets and system boundaries.

Belongs here: CO2e against its gases, and what delivery adds to the busbar. Does not belong here:
the vocabulary of a single column (`expectations.published`).
"""

from __future__ import annotations

import polars as pl

from expectations.check_result import CheckResult
from expectations.invariants.question import PERIOD, Question, Tables, result

_MEANING = ["region_code", *PERIOD, "factor_kind", "import_factor_basis"]

_METHANE = ("CH4", "CH4_biogenic_or_combustion")
"""Methane of combustion, whose carbon is counted as CO2 already; of fugitive methane it is not."""


def co2e_is_its_gases_weighed_by_one_set(tables: Tables, question: Question) -> CheckResult:
    """Check that CO2e = CO2 + GWP_CH4 CH4 + GWP_N2O N2O, by one document of the set that it names.

    Every single-gas factor of combustion has its CO2e under every set that one document weighs
    whole, and under no other. A set put together from two documents, or taken for another,
    breaks it.
    """
    documents = _whole_documents(tables["gwp"])
    direct = tables["electricity_factor"].filter(pl.col("system_boundary") == "direct_combustion")
    value = pl.col("value").cast(pl.Float64)
    gases = direct.group_by(_MEANING).agg(
        value.filter(pl.col("gas_scope") == gas).first().alias(gas) for gas in ("CO2", "CH4", "N2O")
    )
    stated = direct.filter(pl.col("gas_scope") == "CO2e").select(
        *_MEANING, "gwp_set", value.alias("CO2e")
    )
    wanted = gases.join(documents.select("gwp_set").unique(), how="cross").join(
        stated, on=[*_MEANING, "gwp_set"], how="full", coalesce=True
    )
    weighed = wanted.join(documents, on="gwp_set", how="left").with_columns(
        (
            pl.col("CO2")
            + pl.col("CH4") * pl.col("gwp_ch4")
            + pl.col("N2O") * pl.col("gwp_n2o")
            - pl.col("CO2e")
        )
        .abs()
        .alias("left_over")
    )
    holds = pl.col("left_over") <= float(question.thresholds.co2e)
    broken = (
        weighed.with_columns((holds.not_() | holds.is_null()).alias("is_broken"))
        .sort("gwp_set", "guideline", *_MEANING)
    )  # fmt: skip
    # Of several documents of a set, one and the same must hold in all rows: the best is judged.
    best = (
        broken.group_by("gwp_set", "guideline")
        .agg(pl.col("is_broken").sum().alias("rows"))
        .sort("gwp_set", "rows", "guideline")
        .group_by("gwp_set", maintain_order=True)
        .first()
        .select("gwp_set", "guideline")
    )
    judged = broken.join(best, on=["gwp_set", "guideline"], how="semi", nulls_equal=True)
    return result(
        "co2e_is_its_gases_weighed_by_one_set",
        "electricity_factor",
        judged=judged.height,
        bad=judged.filter("is_broken").select(
            "gwp_set", *_MEANING, "CO2", "CH4", "N2O", "CO2e", "left_over"
        ),
        rule="CO2e of combustion is CO2 and its CH4 and N2O weighed by the set that it names",
        advice="Weigh all rows of a set by one document that holds both gases.",
    )


def delivery_adds_the_same_everywhere(tables: Tables, question: Question) -> CheckResult:
    """Check that user = busbar / (1 - l) + d, with one loss rate l and one term d a year.

    Without losses user = busbar + d. Loss rate and infrastructure are national: an area or kind
    with others of its own was taken from another year or counted twice.
    """
    cell = ["region_code", *PERIOD, "factor_kind", "technology"]
    value = pl.col("value").cast(pl.Float64)
    is_user = pl.col("system_boundary") == "cradle_to_user"
    losses = pl.col("includes_td_losses")
    made = (
        tables["electricity_factor"]
        .filter(pl.col("factor_kind").str.starts_with("life_cycle"))
        .group_by(cell)
        .agg(
            value.filter(pl.col("system_boundary") == "cradle_to_busbar").first().alias("busbar"),
            value.filter(is_user & ~losses).first().alias("without"),
            value.filter(is_user & losses).first().alias("with_losses"),
        )
        .with_columns(
            pl.col("period_start").dt.year().alias("year"),
            (pl.col("without") - pl.col("busbar")).alias("term"),
            ((pl.col("with_losses") - pl.col("without")) / pl.col("busbar")).alias("lost"),
        )
        .with_columns(
            pl.col("term").median().over("year").alias("usual_term"),
            # The largest factor tells the rate best: rounding weighs least on it.
            pl.col("lost").sort_by("busbar", "lost").last().over("year").alias("usual_lost"),
        )
        .sort(cell)
    )
    slack = float(question.thresholds.co2e)
    holds = (
        ((pl.col("term") - pl.col("usual_term")).abs() <= slack)
        & (
            (pl.col("with_losses") - pl.col("without") - pl.col("busbar") * pl.col("usual_lost"))
            .abs() <= slack
        )
        & (pl.col("term") >= 0)
        & (pl.col("lost") >= 0)
    )  # fmt: skip
    bad = made.filter(holds.not_() | holds.is_null())
    return result(
        "delivery_adds_the_same_everywhere",
        "electricity_factor",
        judged=made.height,
        bad=bad.select(*cell, "busbar", "without", "with_losses", "usual_term", "usual_lost"),
        rule="delivery adds one term and one rate of losses to every life-cycle factor of a year",
        advice="Take the terms of delivery of one year for all factors of that year.",
    )


def _whole_documents(gwp: pl.DataFrame) -> pl.DataFrame:
    """Return gwp_set, guideline, gwp_ch4, gwp_n2o of the documents of AR sets that weigh both."""
    weight = pl.col("value").cast(pl.Float64)
    return (
        gwp.filter(pl.col("gwp_set").str.starts_with("AR"))
        .group_by("gwp_set", "guideline")
        .agg(
            weight.filter(pl.col("gas").is_in(_METHANE)).first().alias("gwp_ch4"),
            weight.filter(pl.col("gas") == "N2O").first().alias("gwp_n2o"),
        )
        .drop_nulls()
        .sort("gwp_set", "guideline")
    )
