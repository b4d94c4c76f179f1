"""The interchange estimate closes balances within corridors, and is the same for any row order."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dbt_project.methods.interchange import InterchangeError, Network, estimate, solve_flows

MONTH = dt.date(2023, 12, 1)
CODES = ["110000", "120000", "130000", "140000", "370000"]
LINES = [
    ("110000", "130000", 500.0),
    ("120000", "130000", 300.0),
    ("130000", "140000", 800.0),
    ("130000", "370000", 300.0),
    ("110000", "140000", 200.0),
]


def _corridors(rows: list[tuple[str, str, float]] = LINES) -> pl.DataFrame:
    return pl.DataFrame(
        rows,
        schema={
            "from_region_code": pl.String,
            "to_region_code": pl.String,
            "capacity_mw": pl.Float64,
        },
        orient="row",
    )


def _balance(net_import: list[float], consumption: float = 500_000.0) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "region_code": CODES,
            "period_month": [MONTH] * len(CODES),
            "net_import_mwh": net_import,
            "consumption_mwh": [consumption] * len(CODES),
        }
    )


NO_TARGET = pl.DataFrame(
    schema={
        "from_region_code": pl.String,
        "to_region_codes": pl.String,
        "period_month": pl.Date,
        "energy_mwh": pl.Float64,
    }
)
GRID = pl.DataFrame(
    {
        "region_code": CODES,
        "grid_region_code": ["GRID_A", "GRID_A", "GRID_A", "GRID_B", "GRID_A"],
    }
)


@settings(max_examples=200, deadline=None)
@given(
    hnp.arrays(np.float64, 5, elements=st.floats(-300, 300)),
    hnp.arrays(np.float64, 5, elements=st.floats(50, 2000)),
)
def test_every_balance_closes_within_capacity(net_import: np.ndarray, capacity: np.ndarray) -> None:
    net_import -= net_import.mean()
    network = Network.from_frames(CODES, _corridors())
    consumption = np.full(5, 1000.0)
    flows, difference = solve_flows(
        network, net_import, consumption, capacity, np.zeros((0, 5)), np.zeros(0), 1.0
    )
    np.testing.assert_allclose(network.incidence @ flows + difference, net_import, atol=1e-6)
    assert np.all(np.abs(flows) <= capacity + 1e-6)
    assert abs(difference.sum()) < 1e-6


def test_wide_corridors_leave_next_to_nothing_open() -> None:
    flows = estimate(
        _balance([100_000.0, 50_000.0, -20_000.0, -150_000.0, 20_000.0]),
        _corridors(),
        NO_TARGET,
        GRID,
    )
    open_share = flows.filter(pl.col("kind") == "residual").select(
        (pl.col("energy_mwh").cast(pl.Float64) / pl.col("capacity_mwh").cast(pl.Float64)).abs()
    )
    assert open_share.to_series().max() < 1e-4


def test_what_no_corridor_can_carry_is_shared_by_consumption() -> None:
    # 370000 hangs on one line of 300 MW, 223,200 MWh a month, and asks for more.
    flows = estimate(
        _balance([0.0, 0.0, 0.0, -423_200.0, 423_200.0]), _corridors(), NO_TARGET, GRID
    )
    residual = {
        row["from_region_code"]: float(row["energy_mwh"])
        for row in flows.filter(pl.col("kind") == "residual").iter_rows(named=True)
    }
    assert residual["370000"] == pytest.approx(200_000.0, rel=0.01)
    others = [residual[code] for code in CODES[:4]]
    assert others == pytest.approx([-50_000.0] * 4, rel=0.02)


def test_parallel_paths_share_power_as_their_capacities_do() -> None:
    network = Network.from_frames(["1", "2"], _corridors([("1", "2", 100.0)]))
    assert network.incidence.tolist() == [[-1.0], [1.0]]
    triangle = _corridors([("1", "2", 100.0), ("1", "3", 100.0), ("3", "2", 100.0)])
    network = Network.from_frames(["1", "2", "3"], triangle)
    flows, _ = solve_flows(
        network,
        np.array([-90.0, 90.0, 0.0]),
        np.full(3, 1e3),
        np.full(3, 100.0),
        np.zeros((0, 3)),
        np.zeros(0),
        1.0,
    )
    by_ends = {tuple(ends): flow for ends, flow in zip(network.ends.tolist(), flows, strict=True)}
    # Two corridors in a row resist twice as much as one.
    assert by_ends[(0, 1)] == pytest.approx(60.0, rel=1e-3)
    assert by_ends[(0, 2)] == pytest.approx(30.0, rel=1e-3)


def test_a_reported_transfer_pulls_the_flows_towards_it() -> None:
    balance = _balance([60_000.0, 0.0, 0.0, -100_000.0, 40_000.0])
    target = pl.DataFrame(
        {
            "from_region_code": ["GRID_B"],
            "to_region_codes": ["GRID_A"],
            "period_month": [MONTH],
            "energy_mwh": [100_000.0],
        }
    )
    corridors = _corridors()
    pulled = estimate(balance, corridors, target, GRID, transfer_weight=1000.0)
    from_b = sum(
        float(row["energy_mwh"]) * (1 if row["from_region_code"] == "140000" else -1)
        for row in pulled.filter(pl.col("kind") == "flow").iter_rows(named=True)
        if "140000" in (row["from_region_code"], row["to_region_code"])
    )
    assert from_b == pytest.approx(100_000.0, rel=1e-3)


def test_the_estimate_does_not_depend_on_the_order_of_rows() -> None:
    balance = _balance([60_000.0, 1_000.0, -1_000.0, -100_000.0, 40_000.0])
    straight = estimate(balance, _corridors(), NO_TARGET, GRID)
    shuffled = estimate(balance.reverse(), _corridors().reverse(), NO_TARGET, GRID.reverse())
    assert straight.equals(shuffled)


def test_an_isolated_province_keeps_its_whole_balance_open() -> None:
    corridors = _corridors([line for line in LINES if "370000" not in line])
    flows = estimate(_balance([0.0, 0.0, 0.0, -5_000.0, 5_000.0]), corridors, NO_TARGET, GRID)
    residual = flows.filter(
        (pl.col("kind") == "residual") & (pl.col("from_region_code") == "370000")
    )
    assert float(residual["energy_mwh"][0]) == pytest.approx(5_000.0, abs=1e-3)


def test_a_missing_number_names_the_month() -> None:
    with pytest.raises(InterchangeError, match="2023-12"):
        estimate(_balance([float("nan"), 0.0, 0.0, 0.0, 0.0]), _corridors(), NO_TARGET, GRID)
