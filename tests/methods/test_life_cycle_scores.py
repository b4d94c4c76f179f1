"""Scores equal what is solved by hand, and keep the laws of a linear system."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F  # noqa: N817

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dbt_project.methods.life_cycle_scores as life_cycle_scores
from dbt_project.methods.life_cycle_scores import (
    LifeCycleError,
    LifeCycleScores,
    contributions_by_provider,
    electricity_sensitivity,
    first_tier,
    inventory,
    primary_data_share,
    rating_by_contribution,
    solve_scores,
)
from dbt_project.methods.life_cycle_solver import Method, TechnosphereSolver
from dbt_project.methods.technosphere import TechnosphereError
from tests.methods.life_cycle_databases import (
    AR5,
    AR6,
    TOTAL,
    Database,
    database,
    emits,
    process,
    random_database,
    takes,
)

SEEDS = st.integers(0, 10**6)


def value(scores: LifeCycleScores, name: str, indicator: str = TOTAL) -> float:
    system = scores.system
    return float(scores.values[system.positions([name])[0], system.indicator(indicator)])


def two_processes() -> Database:
    """Electricity that uses a twentieth of itself, and a metal made with it; solved by hand.

    (0.6 + 0.001 x 29.8) / 0.95 = 0.6629474 kgCO2e/kWh and 1.6 + 13.5 x that = 10.549790 kgCO2e/kg.
    """
    return database(
        [
            process("aluminium"),
            process("electricity", unit="kWh", reference_amount=0.95, process_type="electricity"),
        ],
        [
            takes("aluminium", "electricity", 13.5, unit="kWh", stage="electricity", sigma=0.05),
            emits("aluminium", "co2", 1.6, sigma=0.1),
            emits("electricity", "co2", 0.6, sigma=0.05),
            emits("electricity", "ch4", 0.001, sigma=0.2),
        ],
    )


def test_the_two_process_example_has_its_scores() -> None:
    scores = solve_scores(two_processes().system())
    electricity = (F(6, 10) + F(1, 1000) * F(298, 10)) / F(95, 100)
    aluminium = F(16, 10) + F(135, 10) * electricity
    assert value(scores, "electricity") == pytest.approx(float(electricity), rel=1e-15)
    assert value(scores, "aluminium") == pytest.approx(float(aluminium), rel=1e-15)
    assert value(scores, "electricity") == pytest.approx(0.6629474, rel=1e-7)
    assert value(scores, "aluminium") == pytest.approx(10.549790, rel=1e-7)


def aluminium() -> Database:
    """Aluminium with two loops: coal needs electricity, and lines need aluminium.

    Round numbers of the right size, for the arithmetic and for nothing else.
    """
    electricity = {"unit": "kWh", "stage": "electricity", "product_code": "test.electricity"}
    return database(
        [
            process("alumina"),
            process("aluminium"),
            process("anode"),
            process("coal"),
            process("electricity", unit="kWh", process_type="electricity", region_code="340000"),
        ],
        [
            takes("aluminium", "alumina", 1.92),
            takes("aluminium", "anode", 0.42),
            takes("aluminium", "electricity", 13.3, **electricity),
            emits("aluminium", "co2", 1.5),
            emits("aluminium", "cf4", 3e-5),
            emits("aluminium", "c2f6", 3e-6),
            takes("alumina", "electricity", 0.3, **electricity),
            takes("alumina", "coal", 0.4, stage="energy"),
            emits("alumina", "co2", 0.6),
            takes("anode", "electricity", 0.12, **electricity),
            emits("anode", "co2", 0.5),
            takes("coal", "electricity", 0.03, **electricity),
            emits("coal", "ch4", 0.007),
            takes("electricity", "coal", 0.32, stage="energy"),
            takes("electricity", "aluminium", 1e-5),
            emits("electricity", "co2", 0.55),
        ],
        {
            "gwp100.ar6.total": AR6,
            "gwp100.ar5.total": AR5,
            "gwp100.ar6.fossil": dict.fromkeys(AR6, 0.0) | {"co2": 1.0, "ch4": 29.8},
        },
    )


def aluminium_by_hand(factors: dict[str, float]) -> dict[str, F]:
    """Every score in exact fractions, all unknowns written by that of electricity."""
    gwp = {gas: F(str(factor)) for gas, factor in factors.items()}
    coal_0, coal_e = F("0.007") * gwp["ch4"], F("0.03")
    alumina_0 = F("0.6") * gwp["co2"] + F("0.4") * coal_0
    alumina_e = F("0.3") + F("0.4") * coal_e
    anode_0, anode_e = F("0.5") * gwp["co2"], F("0.12")
    direct = F("1.5") * gwp["co2"] + F("0.00003") * gwp["cf4"] + F("0.000003") * gwp["c2f6"]
    metal_0 = direct + F("1.92") * alumina_0 + F("0.42") * anode_0
    metal_e = F("13.3") + F("1.92") * alumina_e + F("0.42") * anode_e
    loop = F("0.32") * coal_e + F("0.00001") * metal_e
    electricity = (
        F("0.55") * gwp["co2"] + F("0.32") * coal_0 + F("0.00001") * metal_0
    ) / (1 - loop)  # fmt: skip
    return {
        "electricity": electricity,
        "coal": coal_0 + coal_e * electricity,
        "alumina": alumina_0 + alumina_e * electricity,
        "anode": anode_0 + anode_e * electricity,
        "aluminium": metal_0 + metal_e * electricity,
    }


@pytest.mark.parametrize("method", ["direct", "iterative"])
def test_aluminium_with_its_loops_equals_the_exact_fractions(method: Method) -> None:
    scores = solve_scores(aluminium().system(), method)
    assert scores.solver.is_direct == (method == "direct")
    for indicator, factors in (
        ("gwp100.ar6.total", AR6),
        ("gwp100.ar5.total", AR5),
        ("gwp100.ar6.fossil", dict.fromkeys(AR6, 0.0) | {"co2": 1.0, "ch4": 29.8}),
    ):
        for name, exact in aluminium_by_hand(factors).items():
            assert value(scores, name, indicator) == pytest.approx(float(exact), rel=1e-12)
    # PFCs: 3e-5 x 7380 + 3e-6 x 12400 = 0.2586 more than fossil CO2 and methane alone, direct.
    system = scores.system
    direct = system.direct[system.positions(["aluminium"])[0]]
    gap = direct[system.indicator(TOTAL)] - direct[system.indicator("gwp100.ar6.fossil")]
    assert gap == pytest.approx(0.2586, rel=1e-12)


def test_scrap_that_comes_back_is_solved_not_cut() -> None:
    """Steel takes scrap from cars that take steel: y_s = 2 + 0.3 y_q, y_q = 0.1 + 0.9 y_s."""
    scores = solve_scores(
        database(
            [process("steel"), process("scrap")],
            [
                takes("steel", "scrap", 0.3),
                emits("steel", "co2", 2.0),
                takes("scrap", "steel", 0.9),
                emits("scrap", "co2", 0.1),
            ],
        ).system()
    )
    steel = (F(2) + F(3, 10) * F(1, 10)) / (1 - F(27, 100))
    assert value(scores, "steel") == pytest.approx(float(steel), rel=1e-15)
    assert value(scores, "scrap") == pytest.approx(float(F(1, 10) + F(9, 10) * steel), rel=1e-15)


def test_an_avoided_product_is_deducted_with_its_chain() -> None:
    """Coke with gas that replaces heat: y = 1.0 + 0.2 x 0.5 - 0.3 x 0.8."""
    scores = solve_scores(
        database(
            [process("coke"), process("coal"), process("heat", unit="MJ")],
            [
                takes("coke", "coal", 0.2),
                takes("coke", "heat", 0.3, direction="output", unit="MJ"),
                emits("coke", "co2", 1.0),
                emits("coal", "co2", 0.5),
                emits("heat", "co2", 0.8),
            ],
        ).system()
    )
    assert value(scores, "coke") == pytest.approx(0.86, rel=1e-14)


@settings(max_examples=12, deadline=None)
@given(SEEDS)
def test_contributions_of_every_kind_add_up_to_the_score(seed: int) -> None:
    scores = solve_scores(random_database(seed).system())
    table = scores.table()
    sums = (
        contributions_by_provider(scores)
        .group_by("process_id", "indicator")
        .agg(pl.col("value").sum(), pl.col("share").sum())
    )
    both = table.join(sums, on=["process_id", "indicator"], how="left")
    np.testing.assert_allclose(both["value_right"], both["value"], rtol=1e-12)
    np.testing.assert_allclose(both["share"], 1.0, rtol=1e-12)
    amounts = inventory(scores).join(
        pl.DataFrame({"flow_id": list(AR6), "factor": list(AR6.values())}), on="flow_id"
    )
    total = amounts.group_by("process_id").agg((pl.col("amount") * pl.col("factor")).sum())
    both = table.join(total, on="process_id")
    np.testing.assert_allclose(both["amount"], both["value"], rtol=1e-12)


@settings(max_examples=12, deadline=None)
@given(SEEDS)
def test_factorisation_iteration_and_dense_algebra_agree(seed: int) -> None:
    system = random_database(seed, size=15).system()
    dense = np.linalg.solve(system.technosphere.toarray().T, system.direct)
    direct, iterative = (solve_scores(system, method) for method in ("direct", "iterative"))
    assert direct.solver.is_direct and not iterative.solver.is_direct
    np.testing.assert_allclose(iterative.values, direct.values, rtol=1e-12)
    for scores in (direct, iterative):
        np.testing.assert_allclose(scores.values, dense, rtol=1e-10)
        assert scores.residual.max() < 1e-12 and scores.closure < 1e-13
        assert scores.adjoint_gap < 1e-13


@settings(max_examples=8, deadline=None)
@given(SEEDS, SEEDS)
def test_the_order_of_rows_changes_no_byte_of_the_scores(seed: int, shuffle: int) -> None:
    straight = random_database(seed)
    mixed = straight.shuffled(shuffle)
    for method in ("direct", "iterative"):
        one, other = (solve_scores(each.system(), method) for each in (straight, mixed))
        assert one.values.tobytes() == other.values.tobytes()
        for table in (contributions_by_provider, first_tier):
            assert table(one).equals(table(other))
        for rated in (rating_by_contribution, primary_data_share):
            assert rated(one, TOTAL).equals(rated(other, TOTAL))


def test_renumbered_exchanges_contribute_the_same_bytes() -> None:
    rows = [takes("a", "b", amount) for amount in (0.1, 0.2, 0.3)]
    ends = [emits("a", "co2", 1.0), emits("b", "co2", 1.0)]
    straight, turned = (
        solve_scores(database([process("a"), process("b")], each).system())
        for each in ([*rows, *ends], [*rows[::-1], *ends])
    )
    assert contributions_by_provider(straight).equals(contributions_by_provider(turned))


@settings(max_examples=12, deadline=None)
@given(SEEDS, st.floats(0.01, 100), st.floats(0.01, 100))
def test_scores_are_linear_in_the_factors(seed: int, first: float, second: float) -> None:
    given_rows = random_database(seed)
    one = {"co2": 1.0, "ch4": 0.0}
    other = {"co2": 0.0, "ch4": 27.0}
    mixed = {gas: first * one[gas] + second * other[gas] for gas in one}
    factors = pl.DataFrame(
        [
            (gas, name, table[gas])
            for name, table in (("a", one), ("b", other), ("c", mixed))
            for gas in table
        ],
        schema=["flow_id", "indicator", "factor"],
        orient="row",
    )
    scores = solve_scores(replace(given_rows, characterisation=factors).system())
    a, b, c = scores.values.T
    np.testing.assert_allclose(c, first * a + second * b, rtol=1e-12)


@settings(max_examples=12, deadline=None)
@given(SEEDS, st.integers(0, 11), st.floats(1e-3, 1e3))
def test_the_unit_of_a_product_changes_its_own_score_alone(
    seed: int, which: int, size: float
) -> None:
    """A product counted in units `size` times as large scores `size` times as much a unit."""
    straight = random_database(seed)
    name = straight.process["process_id"].sort()[which]
    larger = Database(
        straight.process.with_columns(
            pl.when(process_id=name)
            .then(1 / pl.lit(size))
            .otherwise("reference_amount")
            .alias("reference_amount")
        ),
        straight.exchange.with_columns(
            pl.when(provider_id=name)
            .then(pl.col("amount") / size)
            .otherwise("amount")
            .alias("amount")
        ),
        straight.characterisation,
    )
    one, other = solve_scores(straight.system()), solve_scores(larger.system())
    expected = one.values[:, 0].copy()
    expected[which] *= size
    np.testing.assert_allclose(other.values[:, 0], expected, rtol=1e-11)


@settings(max_examples=12, deadline=None)
@given(SEEDS, st.integers(0, 10**6), st.floats(1.0, 1.2))
def test_more_of_anything_never_lowers_a_score(seed: int, which: int, times: float) -> None:
    straight = random_database(seed)
    row = which % straight.exchange.height
    more = straight.with_exchange(
        amount=pl.when(pl.int_range(pl.len()) == row)
        .then(pl.col("amount") * times)
        .otherwise("amount")
    )
    one, other = solve_scores(straight.system()), solve_scores(more.system())
    assert np.all(other.values >= one.values * (1 - 1e-13))
    changed = straight.exchange["process_id"][row]
    if times > 1.001:
        assert value(other, changed) > value(one, changed)


def test_contributions_name_supplier_and_stage() -> None:
    scores = solve_scores(two_processes().system())
    found = contributions_by_provider(scores).filter(process_id="aluminium")
    electricity = 0.6298 / 0.95
    assert found["provider_id"].to_list() == ["electricity", None]
    assert found["stage"].to_list() == ["electricity", "process"]
    np.testing.assert_allclose(found["value"], [13.5 * electricity, 1.6], rtol=1e-14)
    flows = inventory(scores, ["aluminium"])
    assert flows["flow_id"].to_list() == ["ch4", "co2"]
    np.testing.assert_allclose(
        flows["amount"], [13.5 * 0.001 / 0.95, 1.6 + 13.5 * 0.6 / 0.95], rtol=1e-14
    )


def two_markets() -> Database:
    """A market of two makers, a market of it and a third, and a buyer of the outer market."""
    share = {"share_group": "market", "stage": "raw_materials"}
    return database(
        [
            process("buyer"), process("lime"), process("ore"),
            process("inner", process_type="market"), process("outer", process_type="market"),
            *(process(f"maker_{name}") for name in "abc"),
        ],
        [
            emits("ore", "co2", 0.5), emits("lime", "co2", 0.2, stage="energy"),
            takes("maker_a", "ore", 2.0), emits("maker_a", "co2", 3.0),
            takes("maker_b", "lime", 5.0, stage="energy"),
            takes("maker_c", "ore", 4.0, stage="transport"), emits("maker_c", "co2", 1.0),
            takes("inner", "maker_a", 0.25, **share), takes("inner", "maker_b", 0.75, **share),
            takes("outer", "inner", 0.4, **share), takes("outer", "maker_c", 0.6, **share),
            takes("buyer", "outer", 10.0), emits("buyer", "co2", 1.0),
        ],
    )  # fmt: skip


@pytest.mark.parametrize("method", ["direct", "iterative"])
def test_a_market_is_made_in_the_stages_of_its_suppliers(method: Method) -> None:
    """A: ore 1, process 3. B: energy 1. C: transport 2, process 1; the market's own stage is none.

    inner = 1/4 A + 3/4 B, outer = 2/5 inner + 3/5 C.
    """
    found = contributions_by_provider(solve_scores(two_markets().system(), method))
    parts = {
        name: {
            (stage, provider): value
            for _, stage, provider, value in found.filter(process_id=name)
            .select("process_id", "stage", "provider_id", "value")
            .rows()
        }
        for name in ("inner", "outer", "buyer")
    }
    assert parts["inner"] == pytest.approx(
        {("energy", "maker_b"): 0.75, ("process", "maker_a"): 0.75,
         ("raw_materials", "maker_a"): 0.25}, rel=1e-14,
    )  # fmt: skip
    assert parts["outer"] == pytest.approx(
        {("energy", "inner"): 0.3, ("process", "inner"): 0.3, ("process", "maker_c"): 0.6,
         ("raw_materials", "inner"): 0.1, ("transport", "maker_c"): 1.2}, rel=1e-14,
    )  # fmt: skip
    # Whoever buys from a market bought raw materials, whatever its makers did.
    assert parts["buyer"] == pytest.approx(
        {("process", None): 1.0, ("raw_materials", "outer"): 25.0}, rel=1e-14
    )


@settings(max_examples=12, deadline=None)
@given(SEEDS, st.integers(2, 6))
def test_the_stages_of_markets_add_up_to_their_scores(seed: int, markets: int) -> None:
    """Some processes of a random database are markets, of one another too, in loops."""
    given_rows = random_database(seed)
    names = given_rows.process["process_id"].sort()
    is_market = pl.col("process_id").is_in(names.head(markets).implode())
    bought = pl.col("provider_id").is_not_null()
    stage = pl.format("stage {}", pl.col("provider_id").fill_null("").hash(7) % 3)
    mixed = given_rows.with_exchange(
        stage=stage, share_group=pl.when(is_market & bought).then(pl.lit("market"))
    )
    scores = solve_scores(mixed.system())
    found = contributions_by_provider(scores)
    both = scores.table().join(
        found.group_by("process_id", "indicator").agg(made=pl.col("value").sum()),
        on=["process_id", "indicator"],
    )
    np.testing.assert_allclose(both["made"], both["value"], rtol=1e-12)
    # Each supplier adds what it adds without being told apart, and in its own mix of stages.
    plain = contributions_by_provider(solve_scores(given_rows.system()))
    keys = ["process_id", "indicator", "provider_id"]
    parts = found.group_by(keys).agg(made=pl.col("value").sum())
    added = plain.group_by(keys).agg(pl.col("value").sum()).join(parts, on=keys, nulls_equal=True)
    assert added.height == parts.height
    np.testing.assert_allclose(added["made"], added["value"], rtol=1e-12)
    mix = found.group_by("process_id", "stage").agg(share=pl.col("share").sum())
    own = found.filter(is_market & bought).with_columns(
        share=pl.col("value") / pl.col("value").sum().over(keys)
    )
    of_supplier = own.join(mix, left_on=["provider_id", "stage"], right_on=["process_id", "stage"])
    assert of_supplier.height == own.height
    np.testing.assert_allclose(of_supplier["share"], of_supplier["share_right"], rtol=1e-9)


def test_markets_that_nobody_supplies_have_no_stage() -> None:
    """Two markets that only pass on what the other has, and a loop by which they are solved."""
    share = {"share_group": "market"}
    rows = [
        takes("a", "b", 1.0, **share), takes("b", "a", 1.0, **share),
        takes("a", "fuel", 0.5), takes("fuel", "b", 0.1, direction="output"),
        emits("fuel", "co2", 1.0),
    ]  # fmt: skip
    scores = solve_scores(database([process("a"), process("b"), process("fuel")], rows).system())
    with pytest.raises(LifeCycleError, match=r"^market_circle: "):
        contributions_by_provider(scores)


def test_one_per_cent_more_of_electricity_is_what_it_says() -> None:
    """Held against the database solved anew with the electricity's emissions raised."""
    straight = aluminium()
    base = solve_scores(straight.system())
    found = electricity_sensitivity(base, [TOTAL])
    assert found["region_code"].unique().to_list() == ["340000"]
    # Emissions of the electricity are raised until its own score is 1 % higher, loops included.
    target = 1.01 * value(base, "electricity")
    system = base.system
    at = system.positions(["electricity"])[0]
    unit = np.zeros((system.size, 1))
    unit[at] = 1.0
    per_unit = base.solver.transposed(unit)[at, 0]
    raised = system.direct.copy()
    k = system.indicator(TOTAL)
    raised[at, k] += (target - value(base, "electricity")) / per_unit
    anew = TechnosphereSolver(system.inputs, "direct").transposed(raised)
    np.testing.assert_allclose(
        found["change_per_percent"], anew[:, k] - base.values[:, k], rtol=1e-9
    )
    by_name = dict(zip(found["process_id"], found["elasticity"], strict=True))
    assert by_name["electricity"] == pytest.approx(1.0, rel=1e-12)
    hand = aluminium_by_hand(AR6)
    metal_e = F("13.3") + F("1.92") * (F("0.3") + F("0.4") * F("0.03")) + F("0.42") * F("0.12")
    share = metal_e * hand["electricity"] / hand["aluminium"]
    assert by_name["aluminium"] == pytest.approx(float(share), rel=1e-12)
    amounts = dict(zip(found["process_id"], found["electricity_amount"], strict=True))
    assert amounts["aluminium"] == pytest.approx(float(metal_e), rel=1e-12)


