"""Invariants of claimed green electricity: nothing is claimed twice, nothing is lost.

Belongs here: claims, what they leave to others, and the factors of that residual. Does not belong
here: which claims are set aside (`int_certificate_claim` and its opinion).

Certificates are an optional input: without claims there is nothing to judge, and no residual.
"""

from __future__ import annotations

import polars as pl

from expectations.check_result import CheckResult
from expectations.invariants.derived import (
    KG_PER_KWH_TO_KG_PER_MWH,
    exact_sum,
    factors,
    level_of,
    off,
)
from expectations.invariants.question import PERIOD, Question, Tables, result

_CELL = ["region_code", *PERIOD, "technology"]


def claims_and_residual_are_the_total(tables: Tables, question: Question) -> CheckResult:
    """Check that claimed + residual = total + attributes that came in, cell by cell.

    The total is the consumption of the published mix; over all technologies an area's attributes
    net to zero, for a claim moves an attribute and no energy.
    """
    balance = tables["certificate_balance"].with_columns(
        (
            pl.col("claimed_mwh") + pl.col("residual_mwh") - pl.col("total_mwh")
            - pl.col("attribute_net_mwh")
        )
        .cast(pl.Float64)
        .abs()
        .alias("left_over")
    )  # fmt: skip
    cells = balance.join(
        tables["consumption_mix"].select(*_CELL, "consumption_mwh"), on=_CELL, how="left"
    ).with_columns(
        (pl.col("total_mwh") - pl.col("consumption_mwh"))
        .cast(pl.Float64)
        .abs()
        .alias("off_the_mix")
    )
    areas = balance.group_by("region_code", *PERIOD).agg(
        pl.col("attribute_net_mwh").sum().cast(pl.Float64).abs().alias("left_over")
    )
    slack = float(question.thresholds.attribute)
    within = (pl.col("left_over") <= slack) & (pl.col("off_the_mix") <= slack)
    bad = pl.concat(
        [
            cells.filter(within.not_() | within.is_null()).select(
                *_CELL, "left_over", "off_the_mix"
            ),
            areas.filter((pl.col("left_over") <= slack).not_()),
        ],
        how="diagonal",
    )
    return result(
        "claims_and_residual_are_the_total",
        "certificate_balance",
        judged=cells.height + areas.height,
        bad=bad,
        rule="claimed and residual electricity are consumption and the attributes that came in",
        advice="A claim was counted on one side alone; look at claims that were set aside.",
        may_be_empty=True,
    )


def attributes_net_to_zero(tables: Tables, question: Question) -> CheckResult:
    """Check that attributes traded between provinces net to zero, by technology and period."""
    sums = (
        tables["certificate_balance"]
        .filter(level_of("region_code") == "province")
        .group_by(*PERIOD, "technology")
        .agg(
            exact_sum("attribute_net_mwh"),
            pl.col("region_code").n_unique().alias("provinces"),
        )
        .sort(*PERIOD, "technology")
    )
    within = (
        pl.col("attribute_net_mwh").cast(pl.Float64).abs() <= float(question.thresholds.attribute)
    )  # fmt: skip
    bad = sums.filter(within.not_() | within.is_null())
    return result(
        "attributes_net_to_zero",
        "certificate_balance",
        judged=sums.height,
        bad=bad,
        rule="what one province gains of an attribute another has lost",
        advice="A province is missing from the pool of uncertified electricity.",
        may_be_empty=True,
    )


def claims_within_generation(tables: Tables, question: Question) -> CheckResult:
    """Check that the nation claims no more of a technology than it generated."""
    nation = tables["certificate_balance"].filter(level_of("region_code") == "nation")
    both = nation.join(
        tables["electricity_mix"].select(*_CELL, "generation_mwh"), on=_CELL, how="left"
    )
    bad = both.filter(
        (pl.col("claimed_mwh") <= pl.col("generation_mwh")).not_()
        | (pl.col("generation_mwh").is_null() & (pl.col("claimed_mwh") > 0))
    ).select(*_CELL, "claimed_mwh", "generation_mwh")
    return result(
        "claims_within_generation",
        "certificate_balance",
        judged=both.height,
        bad=bad,
        rule="no more of a technology is claimed in the nation than it generated",
        advice="Claims above generation are set aside where they were issued; these were not.",
        may_be_empty=True,
    )


def residual_factor_agrees_with_balance(tables: Tables, question: Question) -> CheckResult:
    """Check that every area with a residual has its factor, and that it is the balance's.

    The life-cycle factor at the busbar is `lca_co2e_kg` over what `residual_mwh` delivers, all but
    what storage loses of it; CO2 of combustion has to be there too, and no residual factor without
    a balance.
    """
    keys = ["region_code", *PERIOD]
    factor = tables["electricity_factor"]
    lost = tables["residual_balance"].select(*keys, "storage_loss_mwh")
    made = (
        tables["certificate_balance"]
        .group_by(keys)
        .agg(exact_sum("residual_mwh"), exact_sum("lca_co2e_kg"))
        .filter(pl.col("residual_mwh") > 0)
        .join(lost, on=keys, how="left")
        .select(
            *keys,
            (
                pl.col("lca_co2e_kg").cast(pl.Float64)
                / (pl.col("residual_mwh") - pl.col("storage_loss_mwh")).cast(pl.Float64)
                / KG_PER_KWH_TO_KG_PER_MWH
            ).alias("made"),
        )
    )
    stated = factors(
        factor,
        "life_cycle_residual",
        "network",
        gas_scope="CO2e",
        system_boundary="cradle_to_busbar",
    )
    direct = factors(factor, "residual_mix", "network").rename({"factor": "direct"})
    both = made.join(stated, on=keys, how="full", coalesce=True).join(
        direct, on=keys, how="full", coalesce=True
    )
    bad = both.filter(
        off("factor", "made", question.thresholds.factor) | pl.col("direct").is_null()
    )
    return result(
        "residual_factor_agrees_with_balance",
        "electricity_factor",
        judged=both.height,
        bad=bad,
        rule="every area with a residual has its factor, and it is that of the balance",
        advice="Factor and balance must come from one residual; rebuild the one that is stale.",
        may_be_empty=True,
    )
