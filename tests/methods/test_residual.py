"""The residual mix: nothing claimed twice, nothing lost, nothing below zero."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dbt_project.methods.network import solve_network
from dbt_project.methods.residual import ResidualError, residual_frame, residual_mix
from tests.methods.network_systems import KINDS, Network, networks


@st.composite
def certified_networks(draw: st.DrawFn) -> tuple[Network, np.ndarray, np.ndarray]:
    """A network, the certified part of each node's generation by kind, and who claims it.

    As much is claimed as is certified, and no node claims more than it consumes. Claims are
    anything from evenly spread to heaped on the first nodes.
    """
    network = draw(networks().filter(lambda n: n.generation.sum() > 1e-3))
    count = len(network.generation)
    share = st.one_of(st.just(0.0), st.just(1.0), st.floats(0, 1))
    parts = draw(st.lists(share, min_size=KINDS, max_size=KINDS))
    places = draw(st.lists(share, min_size=count, max_size=count))
    certified = network.by_kind * np.outer(places, parts)
    consumed = network.consumed
    evenly = consumed * (certified.sum() / consumed.sum())
    before = np.cumsum(consumed) - consumed
    greedily = np.clip(certified.sum() - before, 0.0, consumed)
    mixed = draw(st.floats(0, 1))
    return network, certified, np.minimum(mixed * evenly + (1 - mixed) * greedily, consumed)


def arrivals(network: Network, certified: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What arrives at each node: energy, emissions and kinds; of all and of uncertified power."""

    def arriving(by_kind: np.ndarray) -> np.ndarray:
        carried = np.column_stack([by_kind.sum(axis=1), by_kind @ network.factors, by_kind])
        per_mwh = solve_network(network.generation, network.imports, carried)
        return network.consumed[:, None] * np.nan_to_num(per_mwh)

    return arriving(network.by_kind), arriving(network.by_kind - certified)


@settings(max_examples=1000, deadline=None)
@given(certified_networks())
def test_claimed_and_residual_are_the_whole_and_nothing_is_negative(
    case: tuple[Network, np.ndarray, np.ndarray],
) -> None:
    network, certified, claimed = case
    total, uncertified = arrivals(network, certified)
    residual, net = residual_mix(network.consumed, uncertified, claimed)
    throughput = (network.generation + network.imports.sum(axis=1)).sum()
    dust = 1e-9 * throughput * max(network.factors.max(), 1.0)
    # What was claimed is what was certified: with the residual it is all there is, per property.
    given = np.concatenate([[certified.sum(), (certified @ network.factors).sum()],
                            certified.sum(axis=0)])  # fmt: skip
    np.testing.assert_allclose(
        residual.sum(axis=0) + given, total.sum(axis=0), rtol=1e-9, atol=dust
    )
    assert np.all(residual >= 0)
    # Each node's residual is what it has not claimed, and its kinds are the whole of it.
    np.testing.assert_allclose(residual[:, 0], network.consumed - claimed, rtol=1e-9, atol=dust)
    np.testing.assert_allclose(residual[:, 2:].sum(axis=1), residual[:, 0], rtol=1e-9, atol=dust)
    # Certificates that come from elsewhere went from elsewhere.
    assert abs(net.sum()) <= dust
    arrived = total[:, 0] - uncertified[:, 0]
    np.testing.assert_allclose(net, claimed - arrived, rtol=1e-9, atol=dust)


@settings(max_examples=300, deadline=None)
@given(certified_networks(), st.floats(0, 1))
def test_where_the_certified_are_cleaner_the_rest_is_dirtier(
    case: tuple[Network, np.ndarray, np.ndarray], cleaner: float
) -> None:
    network, certified, claimed = case
    total, uncertified = arrivals(network, certified)
    demand = (network.consumed - claimed).sum()
    assume(demand > 1e-3 * network.consumed.sum())
    # Certified power is taken to emit no more than the least of all others.
    factors = np.concatenate([[0.0, 0.0], network.factors])
    factors[2:][certified.sum(axis=0) > 0] = cleaner * network.factors.min()
    residual, _ = residual_mix(network.consumed, uncertified, claimed)
    left = (residual @ factors).sum() / residual[:, 0].sum()
    average = (total @ factors).sum() / total[:, 0].sum()
    assert left >= average * (1 - 1e-9) - 1e-9


@settings(max_examples=200, deadline=None)
@given(certified_networks(), st.randoms(use_true_random=False))
def test_the_order_of_nodes_does_not_matter(
    case: tuple[Network, np.ndarray, np.ndarray], random: object
) -> None:
    network, certified, claimed = case
    _, uncertified = arrivals(network, certified)
    residual, net = residual_mix(network.consumed, uncertified, claimed)
    order = np.arange(len(claimed))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = residual_mix(network.consumed[order], uncertified[order], claimed[order])
    np.testing.assert_allclose(shuffled[0], residual[order], rtol=1e-9, atol=1e-6)
    np.testing.assert_array_equal(shuffled[1], net[order])


