"""The network system conserves emissions and stays within the range of what it mixes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from fractions import Fraction
from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbt_project.methods.network import (
    NetworkError,
    network_origins,
    network_solution,
    solve_network,
)
from tests.methods.network_systems import Network, feeders, networks


def solve(generation: np.ndarray, emissions: np.ndarray, imports: np.ndarray) -> np.ndarray:
    """One property, any leading axes."""
    return solve_network(generation, imports, emissions[..., None])[..., 0]


@settings(max_examples=1000, deadline=None)
@given(networks())
def test_what_is_carried_is_conserved_within_range_and_whole(network: Network) -> None:
    carried = np.column_stack([network.emissions, network.by_kind, network.generation])
    x = solve_network(network.generation, network.imports, carried)
    fed = feeders(network)
    known = fed.any(axis=1)
    np.testing.assert_array_equal(np.isnan(x).any(axis=1), ~known)
    x = np.where(known[:, None], x, 0.0)
    # Conservation: what consumption carries is what generation gave along, per property.
    delivered = (network.consumed[:, None] * x).sum(axis=0)
    throughput = network.generation + network.imports.sum(axis=1)
    # Consumption is a difference of large numbers: it is known to 1e-12 of the throughput.
    known_to = 1e-12 * throughput.sum() * max(network.factors.max(), 1.0)
    np.testing.assert_allclose(delivered, carried.sum(axis=0), rtol=1e-9, atol=known_to)
    # The balance of each node: what leaves with the throughput is what came in.
    np.testing.assert_allclose(
        throughput[:, None] * x, carried + network.imports @ x, rtol=1e-9, atol=1e-9
    )
    # The maximum principle: no mix lies outside the range of the generators that feed it.
    own = network.emissions / np.where(network.generation > 0, network.generation, 1.0)
    least = np.where(fed, own, np.inf).min(axis=1)
    most = np.where(fed, own, -np.inf).max(axis=1)
    assert np.all(x[known, 0] >= least[known] * (1 - 1e-9) - 1e-9)
    assert np.all(x[known, 0] <= most[known] * (1 + 1e-9) + 1e-9)
    # The mix is whole: its parts add up to one, and so does the generation itself.
    np.testing.assert_allclose(x[known, 1:-1].sum(axis=1), 1.0, rtol=1e-9)
    np.testing.assert_allclose(x[known, -1], 1.0, rtol=1e-12)


@settings(max_examples=150, deadline=None)
@given(networks(), st.randoms(use_true_random=False))
def test_the_result_does_not_depend_on_the_order_of_nodes(network: Network, random: Random) -> None:
    order = list(range(len(network.generation)))
    random.shuffle(order)
    straight = solve(network.generation, network.emissions, network.imports)
    shuffled = solve(
        network.generation[order], network.emissions[order], network.imports[np.ix_(order, order)]
    )
    np.testing.assert_allclose(shuffled, straight[order], rtol=1e-9, atol=1e-9)


@settings(max_examples=150, deadline=None)
@given(networks(), st.floats(0, 100))
def test_the_result_is_linear_in_what_is_carried(network: Network, times: float) -> None:
    parts = solve_network(network.generation, network.imports, network.by_kind)
    known = ~np.isnan(parts[:, 0])
    mixed = (network.by_kind @ network.factors)[:, None] * times
    whole = solve_network(network.generation, network.imports, mixed)[:, 0]
    np.testing.assert_allclose(
        whole[known], times * (parts @ network.factors)[known], rtol=1e-9, atol=1e-9
    )


@settings(max_examples=100, deadline=None)
@given(networks())
def test_origins_say_the_same_as_what_is_carried(network: Network) -> None:
    share = solve_network(network.generation, network.imports, np.diag(network.generation))
    fed = feeders(network)
    known = fed.any(axis=1)
    np.testing.assert_allclose(share[known].sum(axis=1), 1.0, rtol=1e-9)
    assert np.all(share[known][~fed[known]] == 0)
    own = network.emissions / np.where(network.generation > 0, network.generation, 1.0)
    direct = solve(network.generation, network.emissions, network.imports)
    np.testing.assert_allclose((share @ own)[known], direct[known], rtol=1e-9, atol=1e-9)


@settings(max_examples=100, deadline=None)
@given(networks())
def test_the_answer_is_that_of_exact_fractions(network: Network) -> None:
    x = solve(network.generation, network.emissions, network.imports)
    known = np.flatnonzero(~np.isnan(x))
    exact = in_fractions(network.generation, network.emissions, network.imports, known)
    np.testing.assert_allclose(x[known], exact, rtol=1e-9, atol=1e-9)


def in_fractions(
    generation: np.ndarray, emissions: np.ndarray, imports: np.ndarray, known: np.ndarray
) -> list[float]:
    """Gauss and Jordan without rounding, of the nodes that have an answer."""
    rows = [
        [
            *(
                (Fraction(generation[i]) + sum(map(Fraction, imports[i])) if i == j else 0)
                - Fraction(imports[i, j])
                for j in known
            ),
            Fraction(emissions[i]),
        ]
        for i in known
    ]
    for k in range(len(rows)):
        pivot = next(r for r in range(k, len(rows)) if rows[r][k] != 0)
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [value / rows[k][k] for value in rows[k]]
        for r in range(len(rows)):
            if r != k and rows[r][k] != 0:
                rows[r] = [a - rows[r][k] * b for a, b in zip(rows[r], rows[k], strict=True)]
    return [float(row[-1]) for row in rows]


@settings(max_examples=50, deadline=None)
@given(st.lists(networks(least=3, most=3), min_size=2, max_size=4))
def test_draws_and_periods_stacked_are_solved_as_one_by_one(several: list[Network]) -> None:
    generation = np.stack([network.generation for network in several])
    imports = np.stack([network.imports for network in several])
    carried = np.stack([network.by_kind for network in several])
    singly = np.stack([solve_network(n.generation, n.imports, n.by_kind) for n in several])
    np.testing.assert_array_equal(solve_network(generation, imports, carried), singly)
    draws = np.stack([carried, 2 * carried])
    np.testing.assert_allclose(
        solve_network(generation, imports, draws), np.stack([singly, 2 * singly]), rtol=1e-12
    )


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


def test_a_system_that_next_to_nothing_feeds_is_singular_and_named() -> None:
    # Two nodes hand 1e9 MWh to each other; one of them generates a nanowatt hour.
    generation = np.array([[5.0, 5.0, 5.0], [1e-15, 0.0, 5.0]])
    imports = np.zeros((2, 3, 3))
    imports[1, 0, 1] = imports[1, 1, 0] = 1e9
    with pytest.raises(NetworkError, match=r"singular to working precision at index \(1, [01]\)"):
        solve(generation, generation, imports)


def test_an_exactly_singular_system_ends_in_the_same_words() -> None:
    # The factorisation itself breaks down here: 1 - 1 = 0 on the diagonal.
    generation, imports = np.array([1e-300, 0.0]), np.array([[0.0, 1.0], [1.0, 0.0]])
    with pytest.raises(NetworkError, match=r"singular to working precision at index \([01],\)"):
        solve(generation, generation, imports)


@pytest.mark.parametrize("field", ["imports", "carried"])
def test_the_array_with_a_missing_number_is_named(field: str) -> None:
    arrays = {
        "generation": np.ones((2, 2)),
        "imports": np.zeros((2, 2, 2)),
        "carried": np.ones((2, 2, 1)),
    }
    arrays[field][1, 1, 0] = np.nan
    with pytest.raises(NetworkError, match=f"{field} holds a negative or missing") as caught:
        solve_network(**arrays)
    assert caught.value.at == (1, 1)


def test_arrays_of_different_nodes_are_refused() -> None:
    with pytest.raises(NetworkError, match=r"wanted \(T, N\), .* got generation \(1, 2\)"):
        solve_network(np.ones((1, 2)), np.zeros((1, 2, 2)), np.ones((1, 3, 1)))


MONTH = dt.date(2023, 12, 1)
PERIOD = {"level": "province", "period_start": MONTH, "resolution": "month"}


def _nodes(*rows: tuple[str, float, float, float]) -> pl.DataFrame:
    names = ["area_code", "generation_mwh", "co2_kg", "wind_mwh"]
    return pl.DataFrame([PERIOD | dict(zip(names, row, strict=True)) for row in rows])


def _edges(*rows: tuple[str, str, float]) -> pl.DataFrame:
    names = ["from_region_code", "to_region_code", "energy_mwh"]
    keys = {"level": pl.String, "period_start": pl.Date, "resolution": pl.String}
    schema = keys | {"from_region_code": pl.String, "to_region_code": pl.String}
    return pl.DataFrame(
        [PERIOD | dict(zip(names, row, strict=True)) for row in rows],
        schema=schema | {"energy_mwh": pl.Float64},
    )


def _example() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Sichuan sends half of what it generates to Anhui."""
    nodes = _nodes(("340000", 100.0, 80_000.0, 20.0), ("510000", 200.0, 20_000.0, 10.0))
    return nodes, _edges(("510000", "340000", 100.0))


