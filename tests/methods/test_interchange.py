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


NO_TRANSFER = pl.DataFrame(
    schema={
        "from_region_code": pl.String,
        "to_region_codes": pl.String,
        "first_month": pl.Date,
        "last_month": pl.Date,
        "energy_mwh": pl.Float64,
    }
)
UNCERTAINTY = {"consumption_sd": 0.02, "transfer_sd": 0.05}
NOTHING_REPORTED = (np.zeros((0, 1, 5)), np.zeros(0))
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
    flows, difference = solve_flows(
        network,
        net_import[None],
        np.full((1, 5), 1000.0),
        capacity[None],
        *NOTHING_REPORTED,
        **UNCERTAINTY,
    )
    np.testing.assert_allclose(network.incidence @ flows[0] + difference[0], net_import, atol=1e-6)
    assert np.all(np.abs(flows) <= capacity + 1e-6)
    assert abs(difference.sum()) < 1e-6


def _residuals(flows: pl.DataFrame) -> dict[str, float]:
    return {
        row["from_region_code"]: float(row["energy_mwh"])
        for row in flows.filter(pl.col("kind") == "residual").iter_rows(named=True)
    }


def test_wide_corridors_leave_next_to_nothing_open() -> None:
    balance = _balance([100_000.0, 50_000.0, -20_000.0, -150_000.0, 20_000.0])
    flows = estimate(balance, _corridors(), NO_TRANSFER, GRID)
    # A few parts in ten thousand of consumption: what using corridors costs beside sd 2 %.
    assert max(abs(each) for each in _residuals(flows).values()) < 500_000.0 * 1e-3


def test_what_no_corridor_can_carry_is_shared_by_consumption() -> None:
    # 370000 hangs on one line of 300 MW, 223,200 MWh a month, and asks for more.
    balance = _balance([0.0, 0.0, 0.0, -423_200.0, 423_200.0])
    residual = _residuals(estimate(balance, _corridors(), NO_TRANSFER, GRID))
    assert residual["370000"] == pytest.approx(200_000.0, rel=0.01)
    assert [residual[code] for code in CODES[:4]] == pytest.approx([-50_000.0] * 4, rel=0.02)


def test_parallel_paths_share_power_as_their_capacities_do() -> None:
    network = Network.from_frames(["1", "2"], _corridors([("1", "2", 100.0)]))
    assert network.incidence.tolist() == [[-1.0], [1.0]]
    triangle = _corridors([("1", "2", 100.0), ("1", "3", 100.0), ("3", "2", 100.0)])
    network = Network.from_frames(["1", "2", "3"], triangle)
    flows, _ = solve_flows(
        network,
        np.array([[-90.0, 90.0, 0.0]]),
        np.full((1, 3), 1e3),
        np.full((1, 3), 100.0),
        np.zeros((0, 1, 3)),
        np.zeros(0),
        consumption_sd=1e-4,
        transfer_sd=0.05,
    )
    by_ends = dict(zip(map(tuple, network.ends.tolist()), flows[0], strict=True))
    # Two corridors in a row resist twice as much as one.
    assert by_ends[(0, 1)] == pytest.approx(60.0, rel=1e-3)
    assert by_ends[(0, 2)] == pytest.approx(30.0, rel=1e-3)


def _transfer(energy_mwh: float, first: dt.date = MONTH, last: dt.date = MONTH) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "from_region_code": ["GRID_B"],
            "to_region_codes": ["GRID_A"],
            "first_month": [first],
            "last_month": [last],
            "energy_mwh": [energy_mwh],
        }
    )


def _sent_by_b(flows: pl.DataFrame) -> float:
    return sum(
        float(row["energy_mwh"]) * (1 if row["from_region_code"] == "140000" else -1)
        for row in flows.filter(pl.col("kind") == "flow").iter_rows(named=True)
        if "140000" in (row["from_region_code"], row["to_region_code"])
    )


def test_a_reported_transfer_and_the_balances_give_way_by_their_uncertainty() -> None:
    # The balances say that GRID_B sends 100,000 MWh; the report says 120,000.
    balance = _balance([60_000.0, 0.0, 0.0, -100_000.0, 40_000.0])
    told = {
        (d, t): _sent_by_b(
            estimate(
                balance, _corridors(), _transfer(120_000.0), GRID, consumption_sd=d, transfer_sd=t
            )
        )
        for d, t in [(0.02, 0.05), (0.0002, 0.05), (0.02, 0.0005)]
    }
    assert 100_000.0 < told[0.02, 0.05] < 120_000.0
    assert told[0.0002, 0.05] == pytest.approx(100_000.0, rel=0.01)
    assert told[0.02, 0.0005] == pytest.approx(120_000.0, rel=0.01)


def test_a_transfer_over_several_months_binds_their_sum_and_not_each() -> None:
    november = dt.date(2023, 11, 1)
    quiet = _balance([0.0] * 5).with_columns(pl.lit(november).alias("period_month"))
    busy = _balance([60_000.0, 0.0, 0.0, -100_000.0, 40_000.0])
    flows = estimate(
        pl.concat([quiet, busy]), _corridors(), _transfer(100_000.0, november, MONTH), GRID
    )
    by_month = {
        month: _sent_by_b(flows.filter(pl.col("period_month") == month))
        for month in (november, MONTH)
    }
    assert by_month[november] == pytest.approx(0.0, abs=500.0)
    assert by_month[MONTH] == pytest.approx(100_000.0, rel=0.01)


def test_a_transfer_that_reaches_beyond_the_months_at_hand_is_left_out() -> None:
    balance = _balance([60_000.0, 0.0, 0.0, -100_000.0, 40_000.0])
    alone = estimate(balance, _corridors(), NO_TRANSFER, GRID)
    beyond = _transfer(500_000.0, dt.date(2023, 1, 1), MONTH)
    assert estimate(balance, _corridors(), beyond, GRID).equals(alone)


def test_the_estimate_does_not_depend_on_the_order_of_rows() -> None:
    balance = _balance([60_000.0, 1_000.0, -1_000.0, -100_000.0, 40_000.0])
    straight = estimate(balance, _corridors(), NO_TRANSFER, GRID)
    shuffled = estimate(balance.reverse(), _corridors().reverse(), NO_TRANSFER, GRID.reverse())
    assert straight.equals(shuffled)


def test_an_isolated_province_keeps_its_whole_balance_open() -> None:
    corridors = _corridors([line for line in LINES if "370000" not in line])
    flows = estimate(_balance([0.0, 0.0, 0.0, -5_000.0, 5_000.0]), corridors, NO_TRANSFER, GRID)
    assert _residuals(flows)["370000"] == pytest.approx(5_000.0, abs=1e-3)


def test_a_missing_number_names_the_year() -> None:
    with pytest.raises(InterchangeError, match="2023"):
        estimate(_balance([float("nan"), 0.0, 0.0, 0.0, 0.0]), _corridors(), NO_TRANSFER, GRID)