def test_a_database_without_electricity_has_no_sensitivity() -> None:
    scores = solve_scores(database([process("a")], [emits("a", "co2", 2.0)]).system())
    assert electricity_sensitivity(scores).height == 0


def test_primary_data_are_followed_along_the_chain() -> None:
    """a: 1 direct primary, 2 of b primary, 1 of c from statistics; b: half primary; c: primary."""
    scores = solve_scores(
        database(
            [process("a"), process("b"), process("c")],
            [
                emits("a", "co2", 1.0),
                takes("a", "b", 2.0),
                takes("a", "c", 1.0, origin="statistics"),
                emits("b", "co2", 0.5),
                emits("b", "co2", 0.5, origin="default"),
                emits("c", "co2", 1.0),
            ],
        ).system()
    )
    found = primary_data_share(scores, TOTAL)
    np.testing.assert_allclose(found["primary_activity_share"], [75.0, 50.0, 100.0], rtol=1e-14)
    np.testing.assert_allclose(found["primary_data_share"], [50.0, 50.0, 100.0], rtol=1e-14)


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_primary_shares_lie_between_nothing_and_all(seed: int) -> None:
    given_rows = random_database(seed)
    generator = np.random.default_rng(seed)
    origin = generator.choice(["primary", "statistics", "default"], given_rows.exchange.height)
    mixed = solve_scores(given_rows.with_exchange(origin=pl.Series(origin)).system())
    found = primary_data_share(mixed, TOTAL)
    whole = found["primary_data_share"] <= found["primary_activity_share"] + 1e-9
    assert whole.all() and found["primary_data_share"].is_between(0, 100).all()
    everything = primary_data_share(solve_scores(given_rows.system()), TOTAL)
    np.testing.assert_allclose(everything["primary_data_share"], 100.0, rtol=1e-12)


