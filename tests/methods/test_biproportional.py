"""Biproportional fitting meets both margins, keeps structure, and says when it cannot."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dbt_project.methods.biproportional import DoesNotFitError, fit, fuel_shares

# Cross ratios up to 1e4: beyond, sweeps converge too slowly and the fit says so.
positive = st.floats(min_value=0.1, max_value=10, allow_nan=False)


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows, columns = draw(st.integers(1, 8)), draw(st.integers(1, 4))
    seed = draw(hnp.arrays(np.float64, (rows, columns), elements=positive))
    row_totals = draw(hnp.arrays(np.float64, rows, elements=positive))
    column_totals = draw(hnp.arrays(np.float64, columns, elements=positive))
    return seed, row_totals, column_totals


@settings(max_examples=200, deadline=None)
@given(problems())
def test_both_margins_are_met(problem: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    seed, rows, columns = problem
    fitted = fit(seed, rows, columns)
    assert np.all(fitted >= 0)
    np.testing.assert_allclose(fitted.sum(axis=1), rows, rtol=1e-9)
    np.testing.assert_allclose(fitted.sum(axis=0), columns * rows.sum() / columns.sum(), rtol=1e-7)


@settings(max_examples=100, deadline=None)
@given(problems())
def test_cross_ratios_of_the_seed_are_kept(
    problem: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    seed, rows, columns = problem
    fitted = fit(seed, rows, columns)
    ratio = fitted / seed
    # r_i * s_j: every 2 x 2 cross ratio of the multipliers is one.
    np.testing.assert_allclose(ratio * ratio[0, 0], ratio[:, :1] * ratio[:1, :], rtol=1e-6)


def test_a_known_table_is_fitted() -> None:
    fitted = fit(np.ones((2, 2)), np.array([30.0, 70.0]), np.array([40.0, 60.0]))
    np.testing.assert_allclose(fitted, [[12.0, 18.0], [28.0, 42.0]])


def test_zeros_of_the_seed_stay_zero() -> None:
    fitted = fit(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([1.0, 3.0]), np.array([2.0, 2.0]))
    assert fitted[0, 1] == 0.0


@pytest.mark.parametrize(
    ("seed", "rows", "columns", "words"),
    [
        ([[-1.0]], [1.0], [1.0], "not negative"),
        ([[0.0, 0.0], [1.0, 1.0]], [1.0, 1.0], [1.0, 1.0], "row has a total but no seed"),
        ([[0.0, 1.0]], [1.0], [1.0, 1.0], "column has a total but no seed"),
        ([[1.0, 0.0], [0.0, 1.0]], [1.0, 1.0], [3.0, 1.0], "not met"),
        ([[1.0]], [1.0], [0.0], "all zero"),
    ],
)
def test_margins_that_cannot_be_met_are_named(
    seed: list[list[float]], rows: list[float], columns: list[float], words: str
) -> None:
    with pytest.raises(DoesNotFitError, match=words):
        fit(np.array(seed), np.array(rows), np.array(columns), max_sweeps=500)


def _seed(rows: list[tuple[str, str, float, float, float]]) -> pl.DataFrame:
    return pl.DataFrame(
        rows,
        schema=["region_code", "technology", "seed_mwh", "province_mwh", "national_mwh"],
        orient="row",
    ).with_columns(pl.lit(2022, dtype=pl.Int32).alias("year"))


def test_fuel_shares_do_not_depend_on_the_order_of_rows() -> None:
    seed = _seed(
        [
            ("110000", "coal", 1.0, 10.0, 60.0),
            ("110000", "gas", 9.0, 10.0, 40.0),
            ("340000", "coal", 80.0, 90.0, 60.0),
            ("340000", "gas", 10.0, 90.0, 40.0),
        ]
    )
    shares = fuel_shares(seed)
    assert shares.equals(fuel_shares(seed.reverse()))
    sums = shares.group_by("region_code").agg(pl.col("share").cast(pl.Float64).sum())
    assert sums["share"].to_list() == pytest.approx([1.0, 1.0], abs=1e-11)


def test_a_year_that_does_not_fit_is_named() -> None:
    with pytest.raises(DoesNotFitError, match="2022"):
        fuel_shares(_seed([("110000", "coal", 0.0, 10.0, 60.0)]))
