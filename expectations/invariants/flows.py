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
    province_supply,
    release_periods,
)
from expectations.invariants.question import PERIOD, Question, Tables, result

OPEN_BALANCE_METRIC = "open_balance"
"""Metric of `data_quality`: MWh of a province and month that no interchange could balance."""


def pairs_flow_one_way(tables: Tables, question: Question) -> CheckResult:
    """Check that no pair of regions flows both ways in one period, and none flows to itself.

    Interchange is net: opposite flows would count the same energy twice in the network basis. A
    year that says of itself that it is gross may hold both directions, never a flow to itself.
    """
    flows = (
        balance_flows(tables["interchange"])
        .filter(
            (pl.col("energy_mwh") > 0)
            & (
                (pl.col("treatment") != "gross")
                | (pl.col("from_region_code") == pl.col("to_region_code"))
            )
        )
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
    """Check that every province is balanced in every month, but for a small difference.

    Generation and net imports do not always meet consumption: monthly statistics are rounded and
    restated. The difference is published as metric `open_balance`, one row for each province and
    month, zero included, so that an empty metric proves nothing; it may not pass a share of the
    province's supply.
    """
    left = (
        tables["data_quality"]
        .filter(pl.col("metric") == OPEN_BALANCE_METRIC)
        .group_by("region_code", "period_start")
        .agg(pl.col("value").cast(pl.Float64).abs().sort().sum().alias("open_mwh"))
    )
    months = release_periods(question.release_month).filter(pl.col("resolution") == "month")
    wanted = pl.DataFrame({"region_code": list(coverage.PROVINCES)}).join(months, how="cross")
    joined = (
        wanted.join(
            province_supply(tables, "network"),
            on=["region_code", "resolution", "period_start"],
            how="left",
        )
        .select(
            "region_code",
            "period_start",
            (pl.col("generation") + pl.col("imports")).alias("supply_mwh"),
        )
        .join(left, on=["region_code", "period_start"], how="left")
    )
    within = pl.col("open_mwh") <= pl.col("supply_mwh") * float(question.thresholds.balance)
    bad = joined.filter(within.not_() | within.is_null())
    return result(
        "province_balances_close",
        "data_quality",
        judged=joined.height,
        bad=bad,
        rule="generation and net imports meet consumption in every province and month, within "
        f"{question.thresholds.balance} of the supply",
        advice=f"Look at metric {OPEN_BALANCE_METRIC}, which every province and month must have; "
        "a bulletin in another unit or a lost corridor leaves a large one.",
    )