def test_nobody_claims_anything_and_the_residual_is_the_mix() -> None:
    uncertified = np.array([[100.0, 60.0], [50.0, 10.0]])
    residual, net = residual_mix(np.array([100.0, 50.0]), uncertified, np.zeros(2))
    np.testing.assert_array_equal(residual, uncertified)
    np.testing.assert_array_equal(net, [0.0, 0.0])


def test_claims_retired_where_they_arrive_leave_the_uncertified_mix_alone() -> None:
    uncertified = np.array([[80.0, 60.0], [50.0, 10.0]])
    residual, net = residual_mix(np.array([100.0, 50.0]), uncertified, np.array([20.0, 0.0]))
    np.testing.assert_array_equal(residual, uncertified)
    np.testing.assert_array_equal(net, [0.0, 0.0])


def test_a_sold_certificate_is_replaced_out_of_the_pool() -> None:
    # Node 0 generates 100, 40 of it certified; node 1 (all coal) claims them. Node 0 then lacks
    # 40 of its own residual demand and takes them from the coal that node 1 has left.
    uncertified = np.array([[60.0, 30.0], [100.0, 90.0]])
    residual, net = residual_mix(np.array([100.0, 100.0]), uncertified, np.array([0.0, 40.0]))
    np.testing.assert_allclose(residual, [[100.0, 30.0 + 36.0], [60.0, 54.0]])
    np.testing.assert_allclose(net, [-40.0, 40.0])


def test_one_node_has_the_residual_of_the_official_structure() -> None:
    # (Em - Em_claimed) / (E - K), certified power without emissions.
    residual, _ = residual_mix(np.array([1000.0]), np.array([[900.0, 450.0]]), np.array([100.0]))
    assert residual[0, 1] / residual[0, 0] == 450.0 / 900.0


def test_everything_claimed_leaves_nothing() -> None:
    residual, net = residual_mix(np.array([10.0]), np.array([[0.0, 0.0]]), np.array([10.0]))
    assert residual.tolist() == [[0.0, 0.0]]
    assert net.tolist() == [0.0]


def _nodes() -> pl.DataFrame:
    month = dt.date(2023, 12, 1)
    return pl.DataFrame(
        [(month, "340000", 100.0, 40.0, 100.0, 90.0), (month, "510000", 100.0, 0.0, 60.0, 30.0)],
        schema=["period_start", "node_code", "consumed_mwh", "claimed_mwh", "uncertified_mwh",
                "uncertified_co2_kg"],
        orient="row",
    )  # fmt: skip


def test_a_long_table_is_shared_period_by_period() -> None:
    nodes = _nodes()
    later = nodes.head(1).with_columns(
        period_start=dt.date(2024, 1, 1), claimed_mwh=pl.lit(0.0), uncertified_mwh=pl.lit(100.0)
    )
    shared = residual_frame(pl.concat([later, nodes]).reverse())
    assert shared.columns == [
        "period_start", "node_code", "residual_mwh", "attribute_net_mwh", "residual_co2_kg"
    ]  # fmt: skip
    assert shared.rows() == [
        (dt.date(2023, 12, 1), "340000", 60.0, 40.0, 54.0),
        (dt.date(2023, 12, 1), "510000", 100.0, -40.0, 66.0),
        (dt.date(2024, 1, 1), "340000", 100.0, 0.0, 90.0),
    ]
    assert residual_frame(nodes.cast({"claimed_mwh": pl.Decimal(38, 6)})).height == 2


def _replaced(column: str, value: float | None) -> pl.DataFrame:
    at = pl.col("node_code") == "510000"
    return _nodes().with_columns(pl.when(at).then(value).otherwise(column).alias(column))


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        (_replaced("claimed_mwh", 101.0), "510000, period from 2023-12-01: claims of 101.000 MWh "
         "above consumption of 100.000 MWh"),
        (_replaced("uncertified_mwh", 101.0), "510000, period from 2023-12-01: uncertified energy "
         "of 101.000 MWh above consumption of 100.000 MWh"),
        (_replaced("uncertified_co2_kg", -1.0), "510000, period from 2023-12-01: uncertified "
         "holds a negative or missing number"),
        (_replaced("claimed_mwh", None), "510000, period from 2023-12-01: claimed holds a "
         "negative or missing number"),
        (_replaced("claimed_mwh", 5.0), "period from 2023-12-01: certificates taken and given "
         "differ by 5.000 MWh over all nodes: as much must be claimed as was certified"),
        (pl.concat([_nodes(), _nodes().tail(1)]), "510000, period from 2023-12-01: given more "
         "than once"),
    ],
    ids=["claims_above_consumption", "uncertified_above_consumption", "negative_amount",
         "missing_claim", "claims_above_certificates", "node_twice"],
)  # fmt: skip
def test_what_does_not_fit_is_named(nodes: pl.DataFrame, message: str) -> None:
    with pytest.raises(ResidualError) as caught:
        residual_frame(nodes)
    assert str(caught.value) == message


def test_rounding_dust_passes() -> None:
    consumed, uncertified = np.array([10.0]), np.array([[10.0 + 1e-7, 5.0]])
    residual, _ = residual_mix(consumed, uncertified, np.array([0.0]))
    np.testing.assert_allclose(residual, uncertified)