def test_a_circle_without_any_emission_of_its_own_has_a_share_from_outside() -> None:
    """Two processes that only buy from one another and from a third."""
    scores = solve_scores(
        database(
            [process("a"), process("b"), process("c")],
            [
                takes("a", "b", 0.5),
                takes("b", "a", 0.5),
                takes("b", "c", 1.0),
                emits("c", "co2", 1.0, origin="default"),
            ],
        ).system()
    )
    found = primary_data_share(scores, TOTAL)
    np.testing.assert_allclose(found["primary_data_share"], 0.0, atol=1e-12)
    np.testing.assert_allclose(found["primary_activity_share"], [100.0, 100.0, 0.0])


def test_the_rating_rests_on_what_makes_eighty_per_cent() -> None:
    """Contributions 6, 2, 1.5 and 0.5: the first two make 80 % and no more are looked at."""
    bad = {"dqr_te": 5.0, "dqr_ge": 5.0, "dqr_ti": 5.0, "dqr_p": 5.0}
    scores = solve_scores(
        database(
            [process("a")],
            [
                emits("a", "co2", 0.5, **bad),
                emits("a", "co2", 6.0, dqr_te=1.0, dqr_ge=2.0, dqr_ti=1.0, dqr_p=2.0),
                emits("a", "co2", 1.5, **bad),
                emits("a", "co2", 2.0, dqr_te=3.0, dqr_ge=2.0, dqr_ti=None, dqr_p=2.0),
            ],
        ).system()
    )
    (row,) = rating_by_contribution(scores, TOTAL).iter_rows(named=True)
    assert row["rated_exchanges"] == 2 and row["rated_share"] == pytest.approx(0.8)
    # (6 x 1 + 2 x 3) / 8 = 1.5; 2; (6 x 1 + 2 x 5) / 8 = 2, a missing score being 5; 2.
    scores_of = [row[name] for name in ("dqr_te", "dqr_ge", "dqr_ti", "dqr_p")]
    np.testing.assert_allclose(scores_of, [1.5, 2.0, 2.0, 2.0], rtol=1e-14)
    assert row["dqr"] == pytest.approx(1.875)
    assert (row["dqr_class_en"], row["dqr_class_zh"]) == ("very good", "很好")