def test_long_tables_say_what_consumption_carries() -> None:
    nodes, edges = _example()
    solved = network_solution(nodes.with_columns(pl.col("co2_kg").cast(pl.Decimal(38, 6))), edges)
    assert solved.columns[4:] == [
        "throughput_mwh", "consumed_mwh", "co2_kg", "wind_mwh", "co2_kg_per_mwh", "wind_mwh_per_mwh"
    ]  # fmt: skip
    assert solved.select(pl.exclude(PERIOD)).rows() == [
        ("340000", 200.0, 200.0, 90_000.0, 25.0, 450.0, 0.125),
        ("510000", 200.0, 100.0, 10_000.0, 5.0, 100.0, 0.05),
    ]
    assert network_solution(nodes.reverse(), edges).equals(network_solution(nodes, edges))


def test_long_tables_say_where_it_was_generated() -> None:
    origins = network_origins(*_example())
    assert origins.select("area_code", "origin_area_code", "share").rows() == [
        ("340000", "340000", 0.5),
        ("340000", "510000", 0.5),
        ("510000", "510000", 1.0),
    ]


def test_several_flows_of_one_pair_are_added_up() -> None:
    nodes, _ = _example()
    edges = _edges(("510000", "340000", 40.0), ("510000", "340000", 60.0))
    assert network_solution(nodes, edges).equals(network_solution(*_example()))


