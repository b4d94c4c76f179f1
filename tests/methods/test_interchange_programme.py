"""The programme's optimum is exact: proven by a general solver and by its own multipliers."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dbt_project.methods import interchange_optimum
from dbt_project.methods.interchange_optimum import solve
from dbt_project.methods.interchange_programme import InterchangeError, Programme, Solution
from tests.methods.interchange_programmes import plain_programme, random_programme
from tests.methods.interchange_reference import solve_reference

SEEDS = st.integers(0, 100_000)


def assert_optimal(programme: Programme, solution: Solution) -> None:
    """Every condition of an optimum (Karush, Kuhn and Tucker) holds."""
    scale = np.abs(programme.capacity).max()
    flows, capacity = solution.flows, programme.capacity
    assert np.all(np.abs(flows) <= capacity * (1 + 1e-9))
    np.testing.assert_allclose(
        flows @ programme.incidence.T + solution.difference, programme.net_import, atol=1e-9 * scale
    )
    np.testing.assert_allclose(
        solution.balance_multiplier, solution.difference * programme.difference_weight, rtol=1e-12
    )
    # What a transfer pulls with is its deviation, and a bound that is kept does not pull.
    excess = programme.transfer_values(flows) - programme.transfer
    excess = np.where(programme.is_bound, np.maximum(excess, 0.0), excess)
    pull = excess * programme.transfer_weight
    np.testing.assert_allclose(
        solution.transfer_multiplier, pull, atol=1e-7 * (1 + np.abs(pull).max(initial=0.0))
    )
    # Each part pulls with a slope that its value allows: any between both where it is zero.
    values = programme.part_values(flows)
    force = solution.transfer_multiplier[programme.part_of]
    still = np.abs(values) < 1e-9 * scale
    near = 1e-7 * (1 + np.abs(force).max(initial=0.0))
    lowest = np.where((values < 0) | still, programme.part_floor, 1.0) * force
    highest = np.where((values > 0) | still, 1.0, programme.part_floor) * force
    assert np.all(solution.part_multiplier >= lowest - near)
    assert np.all(solution.part_multiplier <= highest + near)
    # Stationarity: use of capacity = difference of multipliers - transfers - bound.
    np.testing.assert_allclose(
        flows / capacity,
        solution.balance_multiplier @ programme.incidence
        - np.tensordot(solution.part_multiplier, programme.part, axes=1)
        - solution.bound_multiplier,
        atol=near,
    )
    # A full corridor's multiplier points outwards; where there is room there is none.
    room = np.abs(flows) < capacity * (1 - 1e-9)
    assert np.all(solution.bound_multiplier[room] == 0.0)
    assert np.all(solution.bound_multiplier * flows >= 0.0)


@settings(max_examples=300, deadline=None)
@given(SEEDS)
def test_the_optimum_meets_every_condition(seed: int) -> None:
    programme = random_programme(seed)
    assert_optimal(programme, solve(programme))


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_a_general_solver_finds_the_same_optimum(seed: int) -> None:
    programme = random_programme(seed)
    flows = solve(programme).flows
    np.testing.assert_allclose(
        flows, solve_reference(programme), atol=1e-6 * np.abs(flows).max(), rtol=0
    )


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_meeting_bounds_one_at_a_time_comes_to_the_same_optimum(seed: int) -> None:
    programme = random_programme(seed)
    walked = interchange_optimum._descend(programme)
    assert_optimal(programme, walked)
    flows = solve(programme).flows
    np.testing.assert_allclose(walked.flows, flows, rtol=0, atol=1e-8 * np.abs(flows).max())


@settings(max_examples=200, deadline=None)
@given(
    hnp.arrays(np.float64, 6, elements=st.floats(-300, 300)),
    hnp.arrays(np.float64, 9, elements=st.floats(1, 2000)),
)
def test_every_balance_closes_within_capacity(net_import: np.ndarray, capacity: np.ndarray) -> None:
    net_import = net_import - net_import.mean()
    incidence = random_programme(0).incidence
    programme = plain_programme(
        incidence, net_import[None], np.full((1, 6), 1000.0), capacity[None]
    )
    solution = solve(programme)
    assert_optimal(programme, solution)
    assert abs(solution.difference.sum()) < 1e-6


@settings(max_examples=50, deadline=None)
@given(SEEDS, st.floats(1e-6, 1e6))
def test_the_unit_of_energy_does_not_matter(seed: int, unit: float) -> None:
    programme = random_programme(seed)
    scaled = dataclasses.replace(
        programme,
        net_import=programme.net_import * unit,
        consumption=programme.consumption * unit,
        capacity=programme.capacity * unit,
        transfer=programme.transfer * unit,
    )
    flows = solve(programme).flows
    np.testing.assert_allclose(solve(scaled).flows / unit, flows, atol=1e-7 * np.abs(flows).max())


def test_parallel_paths_share_power_as_their_capacities_do() -> None:
    # From 0 to 1 directly, and by way of 2; two corridors in a row resist twice as much as one.
    incidence = np.array([[-1.0, -1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, -1.0]])
    programme = plain_programme(
        incidence,
        np.array([[-90.0, 90.0, 0.0]]),
        np.full((1, 3), 1e3),
        np.full((1, 3), 100.0),
        1e-4,
    )
    assert solve(programme).flows[0] == pytest.approx([60.0, 30.0, 30.0], rel=1e-3)


def test_a_full_corridor_has_a_price_and_an_idle_one_none() -> None:
    incidence = np.array([[-1.0], [1.0]])
    tight = plain_programme(
        incidence, np.array([[-50.0, 50.0]]), np.full((1, 2), 1000.0), np.full((1, 1), 20.0)
    )
    solution = solve(tight)
    assert solution.flows[0, 0] == 20.0
    # Each end keeps 30 open: 30 / (0.02^2 x 1000) = 75 on either side, less the use of 1.
    assert solution.bound_multiplier[0, 0] == pytest.approx(149.0)
    wide = dataclasses.replace(tight, capacity=np.full((1, 1), 100.0))
    assert solve(wide).bound_multiplier[0, 0] == 0.0


def test_active_sets_that_come_back_are_no_end(monkeypatch) -> None:
    programme = random_programme(3)
    expected = solve(programme)
    monkeypatch.setattr(interchange_optimum, "_iterate", lambda *_: None)
    np.testing.assert_allclose(solve(programme).flows, expected.flows, atol=1e-8)
    monkeypatch.setattr(interchange_optimum, "_WALK", 1)
    with pytest.raises(InterchangeError, match="no active set holds"):
        solve(programme)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("net_import", np.nan, "missing"),
        ("capacity", 0.0, "positive"),
        ("consumption", -1.0, "positive"),
        ("transfer", 0.0, "positive"),
        ("transfer_sd", 0.0, "positive"),
    ],
)
def test_inputs_without_an_optimum_are_refused(name: str, value: float, said: str) -> None:
    programme = random_programme(1)
    broken = getattr(programme, name).copy()
    broken.flat[0] = value
    with pytest.raises(InterchangeError, match=said):
        dataclasses.replace(programme, **{name: broken})


def test_only_a_bound_may_count_sizes() -> None:
    programme = random_programme(1)
    with pytest.raises(InterchangeError, match="only a bound"):
        dataclasses.replace(programme, is_bound=np.zeros(5, dtype=bool))
