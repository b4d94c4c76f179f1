"""Hourly factors: the same as hour by hour, from file to file, or a clear end."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.hourly import LIFE_CYCLE, demand_same, example_hours
from benchmarks.hourly_loop import loop_over_hours
from dbt_project.methods.hourly import TECHNOLOGIES, HourlyError, hourly_factors
from dbt_project.methods.hourly_files import write_hourly_factors
from dbt_project.methods.network import NetworkError
from dbt_project.methods.residual import ResidualError

HOURS = 30
NODES, EDGES = example_hours(HOURS)
FACTORS = hourly_factors(NODES, EDGES, LIFE_CYCLE)
FIRST = dt.datetime(2023, 1, 1, tzinfo=dt.UTC)


def _looped(nodes: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    return pl.from_pandas(loop_over_hours(nodes.to_pandas(), edges.to_pandas(), LIFE_CYCLE))


def _dark(nodes: pl.DataFrame) -> pl.DataFrame:
    """Add a province that nothing runs through."""
    numbers = [name for name, kind in nodes.schema.items() if kind == pl.Float64]
    dark = nodes.filter(area_code="110000").with_columns(
        pl.lit("710000").alias("area_code"), *(pl.lit(0.0).alias(name) for name in numbers)
    )
    return pl.concat([nodes, dark]).sort("hour", "area_code")


def test_all_hours_at_once_say_what_a_loop_over_hours_says() -> None:
    demand_same(FACTORS, _looped(NODES, EDGES))


def test_without_claims_there_is_no_residual_mix_and_the_rest_stays() -> None:
    plain = NODES.select(
        name for name in NODES.columns if "claim" not in name and "cert" not in name
    )
    factors = hourly_factors(plain, EDGES, LIFE_CYCLE)
    assert not [name for name in factors.columns if "residual" in name or "attribute" in name]
    assert factors.equals(FACTORS.select(factors.columns))


def test_a_province_that_nothing_runs_through_has_no_factor_and_disturbs_no_other() -> None:
    nodes = _dark(NODES)
    factors = hourly_factors(nodes, EDGES, LIFE_CYCLE)
    dark = factors.filter(area_code="710000")
    assert dark["consumed_mwh"].to_list() == [0.0] * HOURS
    assert dark.select(pl.exclude("hour", "area_code", "^.*_mwh$")).null_count().row(0) == (
        (HOURS,) * (factors.width - 5)
    )
    demand_same(factors.filter(pl.col("area_code") != "710000"), FACTORS)
    demand_same(factors, _looped(nodes, EDGES))


def test_emissions_consumed_are_emissions_made_and_shares_are_whole() -> None:
    shares = FACTORS.select(f"consumption_share_{technology}" for technology in TECHNOLOGIES)
    np.testing.assert_allclose(shares.sum_horizontal(), 1.0, rtol=1e-12)
    consumed = FACTORS["consumed_mwh"] * FACTORS["consumption_mix_co2"] * 1000
    assert consumed.sum() == pytest.approx(NODES["co2_kg"].sum(), rel=1e-12)
    left = FACTORS["residual_mwh"] * FACTORS["residual_mix_co2"] * 1000
    assert left.sum() == pytest.approx(NODES["co2_kg"].sum(), rel=1e-12)
    unclaimed = FACTORS["consumed_mwh"].sum() - NODES["claimed_mwh"].sum()
    assert FACTORS["residual_mwh"].sum() == pytest.approx(unclaimed, rel=1e-12)
    assert abs(FACTORS["attribute_net_mwh"].sum()) < 1e-6


def test_the_order_of_rows_does_not_matter() -> None:
    shuffled = hourly_factors(NODES.sample(fraction=1, shuffle=True, seed=1), EDGES, LIFE_CYCLE)
    assert shuffled.equals(FACTORS)
    mixed = hourly_factors(NODES, EDGES.sample(fraction=1, shuffle=True, seed=1), LIFE_CYCLE)
    demand_same(mixed, FACTORS)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    NODES.write_parquet(tmp_path / "nodes.parquet", row_group_size=100)
    EDGES.write_parquet(tmp_path / "edges.parquet", row_group_size=77)
    return tmp_path / "nodes.parquet", tmp_path / "edges.parquet", tmp_path / "factors.parquet"


@pytest.mark.parametrize("hours_a_block", [1, 7, 30, 1000])
def test_blocks_of_any_size_write_the_same(
    files: tuple[Path, Path, Path], hours_a_block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dbt_project.methods.hourly_files.BATCH_ROWS", 50)
    assert write_hourly_factors(*files, LIFE_CYCLE, hours_a_block) == FACTORS.height
    assert pl.read_parquet(files[2]).equals(FACTORS)


def test_hours_that_lack_in_both_files_are_left_out(files: tuple[Path, Path, Path]) -> None:
    quiet = (pl.col("hour") < FIRST + dt.timedelta(hours=4)) | (
        pl.col("hour") > FIRST + dt.timedelta(hours=20)
    )
    NODES.filter(quiet).write_parquet(files[0])
    EDGES.filter(quiet).write_parquet(files[1])
    write_hourly_factors(*files, LIFE_CYCLE, 3)
    assert pl.read_parquet(files[2]).equals(FACTORS.filter(quiet))


def test_the_same_files_give_the_same_bytes(files: tuple[Path, Path, Path]) -> None:
    write_hourly_factors(*files, LIFE_CYCLE, 7)
    first = files[2].read_bytes()
    write_hourly_factors(*files, LIFE_CYCLE, 7)
    assert files[2].read_bytes() == first


def _changed(table: pl.DataFrame, hour: int, column: str, value: object) -> pl.DataFrame:
    """Change the first row of an hour."""
    rows = pl.int_range(pl.len())
    at = rows == rows.filter(pl.col("hour") == FIRST + dt.timedelta(hours=hour)).min()
    return table.with_columns(pl.when(at).then(pl.lit(value)).otherwise(column).alias(column))


AT_25 = r"2023-01-02 01:00:00\+00:00"


@pytest.mark.parametrize(
    ("nodes", "edges", "error", "message"),
    [
        (NODES.clear(), EDGES.clear(), HourlyError, "nodes.parquet holds no hour"),
        (NODES.reverse(), EDGES, HourlyError, "nodes.parquet are not in the order of their hours"),
        (NODES, EDGES.reverse(), HourlyError, "edges.parquet are not in the order of their hours"),
        (_changed(NODES, 25, "hour", None), EDGES, HourlyError, "order of their hours"),
        (NODES[: 31 * 20], EDGES, HourlyError,
         r"hour 2023-01-01 20:00:00\+00:00 of edges\.parquet is not in nodes\.parquet"),
        (NODES.head(-31), EDGES, HourlyError, r"hour 2023-01-02 05:00:00.* has no generation"),
        (NODES[31:], EDGES, HourlyError, "hour 2023-01-01 00:00:00.* has no generation"),
        (NODES.filter((pl.col("area_code") != "340000") | (pl.col("hour") != FIRST)), EDGES,
         HourlyError, "340000, hour 2023-01-01 00:00:00.*: 0 rows, wanted one of every area"),
        (pl.concat([NODES[:1], NODES]), EDGES, HourlyError, "110000, hour 2023.*: 2 rows, wanted"),
        (NODES, _changed(EDGES, 25, "to_area_code", "990000"), HourlyError,
         f"990000, hour {AT_25}: a flow, and no such area"),
        (NODES, _changed(EDGES, 25, "energy_mwh", 1e6), NetworkError,
         rf"\d+, hour {AT_25}: exports of .* exceed generation"),
        (NODES, _changed(EDGES, 25, "energy_mwh", -1.0), NetworkError,
         rf"\d+, hour {AT_25}: imports holds a negative or missing number"),
        (_changed(NODES, 25, "co2_kg", None), EDGES, NetworkError,
         f"110000, hour {AT_25}: carried holds a negative or missing number"),
        (_changed(NODES, 25, "certified_wind_mwh", 1e6), EDGES, NetworkError,
         f"110000, hour {AT_25}: carried holds a negative or missing number"),
        (_changed(NODES, 25, "claimed_mwh", 1e6), EDGES, ResidualError,
         rf"110000, hour {AT_25}: claims of 1000000\.000 MWh above consumption"),
        (_changed(NODES, 25, "claimed_mwh", 0.0), EDGES, ResidualError,
         f"^hour {AT_25}: certificates taken and given differ"),
    ],
    ids=["empty", "nodes_unsorted", "edges_unsorted", "hour_missing", "flows_after_the_last_block",
         "flows_after_the_last_hour",
         "flows_before_the_first_hour", "province_missing_in_an_hour", "province_twice_in_an_hour",
         "flow_to_nowhere", "negative_consumption", "negative_flow", "amount_missing",
         "certified_above_generation", "claims_above_consumption", "claims_below_certificates"],
)  # fmt: skip
def test_bad_files_end_clearly_and_leave_no_file(
    files: tuple[Path, Path, Path],
    nodes: pl.DataFrame,
    edges: pl.DataFrame,
    error: type[Exception],
    message: str,
) -> None:
    nodes.write_parquet(files[0])
    edges.write_parquet(files[1])
    with pytest.raises(error, match=message):
        write_hourly_factors(*files, LIFE_CYCLE, 10)
    assert sorted(file.name for file in files[0].parent.iterdir()) == [
        "edges.parquet",
        "nodes.parquet",
    ]