def test_a_level_and_period_without_rows_has_no_answer_and_no_failure() -> None:
    nodes, edges = _example()
    assert network_solution(nodes.clear(), edges).height == 0
    assert network_origins(nodes.clear(), edges.clear()).height == 0


def test_an_isolated_province_consumes_what_it_generates() -> None:
    nodes, edges = _example()
    alone = _nodes(("540000", 10.0, 1_000.0, 0.0))
    solved = network_solution(pl.concat([nodes, alone]), edges).filter(area_code="540000")
    assert solved["consumed_mwh"].item() == 10.0
    assert solved["co2_kg"].item() == 1_000.0
    origins = network_origins(pl.concat([nodes, alone]), edges).filter(area_code="540000")
    assert origins.select("origin_area_code", "share").rows() == [("540000", 1.0)]


def test_a_province_without_generation_has_what_it_imports() -> None:
    nodes = _nodes(("340000", 0.0, 0.0, 0.0), ("510000", 200.0, 20_000.0, 10.0))
    solved = network_solution(nodes, _edges(("510000", "340000", 50.0)))
    assert solved["co2_kg_per_mwh"].to_list() == [100.0, 100.0]
    assert solved["co2_kg"].to_list() == [5_000.0, 15_000.0]


def test_a_province_that_nothing_runs_through_carries_nothing() -> None:
    nodes = _nodes(("340000", 0.0, 0.0, 0.0), ("510000", 200.0, 20_000.0, 10.0))
    solved = network_solution(nodes, _edges()).filter(area_code="340000")
    assert solved.select(pl.exclude(PERIOD)).row(0) == ("340000", 0.0, 0.0, 0.0, 0.0, None, None)
    assert network_origins(nodes, _edges())["area_code"].to_list() == ["510000"]


