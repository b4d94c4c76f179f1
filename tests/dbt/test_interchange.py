"""The interchange of the worked example: every year's optimum, its multipliers, its response."""

from __future__ import annotations

import dataclasses

import duckdb
import numpy as np
import polars as pl
import pytest

from dbt_project.methods.interchange import Year, responses, years
from dbt_project.methods.interchange_optimum import solve
from tests.methods.interchange_reference import solve_reference

pytestmark = pytest.mark.slow

INPUTS = (
    "from intermediate.int_interchange_balance",
    "from staging.stg_transmission_corridor",
    "from intermediate.int_transfer_constraint",
    "from intermediate.int_transfer_part",
)


@pytest.fixture(scope="module")
def candidate(built):
    with duckdb.connect(built.candidate / "candidate.duckdb", read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def real_years(candidate) -> list[Year]:
    return list(years(*(candidate.sql(query).pl() for query in INPUTS), consumption_sd=0.02))


def test_a_general_solver_finds_the_flows_of_every_real_year(real_years) -> None:
    assert len(real_years) >= 6
    for year in real_years:
        flows = year.solve().flows
        apart = np.abs(flows - solve_reference(year.programme)).max()
        assert apart < 1e-7 * np.abs(flows).max(), year.months[0].year


def test_published_multipliers_explain_every_flow(candidate) -> None:
    """Use of a corridor = difference of its ends' multipliers - what reports pull - its price."""
    flow = candidate.sql(
        """
        with pull as (
            select
                part.from_region_code,
                part.to_region_code,
                month.period_month,
                sum(fit.multiplier * part.coefficient) as pull
            from marts.interchange_fit as fit
            inner join intermediate.int_transfer_constraint as told
                using (kind, from_region_code, to_region_codes, period_start, period_end)
            inner join intermediate.int_transfer_part as part using (constraint_id)
            inner join (
                select distinct period_month from intermediate.int_interchange_estimate
            ) as month
                on month.period_month between told.first_month and told.last_month
            where fit.multiplier <> 0
            group by all
        )

        select
            flow.period_month,
            flow.energy_mwh / flow.capacity_mwh as use,
            arrives.multiplier - leaves.multiplier as difference,
            coalesce(pull.pull, 0) as pull,
            sign(flow.energy_mwh) * coalesce(price.multiplier, 0) as price
        from intermediate.int_interchange_estimate as flow
        inner join marts.balance_strain as arrives
            on
                arrives.kind = 'balance'
                and flow.to_region_code = arrives.region_code
                and flow.period_month = arrives.period_start
        inner join marts.balance_strain as leaves
            on
                leaves.kind = 'balance'
                and flow.from_region_code = leaves.region_code
                and flow.period_month = leaves.period_start
        left join pull
            on
                flow.from_region_code = pull.from_region_code
                and flow.to_region_code = pull.to_region_code
                and flow.period_month = pull.period_month
        left join marts.balance_strain as price
            on
                price.kind = 'corridor'
                and flow.period_month = price.period_start
                and least(price.region_code, price.to_region_code) = flow.from_region_code
                and greatest(price.region_code, price.to_region_code) = flow.to_region_code
        where flow.kind = 'flow'
        """
    ).pl()
    assert flow.height == 60 * 56
    assert flow.filter(pl.col("pull") != 0).height > 100
    assert flow.filter(pl.col("price") != 0).height > 10
    wanted = flow.select(
        (pl.col("difference") - pl.col("pull") - pl.col("price")).cast(pl.Float64)
    ).to_series()
    # Multipliers are published to six digits, of which the pull of several reports adds up.
    np.testing.assert_allclose(flow["use"].cast(pl.Float64), wanted, atol=1e-4)


def test_scores_and_multipliers_say_the_same(candidate) -> None:
    wrong = candidate.sql(
        """
        select * from marts.balance_strain
        where
            kind = 'balance'
            and abs(z_score / 0.02 - multiplier) > 1e-4
        """
    )
    assert wrong.pl().height == 0


def test_bounds_that_are_kept_leave_the_estimate_alone(candidate) -> None:
    bounds = candidate.sql(
        "select step_estimated_mwh > step_mwh as passed, multiplier > 0 as pulls"
        " from marts.interchange_fit where use = 'upper_bound'"
    ).pl()
    assert bounds.height > 0
    assert bounds["passed"].to_list() == bounds["pulls"].to_list()


def test_the_response_of_a_real_year_is_what_solving_again_gives(candidate) -> None:
    random = np.random.default_rng(0)
    for year, answer in responses(
        *(candidate.sql(query).pl() for query in INPUTS), consumption_sd=0.02
    ):
        size = 1e-6
        balance = answer.net_import * (1 + size * random.standard_normal(answer.net_import.shape))
        transfer = answer.transfer * (1 + size * random.standard_normal(answer.transfer.shape))
        moved = dataclasses.replace(
            year.programme,
            net_import=balance,
            transfer=transfer,
            transfer_sd=year.programme.transfer_sd * np.sqrt(answer.transfer / transfer),
        )
        again = solve(moved)
        assert again.active.key() == year.solve().active.key()
        [answered] = answer.apply(balance[None], transfer[None])
        change = np.abs(again.flows - answer.flows).max()
        np.testing.assert_allclose(answered, again.flows, rtol=0, atol=1e-5 * change)
