"""Frames become the matrices that they mean, whatever the order of their rows."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbt_project.methods.technosphere import TechnosphereError, build_system
from tests.methods.life_cycle_databases import (
    AR5,
    AR6,
    TOTAL,
    database,
    emits,
    process,
    random_database,
    takes,
)


def test_amounts_stand_per_unit_of_the_reference_product_with_the_sign_of_their_direction() -> None:
    built = database(
        [process("a", reference_amount=4.0), process("b"), process("w")],
        [
            takes("a", "b", 2.0),
            takes("a", "b", 6.0),
            takes("a", "w", 1.0, kind="waste", stage="waste"),
            emits("a", "co2", 12.0),
            takes("b", "a", 0.5, direction="output"),
            emits("b", "co2", 1.0),
            emits("w", "ch4", 0.25),
        ],
    ).system()
    assert built.processes["process_id"].to_list() == ["a", "b", "w"]
    np.testing.assert_array_equal(
        built.technosphere.toarray(), [[1.0, 0.5, 0.0], [-2.0, 1.0, 0.0], [-0.25, 0.0, 1.0]]
    )
    assert built.flow_ids.to_list() == ["ch4", "co2"]
    np.testing.assert_array_equal(built.biosphere.toarray(), [[0, 0, 0.25], [3.0, 1.0, 0]])
    np.testing.assert_allclose(built.direct[:, 0], [3.0, 1.0, 0.25 * 29.8], rtol=1e-15)


def test_every_indicator_has_its_column_and_a_missing_factor_counts_nothing() -> None:
    built = database(
        [process("a")],
        [emits("a", "co2", 2.0), emits("a", "ch4", 1.0)],
        {"gwp100.ar6.total": AR6, "gwp100.ar5.total": AR5, "gwp100.ar6.fossil": {"ch4": 29.8}},
    ).system()
    assert built.indicators == ("gwp100.ar5.total", "gwp100.ar6.fossil", "gwp100.ar6.total")
    np.testing.assert_allclose(built.direct, [[30.0, 29.8, 31.8]])


def test_a_row_that_repeats_the_own_product_is_left_out() -> None:
    plain = database([process("a")], [emits("a", "co2", 2.0)])
    told = database(
        [process("a")],
        [
            emits("a", "co2", 2.0),
            takes("a", "a", 1.0, direction="output"),
            takes("a", "a", 1.0, direction="output", provider_id=None),
        ],
    )
    np.testing.assert_array_equal(
        plain.system().technosphere.toarray(), told.system().technosphere.toarray()
    )


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_order_of_rows_changes_no_byte(seed: int, shuffle: int) -> None:
    given_rows = random_database(seed)
    twice = pl.concat([given_rows.exchange] * 2).with_columns(
        pl.int_range(1, pl.len() + 1).over("process_id").alias("exchange_no"),
        # Repeated cells of different size: their sum depends on the order unless it is fixed.
        (pl.col("amount") * (1 + pl.int_range(pl.len()) / 7)).alias("amount"),
    )
    straight = build_system(given_rows.process, twice, given_rows.characterisation)
    mixed = build_system(
        given_rows.process.sample(fraction=1, shuffle=True, seed=shuffle),
        twice.sample(fraction=1, shuffle=True, seed=shuffle),
        given_rows.characterisation.sample(fraction=1, shuffle=True, seed=shuffle),
    )
    for one, other in (
        (straight.inputs, mixed.inputs),
        (straight.biosphere, mixed.biosphere),
    ):
        assert one.data.tobytes() == other.data.tobytes()
        assert one.indices.tobytes() == other.indices.tobytes()
        assert one.indptr.tobytes() == other.indptr.tobytes()
    assert straight.direct.tobytes() == mixed.direct.tobytes()


def test_renumbered_exchanges_add_up_to_the_same_bytes() -> None:
    amounts = [0.1, 0.2, 0.3]
    assert sum(amounts) != sum(amounts[::-1])
    rows = [takes("a", "b", amount) for amount in amounts]
    ends = [emits("a", "co2", 1.0), emits("b", "co2", 1.0)]
    straight = database([process("a"), process("b")], [*rows, *ends]).system()
    turned = database([process("a"), process("b")], [*ends, *rows[::-1]]).system()
    assert straight.inputs.data.tobytes() == turned.inputs.data.tobytes()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_the_matrices_hold_what_the_rows_add_up_to(seed: int) -> None:
    given_rows = random_database(seed)
    built = given_rows.system()
    at = {name: place for place, name in enumerate(built.processes["process_id"])}
    inputs = np.zeros((built.size, built.size))
    for row in given_rows.exchange.filter(kind="product").iter_rows(named=True):
        inputs[at[row["provider_id"]], at[row["process_id"]]] += row["amount"]
    np.testing.assert_array_equal(built.inputs.toarray(), inputs)
    np.testing.assert_array_equal(built.technosphere.toarray(), np.eye(built.size) - inputs)


BROKEN = {
    "process_repeated": lambda d: (pl.concat([d.process] * 2), d.exchange, d.characterisation),
    "exchange_repeated": lambda d: (d.process, pl.concat([d.exchange] * 2), d.characterisation),
    "characterisation_repeated": lambda d: (
        d.process, d.exchange, pl.concat([d.characterisation] * 2)
    ),
    "reference_missing": lambda d: (
        d.process.with_columns(reference_amount=0.0), d.exchange, d.characterisation
    ),
    "amount_not_finite": lambda d: (
        d.process, d.exchange.with_columns(amount=float("nan")), d.characterisation
    ),
    "factor_not_finite": lambda d: (
        d.process, d.exchange, d.characterisation.with_columns(factor=float("inf"))
    ),
    "kind_unknown": lambda d: (
        d.process, d.exchange.with_columns(kind=pl.lit("service")), d.characterisation
    ),
    "direction_unknown": lambda d: (
        d.process, d.exchange.with_columns(direction=pl.lit("up")), d.characterisation
    ),
    "provider_unknown": lambda d: (d.process.head(1), d.exchange.filter(process_id="a"),
                                   d.characterisation),
    "exchange_without_process": lambda d: (d.process.tail(1), d.exchange, d.characterisation),
    "columns_missing": lambda d: (d.process, d.exchange.drop("amount"), d.characterisation),
    "column_type": lambda d: (
        d.process, d.exchange.with_columns(amount=pl.lit("a lot")), d.characterisation
    ),
    "flow_missing": lambda d: (
        d.process, d.exchange.with_columns(flow_id=pl.lit(None, pl.String)), d.characterisation
    ),
    "waste_output": lambda d: (
        d.process,
        d.exchange.with_columns(kind=pl.lit("waste"), direction=pl.lit("output")),
        d.characterisation,
    ),
}  # fmt: skip


@pytest.mark.parametrize("rule", BROKEN)
def test_rows_that_make_no_matrix_are_refused_by_rule(rule: str) -> None:
    sound = database([process("a"), process("b")], [takes("a", "b", 1.0), emits("b", "co2", 1.0)])
    with pytest.raises(TechnosphereError, match=f"^{rule}: "):
        build_system(*BROKEN[rule](sound))


def test_unknown_names_are_refused_with_what_there_is() -> None:
    built = database([process("a")], [emits("a", "co2", 2.0)]).system()
    with pytest.raises(TechnosphereError, match="process z is not in the database of 1"):
        built.positions(["z"])
    with pytest.raises(TechnosphereError, match=f"there are {TOTAL}"):
        built.indicator("gwp20")
