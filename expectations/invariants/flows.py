"""Invariants of energy that flows between regions.

Belongs here: direction, limits and balance of interchange. Does not belong here: its emissions.
"""

from __future__ import annotations

import polars as pl

from expectations import coverage
from expectations.check_result import CheckResult
from expectations.invariants.derived import (
    balance_flows,
    exact_sum,
    generation,
    province_supply,
)
from expectations.invariants.question import PERIOD, Question, Tables, result

OPEN_BALANCE_METRIC = "open_balance"
"""Metric of `data_quality`: MWh of a province and month that no interchange could balance."""

BALANCE_MADE_METRIC = "consumption_scale"
"""Metric of `data_quality` that stands once for every month whose balances were made."""


def pairs_flow_one_way(tables: Tables, question: Question) -> CheckResult:
    """Check that no pair of regions flows both ways in one period, and none flows to itself.

    Interchange is net: opposite flows would count the same energy twice in the network basis.
    """
    flows = (
        balance_flows(tables["interchange"])
        .filter(pl.col("energy_mwh") > 0)
        .group_by("level", *PERIOD, "from_region_code", "to_region_code")
        .agg(exact_sum("energy_mwh"))
    )
    back = flows.rename(
        {
            "from_region_code": "to_region_code",
            "to_region_code": "from_region_code",
            "energy_mwh": "energy_mwh_back",
        }
    )
    both = flows.join(
        back, on=["level", *PERIOD, "from_region_code", "to_region_code"], how="inner"
    ).sort("level", *PERIOD, "from_region_code", "to_region_code")
    return result(
        "pairs_flow_one_way",
        "interchange",
        judged=flows.height,
        bad=both,
        rule="a pair of regions flows one way in a period, and no region flows to itself",
        advice="Net the two flows before they are published.",
    )


def exports_within_supply(tables: Tables, question: Question) -> CheckResult:
    """Check that no province delivers more than it generates and receives."""
    supply = province_supply(tables, "network").with_columns(
        (pl.col("generation") + pl.col("imports")).alias("supply_mwh")
    )
    bad = supply.filter(
        (
            pl.col("exports")
            <= pl.col("supply_mwh") * (1 + float(question.thresholds.conservation))
        ).not_()
    )
    return result(
        "exports_within_supply",
        "interchange",
        judged=supply.height,
        bad=bad.select("region_code", *PERIOD, "generation", "imports", "exports"),
        rule="a province delivers no more than it generates and receives",
        advice="The balance of that province does not close; look at its consumption figure.",
    )


def province_balances_close(tables: Tables, question: Question) -> CheckResult:
    """Check that every province is balanced in every month, but for a small part of the nation's.

    Consumption statistics and corridor capacities do not always allow generation and net imports
    to meet consumption. What stays open is published by province as metric `open_balance` (no row:
    nothing is open), with a warning; over all provinces it may not pass a share of the nation's
    generation. A month without the metric `consumption_scale` was never balanced, so that an empty
    list of open balances would prove nothing.
    """
    quality = tables["data_quality"]
    left = (
        quality.filter(pl.col("metric") == OPEN_BALANCE_METRIC)
        .group_by("period_start")
        .agg(
            pl.col("value").cast(pl.Float64).abs().sort().sum().alias("open_mwh"),
            pl.col("region_code").unique().sort().str.join(" ").alias("provinces"),
        )
    )
    made = (
        quality.filter(pl.col("metric") == BALANCE_MADE_METRIC)
        .select("period_start", pl.lit(True).alias("was_balanced"))
        .unique()
    )
    months = generation(tables["electricity_mix"]).filter(
        (pl.col("region_code") == coverage.NATION) & (pl.col("resolution") == "month")
    )
    joined = (
        months.select("period_start", pl.col("generation").alias("generation_mwh"))
        .join(left, on="period_start", how="left")
        .join(made, on="period_start", how="left")
        .with_columns(
            pl.col("open_mwh").fill_null(0.0),
            pl.col("provinces").fill_null(""),
            pl.col("was_balanced").fill_null(False),
        )
    )
    within = pl.col("open_mwh") <= pl.col("generation_mwh") * float(question.thresholds.balance)
    bad = joined.filter(within.not_() | within.is_null() | pl.col("was_balanced").not_())
    return result(
        "province_balances_close",
        "data_quality",
        judged=joined.height,
        bad=bad,
        rule=f"at most {question.thresholds.balance} of a month's generation stays open in the "
        "balances of the provinces",
        advice=f"Metric {OPEN_BALANCE_METRIC} names the provinces; look at their consumption and "
        f"corridors. Every month needs metric {BALANCE_MADE_METRIC}.",
    )