def test_an_amount_that_nothing_can_carry_is_not_lost_in_silence() -> None:
    nodes = _nodes(("340000", 0.0, 7.0, 0.0), ("510000", 200.0, 20_000.0, 10.0))
    with pytest.raises(NetworkError, match="province 340000, month from 2023-12-01: co2_kg is 7"):
        network_solution(nodes, _edges())


@pytest.mark.parametrize("of", [network_solution, network_origins])
def test_negative_consumption_names_province_and_period(
    of: Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame],
) -> None:
    nodes, _ = _example()
    with pytest.raises(
        NetworkError,
        match=r"province 510000, month from 2023-12-01: exports of 201\.000 MWh exceed generation "
        r"and imports of 200\.000 MWh, consumption would be negative",
    ):
        of(nodes, _edges(("510000", "340000", 201.0)))


def test_rounding_dust_below_zero_is_no_negative_consumption() -> None:
    nodes, _ = _example()
    solved = network_solution(nodes, _edges(("510000", "340000", 200.000_001)))
    assert solved["consumed_mwh"].to_list() == [pytest.approx(300.0), 0.0]


def test_flows_that_cannot_close_are_refused() -> None:
    # A circle without generation that loses power on the way round: node 340000 gets 3, sends 5.
    nodes = _nodes(("340000", 0.0, 0.0, 0.0), ("510000", 0.0, 0.0, 0.0))
    edges = _edges(("340000", "510000", 5.0), ("510000", "340000", 3.0))
    with pytest.raises(NetworkError, match=r"province 340000, .* consumption would be negative"):
        network_solution(nodes, edges)


def test_a_singular_system_names_province_and_period() -> None:
    nodes = _nodes(("340000", 1e-15, 0.0, 0.0), ("510000", 0.0, 0.0, 0.0))
    edges = _edges(("340000", "510000", 1e9), ("510000", "340000", 1e9))
    with pytest.raises(NetworkError, match=r"province \d+, month from 2023-12-01: .* singular"):
        network_solution(nodes, edges)


def test_a_negative_amount_names_province_and_period() -> None:
    with pytest.raises(NetworkError, match="province 340000, month from 2023-12-01: carried holds"):
        network_solution(_nodes(("340000", 1.0, -1.0, 0.0)), _edges())


def test_a_missing_amount_is_refused_and_not_read_as_nothing() -> None:
    nodes = _nodes(("340000", 1.0, 1.0, 0.0)).with_columns(co2_kg=pl.lit(None, pl.Float64))
    with pytest.raises(NetworkError, match=r"province 340000, .* carried holds a negative or miss"):
        network_solution(nodes, _edges())


def test_a_node_given_twice_is_named() -> None:
    nodes, edges = _example()
    with pytest.raises(NetworkError, match=r"province 340000, .*: given more than once"):
        network_solution(pl.concat([nodes, nodes.head(1)]), edges)


def test_a_flow_from_nowhere_is_named() -> None:
    nodes, edges = _example()
    with pytest.raises(NetworkError, match=r"1 flows start or end .*: province 510000, month from"):
        network_solution(nodes.filter(pl.col("area_code") == "340000"), edges)


def test_a_flow_to_itself_is_named() -> None:
    nodes, _ = _example()
    with pytest.raises(NetworkError, match=r"province 340000, .*: a flow to itself"):
        network_solution(nodes, _edges(("340000", "340000", 1.0)))
