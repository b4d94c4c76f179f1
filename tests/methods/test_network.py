"""The network system conserves emissions and stays within the range of what it mixes."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dbt_project.methods.network import NetworkError, network_factors, solve_network

N = 6


def solve(generation: np.ndarray, emissions: np.ndarray, imports: np.ndarray) -> np.ndarray:
    """One property, any leading axes."""
    return solve_network(generation, imports, emissions[..., None])[..., 0]


@st.composite
def systems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One period of net flows that leave no node with more going out than comes in."""
    generation = draw(
        hnp.arrays(np.float64, N, elements=st.floats(0, 1e4).map(lambda x: 0.0 if x < 1 else x))
    )
    intensity = draw(hnp.arrays(np.float64, N, elements=st.floats(0, 1200)))
    imports = np.zeros((N, N))
    for _ in range(draw(st.integers(0, 8))):
        i, j = draw(st.integers(0, N - 1)), draw(st.integers(0, N - 1))
        if i != j and imports[j, i] == 0:
            imports[i, j] = draw(st.floats(1, 5e3))
    return generation, generation * intensity, imports


@settings(max_examples=1000, deadline=None)
@given(systems())
def test_every_node_mixes_what_reaches_it(
    system: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    generation, emissions, imports = system
    factors = solve(generation, emissions, imports)
    known = ~np.isnan(factors)
    x = np.where(known, factors, 0.0)
    inflow = emissions + imports @ x
    throughput = generation + imports.sum(axis=1)
    # The balance of each node: what leaves with the throughput is what came in.
    np.testing.assert_allclose(
        (x * throughput)[known], inflow[known], rtol=1e-6, atol=1e-6 * max(emissions.max(), 1)
    )
    # The maximum principle: no factor lies outside the generators' own.
    active = generation > 0
    assume(bool(known.any()) and bool(active.any()))
    own = emissions[active] / generation[active]
    assert np.all(x[known] >= min(own.min(), 0) - 1e-6)
    assert np.all(x[known] <= own.max() * (1 + 1e-9) + 1e-6)


@settings(max_examples=200, deadline=None)
@given(systems())
def test_the_result_does_not_depend_on_the_order_of_nodes(
    system: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    generation, emissions, imports = system
    order = np.array([3, 1, 5, 0, 4, 2])
    straight = solve(generation, emissions, imports)
    shuffled = solve(generation[order], emissions[order], imports[np.ix_(order, order)])
    np.testing.assert_allclose(shuffled, straight[order], rtol=1e-7, atol=1e-9)


def test_emissions_delivered_are_emissions_burnt() -> None:
    # a -> b -> c, consumption is what stays: emissions are neither made nor lost on the way.
    generation = np.array([[100.0, 50.0, 10.0]])
    emissions = np.array([[80.0, 10.0, 9.0]])
    imports = np.zeros((1, 3, 3))
    imports[0, 1, 0], imports[0, 2, 1] = 60.0, 30.0
    x = solve(generation, emissions, imports)[0]
    stays = generation[0] + imports[0].sum(axis=1) - imports[0].sum(axis=0)
    assert (x * stays).sum() == pytest.approx(emissions.sum(), rel=1e-12)


def test_an_isolated_node_keeps_its_own_factor_and_an_empty_one_has_none() -> None:
    x = solve(np.array([10.0, 0.0]), np.array([5.0, 0.0]), np.zeros((2, 2)))
    assert x[0] == 0.5
    assert np.isnan(x[1])


def test_a_closed_circle_without_generation_has_no_factor() -> None:
    imports = np.zeros((1, 3, 3))
    imports[0, 0, 1] = imports[0, 1, 0] = 5.0
    x = solve(np.array([[0.0, 0.0, 1.0]]), np.array([[0.0, 0.0, 1.0]]), imports)[0]
    assert np.isnan(x[:2]).all()
    assert x[2] == 1.0


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_negative_and_missing_numbers_are_refused(bad: float) -> None:
    with pytest.raises(NetworkError, match="generation"):
        solve(np.array([[bad]]), np.zeros((1, 1)), np.zeros((1, 1, 1)))


def _frames() -> tuple[pl.DataFrame, pl.DataFrame]:
    month = dt.date(2023, 12, 1)
    nodes = pl.DataFrame(
        [
            ("province", month, "month", "340000", 100.0, 80_000.0),
            ("province", month, "month", "510000", 100.0, 10_000.0),
        ],
        schema=["level", "period_start", "resolution", "area_code", "generation_mwh", "co2_kg"],
        orient="row",
    )
    edges = pl.DataFrame(
        [("province", month, "month", "510000", "340000", 100.0)],
        schema=[
            "level",
            "period_start",
            "resolution",
            "from_region_code",
            "to_region_code",
            "energy_mwh",
        ],
        orient="row",
    )
    return nodes, edges


def test_long_tables_are_solved_in_kg_per_kwh() -> None:
    nodes, edges = _frames()
    solved = network_factors(nodes, edges)
    values = dict(solved.select("area_code", "value").iter_rows())
    assert float(values["510000"]) == pytest.approx(0.1)
    assert float(values["340000"]) == pytest.approx(0.45)
    assert network_factors(nodes.reverse(), edges).equals(solved)


def test_a_flow_from_nowhere_is_named() -> None:
    nodes, edges = _frames()
    with pytest.raises(NetworkError, match="1 flows start or end"):
        network_factors(nodes.filter(pl.col("area_code") == "340000"), edges)
