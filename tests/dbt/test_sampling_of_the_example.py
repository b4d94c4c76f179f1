"""Sampling the worked example: without noise the derivation, with it the published table."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import polars as pl
import pytest

from dbt_project.methods.interchange import Year, responses
from dbt_project.methods.interchange_response import Response
from dbt_project.methods.sampling import sample_factors, sample_table
from dbt_project.methods.sampling_frames import SampleFrames
from orchestration.dbt import project_parameters

pytestmark = [pytest.mark.slow, pytest.mark.release]

KEYS = [
    "factor_kind", "import_factor_basis", "gas_scope", "gwp_set", "system_boundary",
    "includes_td_losses", "area_code", "period_start", "resolution",
]  # fmt: skip


@pytest.fixture(scope="module")
def candidate(built) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(built.candidate / "candidate.duckdb", read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def example(candidate) -> tuple[SampleFrames, list[tuple[Year, Response]]]:
    """What the model `int_factor_sample` reads."""

    def table(name: str, schema: str = "intermediate") -> pl.DataFrame:
        return candidate.sql(f"from {schema}.{name}").pl()

    frames = SampleFrames(
        generation=table("int_sample_generation"),
        consumption=table("int_sample_consumption"),
        technology=table("int_sample_technology"),
        parameter=table("int_sample_parameter"),
        area=table("int_area"),
        node=table("int_node"),
        grid_region=table("stg_grid_region", "staging"),
        claim=table("int_sample_claim"),
        storage=table("int_sample_storage"),
        period=table("int_period"),
        gwp=table("int_gwp_set"),
    )
    flows = responses(
        table("int_interchange_balance"),
        table("stg_transmission_corridor", "staging"),
        table("int_transfer_constraint"),
        table("int_transfer_part"),
        consumption_sd=float(project_parameters()["consumption_sd"]),
    )
    return frames, flows


def test_without_noise_every_factor_is_the_derived_one(candidate, example) -> None:
    """Two derivations of the same factors, SQL and arrays, must never part ways."""
    still, _ = sample_factors(*example, draws=2, seed=1, noise=0.0, contributions=False)
    derived = candidate.sql(
        "from intermediate.int_factor_value where factor_kind <> 'life_cycle_technology'"
    ).pl()
    both = derived.join(still, on=KEYS, how="full", coalesce=True)
    assert both.height == derived.height == still.height > 50_000
    for percentile in ("lower_95", "median", "upper_95"):
        apart = (pl.col(percentile) - pl.col("value")).abs() > 1e-6 * pl.col("value")
        assert both.filter(apart.fill_null(True)).height == 0, percentile


def test_every_derived_factor_lies_in_its_interval(candidate) -> None:
    ((outside, rows),) = candidate.sql(
        f"""
        select
            count(*) filter (where value.value not between sample.lower_95 and sample.upper_95),
            count(*)
        from intermediate.int_factor_value as value
        inner join intermediate.int_factor_interval as sample using (technology, {", ".join(KEYS)})
        """
    ).fetchall()
    assert rows > 50_000
    assert outside == 0


def test_another_process_draws_the_same_table_to_the_last_digit(candidate, example) -> None:
    parameters = project_parameters()
    again = sample_table(*example, draws=int(parameters["draws"]), seed=int(parameters["seed"]))
    stands = candidate.sql("from intermediate.int_factor_sample").pl()
    order = ["part", *KEYS, "rank"]
    assert again.sort(order).equals(stands.select(again.columns).sort(order))


def test_nine_of_ten_official_values_lie_in_our_interval(candidate) -> None:
    ((inside, compared),) = candidate.sql(
        "select count(*) filter (where is_inside_interval), count(*) from marts.official_comparison"
    ).fetchall()
    assert compared >= 150
    # 98 % do; an interval that nearly all miss, or that is too wide to miss, is no interval.
    assert 0.9 <= inside / compared <= 1.0
    ((half_width,),) = candidate.sql(
        """
        select median((upper_95 - lower_95) / 2 / value) from marts.electricity_factor
        where factor_kind = 'supply_average' and gas_scope = 'CO2' and resolution = 'year'
        """
    ).fetchall()
    assert 0.03 < half_width < 0.2


def test_contributors_of_every_province_and_year_are_published(candidate) -> None:
    rows = candidate.sql(
        """
        select factor_kind, period_start, count(distinct region_code), count(*) filter (rank = 1)
        from marts.variance_contribution group by all
        """
    ).fetchall()
    assert len(rows) == 3 * 5  # kinds and whole years
    assert {row[2] for row in rows} == {32}
    assert {row[3] for row in rows} == {32}
