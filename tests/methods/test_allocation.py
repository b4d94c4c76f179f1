"""Factors sum to one exactly; what cannot be shared is refused."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbt_project.methods.allocation import (
    BASES,
    AllocationError,
    Basis,
    allocated_exchanges,
    allocation_factors,
    check_factors,
    system_expansion,
)
from dbt_project.methods.life_cycle_scores import solve_scores
from tests.methods.life_cycle_databases import TOTAL, database, emits, process


def products(**columns: list) -> pl.DataFrame:
    count = len(next(iter(columns.values())))
    return pl.DataFrame(
        {"process_id": ["p"] * count, "product_code": list("abcdefgh")[:count]} | columns,
        strict=False,
    )


def factor(frame: pl.DataFrame) -> dict[tuple[str, str], Decimal]:
    return {(p, c): f for p, c, f in frame.select("process_id", "product_code", "factor").rows()}


@pytest.mark.parametrize(
    ("method", "column"), [(name, column) for name, (column, _) in BASES.items()]
)
def test_factors_are_shares_of_amount_times_basis(method: Basis, column: str) -> None:
    """Chlor-alkali in round numbers: 1 t of soda, 0.886 t of chlorine, 0.025 t of hydrogen."""
    rows = products(output_amount=[1.0, 0.886, 0.025], **{column: [2.0, 1.0, 10.0]})
    found = factor(allocation_factors(rows, method))
    total = Decimal(2) + Decimal("0.886") + Decimal("0.25")
    for code, worth in (("b", "0.886"), ("c", "0.25")):
        assert found["p", code] == (Decimal(worth) / total).quantize(Decimal("1e-12"))
    assert sum(found.values()) == 1


def test_the_largest_share_takes_the_rest_and_of_equals_the_first() -> None:
    third = factor(
        allocation_factors(products(output_amount=[1, 1, 1], mass_kg=[1.0, 1.0, 1.0]), "mass")
    )
    assert list(map(str, third.values())) == ["0.333333333334", "0.333333333333", "0.333333333333"]
    sixth = factor(
        allocation_factors(products(output_amount=[1, 4, 1], mass_kg=[1.0, 1.0, 1.0]), "mass")
    )
    # 1/6 is rounded up twice, 0.166666666667: what is left for 4/6 is ...666, not ...667.
    assert list(map(str, sixth.values())) == ["0.166666666667", "0.666666666666", "0.166666666667"]


amounts = st.floats(1e-6, 1e9)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=6), min_size=1, max_size=5),
    st.sampled_from(sorted(BASES)),
    st.integers(0, 100),
)
def test_factors_sum_to_exactly_one_whatever_is_shared(
    plants: list[list[tuple[float, float]]], method: Basis, shuffle: int
) -> None:
    column = BASES[method][0]
    rows = pl.DataFrame(
        [
            (f"p{plant}", f"c{code}", amount, basis)
            for plant, made in enumerate(plants)
            for code, (amount, basis) in enumerate(made)
        ],
        schema=["process_id", "product_code", "output_amount", column],
        orient="row",
    )
    found = allocation_factors(rows, method)
    check_factors(found)
    sums = found.group_by("process_id").agg(pl.col("factor").sum())
    assert set(sums["factor"]) == {Decimal(1)}
    assert found["factor"].min() >= 0
    mixed = rows.sample(fraction=1, shuffle=True, seed=shuffle)
    assert allocation_factors(mixed, method).equals(found)
    worth = rows.join(found, on=["process_id", "product_code"]).with_columns(
        (pl.col("output_amount") * pl.col(column)).alias("worth")
    )
    expected = worth["worth"] / worth.select(pl.col("worth").sum().over("process_id")).to_series()
    np.testing.assert_allclose(worth["factor"].cast(pl.Float64), expected, atol=4e-12)
    # Another currency or unit shares the same.
    scaled = allocation_factors(rows.with_columns(pl.col(column) * 8), method)
    assert scaled.equals(found)


def test_one_product_takes_all_and_needs_no_basis() -> None:
    found = allocation_factors(products(output_amount=[7.0], mass_kg=[None]), "mass")
    assert found.rows() == [("p", "a", "none", Decimal(1))]


REFUSED = {
    "output_zero": products(output_amount=[1.0, 0.0], mass_kg=[1.0, 1.0]),
    "basis_missing": products(output_amount=[1.0, 2.0], mass_kg=[1.0, None]),
    "basis_negative": products(output_amount=[1.0, 2.0], mass_kg=[1.0, -1.0]),
    "basis_zero": products(output_amount=[1.0, 2.0], mass_kg=[0.0, 0.0]),
    "product_repeated": pl.concat([products(output_amount=[1.0], mass_kg=[1.0])] * 2),
    "columns_missing": products(output_amount=[1.0, 2.0]),
    "no_product": products(output_amount=[1.0], mass_kg=[1.0]).head(0),
}


@pytest.mark.parametrize("rule", REFUSED)
def test_what_cannot_be_shared_is_refused_by_rule(rule: str) -> None:
    with pytest.raises(AllocationError, match=f"^{rule}: "):
        allocation_factors(REFUSED[rule], "mass")


def test_an_output_that_is_no_number_or_a_method_that_is_none_is_refused() -> None:
    for amount in (float("nan"), None, -1.0):
        with pytest.raises(AllocationError, match=r"^output_zero: process p, b"):
            allocation_factors(products(output_amount=[1.0, amount], mass_kg=[1.0, 1.0]), "mass")
    with pytest.raises(AllocationError, match=r"^method_unknown: 'exergy'"):
        allocation_factors(products(output_amount=[1.0]), "exergy")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "given_factors"),
    [
        ("factors_do_not_sum", [0.58, 0.4]),
        ("factors_do_not_sum", [0.6, 0.400000000001]),
        ("factors_do_not_sum", [Decimal("0.58"), Decimal("0.40")]),
        ("factor_invalid", [1.2, -0.2]),
        ("factor_invalid", [1.0, None]),
        ("factor_invalid", [1.0, float("nan")]),
    ],
)
def test_factors_from_outside_are_never_scaled_to_one(rule: str, given_factors: list) -> None:
    with pytest.raises(AllocationError, match=f"^{rule}: process p"):
        check_factors(products(factor=given_factors))


def test_a_sum_that_is_short_says_what_it_is() -> None:
    with pytest.raises(AllocationError, match=r"sum to 0\.980000000000, not 1"):
        check_factors(products(factor=[0.58, 0.4]))
    check_factors(products(factor=[0.1, 0.2, 0.7]))


def test_allocated_inventories_add_up_to_the_whole() -> None:
    rows = products(output_amount=[4.0, 1.0], mass_kg=[1.0, 6.0])
    factors = allocation_factors(rows, "mass")
    whole = pl.DataFrame(
        {"process_id": ["p", "p"], "flow_id": ["co2", "ch4"], "amount": [100.0, 3.0]}
    )
    found = allocated_exchanges(whole, rows, factors)
    assert found["allocated_product_code"].to_list() == ["a", "b", "a", "b"]
    np.testing.assert_allclose(found["amount"], [10.0, 60.0, 0.3, 1.8], rtol=1e-15)
    back = found.join(rows, left_on="allocated_product_code", right_on="product_code")
    sums = (back["amount"] * back["output_amount"]).to_numpy().reshape(2, 2).sum(axis=1)
    np.testing.assert_allclose(sums, whole["amount"], rtol=1e-15)


def test_an_inventory_without_factors_or_with_short_ones_is_refused() -> None:
    rows = products(output_amount=[4.0, 1.0], mass_kg=[1.0, 6.0])
    factors = allocation_factors(rows, "mass")
    whole = pl.DataFrame({"process_id": ["p"], "amount": [100.0]})
    with pytest.raises(AllocationError, match="process_unallocated: process q"):
        allocated_exchanges(whole.with_columns(process_id=pl.lit("q")), rows, factors)
    with pytest.raises(AllocationError, match="factors_do_not_sum"):
        allocated_exchanges(whole, rows, factors.head(1))
    more = products(output_amount=[4.0, 1.0, 1.0])
    with pytest.raises(AllocationError, match="process_unallocated: process p: c has no factor"):
        allocated_exchanges(whole, more, factors)


def steel() -> tuple[pl.DataFrame, pl.DataFrame]:
    """A furnace with 0.3 kg of slag a kg of iron; 1 kg of slag replaces 0.9 kg of clinker."""
    made = products(output_amount=[10.0, 3.0], is_main=[True, False])
    avoided = pl.DataFrame(
        {
            "process_id": ["p"],
            "product_code": ["b"],
            "provider_id": ["clinker"],
            "avoided_product_code": ["test.clinker"],
            "unit": ["kg"],
            "replaced": [0.9],
        }
    )
    return made, avoided


def test_system_expansion_deducts_what_the_by_product_replaces() -> None:
    credit = system_expansion(*steel())
    (row,) = credit.iter_rows(named=True)
    assert (row["kind"], row["direction"], row["provider_id"]) == ("product", "output", "clinker")
    assert row["amount"] == pytest.approx(0.27, rel=1e-15)
    rest = {"origin": "primary", "stage": "process", "flow_id": None}
    told = {name: row[name] for name in row if name != "by_product_code"}
    template = emits("p", "co2", 1.8)
    scores = solve_scores(
        database(
            [process("p"), process("clinker")],
            [template, emits("clinker", "co2", 0.8), template | told | rest],
        ).system()
    )
    table = dict(zip(*scores.table().filter(indicator=TOTAL)["process_id", "value"], strict=True))
    assert table["p"] == pytest.approx(1.8 - 0.27 * 0.8, rel=1e-14)


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("main_product", lambda made, avoided: (made.with_columns(is_main=True), avoided)),
        ("main_product", lambda made, avoided: (made.with_columns(is_main=False), avoided)),
        ("by_product_without_credit", lambda made, avoided: (made, avoided.head(0))),
        ("avoided_unknown", lambda made, avoided: (made.head(1), avoided)),
        ("replaced_invalid", lambda made, avoided: (made, avoided.with_columns(replaced=0.0))),
        ("output_zero", lambda made, avoided: (made.with_columns(output_amount=0.0), avoided)),
    ],
)
def test_an_expansion_that_says_too_little_is_refused_by_rule(rule: str, change) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(AllocationError, match=f"^{rule}: process p"):
        system_expansion(*change(*steel()))