def test_a_credit_weighs_by_its_size_and_nothing_is_rated_where_nothing_contributes() -> None:
    scores = solve_scores(
        database(
            [process("a"), process("b"), process("z")],
            [
                emits("a", "co2", 1.0, dqr_te=1.0),
                takes("a", "b", 3.0, direction="output", dqr_te=4.0),
                emits("b", "co2", 1.0),
                emits("z", "co2", 0.0),
            ],
        ).system()
    )
    found = rating_by_contribution(scores, TOTAL)
    assert found["dqr_te"].to_list() == pytest.approx([(4 * 3 + 1) / 4, 2.0, None])
    assert found["dqr"][2] is None and found["dqr_class_en"][2] is None
    assert found["rated_exchanges"].to_list() == [2, 1, 0]


def test_a_singular_loop_is_a_sentence_with_its_processes() -> None:
    looped = database(
        [process("a"), process("b"), process("c")],
        [
            takes("a", "b", 2.0),
            takes("b", "a", 0.5),
            takes("c", "a", 1.0),
            emits("a", "co2", 1.0),
        ],
    )
    for method in ("direct", "iterative"):
        with pytest.raises(LifeCycleError, match=r"matrix_singular.*\(a, b\)"):
            solve_scores(looped.system(), method)


def test_a_loop_that_uses_up_more_than_it_makes_is_refused_for_its_sign() -> None:
    looped = database(
        [process("a"), process("b")],
        [takes("a", "b", 2.0), takes("b", "a", 1.0), emits("a", "co2", 1.0)],
    )
    with pytest.raises(LifeCycleError, match="negative_score: process a"):
        solve_scores(looped.system())


def test_uptake_may_be_negative() -> None:
    scores = solve_scores(
        database(
            [process("wood")],
            [emits("wood", "uptake", 1.8, direction="input"), emits("wood", "co2", 0.1)],
            {TOTAL: {"uptake": -1.0, "co2": 1.0}},
        ).system()
    )
    assert value(scores, "wood") == pytest.approx(-1.7)


def test_an_answer_that_does_not_solve_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    system = aluminium().system()
    solve = TechnosphereSolver.transposed
    monkeypatch.setattr(
        TechnosphereSolver, "transposed", lambda self, right: solve(self, right) * (1 + 1e-7)
    )
    with pytest.raises(LifeCycleError, match=r"^residual: "):
        solve_scores(system)
    monkeypatch.setattr(life_cycle_scores, "RESIDUAL_TOLERANCE", 1.0)
    with pytest.raises(LifeCycleError, match=r"^closure: "):
        solve_scores(system)
    monkeypatch.undo()
    forward = TechnosphereSolver.forward
    monkeypatch.setattr(
        TechnosphereSolver, "forward", lambda self, right: forward(self, right) * (1 + 1e-7)
    )
    with pytest.raises(LifeCycleError, match=r"^adjoint: "):
        solve_scores(system)


def test_nothing_and_unknown_names_are_refused() -> None:
    empty = Database(*(frame.head(0) for frame in aluminium().frames))
    with pytest.raises(LifeCycleError, match="no_process"):
        solve_scores(empty.system())
    scores = solve_scores(two_processes().system())
    with pytest.raises(TechnosphereError, match="process coal is not"):
        inventory(scores, ["coal"])
    with pytest.raises(TechnosphereError, match="indicator gwp20 has no factors"):
        contributions_by_provider(scores, ["gwp20"])
